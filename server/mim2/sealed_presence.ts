import {
  encodeLinkUpdate,
  isLoopback,
  type LinkNotice,
  type LinkUpdate,
  RecordSealer,
} from "../../protocol/mod.ts";
import { serverLimits } from "../limits.ts";
import { Broadcast, RecordLog, RecordTable, type SharedReading } from "../presence/mod.ts";
import { Watchers } from "./watchers.ts";
import type { ClientSession, OwnMessage } from "../session/mod.ts";

const SECRET_LENGTH = 32;
const NONE = new Uint8Array(0);
/** In the place of hashes of records, for a client that gets none. */
const NO_HASH = new Uint8Array(32);
const WINDOW_GROWTH = 4;

/** What begins a client's session, besides what is its own. */
type Accepted = Omit<Extract<LinkNotice, { type: "accepted" }>, "epoch" | "secret" | "isWatching">;

/**
 * The online table as MIM/2 clients get it: each change is encoded and sealed once, for the log and
 * for the table, and the same bytes go to all. It alone has the secrets of the epochs.
 */
export class SealedPresence {
  /** Broadcasts every change to MIM/2 clients. */
  readonly broadcast: Broadcast<RecordLog>;
  /** Clients that are told only of what they watch. */
  readonly watchers: Watchers;
  /** Is told of each row, new or changed, and of each that is gone. */
  onChange: (
    owner: object,
    update: { readonly add: Uint8Array } | { readonly session: Uint8Array },
  ) => void = () => {};
  readonly #table: RecordTable<object>;
  /** Clients that have logged in since the last broadcast. */
  #newcomers: { readonly session: ClientSession; readonly accepted: Accepted }[] = [];
  #epochBegan = performance.now();
  #hasChanges = false;

  /**
   * @param sign makes the block that signs the chain
   * @param onBroadcast is told now and then how long a broadcast took, in milliseconds
   * @param shared how the log is read in other threads
   */
  constructor(
    sign: (sealer: RecordSealer) => Uint8Array,
    onBroadcast: (milliseconds: number) => void,
    { allocate, readers }: SharedReading = {},
  ) {
    const sealer = newEpoch(1);
    this.#table = new RecordTable(sealer, allocate);
    this.watchers = new Watchers(() => this.#table.rows);
    this.broadcast = new Broadcast(
      (oldestNeeded) =>
        new RecordLog(sealer, sign, oldestNeeded, () => this.broadcast.pump(), allocate),
      onBroadcast,
      () => this.#enterNewcomers(),
      readers,
    );
  }

  /** Adds an owner's row. */
  add(owner: object, add: Uint8Array): void {
    this.#hasChanges = true;
    this.#table.put(owner, add);
    this.onChange(owner, { add });
    this.watchers.added(add);
    this.broadcast.append(add);
  }

  /**
   * Replaces an owner's row.
   *
   * @param change what clients are told
   */
  change(owner: object, add: Uint8Array, change: Uint8Array): void {
    this.#hasChanges = true;
    this.#table.put(owner, add, change);
    this.onChange(owner, { add });
    this.watchers.changed(add, change);
    this.broadcast.append(change);
  }

  /** Removes an owner's row. */
  delete(owner: object, session: Uint8Array): void {
    const update = encodeLinkUpdate({ type: "delete", session });
    if (!this.#table.delete(owner, update)) return;
    this.onChange(owner, { session });
    this.watchers.deleted(session);
    this.#hasChanges = true;
    this.broadcast.append(update);
  }

  /**
   * Has a client enter with the next broadcast: all that log in until then are sent the same table, which is
   * sealed once for them. A client of this machine, which has no limits, is sent it at once.
   */
  admit(session: ClientSession, accepted: Accepted): void {
    this.#newcomers.push({ session, accepted });
    this.broadcast.flush();
  }

  /** The Adds of all rows. */
  get rows(): Iterable<Uint8Array> {
    return this.#table.rows;
  }

  /** How many rows there are. */
  get size(): number {
    return this.#table.size;
  }

  /** Has a client enter that is told only of what it watches: it gets no records and no secret. */
  admitWatching(session: ClientSession, accepted: Accepted): void {
    const { epoch, nextNumber: number } = this.broadcast.log.sealer;
    const add = this.watchers.join(session, accepted.session.toHex());
    const first: OwnMessage[] = [
      { ...accepted, epoch, secret: NONE, isWatching: true },
      { type: "updates", updates: add === undefined ? [] : [add] },
      { type: "complete", rows: this.size, epoch, number, tableHash: NO_HASH, chain: NO_HASH },
    ];
    session.enter({ first, log: undefined, cursor: 0 });
  }

  /** Begins a new epoch, with a fresh secret, as soon as its table is sealed. */
  beginEpoch(): Promise<void> {
    this.#epochBegan = performance.now();
    const { log } = this.broadcast;
    const sealer = newEpoch(log.epoch + 1);
    return this.#table.renew(sealer, () => {
      log.beginEpoch(sealer);
      this.#hasChanges = false;
      this.broadcast.flush();
    });
  }

  /** Begins epochs that are due, signs and returns memory. To be called every second or so. */
  tick(now: number): void {
    const { log } = this.broadcast;
    if (this.#hasChanges && now - this.#epochBegan >= serverLimits.epochMs) void this.beginEpoch();
    if (log.isSignatureDue(now)) this.broadcast.flush();
    this.broadcast.tick();
  }

  #enterNewcomers(): void {
    if (this.#newcomers.length === 0) return;
    const { log } = this.broadcast;
    const { epoch, secret, nextNumber: number, chain } = log.sealer;
    const { segments, tableHash } = this.#table.contents();
    const rows = this.#table.size;
    for (const { session, accepted } of this.#newcomers.splice(0)) {
      const first: OwnMessage[] = [
        { ...accepted, epoch, secret, isWatching: false },
        ...isLoopback(accepted.address) ? segments : inWindows(segments),
        { type: "complete", rows, epoch, number, tableHash, chain },
      ];
      if (session.enter({ first, log: log.view, cursor: log.end })) this.broadcast.join(session);
    }
  }
}

/**
 * A long table goes on only once the client has answered a ping behind the first segment, then behind
 * one, four, sixteen more: one that does not read costs little.
 */
function inWindows(segments: readonly Uint8Array[]): OwnMessage[] {
  const messages: OwnMessage[] = [];
  let [left, window] = [1, 1];
  for (const [at, segment] of segments.entries()) {
    messages.push(segment);
    if (--left > 0 || at === segments.length - 1) continue;
    messages.push({ type: "ping", token: at, holdsRest: true });
    left = window;
    window *= WINDOW_GROWTH;
  }
  return messages;
}

/** The bytes of a change of a row. */
export function encodeChange(
  session: Uint8Array,
  details: Extract<LinkUpdate, { type: "change" }>["details"],
): Uint8Array {
  return encodeLinkUpdate({ type: "change", session, details });
}

function newEpoch(epoch: number): RecordSealer {
  return new RecordSealer(epoch, crypto.getRandomValues(new Uint8Array(SECRET_LENGTH)));
}
