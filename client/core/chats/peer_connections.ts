import type { IdentityKeys } from "../identity_keys.ts";
import { clientLimits } from "../limits.ts";
import type { SecureConnection } from "../peer/mod.ts";
import { chooseConnection } from "./crossed_connections.ts";

const PARTS_OF_A_MOMENT = 5;

interface PeerConnectionsParts {
  readonly keys: IdentityKeys;
  /** Whether the connection in use may be dead. */
  readonly isDoubted: () => boolean;
  /** A connection is in use from now on. */
  readonly onUse: (connection: SecureConnection) => void;
  /** A connection is ended, once what was sent is written. */
  readonly onReplaced: (connection: SecureConnection) => void;
}

/** The connections with the peer of a chat: of two at a time, one stays. */
export class PeerConnections {
  readonly #parts: PeerConnectionsParts;
  readonly #all = new Set<SecureConnection>();
  readonly #timers = new Map<SecureConnection, ReturnType<typeof setTimeout>>();
  #current: SecureConnection | undefined;

  constructor(parts: PeerConnectionsParts) {
    this.#parts = parts;
  }

  /** The one over which is sent. */
  get current(): SecureConnection | undefined {
    return this.#current;
  }

  [Symbol.iterator](): Iterator<SecureConnection> {
    return this.#all[Symbol.iterator]();
  }

  has(connection: SecureConnection): boolean {
    return this.#all.has(connection);
  }

  /** Takes a new one: it replaces the one before, or is ended itself. */
  add(connection: SecureConnection): void {
    this.#all.add(connection);
    const older = this.#current;
    if (older === undefined || older.isOver) this.#use(connection);
    else this.#choose(older, connection);
  }

  /** Forgets one that is over; returns whether it was there. */
  remove(connection: SecureConnection): boolean {
    clearTimeout(this.#timers.get(connection));
    this.#timers.delete(connection);
    return this.#all.delete(connection);
  }

  /** Uses the newest of the others, if there is one. */
  useOther(): boolean {
    const other = [...this.#all].at(-1);
    if (other === undefined) return false;
    this.#use(other);
    return true;
  }

  /** Forgets them all, and returns them. The one in use stays that until {@linkcode PeerConnections.unuse}. */
  removeAll(): SecureConnection[] {
    const all = [...this.#all];
    this.#all.clear();
    return all;
  }

  /** None is in use any more. */
  unuse(): void {
    this.#current = undefined;
  }

  #use(connection: SecureConnection): void {
    clearTimeout(this.#timers.get(connection));
    this.#current = connection;
    this.#parts.onUse(connection);
  }

  #choose(older: SecureConnection, newer: SecureConnection): void {
    const { keys, isDoubted, onReplaced } = this.#parts;
    switch (chooseConnection(keys, older, newer, isDoubted())) {
      case "newer":
        this.#use(newer);
        return this.#afterAMoment(older, () => onReplaced(older), clientLimits.lingerTimeoutMs / 2);
      case "newer-later":
        this.#use(newer);
        return this.#afterAMoment(older, () => onReplaced(older));
      case "older":
        return onReplaced(newer);
      case "older-if-alive":
        return this.#afterAMoment(newer, () => {
          this.#use(newer);
          // The peer may be about to end the newer one: then this one is used again.
          this.#afterAMoment(older, () => onReplaced(older));
        });
    }
  }

  /**
   * Does something about a connection that is there a moment later still. If the program stands still
   * meanwhile, what has arrived comes first: the moment has several parts.
   */
  #afterAMoment(
    connection: SecureConnection,
    run: () => void,
    momentMs: number = clientLimits.lingerTimeoutMs,
  ): void {
    let parts = 0;
    const wait = () => {
      this.#timers.set(connection, setTimeout(goOn, momentMs / PARTS_OF_A_MOMENT));
    };
    const goOn = () => {
      if (!this.#all.has(connection)) return;
      if (++parts < PARTS_OF_A_MOMENT) wait();
      else run();
    };
    clearTimeout(this.#timers.get(connection));
    wait();
  }
}
