import { isLinkLocal, isLoopback, limits } from "../../protocol/mod.ts";
import { serverLimits } from "../limits.ts";
import { closeQuietly, type Network } from "../platform/net/network.ts";
import type { ClientSession } from "../session/mod.ts";

interface Listener {
  readonly hostname: string;
  readonly port: number;
  /** When it is dialed next, in milliseconds of `performance.now()`. */
  dueAt: number;
  /** Whether its machine has ever answered: of others silence says nothing. */
  hasAnswered: boolean;
  /** How many dials in a row nothing has answered, and since when. */
  missed: number;
  silentSince: number;
}

/**
 * Notices classic clients whose machine is gone: they send nothing after the login, so their listeners
 * are dialed now and then, a few at a time, and closed without a byte. A machine that has answered once,
 * if only by refusing, and then no more, is gone; its session ends.
 */
export class ClassicListeners {
  readonly #network: Network;
  readonly #isLocal: boolean;
  readonly #intervalMs: number;
  readonly #onDoubt: (session: ClientSession, isDoubtful: boolean) => void;
  readonly #firstMs: number;
  readonly #listeners = new Map<ClientSession, Listener>();
  readonly #underWay = new Set<Promise<void>>();
  readonly #end = new AbortController();

  /**
   * @param isLocal whether the server listens at loopback alone; else what comes from this machine may
   *   come through a proxy
   * @param intervalMs time between two dials of one listener
   * @param onDoubt is called when a machine that has answered does not, and when it does again
   */
  constructor(
    network: Network,
    isLocal: boolean,
    intervalMs: number,
    onDoubt: (session: ClientSession, isDoubtful: boolean) => void,
  ) {
    this.#network = network;
    this.#isLocal = isLocal;
    this.#intervalMs = intervalMs;
    this.#onDoubt = onDoubt;
    this.#firstMs = intervalMs / 5; // many leave soon
  }

  add(session: ClientSession, port: number, time: number): void {
    const { address } = session;
    if (isLinkLocal(address) || (isLoopback(address) && !this.#isLocal)) return;
    if (port < limits.firstUserPort) return;
    this.#listeners.set(session, {
      ...{ hostname: address, port, dueAt: time + this.#firstMs },
      ...{ hasAnswered: false, missed: 0, silentSince: time },
    });
  }

  remove(session: ClientSession): void {
    this.#listeners.delete(session);
  }

  /** Someone could not reach that client: its listener is dialed soon. Returns whether there is one. */
  report(session: ClientSession | undefined, time: number): boolean {
    const listener = session && this.#listeners.get(session);
    if (listener === undefined) return false;
    // One that is being dialed is due again afterwards.
    if (listener.dueAt !== Infinity) listener.dueAt = Math.min(listener.dueAt, time);
    return true;
  }

  /** Dials a few of those that are due. To be called every second or so. */
  tick(time: number): void {
    let dials = 0;
    for (const [session, listener] of this.#listeners) {
      if (dials === serverLimits.classicDialsPerTick) return;
      if (this.#underWay.size >= serverLimits.probes) return;
      if (listener.dueAt > time) continue;
      dials++;
      listener.dueAt = Infinity;
      const dialing = this.#answers(listener).then((answers) => {
        this.#underWay.delete(dialing);
        if (this.#listeners.get(session) === listener) this.#take(session, listener, answers, time);
      });
      this.#underWay.add(dialing);
    }
  }

  /** Cancels all dials. */
  async close(): Promise<void> {
    this.#listeners.clear();
    this.#end.abort();
    await Promise.all(this.#underWay);
  }

  #take(session: ClientSession, listener: Listener, answers: boolean, time: number): void {
    // The next in turn go first: of many, no dial waits for ever.
    this.#listeners.delete(session);
    this.#listeners.set(session, listener);
    listener.dueAt = time + this.#intervalMs;
    if (answers) {
      listener.hasAnswered = true;
      if (listener.missed > 0) this.#onDoubt(session, false);
      listener.missed = 0;
      return;
    }
    if (!listener.hasAnswered) return;
    if (listener.missed++ === 0) {
      listener.silentSince = time;
      this.#onDoubt(session, true);
    }
    listener.dueAt = time + Math.min(this.#intervalMs, serverLimits.classicRedialMs);
    if (listener.missed < serverLimits.missedClassicDials) return;
    const silent = Math.round((performance.now() - listener.silentSince) / 1000);
    const reason = `its machine has not answered ${listener.missed} dials within ${silent} s`;
    session.end({ by: "rejected", code: "no-answer", reason });
  }

  /** Whether the machine answers, if only that nothing listens there. */
  async #answers({ hostname, port }: Listener): Promise<boolean> {
    const signal = AbortSignal.any([this.#end.signal, AbortSignal.timeout(limits.probeTimeoutMs)]);
    try {
      closeQuietly(await this.#network.connect({ hostname, port, signal }));
      return true;
    } catch (error) {
      return error instanceof Deno.errors.ConnectionRefused ||
        error instanceof Deno.errors.ConnectionReset;
    }
  }
}
