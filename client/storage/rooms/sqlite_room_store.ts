import type { SQLInputValue } from "node:sqlite";
import {
  type ArrivedEntry,
  ClientError,
  inOrder,
  type NewRoomEntry,
  type RoomPlace,
  type RoomStore,
  type RoomText,
  spanOfCounts,
  type StoredRoom,
  type StoredRoomEntry,
  type TalkSpan,
  type TalkWant,
} from "../../core/mod.ts";
import { statOf } from "../../../server/platform/storage/regular_file.ts";
import { SharedFile } from "../../../server/platform/storage/shared_file.ts";
import { bytesOf, Statements } from "../../../server/platform/storage/statements.ts";
import { transaction } from "../../../server/platform/storage/transaction.ts";
import { reasonOf } from "../../../server/platform/util/errors.ts";
import { ENTRY_COLUMNS, entryOf, ROOM_NUMBER, valuesOf } from "./entry_rows.ts";
import { ROOMS_SCHEMA } from "./schema.ts";
import { trimTalk } from "./trim_talk.ts";

/** How long the program may stand still while another client writes. */
const BUSY_TIMEOUT_MS = 50;

const STATES: readonly StoredRoom["state"][] = [
  ...["invited", "joined", "left", "leaving", "forgotten"] as const,
];

