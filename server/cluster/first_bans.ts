import { getLogger } from "@logtape/logtape";

const logger = getLogger(["mim", "server"]);
/** Logins wait no longer than this: then the server serves by what it knows. */
const MAX_WAIT_MS = 5_000;

/**
 * Whether a server that has just started knows who is banned. Its own copy may be of before a ban, and somebody may
 * have erased that ban in the store: so it reads the store and hears the others before it lets anybody in. Without a
 * connection it goes by its copy at once.
 */
export class FirstBans {
  readonly #ask: () => Promise<unknown>;
  readonly #read = Promise.withResolvers<void>();
  readonly #known = Promise.withResolvers<void>();
  readonly #timer = setTimeout(() => this.#giveUp(), MAX_WAIT_MS);
  #isAsking = false;
  #isKnown = false;

  /** @param ask has the other servers tell all bans; resolves once they have */
  constructor(ask: () => Promise<unknown>) {
    this.#ask = ask;
  }

  /** Resolves once it knows; undefined from then on. */
  get known(): Promise<void> | undefined {
    return this.#isKnown ? undefined : this.#known.promise;
  }

  /** It is connected. Never rejects. */
  async connect(): Promise<void> {
    if (this.#isKnown || this.#isAsking) return;
    this.#isAsking = true;
    await Promise.all([this.#read.promise, this.#ask()]);
    this.end();
  }

  /** All bans in the store were read. */
  read(): void {
    this.#read.resolve();
  }

  /** Nobody waits any longer. */
  end(): void {
    clearTimeout(this.#timer);
    this.#isKnown = true;
    this.#known.resolve();
  }

  #giveUp(): void {
    logger.warning(
      "cluster: who is banned was not heard of all others in {seconds} s; logins go by what is known here",
      { seconds: MAX_WAIT_MS / 1000 },
    );
    this.end();
  }
}
