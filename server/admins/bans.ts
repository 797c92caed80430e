import { getLogger } from "@logtape/logtape";
import { deadline } from "@std/async/deadline";
import { delay } from "@std/async/delay";
import { type AccessKind, AccessList, isAccessEntry } from "../admission/mod.ts";
import type { BanResult, ServerOptions } from "../options.ts";
import { reasonOf } from "../platform/util/errors.ts";
import { throttle } from "../platform/util/throttle.ts";
import type { UserSession } from "../session/mod.ts";
import type { OnlineUsers } from "./online_users.ts";
import type { SharedBan, SharedBans } from "./shared_bans.ts";

const logger = getLogger(["mim", "server"]);
/** How long the answer to an order waits until the other servers can know of it. */
const SPREAD_TIMEOUT_MS = 4_000;
/** How long it waits then until they have disconnected whom it means, and how often it looks. */
const LEAVE_TIMEOUT_MS = 5_000;
const LOOK_INTERVAL_MS = 50;
/** How often bans are stored again that could not be. */
const SAVE_INTERVAL_MS = 10_000;

/** The bans: those of this server's operator, and with a cluster those of all its servers. */
export class Bans {
  /** Tells the other servers of a cluster; undefined without one. */
  spread: ((ban: SharedBan) => Promise<boolean>) | undefined;
  /** Why they can't be told now; undefined if the cluster can't be reached. */
  whyNotSpread: () => string | undefined = () => undefined;
  readonly #users: OnlineUsers;
  readonly #onBan: ServerOptions["onBan"];
  /** Those of a cluster; undefined without a data folder. */
  readonly shared: SharedBans | undefined;
  readonly #maySave = throttle(SAVE_INTERVAL_MS);
  /** Changes go one after the other. */
  #last: Promise<unknown> = Promise.resolve();
  #isClosing = false;

  /**
   * @param onBan stores a ban of this server alone
   * @param shared those of a cluster, which count from now on
   */
  constructor(
    users: OnlineUsers,
    onBan: ServerOptions["onBan"],
    shared: SharedBans | undefined,
  ) {
    this.#users = users;
    this.#onBan = onBan;
    this.shared = shared;
    if (shared !== undefined) users.changeSharedBans(shared.entries);
  }

  /** Whether bans can be stored. */
  get canChange(): boolean {
    return this.#onBan !== undefined || this.spread !== undefined;
  }

  /**
   * Bans somebody, in the whole cluster if there is one, or lifts a ban; those online who may not be there any more
   * are disconnected.
   *
   * @returns undefined if it is so already
   * @throws {RangeError} if that is no entry
   * @throws {Error} if it can't be stored
   */
  change(kind: AccessKind, who: string, isBanned: boolean): Promise<BanResult | undefined> {
    const change = this.#last.then(() => this.#change(kind, who, isBanned));
    this.#last = change.catch(() => {});
    return change;
  }

  /** Stores bans again that could not be stored. To be called often. */
  tick(): void {
    if (this.shared?.isSaved === false && this.#maySave()) void this.#save();
  }

  /** Resolves once all is stored, if it can be. */
  async close(): Promise<void> {
    this.#isClosing = true;
    await this.#last;
    await this.#save();
  }

  /** Other servers have changed the bans of the cluster, and the copy has them. */
  takeShared(bans: readonly SharedBan[]): void {
    const ended = this.#applyShared();
    void this.#save();
    logger.info("cluster: {count} bans have changed at another server, disconnected {ended}", {
      count: bans.length,
      ended,
    });
  }

  async #change(
    kind: AccessKind,
    who: string,
    isBanned: boolean,
  ): Promise<BanResult | undefined> {
    if (!isAccessEntry(kind, who)) throw new RangeError(`expected one of ${kind}, got ${who}`);
    // A cluster's bans stand beside those of the server's own; both have to go. The own ones first: if that
    // fails, nothing has changed, and the order can be given again.
    const isOwn = !isBanned || this.spread === undefined;
    const rules = isOwn ? await this.#onBan?.(kind, who, isBanned) : undefined;
    const shared = this.#changeShared(kind, who, isBanned);
    let ended = shared === undefined ? 0 : this.#applyShared();
    if (rules !== undefined) ended += this.#users.changeAccess(rules);
    if (shared !== undefined) await this.#save();
    if (shared === undefined) return rules && { ended, reach: "server" };
    if (this.spread === undefined) return { ended, reach: "server" };
    const list = new AccessList({ ban: isBanned ? { [kind]: [who] } : {} });
    const elsewhere = this.#users.bannedElsewhere(list);
    const isSpread = await deadline(this.spread(shared), SPREAD_TIMEOUT_MS).catch(() => false);
    if (isSpread) return { ended: ended + await this.#leave(elsewhere, list), reach: "cluster" };
    const reason = this.whyNotSpread();
    return { ended, reach: "cluster-later", ...reason === undefined ? {} : { reason } };
  }

  /** Waits until other servers have disconnected these, for a moment; resolves to how many they have. */
  async #leave(sessions: readonly UserSession[], list: AccessList): Promise<number> {
    const endsAt = performance.now() + LEAVE_TIMEOUT_MS;
    for (;;) {
      const there = new Set(this.#users.bannedElsewhere(list));
      const remaining = sessions.filter((session) => there.has(session)).length;
      const isOver = remaining === 0 || this.#isClosing || performance.now() > endsAt;
      if (isOver) return sessions.length - remaining;
      await delay(LOOK_INTERVAL_MS);
    }
  }

  #changeShared(kind: AccessKind, who: string, isBanned: boolean): SharedBan | undefined {
    if (this.shared === undefined || isBanned && this.spread === undefined) return undefined;
    const before = this.shared.find(kind, who);
    if ((before?.isBanned ?? false) === isBanned) return undefined;
    const ban = { kind, who, isBanned, number: (before?.number ?? 0) + 1 };
    this.shared.adopt(ban);
    return ban;
  }

  /** @returns how many are disconnected */
  #applyShared(): number {
    return this.shared === undefined ? 0 : this.#users.changeSharedBans(this.shared.entries);
  }

  /** Never rejects: a ban that can't be stored counts all the same, and is stored later. */
  async #save(): Promise<void> {
    try {
      await this.shared?.save();
    } catch (error) {
      logger.error("the cluster's bans can't be stored right now: {reason}", {
        reason: reasonOf(error),
      });
    }
  }
}
