import {
  type Decoder,
  decodeUpdate,
  FrameDecoder,
  GreetingDecoder,
  type GreetingMessage,
  type LinkServerMessage,
  type PresenceUpdate,
} from "../../../protocol/mod.ts";
import type { ServerLink } from "./server_link.ts";

export type ReceivedMessage = GreetingMessage | PresenceUpdate | LinkServerMessage;

/** Reads what a server sends: its welcome, then a link if there is one, else classic MIM. */
export class ServerReader implements Decoder<ReceivedMessage> {
  /** The link through which everything after the welcome comes; to be set when the welcome ends. */
  link: ServerLink | undefined;
  readonly #greeting = new GreetingDecoder();
  readonly #blocks = new FrameDecoder();

  /** @throws {ProtocolError} if the bytes are not MIM, or not what the server sent next */
  *push(chunk: Uint8Array): Generator<ReceivedMessage, void> {
    let rest: Uint8Array | undefined = chunk;
    if (this.#greeting.rest === undefined) {
      yield* this.#greeting.push(chunk);
      rest = this.#greeting.rest;
    }
    if (rest === undefined) return;
    if (this.link !== undefined) yield* this.link.push(rest);
    else for (const body of this.#blocks.push(rest)) yield decodeUpdate(body);
  }

  /** @throws {ProtocolError} `truncated` in the middle of the welcome or of a block */
  end(): void {
    if (this.#greeting.rest === undefined) this.#greeting.end();
    else (this.link ?? this.#blocks).end();
  }
}
