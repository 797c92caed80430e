/** How often a lease is renewed while it lasts. */
const RENEWALS = 5;
/** How many leases long others wait: clocks run at different speeds, and stopping takes a moment. */
const WAITING_LEASES = 1.25;
/** The longest lease that is believed: a damaged file must not keep everybody waiting. */
const MAX_LEASE_MS = 600_000;
/** All records have this length, so that a shorter one leaves no rest of a longer one. */
const RECORD_LENGTH = 512;

/** A moment, in milliseconds: of a clock that nobody sets, and of the system's. */
export interface Moment {
  readonly steady: number;
  readonly wall: number;
}

type State =
  /** Somebody else may hold it: the record that was last seen, and since when it has not changed. */
  | { readonly type: "waiting"; readonly seen: string | undefined; readonly since: number }
  /** The own record is there since then, unless it is undefined; whoever held the lease may do so still. */
  | { readonly type: "claiming"; readonly since: number | undefined }
  | { readonly type: "holding"; readonly until: Moment };

/**
 * A lease on something that only one program may do at a time, by a record that all of them can read and write,
 * without locks. It rests on time alone: whoever holds it stops when it was not renewed in time, and whoever wants
 * it waits longer than that, twice: until the record has not changed for so long, and until the own record has stood
 * there for so long. No clocks are compared, but they must run at about the same speed: at most a tenth too fast or
 * too slow.
 */
export class Lease {
  readonly #id: string;
  readonly #name: string;
  readonly #leaseMs: number;
  #state: State | undefined;
  #count = 0;
  /** The longest lease that anybody has, as far as is known. */
  #longestMs: number;

  /**
   * A lease that is not held yet.
   *
   * @param id of this program alone
   * @param name tells people whose it is
   */
  constructor(id: string, name: string, leaseMs: number) {
    this.#id = id;
    this.#name = name;
    this.#leaseMs = leaseMs;
    this.#longestMs = leaseMs;
  }

  /** The time from one step to the next, in milliseconds. */
  get stepMs(): number {
    return this.#leaseMs / RENEWALS;
  }

  /** Whether this program may do at that moment what the lease is for. */
  isHeld(now: Moment): boolean {
    return this.#state?.type === "holding" && isBefore(now, this.#state.until);
  }

  /** Whether a record is one that this program has written. */
  isOwn(record: string | undefined): boolean {
    return parseRecord(record).id === this.#id;
  }

  /**
   * A step begins: the record was read.
   *
   * @param record undefined if there is none
   * @param after when it had been read
   * @returns the record to write now; undefined to leave it
   */
  read(record: string | undefined, after: Moment): string | undefined {
    const { id, state, leaseMs } = parseRecord(record);
    if (id === this.#id && this.#state?.type === "claiming") {
      const { since } = this.#state;
      if (since === undefined) return this.#record("claimed"); // it was not written
      // Written a second time, the claim could hide that whoever held the lease has renewed it.
      return after.steady - since < this.#waitMs ? undefined : this.#record("held");
    }
    if (id === this.#id && this.#state?.type === "holding") {
      if (isBefore(after, this.#state.until)) return this.#record("held");
      this.#state = { type: "claiming", since: undefined };
      return this.#record("claimed");
    }
    const { since } = this.#state = this.#state?.type === "waiting" && this.#state.seen === record
      ? this.#state
      : { type: "waiting", seen: record, since: after.steady };
    this.#longestMs = Math.max(this.#longestMs, leaseMs);
    // A claimant leaves the record alone until the claim has stood for long enough.
    const waitMs = state === "claimed" ? 2 * this.#waitMs : this.#waitMs;
    const isTaken = record !== undefined && state !== "free";
    if (isTaken && after.steady - since < waitMs) return undefined;
    this.#state = { type: "claiming", since: undefined };
    return this.#record("claimed");
  }

  /**
   * Whether the record of the last step may still be written. It may not if the program stood still since the record
   * was read: it would hide that of whoever has taken the lease meanwhile.
   *
   * @param began when that step began
   */
  mayWrite(began: Moment, now: Moment): boolean {
    const isHolding = this.#state?.type === "holding";
    return isHolding ? this.isHeld(now) : isBefore(now, add(began, this.stepMs * 2));
  }

  /**
   * The record of the last step has been written.
   *
   * @param began when that step began, before the record was read
   * @param after when it had been written
   */
  written(began: Moment, after: Moment): void {
    const state = this.#state;
    const until = add(began, this.#leaseMs);
    if (state?.type === "holding") {
      // A renewal that comes too late is none: others may have taken the lease meanwhile.
      this.#state = isBefore(after, state.until)
        ? { type: "holding", until }
        : { type: "claiming", since: after.steady };
    } else if (state?.type === "claiming") {
      this.#state = state.since === undefined
        ? { type: "claiming", since: after.steady }
        : { type: "holding", until };
    }
  }

  /** Gives the lease up, when all that it is for has been stopped: returns the record to write, if it is the own one. */
  release(record: string | undefined): string | undefined {
    this.#state = undefined;
    return this.isOwn(record) ? this.#record("free") : undefined;
  }

  /** How long a record must not have changed. */
  get #waitMs(): number {
    return this.#longestMs * WAITING_LEASES;
  }

  #record(state: "claimed" | "held" | "free"): string {
    const record = {
      state,
      name: this.#name,
      id: this.#id,
      count: ++this.#count,
      leaseMs: this.#leaseMs,
    };
    return `${JSON.stringify(record).padEnd(RECORD_LENGTH - 1)}\n`;
  }
}

/** The owner of the lease, as text for people; undefined if it is unknown, or the lease was given up. */
export function holderOf(record: string | undefined): string | undefined {
  const { name, state } = parseRecord(record);
  return state === "free" ? undefined : name;
}

/** How long a record stays the same at most while somebody renews it, in milliseconds; 0 if it is free. */
export function renewalMsOf(record: string | undefined): number {
  const { state, leaseMs } = parseRecord(record);
  return record === undefined || state === "free" ? 0 : leaseMs * (WAITING_LEASES + 1 / RENEWALS);
}

function parseRecord(record = ""): {
  readonly id: string | undefined;
  readonly name: string | undefined;
  readonly state: unknown;
  readonly leaseMs: number;
} {
  try {
    const { id, name, state, leaseMs } = JSON.parse(record);
    return {
      id: String(id),
      name: typeof name === "string" ? name : undefined,
      state,
      leaseMs: typeof leaseMs === "number" ? Math.min(leaseMs, MAX_LEASE_MS) : 0,
    };
  } catch {
    return { id: undefined, name: undefined, state: undefined, leaseMs: 0 }; // half written, or no record
  }
}

/** By both clocks: one may stand still while the machine sleeps, and the other may be set. */
function isBefore(one: Moment, other: Moment): boolean {
  return one.steady < other.steady && one.wall < other.wall;
}

function add({ steady, wall }: Moment, milliseconds: number): Moment {
  return { steady: steady + milliseconds, wall: wall + milliseconds };
}
