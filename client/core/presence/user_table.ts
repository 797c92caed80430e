import { deadline } from "@std/async/deadline";
import type {
  EntryDetails,
  HostPort,
  LinkEntry,
  LinkUpdate,
  PresenceUpdate,
} from "../../../protocol/mod.ts";
import { MAX_BACKOFF_MS } from "../backoff.ts";
import type { EventBus } from "../event_bus.ts";
import type { WaitOptions } from "../events.ts";
import type { OnlineUser } from "../online_user.ts";
import type { ProvenServer } from "../proven_server.ts";
import type { Security } from "../security.ts";
import { Certificates } from "./certificates.ts";
import type { Directory } from "./directory.ts";
import { compareTables, looksDifferent, ReturningUsers } from "./returning_users.ts";
import { type OwnEntry, type TableEntry, TableRows } from "./table_rows.ts";
import type { Users } from "./users.ts";
import { isName, watchedItem, WatchList } from "./watch_list.ts";

/**
 * The table of a classic server, which marks no end, is taken to be complete once the own entry is in
 * it and nobody was added for so long.
 */
const TABLE_QUIET_MS = 250;
/** And after so long at the latest: on a large server someone always comes. */
const TABLE_TIMEOUT_MS = 5_000;
/** Users who did not come back after a reconnect are offline after so long: most return by themselves. */
const RETURN_GRACE_MS = MAX_BACKOFF_MS + 5_000;
/** How long a server may take to tell of somebody who was asked for. */
const LOOKUP_TIMEOUT_MS = 2_000;

/** A change of the table, as a server of either version sends it. */
export type TableUpdate = PresenceUpdate | LinkUpdate;

/** The session that a table comes from. */
export interface TableSource {
  /** The server as it was named. */
  readonly server: HostPort;
  readonly serverAddress: string;
  /** The key that a MIM/2 server has proven; undefined for a classic server, which does not mark the table's end. */
  readonly proven: ProvenServer | undefined;
  readonly own: OwnEntry;
  /** Whether the table continues the one before, after the connection was lost. */
  readonly resumes: boolean;
}

interface ShownTable {
  readonly rows: TableRows;
  readonly server: HostPort | undefined;
  readonly staleSince: Date | undefined;
  /** Undefined at a classic server. */
  readonly certificates: Certificates | undefined;
}

const NO_ROWS = new TableRows("", { name: "", port: 0, address: "" }, () => 0);

