import type { Connection } from "./network.ts";

/**
 * The bytes that come over a connection, read only when somebody asks for them: who doesn't keep up
 * slows the other side down. Takes less memory than a socket's own stream.
 *
 * @param bufferSize how much is read at once, in bytes
 * @param head what has been read already: it comes first
 */
export function byteStream(
  connection: Connection,
  bufferSize: number,
  head?: Uint8Array,
): ReadableStream<Uint8Array> {
  const buffer = new Uint8Array(bufferSize);
  return new ReadableStream({
    async pull(controller) {
      if (head !== undefined && head.length > 0) {
        controller.enqueue(head);
        head = undefined;
        return;
      }
      const length = await connection.read(buffer);
      if (length === null) controller.close();
      else controller.enqueue(buffer.slice(0, length));
    },
  }, { highWaterMark: 0 });
}

/** Writes all bytes, however many writes that takes. */
export async function writeAll(connection: Connection, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
}
