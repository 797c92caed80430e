import { limits } from "../../protocol/mod.ts";
import { closeQuietly, type Connection, type Network } from "../platform/net/network.ts";
import { answersProbe } from "../platform/net/probe.ts";
import { serverLimits } from "../limits.ts";

/**
 * Finds out whether listeners can be dialled from here, a few at a time: dials, says the six bytes of a
 * probe and waits for them to come back. In a storm of logins most wait until it is over: that somebody
 * is there is more urgent than whether they can be dialled.
 *
 * @typeParam Who whose listener it is, compared by identity
 */
export class ReachabilityProber<Who extends object> {
  readonly #network: Network;
  readonly #isBusy: () => boolean;
  readonly #found: (who: Who, isReachable: boolean) => void;
  readonly #waiting = new Map<Who, { readonly hostname: string; readonly port: number }>();
  readonly #underWay = new Set<Promise<void>>();
  readonly #end = new AbortController();

  /**
   * @param isBusy whether all but a few are to wait
   * @param found is told what came of each probe
   */
  constructor(
    network: Network,
    isBusy: () => boolean,
    found: (who: Who, isReachable: boolean) => void,
  ) {
    this.#network = network;
    this.#isBusy = isBusy;
    this.#found = found;
  }

  /** Probes a listener as soon as it is its turn. */
  probe(who: Who, hostname: string, port: number): void {
    if (this.#end.signal.aborted) return;
    this.#waiting.set(who, { hostname, port });
    if (!this.#isBusy()) this.#next();
  }

  /** Probes a few of those who wait, busy or not. To be called every second or so. */
  tick(): void {
    this.#next();
  }

  /** Nobody needs to know any more whether this one can be dialled. */
  forget(who: Who): void {
    this.#waiting.delete(who);
  }

  /** Gives up all that is under way. */
  async close(): Promise<void> {
    this.#waiting.clear();
    this.#end.abort();
    await Promise.all(this.#underWay);
  }

  #next(): void {
    for (const [who, { hostname, port }] of this.#waiting) {
      if (this.#underWay.size >= serverLimits.probes) return;
      this.#waiting.delete(who);
      const probe = this.#canDial(hostname, port).then((isReachable) => {
        this.#underWay.delete(probe);
        if (this.#end.signal.aborted) return;
        this.#found(who, isReachable);
        if (!this.#isBusy()) this.#next();
      });
      this.#underWay.add(probe);
    }
  }

  async #canDial(hostname: string, port: number): Promise<boolean> {
    if (port === 0) return false;
    const signal = AbortSignal.any([this.#end.signal, AbortSignal.timeout(limits.probeTimeoutMs)]);
    let connection: Connection | undefined;
    const giveUp = () => connection && closeQuietly(connection);
    signal.addEventListener("abort", giveUp);
    try {
      connection = await this.#network.connect({ hostname, port, signal });
      if (signal.aborted) return false;
      return await answersProbe(connection);
    } catch {
      return false;
    } finally {
      signal.removeEventListener("abort", giveUp);
      giveUp();
    }
  }
}
