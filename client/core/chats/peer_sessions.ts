import type { OnlineUser } from "../online_user.ts";
import type { PublicKey } from "../public_key.ts";
import type { Signaling } from "../signaling.ts";
import { usersOfPeer } from "./peer_keys.ts";

/** The sessions in which the peer of a chat is online, and those of earlier moments. */
export class PeerSessions {
  readonly #signaling: Signaling;
  readonly #peer: { readonly name: string; readonly identity: PublicKey };
  /** Those in which the peer's user closed the chat, if nobody has called since. */
  #closedIn: ReadonlySet<string> | undefined;
  /** Those of the time when the connection was made. */
  #connectedIn: ReadonlySet<string> = new Set();

  constructor(signaling: Signaling, peer: { readonly name: string; readonly identity: PublicKey }) {
    this.#signaling = signaling;
    this.#peer = peer;
  }

  /** The rows of the table that the chat is with. */
  get users(): OnlineUser[] {
    return usersOfPeer(this.#signaling, this.#peer);
  }

  /** Whether the peer's user has closed the chat, and has not come back in another session. */
  get isClosed(): boolean {
    return this.#closedIn !== undefined && this.#present.isSubsetOf(this.#closedIn);
  }

  /** The peer's user closes the chat. */
  closed(): void {
    this.#closedIn = this.#present;
  }

  /** Somebody calls: the chat is closed in no session. */
  reopened(): void {
    this.#closedIn = undefined;
  }

  /** A connection with the peer is made. */
  connected(): void {
    this.#connectedIn = this.#present;
  }

  /** The table has changed: a peer that has come back in another session has not closed the chat there. */
  changed(): void {
    if (!this.isClosed) this.#closedIn = undefined;
  }

  /** Whether the peer is online in other sessions alone than when the connection was made; says so once. */
  haveChanged(): boolean {
    const present = this.#present;
    if (present.size === 0 || !present.isDisjointFrom(this.#connectedIn)) return false;
    this.#connectedIn = present;
    return true;
  }

  get #present(): ReadonlySet<string> {
    return new Set(this.users.flatMap(({ details }) => details?.session.toHex() ?? []));
  }
}
