import type { Rejection } from "../admission/mod.ts";
import { serverLimits } from "../limits.ts";
import type { Connection } from "../platform/net/network.ts";
import { TokenBucket } from "../platform/util/token_bucket.ts";
import type { Greeting } from "./greeting.ts";
import { Session } from "./session.ts";

/**
 * Connections over the limits per address, for as long as it takes to tell MIM/2 clients the reason:
 * only a handshake and a login say what a client speaks. All others are just closed. A few at a time and
 * a few a second, and each for a moment: a flood must not become one of handshakes.
 */
export class RejectedConnections {
  /** Until when each may take. */
  readonly #waiting = new Map<Session, number>();
  readonly #farewells = new Set<Promise<void>>();
  readonly #handshakes = new TokenBucket(
    serverLimits.rejectionBurst,
    serverLimits.rejectionsPerSecond,
  );

  /**
   * Tells a client why its connection is rejected, if there is room for one more.
   *
   * @param greeting the welcome that announces MIM/2
   * @returns false if there is no room: the connection is to be closed
   */
  take(
    connection: Connection,
    address: string,
    greeting: Greeting,
    rejection: Rejection,
  ): boolean {
    if (this.#waiting.size >= serverLimits.rejectedConnections) return false;
    const session = new Session(connection, address, greeting, {
      onHandshake: (session) => {
        const isTurn = this.#handshakes.take(performance.now());
        if (!isTurn) session.end({ by: "client", reason: "too many handshakes" });
        return Promise.resolve();
      },
      onLogin: () => rejection,
      onEnd: (session, _, closed) => {
        this.#waiting.delete(session);
        if (closed === undefined) return;
        const farewell = closed.finally(() => this.#farewells.delete(farewell));
        this.#farewells.add(farewell);
      },
    });
    this.#waiting.set(session, performance.now() + serverLimits.rejectionTimeoutMs);
    void session.run();
    return true;
  }

  /** Closes those that have taken too long. To be called every second or so. */
  tick(): void {
    const now = performance.now();
    for (const [session, until] of this.#waiting) {
      if (until <= now) session.end({ by: "client", reason: "sent no login" });
    }
  }

  /** Closes all of them. */
  async close(): Promise<void> {
    for (const session of [...this.#waiting.keys()]) {
      session.end({ by: "client", reason: "the server is shutting down" });
    }
    await Promise.all(this.#farewells);
  }
}
