import type { Connection } from "./network.ts";

/**
 * The bytes of a connection as a stream that reads on demand, so that a slow consumer slows the
 * sender down. It takes less memory than a socket's own stream. `head` holds bytes that have been
 * read already.
 */
export function byteStream(
  connection: Pick<Connection, "read">,
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
export async function writeAll(
  connection: Pick<Connection, "write">,
  bytes: Uint8Array,
): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
}
