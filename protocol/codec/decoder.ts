/**
 * Bytes in, messages out. A decoder keeps what is half and knows nothing of where bytes come from.
 *
 * @typeParam Message what it makes of the bytes
 */
export interface Decoder<Message> {
  /**
   * Takes the next bytes and yields each message that they complete. Iterate it to the end: what is
   * not iterated is not decoded. A yielded message holds no reference to `chunk`, unless its type
   * says so.
   *
   * @throws {ProtocolError} at the first byte that breaks the protocol, after all messages before it
   */
  push(chunk: Uint8Array): Iterable<Message>;
  /**
   * Says that no more bytes will come.
   *
   * @throws {ProtocolError} `truncated` where something is half
   */
  end(): void;
}

/**
 * A decoder as a stream: bytes in, messages out, to stand in `pipeThrough`. A message is decoded when
 * somebody asks for it: whoever is slow slows the bytes down, and an error comes behind all messages
 * before it (a `TransformStream` forgets what waits in it when it errors).
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
  /** Where the bytes go in. A chunk must not change until its messages are out. */
  readonly writable: WritableStream<Uint8Array>;
  /** Where the messages come out; errors as the decoder throws. */
  readonly readable: ReadableStream<Message>;

  /**
   * A stream for one connection.
   *
   * @param decoder a fresh decoder
   */
  constructor(decoder: Decoder<Message>) {
    /** The messages of the chunk that is being decoded, and what has the writer go on. */
    let messages: Iterator<Message> | undefined;
    let taken: (() => void) | undefined;
    let isClosed = false;
    /** Has a reader that waits look again. */
    let wake = () => {};
    let input: WritableStreamDefaultController | undefined;
    let output: ReadableStreamDefaultController<Message> | undefined;
    const stop = (reason: unknown) => {
      input?.error(reason);
      taken?.(); // a write under way would keep the writer from learning of it
    };
    this.readable = new ReadableStream<Message>({
      start: (controller) => void (output = controller),
      async pull(controller) {
        try {
          for (;;) {
            const message = messages?.next();
            if (message !== undefined && !message.done) return controller.enqueue(message.value);
            messages = undefined;
            taken?.();
            if (isClosed) {
              decoder.end();
              return controller.close();
            }
            await new Promise<void>((resolve) => wake = resolve);
          }
        } catch (error) {
          stop(error);
          throw error;
        }
      },
      cancel: stop,
    }, { highWaterMark: 0 });
    this.writable = new WritableStream<Uint8Array>({
      start: (controller) => void (input = controller),
      write(chunk) {
        messages = decoder.push(chunk)[Symbol.iterator]();
        return new Promise<void>((resolve) => {
          taken = resolve;
          wake();
        });
      },
      close() {
        isClosed = true;
        wake();
      },
      abort: (reason) => output?.error(reason),
    });
  }
}
