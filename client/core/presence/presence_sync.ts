import type { Mim2Entry } from "../../../protocol/mod.ts";
import { MAX_BACKOFF_MS } from "../backoff.ts";
import type { TableEntry, UserTable } from "./user_table.ts";
import { type PresenceChange, PresenceDiff } from "./presence_diff.ts";
import type { OnlineUser } from "../online_user.ts";

/**
 * The table of a classic server, which marks no end, is complete once the own entry is in it and so
 * long nobody was added.
 */
const TABLE_QUIET_MS = 250;
/** And at the latest after so long: on a large server somebody always comes. */
const TABLE_TIMEOUT_MS = 5_000;
/** Who was online before is told to have gone after so long: most come back by themselves. */
const RETURN_GRACE_MS = MAX_BACKOFF_MS + 5_000;

/** What a table needs of the stay that it belongs to. */
export interface PresenceSyncHost {
  /** Tells whoever subscribed. */
  emit(change: PresenceChange): void;
  /** The own entry has come back: what it leads to is told before what comes behind it. */
  ownSeen(user: OnlineUser): void;
  /** The table is all there, as far as one can tell. */
  completed(): void;
  /** Somebody with a key is online, or reachable in another way than before. */
  cameOnline(user: OnlineUser): void;
}

/** The online table as a server tells it: what is told on of it, and when it is all there. */
export class PresenceSync {
  /** What is in it. */
  readonly list: UserTable;
  readonly #endIsMarked: boolean;
  readonly #host: PresenceSyncHost;
  #change: PresenceDiff | undefined;
  #seen = false;
  #complete = false;
  #stopped = false;
  readonly #timers = new Map<() => void, ReturnType<typeof setTimeout>>();

  /**
   * @param list what is in it so far: nothing
   * @param endIsMarked whether the server says where it ends
   * @param before who was online, where this table takes the place of one before
   */
  constructor(
    list: UserTable,
    endIsMarked: boolean,
    host: PresenceSyncHost,
    before?: readonly OnlineUser[],
  ) {
    this.list = list;
    this.#endIsMarked = endIsMarked;
    this.#host = host;
    this.#change = before && new PresenceDiff(before);
  }

  /** Who was online before and is missing, and may be about to come back. */
  get missing(): OnlineUser[] {
    return this.#change?.missing ?? [];
  }

  /** Whether the own entry has come back. */
  get seen(): boolean {
    return this.#seen;
  }

  /** Whether it is all there, as far as one can tell. */
  get complete(): boolean {
    return this.#complete;
  }

  /** The server has sent an Add. */
  added(entry: TableEntry): void {
    const user = this.list.add(entry);
    this.#show(this.#change?.added(user) ?? [{ type: "online", user }]);
    if (user.own && !this.#seen) {
      this.#seen = true;
      this.#host.ownSeen(user);
      if (!this.#endIsMarked) this.#after(TABLE_TIMEOUT_MS, () => this.end());
    }
    this.#cameOnline(user);
    if (this.#seen && !this.#complete && !this.#endIsMarked) this.#after(TABLE_QUIET_MS, this.end);
  }

  /** The server has sent that somebody is away, say. */
  changed(entry: Mim2Entry): void {
    const before = this.list.find(entry.session);
    const user = this.list.change(entry);
    if (user === undefined) return;
    this.#show(this.#change?.changed(user) ?? [{ type: "presence", user }]);
    // Being away, say, has nobody dialled who was not reached before.
    const where = ({ details }: OnlineUser) => [details?.reachability, ...details?.addresses ?? []];
    if (before && where(before).join(" ") !== where(user).join(" ")) this.#cameOnline(user);
  }

  /**
   * The server has sent a Delete.
   *
   * @returns whose it was; undefined where nobody in the table is meant
   */
  deleted(entry: TableEntry): OnlineUser | undefined {
    const user = this.list.delete(entry);
    if (user !== undefined) this.#show(this.#change?.deleted(user) ?? [{ type: "offline", user }]);
    return user;
  }

  /** It is all there: the server says so, or has been silent for long enough. */
  readonly end = (): void => {
    if (this.#complete) return;
    this.#complete = true;
    this.#host.completed();
    const change = this.#change;
    if (change !== undefined) {
      this.#show(change.complete());
      this.#after(RETURN_GRACE_MS, () => {
        this.#show(change.end());
        this.#change = undefined;
      });
    }
    for (const user of this.list.users) this.#cameOnline(user);
  };

  /** Nothing of it is told any more. */
  stop(): void {
    this.#stopped = true;
    for (const timer of this.#timers.values()) clearTimeout(timer);
  }

  /** Told once the table is in: before that it is not clear who is where. */
  #cameOnline(user: OnlineUser): void {
    if (!this.#complete) return;
    const { identity } = user.details ?? {};
    if (identity !== undefined && identity.length > 0 && !user.own) this.#host.cameOnline(user);
  }

  #show(changes: readonly PresenceChange[]): void {
    for (const change of changes) this.#host.emit(change);
  }

  /** Runs something after that time; anew where it waits already. */
  #after(time: number, run: () => void): void {
    if (this.#stopped) return;
    clearTimeout(this.#timers.get(run));
    this.#timers.set(run, setTimeout(run, time));
  }
}
