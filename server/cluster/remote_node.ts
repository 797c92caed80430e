import { equals } from "@std/bytes/equals";
import { clusterLimits } from "./cluster_limits.ts";
import type { NodeChange, NodeRequest, TableMessage } from "./cluster_message.ts";

type LogMessage = Extract<TableMessage, { type: "log" }>;
type RowsMessage = Extract<TableMessage, { type: "rows" }>;
type Row = RowsMessage["rows"][number];
type HeldRequest = Extract<TableMessage, { type: "to" }>;

/** The requests and events to which another node's state leads. */
export interface RemoteNodeEvents {
  /** Asks the node for all its rows. */
  ask(request: number): void;
  /** A row of the node has changed or is gone, or a user who is there now has ended a session elsewhere. */
  onChange(change: NodeChange): void;
  /** The node asks for something, and everything that it refers to is here. */
  onRequest(request: NodeRequest): void;
  /** Part of the node's log is missing. */
  onGap(): void;
  /** How long to wait before asking, in milliseconds, so that not all nodes ask at once. */
  spreadMs(): number;
}

/** All rows of a node, as they come in parts. */
interface Snapshot {
  readonly request: number;
  /** When something of it came last, or it was asked for. */
  at: number;
  number: number | undefined;
  readonly parts: (readonly Row[])[];
  missing: number;
}

/**
 * Another node as this one sees it: its rows, how far its log has been applied, and what is missing. Pure:
 * callers pass the time.
 */
export class RemoteNode {
  /** The rows that count, by session. */
  readonly rows = new Map<string, Uint8Array>();
  /** When anything came from it last. */
  heardAt: number;
  /** Since when its rows are going, and how many there were. */
  leaving: { readonly since: number; readonly count: number } | undefined;
  readonly #events: RemoteNodeEvents;
  /** The last log message that the rows contain; undefined until all rows have come. */
  #applied: number | undefined;
  /** The latest log message that there is. */
  #latest = 0;
  /** Log messages that can't be applied yet. */
  readonly #kept = new Map<number, LogMessage>();
  #keptBytes = 0;
  #snapshot: Snapshot | undefined;
  #requests = 0;
  /** How often all rows were asked for since they came last. */
  #tries = 0;
  /** When all rows are asked for. */
  #askAt: number | undefined;
  /** Since when the node is ahead of what has been applied. */
  #aheadSince: number | undefined;
  #held: { readonly message: HeldRequest; readonly until: number }[] = [];

  constructor(events: RemoteNodeEvents, now: number) {
    this.#events = events;
    this.heardAt = now;
    this.#askSoon(now);
  }

  /** Whether all its rows have come, and nothing of its log is missing. */
  get isComplete(): boolean {
    return this.#applied !== undefined && this.#kept.size === 0;
  }

  /** How many of its log messages are to be applied yet. */
  get lag(): number {
    return this.#latest - (this.#applied ?? 0);
  }

  /** Takes a message of the node. */
  receive(message: Exclude<TableMessage, { type: "ask" | "bye" }>, now: number): void {
    this.heardAt = now;
    if (this.leaving !== undefined) this.#stay(now);
    switch (message.type) {
      case "log":
        this.#note(message.number, now);
        return this.#takeLog(message, now);
      case "beat":
        return this.#note(message.number, now);
      case "rows":
        return this.#takeRows(message, now);
      case "to":
        if (this.#held.length >= clusterLimits.heldRequests) return;
        this.#held.push({ message, until: now + clusterLimits.requestHeldMs });
        this.#release(now);
    }
  }

  /** Asks for what is missing, and lets rows go. To be called often. */
  tick(now: number): void {
    if (this.leaving !== undefined) return this.#letGo(this.leaving, now);
    this.#release(now);
    if (this.#snapshot !== undefined && now - this.#snapshot.at >= this.#answerMs(this.#snapshot)) {
      this.#snapshot = undefined;
      this.#askSoon(now);
    }
    const isAhead = this.#aheadSince !== undefined &&
      now - this.#aheadSince >= clusterLimits.aheadMs;
    if (isAhead && this.#applied !== undefined && !this.#isAsking) this.#noteGap(now);
    if (this.#askAt !== undefined && this.#askAt <= now) this.#ask(now);
  }

  /** Its rows go, one after the other. */
  leave(now: number): void {
    this.leaving ??= { since: now, count: this.rows.size };
    this.#forget();
  }

  #answerMs({ number }: Snapshot): number {
    const { firstAnswerMs, answerMs } = clusterLimits;
    return number === undefined
      ? Math.min(answerMs, firstAnswerMs * 2 ** (this.#tries - 1))
      : answerMs;
  }

  get #isAsking(): boolean {
    return this.#snapshot !== undefined || this.#askAt !== undefined;
  }

  /** It is there after all. */
  #stay(now: number): void {
    this.leaving = undefined;
    this.#askSoon(now);
  }

  #forget(): void {
    this.#applied = undefined;
    this.#aheadSince = undefined;
    this.#askAt = undefined;
    this.#snapshot = undefined;
    this.#dropKept();
    this.#held = [];
  }

  #letGo({ since, count }: NonNullable<RemoteNode["leaving"]>, now: number): void {
    const part = Math.min(1, (now - since) / clusterLimits.leavingMs);
    const stays = Math.floor(count * (1 - part));
    for (const session of this.rows.keys()) {
      if (this.rows.size <= stays) return;
      this.#apply({ type: "delete", session });
    }
  }

