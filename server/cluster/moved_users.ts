import { clusterLimits } from "./cluster_limits.ts";

/** So many rows of a silent node are looked into at a time. */
const ROWS_AT_A_TIME = 2_000;

/** A row that has come lately. */
interface Arrival {
  readonly node: string;
  readonly row: Uint8Array;
  readonly at: number;
  /** The user of the row, once somebody has looked. */
  user: string | undefined;
  isRead: boolean;
}

/** The rows of a silent node by user, as far as they have been looked into. */
interface SilentRows {
  readonly left: Iterator<readonly [session: string, row: Uint8Array]>;
  readonly sessions: Map<string, string[]>;
}

/** A session that a user has ended by logging in again; it is the user's own only if its row says so. */
interface EndedSession {
  readonly session: string;
  readonly user: string;
  readonly at: number;
  /** Whether the user is at this node now. */
  readonly isOwn: boolean;
}

/**
 * Which rows are not shown, because their users are at another node by now. Pure: callers pass the time.
 *
 * A login that names the session before ends that one for all nodes, whether its node can be asked or not: only the
 * user's key can sign that. A login that names none may be a second one on purpose. So a row of the same user is not
 * shown only as long as its node is silent, and has been since before that login.
 */
export class MovedUsers {
  readonly #userOf: (row: Uint8Array) => string | undefined;
  /** By session and user, the earliest first: anybody may name the session of somebody else. */
  readonly #ended = new Map<string, EndedSession>();
  /** How many of these name a session. */
  readonly #named = new Map<string, number>();
  #arrivals: Arrival[] = [];
  /** By node. */
  readonly #silent = new Map<string, SilentRows>();
  /** The sessions that are not shown, and those of a silent node with its id. */
  readonly #hidden = new Map<string, string | undefined>();

  /** @param userOf tells the user of a row; undefined if nothing does */
  constructor(userOf: (row: Uint8Array) => string | undefined) {
    this.#userOf = userOf;
  }

  /** How many rows are not shown. */
  get hiddenCount(): number {
    return this.#hidden.size;
  }

  /** Whether a row is not shown. */
  isHidden(session: string): boolean {
    return this.#hidden.has(session);
  }

  /** A user has logged in again; the row of the session before, if it is that user's, is not shown. */
  end(session: string, user: string, isOwn: boolean, now: number): void {
    const key = keyOf(session, user);
    this.#drop(key); // so that the order stays
    this.#ended.set(key, { session, user, at: now, isOwn });
    this.#named.set(session, (this.#named.get(session) ?? 0) + 1);
    for (const oldest of this.#ended.keys()) {
      if (this.#ended.size <= clusterLimits.endedSessions) return;
      this.#drop(oldest);
    }
  }

  /** The sessions of which users of this node were the owners. */
  *ownEnded(): Generator<{ readonly session: string; readonly user: string }, void> {
    for (const { session, user, isOwn } of this.#ended.values()) if (isOwn) yield { session, user };
  }

  /** Whether a row's user has ended its session; then it is hidden from now on. */
  hideEnded(session: string, row: Uint8Array): boolean {
    if (!this.#named.has(session)) return false; // most rows need no look into them
    const user = this.#userOf(row);
    if (user === undefined || !this.#ended.has(keyOf(session, user))) return false;
    this.#hidden.set(session, undefined);
    return true;
  }

  /** A row has come that was not there before. */
  arrive(node: string, row: Uint8Array, now: number): void {
    this.#arrivals.push({ node, row, at: now, user: undefined, isRead: false });
  }

  /** A row is gone; returns whether it was hidden. */
  forget(session: string): boolean {
    return this.#hidden.delete(session);
  }

  /**
   * Hides rows of a silent node whose users have logged in elsewhere since it was heard last. To be called often: it
   * looks into some of the rows each time.
   *
   * @returns their sessions
   */
  doubt(node: string, rows: ReadonlyMap<string, Uint8Array>, heardAt: number): string[] {
    const since = this.#arrivals.filter((arrival) => arrival.at > heardAt && arrival.node !== node);
    if (since.length === 0) return [];
    // A silent node's rows do not change.
    const silent = this.#silent.getOrInsertComputed(
      node,
      () => ({ left: rows.entries(), sessions: new Map() }),
    );
    this.#lookInto(silent);
    const { sessions } = silent;
    const hidden: string[] = [];
    for (const arrival of since) {
      if (!arrival.isRead) arrival.user = this.#userOf(arrival.row);
      arrival.isRead = true;
      const { user } = arrival;
      if (user === undefined) continue;
      for (const session of sessions.get(user) ?? []) {
        if (this.#hidden.has(session)) continue;
        this.#hidden.set(session, node);
        hidden.push(session);
      }
    }
    return hidden;
  }

  /** A node is heard again; returns the sessions that are shown again. */
  trust(node: string): string[] {
    if (!this.#silent.delete(node)) return [];
    const shown: string[] = [];
    for (const [session, silent] of this.#hidden) if (silent === node) shown.push(session);
    for (const session of shown) this.#hidden.delete(session);
    return shown;
  }

  /** Forgets what is too long ago. To be called often. */
  tick(now: number): void {
    const [first] = this.#arrivals;
    if (first !== undefined && now - first.at >= clusterLimits.graceMs) {
      this.#arrivals = this.#arrivals.filter(({ at }) => now - at < clusterLimits.graceMs);
    }
    for (const [key, { at }] of this.#ended) {
      if (now - at < clusterLimits.longestSilenceMs) return;
      this.#drop(key);
    }
  }

  #drop(key: string): void {
    const ended = this.#ended.get(key);
    if (ended === undefined) return;
    this.#ended.delete(key);
    const left = (this.#named.get(ended.session) ?? 0) - 1;
    if (left > 0) this.#named.set(ended.session, left);
    else this.#named.delete(ended.session);
  }

  #lookInto({ left, sessions }: SilentRows): void {
    for (let count = 0; count < ROWS_AT_A_TIME; count++) {
      const { done, value } = left.next();
      if (done) return;
      const [session, row] = value;
      const user = this.#userOf(row);
      if (user !== undefined) sessions.getOrInsertComputed(user, () => []).push(session);
    }
  }
}

function keyOf(session: string, user: string): string {
  return `${session} ${user}`;
}
