import { decodeRoomHeader, type RoomEntry } from "../../../protocol/mod.ts";
import { effectiveTime, type RoomRecord, storableEntry } from "./room_record.ts";
import { inOrder } from "./memory_room_store.ts";
import type { RoomPlace, RoomStore, StoredRoomEntry, TalkSpan } from "../room_store.ts";

/** How many entries of a room are looked at for the newest ones, once it is opened. */
const RECENT_ENTRIES = 100;
/** How many of the newest entries are remembered, and how many that are missing. */
const MAX_HEADS = 64;
const MAX_MISSING = 1_000;

/** The outcome of adding talk; `missing`: the talk that it names and that is not here. */
export type TalkOutcome =
  | { readonly type: "known" | "dropped" }
  | { readonly type: "waiting"; readonly missing: readonly string[] }
  | {
    readonly type: "added" | "completed";
    readonly stored: StoredRoomEntry;
    /** Whether entries that were here before stand elsewhere now, or contradict this one. */
    readonly hasReordered: boolean;
  };

interface Slot {
  oldest: number;
  next: number;
  readonly beyond: Set<number>;
  readonly doubled: Set<number>;
}

/** The talk of one room: which of it is here, what is newest, and the order in which it is shown. */
export class TalkLog {
  readonly #room: string;
  readonly #store: RoomStore;
  readonly #slots = new Map<string, Slot>();
  /** The effective times of what no other talk names. */
  readonly #heads = new Map<string, number>();
  /** Talk that is named and not here, and what names it. */
  readonly #missing = new Map<string, Set<string>>();

  static async open(room: string, store: RoomStore): Promise<TalkLog> {
    const log = new TalkLog(room, store);
    await log.reload();
    const recent = await store.newest(room, RECENT_ENTRIES);
    for (const { isMembership, hash, effective, entry } of recent) {
      if (!isMembership) log.#toHeads(hash, talkNamedBy(entry), effective);
    }
    return log;
  }

  private constructor(room: string, store: RoomStore) {
    this.#room = room;
    this.#store = store;
  }

  /** Looks anew which talk the store has. */
  async reload(): Promise<void> {
    for (const span of await this.#store.talkSpans(this.#room)) {
      const { author, device, oldest, next } = span;
      const [beyond, doubled] = [new Set(span.beyond), new Set(span.doubled)];
      this.#slots.set(`${author} ${device}`, { oldest, next, beyond, doubled });
    }
  }

  /** Which talk is here, of each author and device. */
  *spans(): Generator<TalkSpan> {
    for (const [key, { oldest, next, beyond, doubled }] of this.#slots) {
      const [author = "", device = ""] = key.split(" ");
      yield { author, device, oldest, next, beyond: [...beyond], doubled: [...doubled] };
    }
  }

  /** The devices of an author in ascending order, and the count of the last entry that is here. */
  lastCounts(of: string): { readonly device: Uint8Array; readonly count: number }[] {
    return [...this.spans()]
      .filter(({ author, oldest, next, beyond }) =>
        author === of && Math.max(next, ...beyond.map((count) => count + 1)) > oldest
      )
      .sort((one, other) => one.device < other.device ? -1 : 1)
      .map(({ device, next, beyond }) => ({
        device: Uint8Array.fromHex(device),
        count: Math.max(next - 1, ...beyond),
      }));
  }