  #note(number: number, now: number): void {
    this.#latest = Math.max(this.#latest, number);
    this.#watchLag(now);
  }

  #watchLag(now: number): void {
    if (this.#latest > (this.#applied ?? 0)) this.#aheadSince ??= now;
    else this.#aheadSince = undefined;
  }

  #takeLog(message: LogMessage, now: number): void {
    if (this.#applied !== undefined && message.number <= this.#applied) return;
    if (!this.#kept.has(message.number)) {
      this.#kept.set(message.number, message);
      this.#keptBytes += bytesOf(message);
    }
    this.#applyKept(now);
    // All rows that are asked for later contain what is dropped.
    if (this.#keptBytes > clusterLimits.keptBytes) this.#dropKept();
  }

  /** Applies what follows on what has been applied; whatever is left then shows a gap. */
  #applyKept(now: number): void {
    if (this.#applied === undefined) return;
    for (let next; (next = this.#kept.get(this.#applied + 1)) !== undefined;) {
      this.#unkeep(next);
      this.#applied = next.number;
      for (const change of next.changes) this.#apply(change);
    }
    this.#watchLag(now);
    this.#release(now);
    if (this.#kept.size > 0 && !this.#isAsking) this.#noteGap(now);
    // A gap that has filled by itself needs no answer.
    if (this.#latest === this.#applied) this.#askAt = undefined;
  }

  #noteGap(now: number): void {
    this.#events.onGap();
    this.#askSoon(now);
  }

  #askSoon(now: number): void {
    this.#askAt ??= now + this.#events.spreadMs();
  }

  #ask(now: number): void {
    this.#askAt = undefined;
    this.#tries++;
    const request = ++this.#requests;
    this.#snapshot = { request, at: now, number: undefined, parts: [], missing: 0 };
    this.#events.ask(request);
  }

  #takeRows({ request, number, part, parts, rows }: RowsMessage, now: number): void {
    const snapshot = this.#snapshot;
    if (snapshot?.request !== request || part >= parts) return;
    if (snapshot.number === undefined) {
      snapshot.number = number;
      snapshot.missing = parts;
    }
    if (snapshot.number !== number || snapshot.parts[part] !== undefined) return;
    snapshot.at = now;
    snapshot.parts[part] = rows;
    if (--snapshot.missing > 0) return;
    this.#snapshot = undefined;
    this.#tries = 0;
    this.#replace(number, snapshot.parts.flat(), now);
  }

  /** All rows have come: only the difference is told. */
  #replace(number: number, rows: readonly Row[], now: number): void {
    if (number < (this.#applied ?? 0)) return; // what was missing has come meanwhile
    const present = new Set<string>();
    for (const row of rows) {
      if (row.type === "end") this.#events.onChange(row);
      else present.add(row.session);
    }
    for (const session of [...this.rows.keys()]) {
      if (!present.has(session)) this.#apply({ type: "delete", session });
    }
    for (const row of rows) if (row.type === "put") this.#apply(row);
    this.#applied = number;
    this.#latest = Math.max(this.#latest, number);
    for (const kept of [...this.#kept.values()]) if (kept.number <= number) this.#unkeep(kept);
    this.#aheadSince = undefined;
    this.#applyKept(now);
  }

  #apply(change: NodeChange): void {
    if (change.type === "end") return this.#events.onChange(change);
    const before = this.rows.get(change.session);
    if (change.type === "delete") {
      if (before === undefined) return;
      this.rows.delete(change.session);
    } else {
      if (before !== undefined && equals(before, change.row)) return;
      this.rows.set(change.session, change.row);
    }
    this.#events.onChange(change);
  }

  #release(now: number): void {
    if (this.#held.length === 0) return;
    const held = this.#held;
    this.#held = [];
    for (const one of held) {
      const isHere = this.#applied !== undefined && one.message.number <= this.#applied;
      if (isHere) this.#events.onRequest(one.message.request);
      else if (now < one.until) this.#held.push(one);
    }
  }

  #unkeep(message: LogMessage): void {
    this.#kept.delete(message.number);
    this.#keptBytes -= bytesOf(message);
  }

  #dropKept(): void {
    this.#kept.clear();
    this.#keptBytes = 0;
  }
}

function bytesOf({ changes }: LogMessage): number {
  let bytes = 64;
  for (const change of changes) bytes += 64 + (change.type === "put" ? change.row.length : 0);
  return bytes;
}
