import { limits } from "../../protocol/mod.ts";
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

/** What a listener tells of. */
export interface PeerListenerEvents {
  /** A peer has called and told its name. */
  called(link: PeerLink, name: string): void;
  /** A call came to nothing before the caller told its name. */
  failed(address: string, reason: string): void;
}

/** A client's own simple server: takes calls, and passes on those that tell their name in time. */
export class PeerListener {
  readonly #listener: Listener;
  readonly #events: PeerListenerEvents;
  readonly #unidentified = new Set<PeerLink>();
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
    for (const link of this.#unidentified) link.close();
  }

  async #accept(): Promise<void> {
    while (!this.#closed) {
      try {
        const connection = await this.#listener.accept();
        void this.#identify(connection);
      } catch (error) {
        if (this.#closed) return;
        if (error instanceof Deno.errors.NotConnected) continue; // gone again before it was taken
        await new Promise((resolve) => setTimeout(resolve, ACCEPT_REST));
      }
    }
  }

  async #identify(connection: Connection): Promise<void> {
    if (this.#unidentified.size >= limits.unidentifiedPeers) return closeQuietly(connection);
    const link = new PeerLink(connection, "caller");
    this.#unidentified.add(link);
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      link.close();
    }, limits.handshakeTime);
    try {
      connection.setNoDelay();
      const first = await link.next();
      if (first?.kind === "name") return this.#events.called(link, first.name);
      link.close(); // it only looked whether somebody listens
    } catch (error) {
      link.close();
      if (this.#closed) return;
      const why = late ? `no name within ${limits.handshakeTime / 1000} s` : whyNoConnection(error);
      this.#events.failed(link.remote.hostname, why);
    } finally {
      clearTimeout(timer);
      this.#unidentified.delete(link);
    }
  }
}
