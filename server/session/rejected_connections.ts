import type { Connection } from "../platform/net/network.ts";
import type { Rejection } from "../admission/rejection.ts";
import { Session } from "./session.ts";
import { serverLimits } from "../limits.ts";

/**
 * Connections that are not taken, for as long as it takes to say why: what a client speaks is known
 * from its login only, and a MIM/2 one is told. All others are just closed. A few at a time, and each
 * for a moment: a flood must not become one of these.
 */
export class RejectedConnections {
  /** Until when each may take. */
  readonly #waiting = new Map<Session, number>();
  readonly #closing = new Set<Promise<void>>();

  /**
   * Says why a connection is not taken, where there is room for one more.
   *
   * @param welcome what announces MIM/2, with its nonce
   * @returns false where there is not: it is to be closed
   */
  take(
    connection: Connection,
    address: string,
    welcome: { readonly bytes: Uint8Array; readonly nonce: Uint8Array | undefined },
    refusal: Rejection,
  ): boolean {
    if (this.#waiting.size >= serverLimits.rejectedConnections) return false;
    const session = new Session(connection, address, welcome.bytes, welcome.nonce, {
      enter: () => refusal,
      said: () => {},
      tookTable: () => {},
      wrote: () => {},
      left: (session, _, closed) => {
        this.#waiting.delete(session);
        if (closed === undefined) return;
        const closing = closed.finally(() => this.#closing.delete(closing));
        this.#closing.add(closing);
      },
    });
    this.#waiting.set(session, performance.now() + serverLimits.rejectionTimeoutMs);
    void session.run();
    return true;
  }

  /** Closes those who have taken too long. To be called often. */
  tick(): void {
    const now = performance.now();
    for (const [session, until] of this.#waiting) {
      if (until <= now) session.end({ by: "client", reason: "said nothing" });
    }
  }

  /** Closes all of them. */
  async close(): Promise<void> {
    for (const session of [...this.#waiting.keys()]) {
      session.end({ by: "client", reason: "the server is shutting down" });
    }
    await Promise.all(this.#closing);
  }
}