const INSERT = `INSERT OR IGNORE INTO entry (room, ${ENTRY_COLUMNS}) ` +
  `VALUES (${ROOM_NUMBER}, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

const SAME_COUNT = `SELECT 1 FROM entry WHERE room = ${ROOM_NUMBER} AND membership = 0 ` +
  "AND author = ? AND device = ? AND count = ? AND hash <> ?";

/**
 * Rooms in one SQLite file, `rooms.db`, which several clients may use at once. It is created with the
 * first room.
 */
export class SqliteRoomStore implements RoomStore, Disposable {
  readonly #path: string;
  readonly #alarm: (text: string) => void;
  #file: SharedFile<Statements> | undefined;
  #device: Uint8Array | undefined;
  /** Another number as soon as another connection has changed the file. */
  #version: number | undefined;
  #working: Promise<unknown> = Promise.resolve();

  /** @param alarm receives a text that the user must see: the file was damaged */
  constructor(path: string, alarm: (text: string) => void) {
    this.#path = path;
    this.#alarm = alarm;
  }

  async device(): Promise<Uint8Array> {
    if (this.#device === undefined && this.#isThere) {
      await this.#run(() => {}); // the file says it
    }
    return this.#device ??= crypto.getRandomValues(new Uint8Array(8));
  }

  async rooms(): Promise<StoredRoom[]> {
    if (!this.#isThere) return [];
    const rows = await this.#all("SELECT id, state, read FROM room ORDER BY number");
    return rows.map(({ id, state, read }) => ({
      id: hex(id),
      state: STATES.find((one) => one === state) ?? "left",
      readNumber: Number(read),
    }));
  }

  async saveRoom({ id, state, readNumber }: StoredRoom): Promise<void> {
    const sql = "INSERT INTO room (id, state, read) VALUES (?, ?, ?) " +
      "ON CONFLICT (id) DO UPDATE SET state = excluded.state, read = max(read, excluded.read)";
    await this.#run(({ prepare }) => void prepare(sql).run(bytes(id), state, readNumber));
  }

  async removeRoom(id: string): Promise<void> {
    await this.#run(({ db, prepare }) =>
      transaction(db, "IMMEDIATE", () => {
        prepare(`DELETE FROM entry WHERE room = ${ROOM_NUMBER}`).run(bytes(id));
        prepare("DELETE FROM room WHERE id = ?").run(bytes(id));
      })
    );
  }

  async removeTalk(room: string): Promise<void> {
    const sql = `DELETE FROM entry WHERE room = ${ROOM_NUMBER} AND membership = 0`;
    await this.#run(({ prepare }) => void prepare(sql).run(bytes(room)));
  }

  async membership(room: string): Promise<StoredRoomEntry[]> {
    return await this.#entries("membership = 1 ORDER BY number", room);
  }

  async talkSpans(room: string): Promise<TalkSpan[]> {
    return await this.#run(({ prepare }) => {
      const { trimmed, doubled } =
        prepare("SELECT trimmed, doubled FROM room WHERE id = ?").get(bytes(room)) ?? {};
      const rows = prepare(
        "SELECT author, device, min(count) AS least, max(count) AS greatest, " +
          `count(*) AS size FROM entry WHERE room = ${ROOM_NUMBER} AND membership = 0 ` +
          "GROUP BY author, device",
      ).all(bytes(room));
      return rows.map((row) => {
        const { author, device, least, greatest, size } = row;
        const oldest = trimmed === 1 ? Number(least) : 0;
        const slot = { author: hex(author), device: hex(device) };
        if (Number(greatest) - oldest + 1 === Number(size) && doubled !== 1) {
          return { ...slot, oldest, next: Number(greatest) + 1, beyond: [], doubled: [] };
        }
        const counts = prepare(
          `SELECT count FROM entry WHERE room = ${ROOM_NUMBER} AND membership = 0 ` +
            "AND author = ? AND device = ?",
        ).all(bytes(room), author ?? null, device ?? null).map(({ count }) => Number(count));
        return { ...slot, ...spanOfCounts(counts, trimmed === 1) };
      });
    });
  }

  async newest(room: string, most: number, before?: RoomPlace): Promise<StoredRoomEntry[]> {
    const order = "ORDER BY effective DESC, hash DESC LIMIT ?";
    const found = before === undefined
      ? await this.#entries(order, room, most)
      : await this.#entries(
        `(effective, hash) < (?, ?) ${order}`,
        ...[room, before.effective, bytes(before.hash), most],
      );
    return found.reverse();
  }

  async texts(room: string, most: number, before?: RoomPlace): Promise<RoomText[]> {
    const place = before === undefined ? [] : [before.effective, bytes(before.hash)];
    const rows = await this.#all(
      `SELECT effective, hash, target, text FROM entry WHERE room = ${ROOM_NUMBER} AND membership = 0 ` +
        `AND text <> x'' ${before === undefined ? "" : "AND (effective, hash) < (?, ?) "}` +
        "ORDER BY effective DESC, hash DESC LIMIT ?",
      ...[bytes(room), ...place, most],
    );
    return rows.map(({ effective, hash, target, text }) => ({
      effective: Number(effective),
      hash: hex(hash),
      target: hex(target),
      text: new TextDecoder().decode(bytesOf(text)),
    }));
  }

  async behind(room: string, place: RoomPlace): Promise<StoredRoomEntry[]> {
    return await this.#entries(
      "(effective, hash) > (?, ?) ORDER BY effective, hash",
      ...[room, place.effective, bytes(place.hash)],
    );
  }

  async find(room: string, hashes: readonly string[]): Promise<StoredRoomEntry[]> {
    if (hashes.length === 0) return [];
    return await this.#run(({ prepare }) => {
      const select = prepare(`SELECT * FROM entry WHERE room = ${ROOM_NUMBER} AND hash = ?`);
      return hashes.flatMap((hash) => {
        const row = select.get(bytes(room), bytes(hash));
        return row === undefined ? [] : [entryOf(row)];
      });
    });
  }

  async withCount(
    room: string,
    author: string,
    device: string,
    count: number,
  ): Promise<StoredRoomEntry[]> {
    return await this.#entries(
      "membership = 0 AND author = ? AND device = ? AND count = ?",
      ...[room, bytes(author), bytes(device), count],
    );
  }

  async wanted(room: string, wants: readonly TalkWant[]): Promise<number[]> {
    const places = await this.#run(({ prepare }) => {
      const select = prepare(
        `SELECT number, effective, hash FROM entry WHERE room = ${ROOM_NUMBER} AND membership = 0 ` +
          "AND author = ? AND device = ? AND count >= ?",
      );
      return wants.flatMap(({ author, device, from }) =>
        select.all(bytes(room), bytes(author), bytes(device), from)
      );
    });
    return places.map(({ number, effective, hash }) => ({
      number: Number(number),
      effective: Number(effective),
      hash: hex(hash),
    }))
      .sort(inOrder)
      .map(({ number }) => number);
  }

  async get(numbers: readonly number[]): Promise<StoredRoomEntry[]> {
    return await this.#run(({ prepare }) => {
      const select = prepare("SELECT * FROM entry WHERE number = ?");
      return numbers.flatMap((number) => {
        const row = select.get(number);
        return row === undefined ? [] : [entryOf(row)];
      });
    });
  }

  async actionsOn(room: string, hashes: readonly string[]): Promise<StoredRoomEntry[]> {
    const found = await this.#run(({ prepare }) => {
      const select = prepare(
        `SELECT * FROM entry WHERE room = ${ROOM_NUMBER} AND target = ? AND target <> x''`,
      );
      return hashes.flatMap((hash) => select.all(bytes(room), bytes(hash)).map(entryOf));
    });
    return found.sort(inOrder);
  }

  async add(room: string, entry: NewRoomEntry): Promise<StoredRoomEntry | undefined> {
    const { changes, lastInsertRowid } = await this.#run(({ db, prepare }) =>
      transaction(db, "IMMEDIATE", () => {
        const { hash, author, device, isMembership, count } = entry;
        const values = [bytes(room), bytes(author), bytes(device), count, bytes(hash)];
        if (!isMembership && prepare(SAME_COUNT).get(...values) !== undefined) {
          prepare("UPDATE room SET doubled = 1 WHERE id = ?").run(bytes(room));
        }
        return prepare(INSERT).run(bytes(room), ...valuesOf(entry));
      })
    );
    return changes === 0 ? undefined : { ...entry, number: Number(lastInsertRowid) };
  }

  async append(
    room: string,
    { author, device, isMembership }: Pick<NewRoomEntry, "author" | "device" | "isMembership">,
    write: (count: number) => NewRoomEntry,
  ): Promise<StoredRoomEntry> {
    return await this.#run(({ db, prepare }) =>
      transaction(db, "IMMEDIATE", () => {
        const row = prepare(
          `SELECT max(count) AS count FROM entry WHERE room = ${ROOM_NUMBER} AND membership = ? ` +
            "AND author = ? AND device = ?",
        ).get(bytes(room), Number(isMembership), bytes(author), bytes(device));
        const entry = write(typeof row?.count === "number" ? row.count + 1 : 0);
        const { lastInsertRowid } = prepare(INSERT).run(bytes(room), ...valuesOf(entry));
        return { ...entry, number: Number(lastInsertRowid) };
      })
    );
  }

  async setEffective(room: string, changes: readonly RoomPlace[]): Promise<void> {
    await this.#run(({ db, prepare }) =>
      transaction(db, "IMMEDIATE", () => {
        const update = prepare(
          `UPDATE entry SET effective = ? WHERE room = ${ROOM_NUMBER} AND hash = ?`,
        );
        for (const { effective, hash } of changes) update.run(effective, bytes(room), bytes(hash));
      })
    );
  }

  async setBody(
    room: string,
    hash: string,
    body: Uint8Array | undefined,
    text: string,
  ): Promise<void> {
    const sql = `UPDATE entry SET body = ?, text = ? WHERE room = ${ROOM_NUMBER} AND hash = ?`;
    const values = [body ?? null, new TextEncoder().encode(text), bytes(room), bytes(hash)];
    await this.#run(({ prepare }) => void prepare(sql).run(...values));
  }

  async countBehind(room: string, number: number, author: string): Promise<number> {
    const sql = `SELECT count(*) AS count FROM entry WHERE room = ${ROOM_NUMBER} AND number > ? ` +
      "AND membership = 0 AND author <> ? AND target = x''";
    const [row] = await this.#all(sql, bytes(room), number, bytes(author));
    return Number(row?.count);
  }

  async newestNumber(): Promise<number> {
    if (!this.#isThere) return 0;
    const [row] = await this.#all("SELECT max(number) AS newest FROM entry");
    return Number(row?.newest ?? 0);
  }

  async arrivals(number: number, most: number): Promise<ArrivedEntry[]> {
    if (!this.#isThere) return [];
    const rows = await this.#all(
      "SELECT entry.*, room.id AS room_id FROM entry JOIN room ON room.number = entry.room " +
        "WHERE entry.number > ? ORDER BY entry.number LIMIT ?",
      ...[number, most],
    );
    return rows.map((row) => ({ ...entryOf(row), room: hex(row.room_id) }));
  }

  async hasForeignChanges(): Promise<boolean> {
    if (!this.#isThere) return false;
    const [row] = await this.#all("PRAGMA data_version");
    const version = Number(row?.data_version);
    const before = this.#version;
    this.#version = version;
    return version !== before;
  }

  async trim(room: string): Promise<void> {
    await this.#run(({ db, prepare }) =>
      transaction(db, "IMMEDIATE", () => trimTalk(prepare, bytes(room)))
    );
  }

  /** Closes the file; later calls throw. */
  close(): void {
    this.#file?.close();
  }

  /** Closes it. */
  [Symbol.dispose](): void {
    this.close();
  }

  get #isThere(): boolean {
    return this.#file !== undefined || statOf(this.#path) !== undefined;
  }

  async #entries(
    where: string,
    room: string,
    ...values: SQLInputValue[]
  ): Promise<StoredRoomEntry[]> {
    const condition = where.startsWith("ORDER") ? where : `AND ${where}`;
    const sql = `SELECT * FROM entry WHERE room = ${ROOM_NUMBER} ${condition}`;
    return (await this.#all(sql, bytes(room), ...values)).map(entryOf);
  }

  #all(sql: string, ...values: SQLInputValue[]): Promise<Record<string, unknown>[]> {
    return this.#run(({ prepare }) => prepare(sql).all(...values));
  }

  /** @throws {ClientError} `storage-failed` */
  async #run<Result>(work: (statements: Statements) => Result): Promise<Result> {
    const working = this.#working.then(async () => {
      const file = this.#file ??= await this.#open();
      return await file.doWhenFree(work);
    });
    this.#working = working.catch(() => {});
    try {
      return await working;
    } catch (cause) {
      if (cause instanceof ClientError) throw cause;
      const details = { what: "changes", path: this.#path, reason: reasonOf(cause) } as const;
      throw new ClientError("storage-failed", details, { cause });
    }
  }

  async #open(): Promise<SharedFile<Statements>> {
    const file = await SharedFile.open(this.#path, {
      schema: ROOMS_SCHEMA,
      tables: (db) => new Statements(db),
      busyTimeoutMs: BUSY_TIMEOUT_MS,
      note: this.#alarm,
    });
    file.do(({ prepare }) => {
      const fresh = this.#device ?? crypto.getRandomValues(new Uint8Array(8));
      prepare("INSERT INTO device (id) SELECT ? WHERE NOT EXISTS (SELECT 1 FROM device)").run(
        fresh,
      );
      // One that entries were signed with already stays in use until the program ends.
      const stored = prepare("SELECT id FROM device").get()?.id;
      this.#device ??= stored instanceof Uint8Array ? stored : fresh;
    });
    return file;
  }
}

function bytes(text: string): Uint8Array {
  return Uint8Array.fromHex(text);
}

function hex(value: unknown): string {
  return bytesOf(value).toHex();
}
