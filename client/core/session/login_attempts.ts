import { delay } from "@std/async/delay";
import { backoff } from "../backoff.ts";
import { ClientError } from "../errors.ts";
import { isElsewhere, isUndecided } from "./login_errors.ts";
import type { ServerConnection } from "./server_connection.ts";
import type { ServerRoute } from "./server_route.ts";

/** How often a login is tried again if the server closes in the middle of the handshake. */
const MAX_HANDSHAKE_RETRIES = 4;

/** One attempt to begin a session. */
export interface LoginAttempt {
  begin(connection: ServerConnection): Promise<void>;
  /** Ends what was begun and has failed. */
  drop(): void;
  /** Whether the server has closed it without a word, as it does with the oldest of too many handshakes. */
  wasCrowdedOut(): boolean;
}

/** Logs in once, and tries again if a server is busy, has moved, or can't decide and another one may. */
export class LoginAttempts {
  readonly #route: ServerRoute;
  readonly #attempt: LoginAttempt;

  constructor(route: ServerRoute, attempt: LoginAttempt) {
    this.#route = route;
    this.#attempt = attempt;
  }

  /**
   * Logs in at the server behind that connection. One server of several may hang, or be the only one that
   * can't say now who owns a name: then the next is asked.
   *
   * @param isPatient whether a busy server is tried again
   */
  async logIn(
    connection: ServerConnection,
    signal: AbortSignal,
    isPatient: boolean,
  ): Promise<void> {
    const begin = isPatient
      ? (at: ServerConnection) => this.#beginInTurn(at, signal)
      : (at: ServerConnection) => this.#attempt.begin(at);
    for (let at = connection;;) {
      try {
        return await this.#beginOrFind(at, begin, signal);
      } catch (error) {
        const isSilent = error instanceof ClientError && error.is("server-unreachable");
        const others = this.#route.after(at.server);
        if (signal.aborted || !isSilent && !(isUndecided(error) && others.length > 0)) throw error;
        this.#attempt.drop();
        const dialing = isSilent
          ? this.#route.dialOther(at, signal)
          : this.#route.dial(signal, others);
        at = await dialing.catch(() => {
          throw error;
        });
      }
    }
  }

  /** If the server is not where it was, it may have moved. */
  async #beginOrFind(
    connection: ServerConnection,
    begin: (connection: ServerConnection) => Promise<void>,
    signal: AbortSignal,
  ): Promise<void> {
    try {
      return await begin(connection);
    } catch (error) {
      if (signal.aborted || !isElsewhere(error)) throw error;
      const next = this.#route.isKnown
        ? await this.#route.dialMoved(signal)
        : await this.#route.dial(signal).catch(() => undefined);
      if (next === undefined) throw error;
      this.#attempt.drop();
      await begin(next).catch((later) => {
        if (this.#route.isKnown || !isElsewhere(later)) throw later;
        this.#route.server = connection.server; // the other one was a lie
        throw error;
      });
    }
  }

  async #beginInTurn(connection: ServerConnection, signal: AbortSignal): Promise<void> {
    for (let tries = 0;; tries++) {
      try {
        return await this.#attempt.begin(connection);
      } catch (error) {
        if (tries === MAX_HANDSHAKE_RETRIES || !this.#attempt.wasCrowdedOut()) throw error;
      }
      this.#attempt.drop();
      await delay(backoff(tries, Math.random()), { signal });
      connection = await this.#route.dial(signal, [connection.server]);
    }
  }
}
