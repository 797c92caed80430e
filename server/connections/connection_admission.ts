import { isLoopback } from "../../protocol/mod.ts";
import { ConnectionLimits, networkOf, type Rejection, SourceQueue } from "../admission/mod.ts";
import { serverLimits } from "../limits.ts";
import type { ClientSession } from "../session/mod.ts";

const now = (): number => performance.now();

/** The limits of connections. */
interface ConnectionOptions {
  readonly maxPerAddress?: number;
  readonly maxRate?: number;
}

/** Which connections are taken, by number and rate of their addresses, and which of them make room for others. */
export class ConnectionAdmission {
  readonly #limits: ConnectionLimits;
  /** Connections that have not logged in, by source; those of this machine are not counted. */
  readonly #newcomers = new SourceQueue<ClientSession>(serverLimits.newcomers);

  constructor(options: ConnectionOptions) {
    this.#limits = new ConnectionLimits(...limitsOf(options));
  }

  /** Changes the limits; what is left out goes back to its default. */
  change(options: ConnectionOptions): void {
    [this.#limits.maxPerAddress, this.#limits.maxRate] = limitsOf(options);
  }

  /** Counts a connection, or says why it is not taken. */
  admit(address: string): Rejection | undefined {
    if (this.#limits.isFull(address)) this.#closeOldestNewcomer(networkOf(address));
    return this.#limits.admit(address, now());
  }

  /** A connection that was taken is open. */
  opened(session: ClientSession): void {
    const { address } = session;
    if (isLoopback(address)) return;
    const reason = `over ${serverLimits.newcomers} have not logged in`;
    this.#newcomers.add(networkOf(address), session)
      ?.end({ by: "rejected", code: "too-many-connections", reason });
  }

  /** A connection has logged in. */
  loggedIn(session: ClientSession): void {
    this.#newcomers.delete(networkOf(session.address), session);
  }

  /** A connection has ended. */
  ended(session: ClientSession): void {
    this.loggedIn(session);
    this.#limits.release(session.address);
  }

  /** To be called every second or so. */
  tick(): void {
    this.#limits.forget(now());
  }

  /** Idle connections must not keep out those who log in: the oldest of an address makes room. */
  #closeOldestNewcomer(network: string): void {
    const reason = `over ${this.#limits.maxPerAddress} at once`;
    const oldest = this.#newcomers.takeOldest(network);
    oldest?.end({ by: "rejected", code: "too-many-connections", reason });
  }
}

function limitsOf({ maxPerAddress, maxRate }: ConnectionOptions): [number, number] {
  return [
    maxPerAddress ?? serverLimits.connectionsPerAddress,
    maxRate ?? serverLimits.connectionsPerMinute,
  ];
}
