import { limits, plainAddress, ProtocolError } from "../../protocol/mod.ts";
import {
  closeQuietly,
  type Connection,
  listenAt,
  type Listener,
  type Network,
} from "../../server/network.ts";
import { whyNoConnection } from "./errors.ts";
import { PeerLink } from "./peer_link.ts";

/** How long accepting rests after it failed: there may be no file descriptor left. */
const ACCEPT_REST = 100;
/** So long, in milliseconds, a caller has at least to tell its name, however many others come. */
const LEAST_TIME = 50;
/** Calls that come to nothing are told of so often at most: anybody can make any number of them. */
const FAILURES_REST = 10_000;

/** What a listener tells of. */
export interface PeerListenerEvents {
  /** Whether whoever calls from that address is hung up on, whatever the name. */
  refuses(address: string): boolean;
  /** A peer has called and told its name. */
  called(link: PeerLink, name: string): void;
  /** A call, or several, came to nothing before the callers told their names. */
  failed(text: string): void;
}

/** A caller that has told no name yet. */
interface Unidentified {
  /** Closes the connection, and says why. */
  readonly drop: (reason: string) => void;
  /** In milliseconds of `performance.now()`. */
  readonly since: number;
}

/** A client's own simple server: takes calls, and passes on those that tell their name in time. */
export class PeerListener {
  readonly #listener: Listener;
  readonly #events: PeerListenerEvents;
  /** The callers that have told no name yet, the oldest first. */
  readonly #unidentified = new Map<PeerLink, Unidentified>();
  /** Calls that came to nothing since that was told the last time. */
  #failures = 0;
  #toldAt = -Infinity;
  #closed = false;

  /**
   * Starts listening.
   *
   * @param hostname an address of this machine; undefined for every one
   * @param port 0 lets the system pick
   */
  constructor(
    network: Network,
    hostname: string | undefined,
    port: number,
    events: PeerListenerEvents,
  ) {
    this.#listener = listenAt(network, hostname, port);
    this.#events = events;
    void this.#accept();
  }

  /** The port at which peers reach this client. */
  get port(): number {
    return this.#listener.addr.port;
  }

  /** Takes no more calls; those that have not told their name are closed. */
  close(): void {
    this.#closed = true;
    closeQuietly(this.#listener);
    for (const link of this.#unidentified.keys()) link.close();
  }

  async #accept(): Promise<void> {
    while (!this.#closed) {
      try {
        const connection = await this.#listener.accept();
        if (this.#events.refuses(plainAddress(connection.remoteAddr.hostname))) {
          closeQuietly(connection);
          continue;
        }
        await this.#makeRoom();
        if (this.#closed) return closeQuietly(connection);
        void this.#identify(connection);
      } catch (error) {
        if (this.#closed) return;
        if (error instanceof Deno.errors.NotConnected) continue; // gone again before it was taken
        await new Promise((resolve) => setTimeout(resolve, ACCEPT_REST));
      }
    }
  }

  async #identify(connection: Connection): Promise<void> {
    const link = new PeerLink(connection, "caller");
    let dropped: string | undefined;
    const drop = (reason: string) => {
      dropped = reason;
      link.close();
    };
    this.#unidentified.set(link, { drop, since: performance.now() });
    const late = `no name within ${limits.handshakeTime / 1000} s`;
    const timer = setTimeout(drop, limits.handshakeTime, late);
    try {
      connection.setNoDelay();
      const first = await link.next();
      if (first?.kind === "name") return this.#events.called(link, first.name);
      link.close(); // it only looked whether somebody listens
    } catch (error) {
      link.close();
      if (!this.#closed) this.#failed(link.remote.hostname, dropped ?? whyNoChat(error));
    } finally {
      clearTimeout(timer);
      this.#unidentified.delete(link);
    }
  }

  /**
   * Who has waited longest without a word goes: a newcomer may have something to say. In a burst the
   * next is taken only when the oldest had time to be heard.
   */
  async #makeRoom(): Promise<void> {
    while (this.#unidentified.size >= limits.unidentifiedPeers) {
      const [oldest] = this.#unidentified;
      if (oldest === undefined) return;
      const [link, { drop, since }] = oldest;
      const left = since + LEAST_TIME - performance.now();
      if (left <= 0) {
        this.#unidentified.delete(link);
        return drop("no name, and others came");
      }
      await new Promise((resolve) => setTimeout(resolve, left));
    }
  }

  #failed(address: string, reason: string): void {
    this.#failures++;
    const now = performance.now();
    if (now - this.#toldAt < FAILURES_REST) return;
    const others = this.#failures - 1;
    const before = others === 0 ? "" : ` (and ${others} more since the last time)`;
    this.#events.failed(`a call from ${plainAddress(address)} failed: ${reason}${before}`);
    this.#failures = 0;
    this.#toldAt = now;
  }
}

function whyNoChat(error: unknown): string {
  const strange = error instanceof ProtocolError && error.code === "not-classic";
  return strange ? "it speaks another dialect than classic MIM" : whyNoConnection(error);
}