  /** The newest entries, at most eight: what a new entry names. */
  heads(most = 8): RoomPlace[] {
    return [...this.#heads].map(([hash, effective]) => ({ hash, effective }))
      .sort((one, other) => inOrder(other, one)).slice(0, most);
  }

  /** Whether an entry is certain to be new: then nothing has to be looked up. */
  isNew({ author, device, header: { count } }: RoomRecord): boolean {
    const slot = this.#slots.get(`${author} ${device}`);
    return slot === undefined || count >= slot.next && !slot.beyond.has(count);
  }

  /** Whether an entry of that author, device and count is here. */
  has({ author, device, header: { count } }: RoomRecord): boolean {
    const slot = this.#slots.get(`${author} ${device}`);
    return slot !== undefined && (count < slot.next || slot.beyond.has(count));
  }

  /** Whether its author has said something else with the same count. */
  isContradiction({ author, device, header: { count } }: RoomRecord): boolean {
    return this.#slots.get(`${author} ${device}`)?.doubled.has(count) === true;
  }

  /** Finds an entry that is here. */
  async find(hash: string): Promise<StoredRoomEntry | undefined> {
    const [found] = await this.#store.find(this.#room, [hash]);
    return found;
  }

  /**
   * Takes an entry whose signature is good, unless it is here.
   *
   * @param membership the effective times of the membership entries that it names
   * @param isFinal whether it is taken even if talk that it names is missing
   */
  async add(
    record: RoomRecord,
    membership: readonly number[],
    isFinal: boolean,
  ): Promise<TalkOutcome> {
    const { author, device, header } = record;
    const same = this.isNew(record)
      ? []
      : await this.#store.withCount(this.#room, author, device, header.count);
    const known = same.find(({ hash }) => hash === record.hash);
    if (known !== undefined) return await this.#complete(known, record);
    const { oldest = 0 } = this.#slots.get(`${author} ${device}`) ?? {};
    if (same.length > 1 || header.count < oldest) return { type: "dropped" };
    const { times, missing } = await this.#lookUp(record.talk);
    if (missing.length > 0 && !isFinal) return { type: "waiting", missing };
    const effective = effectiveTime(header, [...membership, ...times]);
    const stored = await this.#store.add(this.#room, storableEntry(record, effective));
    // Another program of the same user may have stored it; here it is new all the same.
    const here = stored ?? await this.find(record.hash);
    if (here === undefined) return { type: "dropped" };
    this.#took(record, effective);
    for (const parent of missing) this.#miss(parent, record.hash);
    const hasReordered = await this.#moveChildren(record.hash, effective);
    return { type: "added", stored: here, hasReordered: hasReordered || same.length > 0 };
  }

  /** Takes an entry of the user's own that the store has. */
  appended(record: RoomRecord, effective: number): void {
    this.#took(record, effective);
  }

  /** A header whose body was missing may come again with it. */
  async #complete(known: StoredRoomEntry, record: RoomRecord): Promise<TalkOutcome> {
    const { body } = record.entry;
    if (known.entry.body !== undefined || body === undefined) return { type: "known" };
    const { text } = storableEntry(record, known.effective);
    await this.#store.setBody(this.#room, known.hash, body, text);
    const stored = { ...known, text, entry: record.entry };
    return { type: "completed", stored, hasReordered: false };
  }

  #took(record: RoomRecord, effective: number): void {
    const { author, device, header: { count } } = record;
    const slot = this.#slots.getOrInsertComputed(
      `${author} ${device}`,
      () => ({ oldest: 0, next: 0, beyond: new Set(), doubled: new Set() }),
    );
    if (count === slot.next) {
      slot.next++;
      while (slot.beyond.delete(slot.next)) slot.next++;
    } else if (count > slot.next && !slot.beyond.has(count)) slot.beyond.add(count);
    else slot.doubled.add(count);
    this.#toHeads(record.hash, record.talk, effective);
  }

  #toHeads(hash: string, named: readonly string[], effective: number): void {
    for (const parent of named) this.#heads.delete(parent);
    if (this.#missing.has(hash)) return; // something here names it
    this.#heads.set(hash, effective);
    if (this.#heads.size <= MAX_HEADS) return;
    const oldest = this.heads(Infinity).at(-1);
    if (oldest !== undefined) this.#heads.delete(oldest.hash);
  }

  async #lookUp(
    hashes: readonly string[],
  ): Promise<{ readonly times: number[]; readonly missing: string[] }> {
    const times: number[] = [];
    const unknown: string[] = [];
    for (const hash of hashes) {
      const head = this.#heads.get(hash);
      if (head === undefined) unknown.push(hash);
      else times.push(head);
    }
    if (unknown.length === 0) return { times, missing: [] };
    const found = await this.#store.find(this.#room, unknown);
    const here = new Set(found.map(({ hash }) => hash));
    times.push(...found.map(({ effective }) => effective));
    return { times, missing: unknown.filter((hash) => !here.has(hash)) };
  }

  #miss(parent: string, child: string): void {
    this.#missing.getOrInsertComputed(parent, () => new Set()).add(child);
    const [oldest] = this.#missing.keys();
    if (this.#missing.size > MAX_MISSING && oldest !== undefined) this.#missing.delete(oldest);
  }

  /** Moves the entries that name one that has come late behind it, and so on. */
  async #moveChildren(hash: string, effective: number): Promise<boolean> {
    const children = this.#missing.get(hash);
    if (children === undefined) return false;
    this.#missing.delete(hash);
    const found = await this.#store.find(this.#room, [...children]);
    const early = found.filter((child) => child.effective <= effective).sort(inOrder);
    const [first] = early;
    if (first === undefined) return false;
    const moved = new Map(early.map((child) => [child.hash, effective + 1]));
    const rest = await this.#store.behind(this.#room, { ...first, hash: "" });
    for (const entry of rest) {
      const named = talkNamedBy(entry.entry).map((parent) => moved.get(parent) ?? -1);
      const least = Math.max(moved.get(entry.hash) ?? -1, ...named.map((time) => time + 1));
      if (least > entry.effective) moved.set(entry.hash, least);
    }
    const changes = [...moved].map(([hash, effective]) => ({ hash, effective }));
    await this.#store.setEffective(this.#room, changes);
    for (const change of changes) {
      if (this.#heads.has(change.hash)) this.#heads.set(change.hash, change.effective);
    }
    return true;
  }
}

function talkNamedBy({ header }: RoomEntry): string[] {
  return decodeRoomHeader(header).talk.map((hash) => hash.toHex());
}
