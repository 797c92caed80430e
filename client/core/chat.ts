import type { Security } from "./security.ts";

/** How a text is sent. */
export interface SendOptions {
  /**
   * Gives up: the send rejects with the signal's reason. A message that waits is cancelled; what is
   * written to a classic chat's connection already goes out all the same.
   */
  readonly signal?: AbortSignal | undefined;
  /** The message's id, 16 fresh hex digits. Default: random. */
  readonly id?: string | undefined;
}

/** A chat with one peer. Its properties change as the chat goes on; it is the same object always. */
export interface Chat {
  /** The peer's name, as it was told: not yet safe to print, and not proven. */
  readonly name: string;
  /** The peer's IP address. */
  readonly address: string;
  /** The port at which the peer can be called, or from which it called where that isn't known. */
  readonly port: number;
  /** Who called. */
  readonly by: "me" | "them";
  /**
   * False once either side has closed, or the connection was lost. In classic MIM nothing can be sent
   * any more.
   */
  readonly open: boolean;
  /**
   * Whether what is sent while it is not open waits in the outbox: the peer has a key, for which the
   * user has taken no other, and is not somebody who has closed the chat on purpose and is online still.
   */
  readonly waits: boolean;
  /** How sure it is who the peer is. */
  readonly security: Security;
  /** The peer's public key, 32 bytes, where it speaks MIM/2. */
  readonly identity?: Uint8Array;
  /** Bytes, about, that were sent and still wait to be written: much where the peer does not read. */
  readonly unsent: number;
}
