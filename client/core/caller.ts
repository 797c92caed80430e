import type { Chat } from "./chat.ts";

/** A peer that calls and waits for an answer. */
export interface Caller {
  /** The caller's name, as it was told: not yet safe to print, and not proven. */
  readonly name: string;
  /** The caller's IP address. */
  readonly address: string;
  /** The port at which the caller can be called, or from which it called if that isn't known. */
  readonly port: number;
  /** The caller's public key, proven, 32 bytes; undefined in a classic call. */
  readonly identity?: Uint8Array | undefined;
  /** Why it has to wait although the user's policy would let it in, in a few words. */
  readonly why?: string | undefined;
  /** Whether it has hung up. The messages that it left wait for an answer all the same. */
  readonly ended: boolean;
  /** How many messages it has left. */
  readonly waiting: number;
  /**
   * Accepts the call; the messages that the caller left come in then.
   *
   * @throws {ClientError} `not-online` if it waits no more; `invalid-state` if too many chats are open;
   *   `peer-key-mismatch`
   */
  accept(): Chat;
  /**
   * Rejects the call. The caller sees it closed.
   *
   * @throws {ClientError} `not-online` if it waits no more
   */
  reject(): void;
}
