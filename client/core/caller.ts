import type { Chat } from "./chat.ts";
import type { PublicKey } from "./public_key.ts";
import type { Security } from "./security.ts";

/** A peer that calls and waits for an answer. */
export interface Caller {
  /** The caller's name, as it came: not yet safe to print, and not proven. */
  readonly name: string;
  /** The caller's IP address. */
  readonly address: string;
  /** The port at which the caller can be called, or from which it called if that isn't known. */
  readonly port: number;
  /** The caller's public key, proven; undefined in a classic call. */
  readonly identity?: PublicKey | undefined;
  /** How sure it is who the caller is. */
  readonly security: Security;
  /** Why it has to wait although the user's policy would let it in. */
  readonly doubt?:
    /** The caller's name only looks like that of a contact, who has another key. */
    | { readonly reason: "confusable"; readonly contact: string; readonly hasKey: boolean }
    /** Nothing says that the name is the caller's own: neither a pin nor a certificate. */
    | {
      readonly reason: "unconfirmed";
      /** Whether it has no key, and nobody of its name is in the table at its address. */
      readonly isUnlisted?: boolean;
    }
    /** The contact of that name has a key, and the call comes without one. */
    | { readonly reason: "key-missing"; readonly contact: string }
    | undefined;
  /** Whether it has hung up. The messages that it left wait for an answer all the same. */
  readonly ended: boolean;
  /** How many messages it has left. */
  readonly waiting: number;
  /** The first of these messages, cut to a few hundred characters together: as they came, not safe to print. */
  readonly preview: readonly string[];
  /** Until when it waits for an answer. */
  readonly expiresAt: Date;
  /**
   * Accepts the call; the messages that the caller left come in then.
   *
   * @throws {ClientError} `not-online` if it waits no more; `invalid-state` if too many chats are open;
   *   `peer-key-mismatch`
   */
  accept(): Promise<Chat>;
  /**
   * Rejects the call. The caller sees it closed.
   *
   * @throws {ClientError} `not-online` if it waits no more
   */
  reject(): void;
}

/** Why a call waits for an answer although the user's policy would accept it. */
export type CallDoubt = NonNullable<Caller["doubt"]>;
