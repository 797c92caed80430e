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

/** A decoder as what `new TransformStream(…)` takes: each message becomes one chunk. */
export function transformer<Message>(decoder: Decoder<Message>): Transformer<Uint8Array, Message> {
  return {
    transform(chunk, controller) {
      for (const message of decoder.push(chunk)) controller.enqueue(message);
    },
    flush() {
      decoder.end();
    },
  };
}
