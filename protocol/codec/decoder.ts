/**
 * Bytes in, messages out. A decoder holds incomplete messages and does not know the source of its bytes.
 *
 * @typeParam Message what it makes of the bytes
 */
export interface Decoder<Message> {
  /**
   * Takes the next bytes and yields each message that they complete. Iterate it to the end: the rest is
   * not decoded. A message holds no reference to `chunk`, unless its type documents it.
   *
   * @throws {ProtocolError} at the first byte that breaks the protocol, after all messages before it
   */
  push(chunk: Uint8Array): Iterable<Message>;
  /**
   * Signals the end of the bytes.
   *
   * @throws {ProtocolError} `truncated` if a message is incomplete
   */
  end(): void;
}

/**
 * Messages as a stream, decoded on demand: a slow reader slows the bytes down, and an
 * error comes after all messages before it.
 *
 * @typeParam Message what comes out
 * @param decoder a fresh decoder
 * @param read resolves to the next bytes, which must not change until it is called again; to undefined at
 *   their end
 * @param onStop receives the reason for stopping early: the decoder failed, or the stream was canceled
 *
 * @example
 * ```ts
 * import { decodeStream, encodeLine, LineDecoder } from "@mim/mim/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * const chunks = [encodeLine("one"), encodeLine("two")];
 * const lines = decodeStream(new LineDecoder(), () => Promise.resolve(chunks.shift()));
 * assertEquals(await Array.fromAsync(lines), ["one", "two"]);
 * ```
 */
export function decodeStream<Message>(
  decoder: Decoder<Message>,
  read: () => Promise<Uint8Array | undefined>,
  onStop?: (reason: unknown) => void,
): ReadableStream<Message> {
  let messages: Iterator<Message> | undefined;
  // Not an async function: it takes less memory, and thousands of connections wait here.
  const advance = (controller: ReadableStreamDefaultController<Message>): void | Promise<void> => {
    const message = messages?.next();
    if (message !== undefined && !message.done) return controller.enqueue(message.value);
    messages = undefined; // it would hold its chunk while this waits
    return read().then((chunk) => {
      if (chunk !== undefined) {
        messages = decoder.push(chunk)[Symbol.iterator]();
        return advance(controller);
      }
      decoder.end();
      controller.close();
    });
  };
  const pull = onStop === undefined
    ? advance
    : async (controller: ReadableStreamDefaultController<Message>): Promise<void> => {
      try {
        await advance(controller);
      } catch (error) {
        onStop(error);
        throw error;
      }
    };
  return new ReadableStream<Message>({ pull, cancel: onStop }, { highWaterMark: 0 });
}

/**
 * A decoder as a transformer: bytes in, messages out, for `pipeThrough`. It decodes on demand, as
 * {@linkcode decodeStream} does; a `TransformStream` would forget what waits in it when it errors.
 *
 * @typeParam Message what comes out
 *
 * @example Messages of a protocol of one's own: numbers of two bytes
 * ```ts
 * import { type Decoder, DecoderStream, QDataStreamReader } from "@mim/mim/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * class Numbers implements Decoder<number> {
 *   #half: number[] = [];
 *   *push(chunk: Uint8Array) {
 *     for (const byte of chunk) {
 *       if (this.#half.push(byte) < 2) continue;
 *       yield new QDataStreamReader(Uint8Array.from(this.#half)).quint16();
 *       this.#half = [];
 *     }
 *   }
 *   end() {
 *     if (this.#half.length > 0) throw new RangeError("expected two bytes, got one and the end");
 *   }
 * }
 *
 * const numbers = ReadableStream.from([new Uint8Array([1, 2, 3]), new Uint8Array([4])])
 *   .pipeThrough(new DecoderStream(new Numbers()));
 * assertEquals(await Array.fromAsync(numbers), [0x0102, 0x0304]);
 * ```
 */
export class DecoderStream<Message> implements ReadableWritablePair<Message, Uint8Array> {
  /** The bytes go in here. A chunk must not change until its messages are out. */
  readonly writable: WritableStream<Uint8Array>;
  /** The messages come out here; it errors as the decoder throws. */
  readonly readable: ReadableStream<Message>;

  /** Wraps a fresh decoder, for one connection. */
  constructor(decoder: Decoder<Message>) {
    const bytes = new TransformStream<Uint8Array, Uint8Array>();
    const reader = bytes.readable.getReader();
    this.writable = bytes.writable;
    this.readable = decodeStream(
      decoder,
      async () => (await reader.read()).value,
      (reason) => void reader.cancel(reason).catch(() => {}), // the writer learns of it by itself
    );
  }
}