/** Owns who is online: takes the server's updates, numbers the rows, and emits what changes. */
export class UserTable implements Users {
  version = 0;
  replacedAt = 0;
  isPartial = false;
  /** The users to watch at a server that does not tell of everybody. */
  readonly watchList = new WatchList();
  /** How sure it is who a user is: for events, which ask for it only if they are read. */
  securityOf: (user: OnlineUser) => Security = () => "classic";
  readonly #events: EventBus;
  #shown: ShownTable = {
    rows: NO_ROWS,
    server: undefined,
    staleSince: undefined,
    certificates: undefined,
  };
  /** The table from before the login under way, which may fail. */
  #before: ShownTable | undefined;
  /** The table of this session: it is shown, unless the session resumes an earlier one. */
  #incoming: { readonly source: TableSource; readonly rows: TableRows } | undefined;
  /** Users from before the connection was lost who have not come back. */
  #missing = new ReturningUsers([]);
  /** There while the server tells only of those who are watched. */
  #directory: Directory | undefined;
  #total: number | undefined;
  #isLoggedIn = false;
  #isComplete = false;
  #completion = Promise.withResolvers<void>();
  #lastId = 0;
  readonly #timers = new Map<() => void, ReturnType<typeof setTimeout>>();

  constructor(events: EventBus) {
    this.#events = events;
    this.#completion.resolve();
  }

  get size(): number {
    return this.#shown.rows.size;
  }

  [Symbol.iterator](): Iterator<OnlineUser> {
    return this.#shown.rows[Symbol.iterator]();
  }

  get(id: number): OnlineUser | undefined {
    return this.#shown.rows.get(id);
  }

  get staleSince(): Date | undefined {
    return this.#shown.staleSince;
  }

  /** The server that it comes from; undefined before the first login. */
  get server(): HostPort | undefined {
    return this.#shown.server;
  }

  get ready(): Promise<void> {
    return this.#completion.promise;
  }

  get own(): OnlineUser | undefined {
    for (const user of this) if (user.own) return user;
    return undefined;
  }

  ownsName(user: OnlineUser): boolean {
    return this.#shown.certificates?.isValid(user) ?? false;
  }

  async find(name: string, options: WaitOptions = {}): Promise<OnlineUser> {
    options.signal?.throwIfAborted();
    const look = () => this.#shown.rows.named(name);
    if (look() === undefined) void this.lookUp(name);
    return look() ?? await this.#events.waitFor("online", look, `${name} is not online`, options);
  }

  get total(): number {
    return this.#total ?? this.size;
  }

  async lookUp(...names: readonly string[]): Promise<void> {
    for (const name of names) {
      if (isName(name)) this.watchList.remember("named", { type: "name", name });
    }
    await this.#synced();
  }

  /** The same for somebody who calls, by name and key. */
  async lookUpCaller(name: string, identity: Uint8Array | undefined): Promise<void> {
    this.watchList.remember("called", { type: "name", name });
    if (identity !== undefined) this.watchList.remember("called", { type: "identity", identity });
    await this.#synced();
  }

  async search(start: string): Promise<void> {
    await this.#directory?.search(start);
  }

  /** Something has happened that may change who is watched. */
  readonly refreshWatched = (): void => {
    this.#directory?.refreshSoon();
  };

  /** The server tells no more of those who are not watched: they leave the table, wherever they are. */
  removeUnwatched(): void {
    const rows = this.#incoming?.rows;
    for (const user of [...rows ?? []]) {
      if (user.own || user.details === undefined || this.watchList.covers(user)) continue;
      rows?.delete(user.details.session);
      this.#emit("unlisted", user);
    }
  }

  async #synced(): Promise<void> {
    const synced = this.#directory?.sync();
    if (synced !== undefined) await deadline(synced, LOOKUP_TIMEOUT_MS).catch(() => {});
  }

  /** The user of that session at the current server. */
  findSession(session: Uint8Array): OnlineUser | undefined {
    return (this.#incoming ?? this.#shown).rows.find(session);
  }

  /** A login is about to be sent: what follows is this server's table. */
  start(source: TableSource): void {
    this.#stopTimers();
    const { serverAddress, own, server } = source;
    const rows = new TableRows(serverAddress, own, () => ++this.#lastId);
    this.#incoming = { source, rows };
    this.#isLoggedIn = false;
    this.#isComplete = false;
    this.#completion = Promise.withResolvers();
    if (source.resumes) return;
    this.isPartial = false;
    this.#missing = new ReturningUsers([]);
    this.#before = this.#shown;
    this.#replace({ rows, server, staleSince: undefined, certificates: certificatesOf(source) });
  }

  /**
   * The server has accepted the login of a MIM/2 client under that session.
   *
   * @param directory there if the server tells only of those who are watched
   */
  accept(session: Uint8Array, directory?: Directory): void {
    if (this.#incoming === undefined) return;
    const { source, rows } = this.#incoming;
    rows.ownSession = session;
    if (source.proven !== undefined) this.watchList.begin(source.proven.serverKey);
    this.#directory = directory;
    this.isPartial = directory !== undefined;
    this.#total = undefined;
  }

  /** The server has so many users, and tells only of some. */
  setTotal(total: number): void {
    this.#total = total;
  }

  /**
   * Takes a change from the server, and emits what is different.
   *
   * @returns whose row it was; undefined if nobody in the table is meant
   * @throws {ProtocolError} `table-too-large`, `bad-field`
   */
  apply(update: TableUpdate): OnlineUser | undefined {
    const rows = this.#incoming?.rows;
    switch (update.type) {
      case "add":
        if (this.#directory !== undefined && "session" in update.entry) {
          const known = this.#replaceTold(this.#directory, update.entry);
          if (known !== undefined) return known;
        }
        return rows && this.#add(rows, update.entry);
      case "change":
        return rows && this.#change(rows, update.session, update.details);
      case "delete": {
        const user = rows?.delete("session" in update ? update.session : update.entry);
        if (user !== undefined) this.#emit("offline", user);
        return user;
      }
    }
  }

  /** The table is complete: the server says so, or was silent for long enough. */
  readonly complete = (): void => {
    if (this.#isComplete || this.#incoming === undefined) return;
    this.#isComplete = true;
    const { source, rows } = this.#incoming;
    if (source.resumes) this.#resume(source, rows);
    this.#completion.resolve();
    for (const user of this) this.#announceReachable(user);
  };

  /** The session has ended: the table stays as it is now, or as it was if nobody was logged in. */
  stop(): void {
    if (this.#incoming === undefined) return;
    this.#stopTimers();
    if (this.#before !== undefined) this.#replace(this.#before);
    else if (this.#shown.rows === this.#incoming.rows) {
      this.#shown = { ...this.#shown, staleSince: new Date() };
    }
    this.#before = undefined;
    this.#incoming = undefined;
    this.#directory = undefined;
    this.#completion.resolve();
  }

  /**
   * Takes a row over that the server tells once more: it was dropped and asked for again meanwhile. One that
   * nobody has asked for is that of a user who calls.
   *
   * @returns undefined if the row is new
   */
  #replaceTold(directory: Directory, entry: LinkEntry): OnlineUser | undefined {
    const { name, address: _address, port: _port, session, identity, ...details } = entry;
    const rows = this.#incoming?.rows;
    const isOwn = rows?.isOwnSession(session) === true;
    if (!isOwn && !this.watchList.covers({ name, details: entry })) {
      this.watchList.remember("called", watchedItem({ name, identity }));
      directory.refreshSoon();
    }
    return rows?.find(session) && this.#change(rows, session, details);
  }

  #add(rows: TableRows, entry: TableEntry): OnlineUser {
    const [added, ...demoted] = rows.add(entry);
    for (const user of demoted) this.#emit("presence", user);
    const user = rows === this.#shown.rows ? this.#arrive(rows, added) : added;
    const isClassic = this.#incoming?.source.proven === undefined;
    if (user.own && !this.#isLoggedIn) {
      this.#isLoggedIn = true;
      this.#before = undefined;
      if (isClassic) this.#after(TABLE_TIMEOUT_MS, () => this.complete());
    }
    if (this.#isComplete) this.#announceReachable(user);
    else if (this.#isLoggedIn && isClassic) this.#after(TABLE_QUIET_MS, this.complete);
    return user;
  }

  #change(
    rows: TableRows,
    session: Uint8Array,
    details: Partial<EntryDetails>,
  ): OnlineUser | undefined {
    const before = rows.find(session);
    const user = rows.change(session, details);
    if (before === undefined || user === undefined) return undefined;
    // The capabilities of a client are never shown.
    const isShown = Object.keys(details).some((detail) => detail !== "capabilities");
    if (isShown) this.#emit("presence", user);
    else this.version++;
    // A user who is only away now is not dialed again.
    const place = ({ details }: OnlineUser) => [
      ...[details?.reachability, details?.capabilities],
      ...details?.addresses ?? [],
    ];
    if (this.#isComplete && place(before).join(" ") !== place(user).join(" ")) {
      this.#announceReachable(user);
    }
    return user;
  }

  /** A new row, which may be that of a user who was missing. */
  #arrive(rows: TableRows, user: OnlineUser): OnlineUser {
    const before = this.#missing.take(user);
    if (before === undefined) {
      const moved = this.#missing.takeMoved(user);
      if (moved !== undefined) this.#emit("offline", moved);
      this.#emit("online", user);
      return user;
    }
    const returned = rows.renumber(user, before.id); // the row is the last one, and stays that
    if (looksDifferent(before, user)) this.#emit("presence", returned);
    return returned;
  }

  /** The table that was filled after a reconnect takes the place of the one before. */
  #resume(source: TableSource, rows: TableRows): void {
    const before = [...this.#shown.rows, ...this.#missing];
    const { missing, changes } = compareTables(before, rows);
    this.#missing = missing;
    const certificates = certificatesOf(source);
    this.#shown = { rows, server: source.server, staleSince: undefined, certificates };
    for (const { type, user } of changes) this.#emit(type, user);
    this.#after(RETURN_GRACE_MS, () => {
      const gone = [...this.#missing];
      this.#missing = new ReturningUsers([]);
      for (const user of gone) this.#emit("offline", user);
    });
  }

  /** Emits a change of what is shown: while a session resumes another, its rows are not. */
  #emit(type: "online" | "offline" | "presence" | "unlisted", user: OnlineUser): void {
    if (this.#incoming?.rows !== this.#shown.rows) return;
    this.version++;
    if (type === "offline" || type === "unlisted") return this.#events.emit({ type, user });
    const { securityOf } = this;
    const isFound = type === "online" && this.#isComplete && this.#directory?.isAsking === true;
    this.#events.emit({
      type,
      user,
      ...isFound && { isFound },
      get security() {
        return user.own ? undefined : securityOf(user);
      },
    });
  }

  /** Only once the table is complete: before that it is not clear who is where. */
  #announceReachable(user: OnlineUser): void {
    const { identity } = user.details ?? {};
    if (identity === undefined || identity.length === 0 || user.own) return;
    this.#events.emit({ type: "user-reachable", user });
  }

  #replace(shown: ShownTable): void {
    this.#shown = shown;
    this.replacedAt = ++this.version;
  }

  /** Runs something after that time; anew if it waits already. */
  #after(time: number, run: () => void): void {
    clearTimeout(this.#timers.get(run));
    this.#timers.set(run, setTimeout(run, time));
  }

  #stopTimers(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }
}

function certificatesOf({ proven }: TableSource): Certificates | undefined {
  return proven && new Certificates(proven);
}
