import type { PublicKey } from "../public_key.ts";
import { AckTimeout } from "./ack_timeout.ts";
import type { SecureComponents } from "./chat_components.ts";
import type { PeerSessions } from "./peer_sessions.ts";

/** Whether the peer is still at the other end of a connection: the table or its silence may cast doubt on that. */
export class LinkDoubt {
  readonly #components: Pick<SecureComponents, "events" | "signaling">;
  readonly #peer: { readonly name: string; readonly identity: PublicKey };
  readonly #sessions: PeerSessions;
  readonly #ackTimeout: AckTimeout;
  #isDoubted = false;

  constructor(
    components: Pick<SecureComponents, "events" | "signaling" | "outbox">,
    peer: { readonly name: string; readonly identity: PublicKey },
    sessions: PeerSessions,
  ) {
    this.#components = components;
    this.#peer = peer;
    this.#sessions = sessions;
    this.#ackTimeout = new AckTimeout(
      () => components.outbox.hasFor(peer.identity),
      (times) => this.#onSilence(times),
    );
  }

  /** Whether the connection may be dead. */
  get isDoubted(): boolean {
    return this.#isDoubted;
  }

  /** Something is sent that the peer is to acknowledge. */
  expectAck(): void {
    this.#ackTimeout.expect();
  }

  /**
   * Something has come from the peer.
   *
   * @param isCurrent whether over the connection in use
   */
  heard(isCurrent: boolean): void {
    this.#ackTimeout.heard();
    if (isCurrent) this.#isDoubted = false;
  }

  /** Another connection is in use from now on. */
  connected(): void {
    // A peer that has just shaken hands is there; in the place of a doubted connection, it is slow.
    if (!this.#isDoubted) this.#ackTimeout.stop();
    this.#isDoubted = false;
  }

  /** No connection is in use any more. */
  ended(): void {
    this.#ackTimeout.stop();
    this.#isDoubted = false;
  }

  /** The connection may be dead: the next message is to find out. */
  suspect(): void {
    this.#isDoubted = true;
  }

  /** The connection may be dead: the peer is dialed anew. */
  raise(): void {
    this.#isDoubted = true;
    const { identity, name } = this.#peer;
    this.#components.events.emit({ type: "link-doubted", identity, name });
  }

  /** The peer acknowledges nothing: the server looks whether it is there, and it is dialed anew. */
  #onSilence(times: number): void {
    const { signaling } = this.#components;
    for (const { details } of this.#sessions.users) {
      if (details !== undefined && times === 1) signaling.reportUnreachable(details.session);
    }
    this.raise();
  }
}
