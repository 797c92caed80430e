import { describeError, type Emit } from "../app/mod.ts";
import { ClientError, type Messenger } from "../core/mod.ts";
import { logIn, pause } from "./find_user.ts";

/** Has a command try its server again, as long as its user wants to wait: the server may be about to start. */
export class ServerPatience {
  /** Why the server could not be reached last, or is not there any more. */
  failure: ClientError | undefined;
  readonly #seconds: number;
  readonly #emit: Emit;

  /** @param emit gets a note the first time that the server is to be tried again */
  constructor(seconds: number, emit: Emit) {
    this.#seconds = seconds;
    this.#emit = emit;
  }

  /** Whether the server is to be tried again after an error. The time itself is up to the caller. */
  allows(error: unknown): boolean {
    if (this.#seconds === 0 || !(error instanceof ClientError) || !this.#mayPass(error)) {
      return false;
    }
    // A misspelled server is reported before the time is over.
    if (this.failure === undefined) {
      const text = `${describeError(error, "command")}; trying again for up to ${this.#seconds} s`;
      this.#emit({ type: "note", text });
    }
    this.failure = error;
    return true;
  }

  #mayPass(error: ClientError): boolean {
    if (error.is("server-unreachable")) return true;
    if (!error.is("protocol-error") && !error.is("server-refused")) return false;
    const { type } = error.details.end;
    if (type === "no-welcome" || type === "no-answer" || type === "silent") return true;
    const wasThere = this.failure !== undefined;
    return wasThere && (type === "closed" || type === "lost" || type === "not-mim");
  }
}

/**
 * Logs in. A server that can't be reached is tried again, as long as the user waits anyway.
 *
 * @param waitSeconds 0 if the user does not wait
 * @param emit gets a note the first time
 * @throws {ClientError} as {@linkcode logIn}
 */
export async function logInPatiently(
  messenger: Messenger,
  timeoutMs: number,
  waitSeconds: number,
  emit: Emit,
): Promise<void> {
  const patience = new ServerPatience(waitSeconds, emit);
  const signal = AbortSignal.timeout(waitSeconds * 1000);
  for (;;) {
    try {
      return await logIn(messenger, timeoutMs);
    } catch (error) {
      if (signal.aborted || !patience.allows(error)) throw error;
    }
    await pause(signal);
  }
}
