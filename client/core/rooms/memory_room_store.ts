import { clientLimits } from "../limits.ts";
import type {
  ArrivedEntry,
  NewRoomEntry,
  RoomPlace,
  RoomStore,
  RoomText,
  StoredRoom,
  StoredRoomEntry,
  TalkSpan,
  TalkWant,
} from "../room_store.ts";

/** Rooms that are forgotten with the program. */
export class MemoryRoomStore implements RoomStore {
  readonly #device = crypto.getRandomValues(new Uint8Array(8));
  readonly #rooms = new Map<string, StoredRoom>();
  readonly #entries = new Map<string, Map<string, StoredRoomEntry>>();
  /** The rooms whose oldest talk was forgotten. */
  readonly #trimmed = new Set<string>();
  #number = 0;

  device(): Promise<Uint8Array> {
    return Promise.resolve(this.#device);
  }

  rooms(): Promise<StoredRoom[]> {
    return Promise.resolve([...this.#rooms.values()]);
  }

  saveRoom(room: StoredRoom): Promise<void> {
    this.#rooms.set(room.id, room);
    return Promise.resolve();
  }

  removeRoom(id: string): Promise<void> {
    this.#rooms.delete(id);
    this.#entries.delete(id);
    return Promise.resolve();
  }

  removeTalk(room: string): Promise<void> {
    const entries = this.#entries.get(room) ?? new Map<string, StoredRoomEntry>();
    for (const { hash, isMembership } of entries.values()) {
      if (!isMembership) entries.delete(hash);
    }
    return Promise.resolve();
  }

  membership(room: string): Promise<StoredRoomEntry[]> {
    return Promise.resolve(this.#all(room).filter(({ isMembership }) => isMembership));
  }

  talkSpans(room: string): Promise<TalkSpan[]> {
    const talk = this.#all(room).filter(({ isMembership }) => !isMembership);
    const spans = Map.groupBy(talk, ({ author, device }) => `${author} ${device}`);
    const isTrimmed = this.#trimmed.has(room);
    return Promise.resolve([...spans.values()].map((entries) => spanOf(entries, isTrimmed)));
  }

  newest(room: string, most: number, before?: RoomPlace): Promise<StoredRoomEntry[]> {
    const sorted = this.#all(room).sort(inOrder)
      .filter((entry) => before === undefined || inOrder(entry, before) < 0);
    return Promise.resolve(most === 0 ? [] : sorted.slice(-most));
  }

  texts(room: string, most: number, before?: RoomPlace): Promise<RoomText[]> {
    const texts = this.#all(room).filter(({ isMembership, text }) => !isMembership && text !== "")
      .filter((entry) => before === undefined || inOrder(entry, before) < 0)
      .sort((one, other) => inOrder(other, one));
    return Promise.resolve(texts.slice(0, most));
  }

  behind(room: string, place: RoomPlace): Promise<StoredRoomEntry[]> {
    return Promise.resolve(
      this.#all(room).filter((entry) => inOrder(entry, place) > 0).sort(inOrder),
    );
  }

  find(room: string, hashes: readonly string[]): Promise<StoredRoomEntry[]> {
    return Promise.resolve(hashes.flatMap((hash) => this.#entries.get(room)?.get(hash) ?? []));
  }

  withCount(
    room: string,
    author: string,
    device: string,
    count: number,
  ): Promise<StoredRoomEntry[]> {
    return Promise.resolve(
      this.#all(room).filter((entry) =>
        !entry.isMembership && entry.count === count && entry.author === author &&
        entry.device === device
      ),
    );
  }

  wanted(room: string, wants: readonly TalkWant[]): Promise<number[]> {
    const from = new Map(wants.map((want) => [`${want.author} ${want.device}`, want.from]));
    const found = this.#all(room).filter((entry) =>
      !entry.isMembership &&
      entry.count >= (from.get(`${entry.author} ${entry.device}`) ?? Infinity)
    );
    return Promise.resolve(found.sort(inOrder).map(({ number }) => number));
  }

  get(numbers: readonly number[]): Promise<StoredRoomEntry[]> {
    const all = new Map<number, StoredRoomEntry>();
    const wanted = new Set(numbers);
    for (const entries of this.#entries.values()) {
      for (const entry of entries.values()) {
        if (wanted.has(entry.number)) all.set(entry.number, entry);
      }
    }
    return Promise.resolve(numbers.flatMap((number) => all.get(number) ?? []));
  }

  actionsOn(room: string, hashes: readonly string[]): Promise<StoredRoomEntry[]> {
    const targets = new Set(hashes);
    return Promise.resolve(
      this.#all(room).filter(({ target }) => targets.has(target)).sort(inOrder),
    );
  }

  add(room: string, entry: NewRoomEntry): Promise<StoredRoomEntry | undefined> {
    const entries = this.#entries.getOrInsertComputed(room, () => new Map());
    if (entries.has(entry.hash)) return Promise.resolve(undefined);
    const stored = { ...entry, number: ++this.#number };
    entries.set(entry.hash, stored);
    return Promise.resolve(stored);
  }

  async append(
    room: string,
    slot: Pick<NewRoomEntry, "author" | "device" | "isMembership">,
    write: (count: number) => NewRoomEntry,
  ): Promise<StoredRoomEntry> {
    const counts = this.#all(room).filter((entry) =>
      entry.author === slot.author && entry.device === slot.device &&
      entry.isMembership === slot.isMembership
    ).map(({ count }) => count);
    const stored = await this.add(
      room,
      write(counts.reduce((most, one) => Math.max(most, one + 1), 0)),
    );
    if (stored === undefined) throw new Error("expected an entry that is new");
    return stored;
  }

  setEffective(room: string, changes: readonly RoomPlace[]): Promise<void> {
    for (const { hash, effective } of changes) this.#change(room, hash, { effective });
    return Promise.resolve();
  }

  setBody(
    room: string,
    hash: string,
    body: Uint8Array | undefined,
    text: string,
  ): Promise<void> {
    const before = this.#entries.get(room)?.get(hash);
    if (before !== undefined) {
      const { header, signature } = before.entry;
      const entry = body === undefined ? { header, signature } : { header, signature, body };
      this.#change(room, hash, { entry, text });
    }
    return Promise.resolve();
  }

  countBehind(room: string, number: number, author: string): Promise<number> {
    const unread = this.#all(room).filter((entry) =>
      entry.number > number && entry.author !== author && !entry.isMembership && entry.target === ""
    );
    return Promise.resolve(unread.length);
  }

  newestNumber(): Promise<number> {
    return Promise.resolve(this.#number);
  }

  arrivals(number: number, most: number): Promise<ArrivedEntry[]> {
    const all = [...this.#entries].flatMap(([room, entries]) =>
      Array.from(entries.values(), (entry) => ({ ...entry, room }))
    );
    const found = all.filter((entry) => entry.number > number)
      .sort((one, other) => one.number - other.number);
    return Promise.resolve(found.slice(0, most));
  }

  /** It is the memory of one program. */
  hasForeignChanges(): Promise<boolean> {
    return Promise.resolve(false);
  }

  trim(room: string): Promise<void> {
    const talk = this.#all(room).filter(({ isMembership }) => !isMembership).sort(inOrder);
    const over = talk.slice(0, Math.max(0, talk.length - clientLimits.roomTalkEntries));
    if (over.length > 0) this.#trimmed.add(room);
    for (const { hash } of over) this.#entries.get(room)?.delete(hash);
    return Promise.resolve();
  }

  #all(room: string): StoredRoomEntry[] {
    return [...this.#entries.get(room)?.values() ?? []];
  }

  #change(room: string, hash: string, change: Partial<StoredRoomEntry>): void {
    const before = this.#entries.get(room)?.get(hash);
    if (before !== undefined) this.#entries.get(room)?.set(hash, { ...before, ...change });
  }
}

/** The order of a room: by effective time, then hash. */
export function inOrder(one: RoomPlace, other: RoomPlace): number {
  return one.effective - other.effective ||
    (one.hash < other.hash ? -1 : one.hash > other.hash ? 1 : 0);
}

function spanOf(entries: readonly StoredRoomEntry[], isTrimmed: boolean): TalkSpan {
  const [{ author, device } = { author: "", device: "" }] = entries;
  return { author, device, ...spanOfCounts(entries.map(({ count }) => count), isTrimmed) };
}

/** Which counts are here, of those of one author and device. */
export function spanOfCounts(
  counts: readonly number[],
  isTrimmed: boolean,
): Pick<TalkSpan, "oldest" | "next" | "beyond" | "doubled"> {
  const sorted = [...new Set(counts)].sort((one, other) => one - other);
  const oldest = isTrimmed ? sorted[0] ?? 0 : 0;
  const gap = sorted.findIndex((count, at) => count !== oldest + at);
  const end = gap < 0 ? sorted.length : gap;
  const doubled = sorted.length === counts.length
    ? []
    : sorted.filter((count) => counts.indexOf(count) !== counts.lastIndexOf(count));
  return { oldest, next: oldest + end, beyond: sorted.slice(end), doubled };
}
