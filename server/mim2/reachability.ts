import { limits } from "../../protocol/mod.ts";
import { closeQuietly, type Connection, type Network } from "../platform/net/network.ts";
import { answersProbe } from "../platform/net/probe.ts";
import { serverLimits } from "../limits.ts";

/**
 * Finds out whether listeners can be dialed from here, a few at a time: dials, sends the six bytes of a
 * probe and waits for their echo. In a burst of logins most probes wait: it is more urgent that users
 * appear than whether they can be dialed.
 *
 * @typeParam Owner whose listener it is, compared by identity
 */
export class ReachabilityProber<Owner extends object> {
  readonly #network: Network;
  readonly #isBusy: () => boolean;
  readonly #onResult: (owner: Owner, isReachable: boolean) => void;
  readonly #waiting = new Map<Owner, { readonly hostname: string; readonly port: number }>();
  readonly #underWay = new Set<Promise<void>>();
  readonly #end = new AbortController();

  /**
   * @param isBusy whether all but a few have to wait
   * @param onResult is told the result of each probe
   */
  constructor(
    network: Network,
    isBusy: () => boolean,
    onResult: (owner: Owner, isReachable: boolean) => void,
  ) {
    this.#network = network;
    this.#isBusy = isBusy;
    this.#onResult = onResult;
  }

  /** Probes a listener when its turn comes. */
  probe(owner: Owner, hostname: string, port: number): void {
    if (this.#end.signal.aborted) return;
    this.#waiting.set(owner, { hostname, port });
    if (!this.#isBusy()) this.#next();
  }

  /** Starts a few of the waiting probes, busy or not. To be called every second or so. */
  tick(): void {
    this.#next();
  }

  /** Cancels a waiting probe. */
  forget(owner: Owner): void {
    this.#waiting.delete(owner);
  }

  /** Cancels all probes. */
  async close(): Promise<void> {
    this.#waiting.clear();
    this.#end.abort();
    await Promise.all(this.#underWay);
  }

  #next(): void {
    for (const [owner, { hostname, port }] of this.#waiting) {
      if (this.#underWay.size >= serverLimits.probes) return;
      this.#waiting.delete(owner);
      const probe = this.#canDial(hostname, port).then((isReachable) => {
        this.#underWay.delete(probe);
        if (this.#end.signal.aborted) return;
        this.#onResult(owner, isReachable);
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
