import type { SQLInputValue } from "node:sqlite";
import { nameKey } from "../../../protocol/mod.ts";
import {
  ClientError,
  type Incoming,
  type Outgoing,
  type Pin,
  type Store,
  type StoredThing,
} from "../../core/mod.ts";
import { isBusy } from "../../../server/platform/storage/sqlite.ts";
import { reasonOf } from "../../../server/platform/util/errors.ts";
import { storable } from "../../../server/platform/storage/storable.ts";
import { Statements } from "../../../server/platform/storage/statements.ts";
import { transaction } from "../../../server/platform/storage/transaction.ts";
import { SharedFile } from "../../../server/platform/storage/shared_file.ts";
import { CONTACTS_SCHEMA } from "./schema.ts";

/** How long the program blocks while another client writes, in milliseconds: no message may be lost. */
const BUSY_TIMEOUT_MS = 2_000;
/** How often, and at what interval, saving a received message is tried. */
const MAX_ATTEMPTS = 40;
const RETRY_INTERVAL_MS = 250;

/** How many ids of received messages are remembered; nobody sends older ones again. */
const MAX_RECENT_IDS = 100_000;

const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** Adds a message to the history, if there is one: false if it is there already. */
export type KeepMessage = (message: Incoming) => boolean | undefined;

/** How a store reports and saves. */
export interface SqliteStoreOptions {
  /** Receives a text that the user must see: the known keys are lost. */
  readonly alarm: (text: string) => void;
  /** Adds received messages to the history. */
  readonly keep?: KeepMessage;
}

/**
 * The store in one SQLite file, `contacts.db`, which several clients may use at once. Once a promise
 * has resolved, its data is in the file: the program may be killed at any moment.
 *
 * @example
 * ```ts
 * import { SqliteStore } from "./sqlite_store.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const folder = await Deno.makeTempDir();
 * const store = await SqliteStore.open(`${folder}/contacts.db`, { alarm: console.error });
 * await store.pinServer("mim.example:4242", new Uint8Array(32).fill(7));
 * store.close();
 * const again = await SqliteStore.open(`${folder}/contacts.db`, { alarm: console.error });
 * assertEquals(await again.serverKey("mim.example:4242"), new Uint8Array(32).fill(7));
 * again.close();
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export class SqliteStore implements Store, Disposable {
  readonly #file: SharedFile<Statements>;
  readonly #keep: KeepMessage;
  readonly #path: string;

  /**
   * Opens the file, or creates it. A damaged one is moved away first.
   *
   * @throws {Error} if it can't be opened, or a newer MIM has written it
   */
  static async open(
    path: string,
    { alarm, keep = () => undefined }: SqliteStoreOptions,
  ): Promise<SqliteStore> {
    const file = await SharedFile.open(path, {
      schema: CONTACTS_SCHEMA,
      tables: (db) => new Statements(db),
      busyTimeoutMs: BUSY_TIMEOUT_MS,
      note: alarm,
    });
    return new SqliteStore(path, file, keep);
  }

  private constructor(path: string, file: SharedFile<Statements>, keep: KeepMessage) {
    this.#path = path;
    this.#file = file;
    this.#keep = keep;
  }

  async serverKey(server: string): Promise<Uint8Array | undefined> {
    const sql = "SELECT key FROM server WHERE address = ?";
    const [row] = await this.#all(sql, storable(server));
    return row && bytesOf(row.key);
  }

  pinServer(server: string, key: Uint8Array): Promise<void> {
    const sql = "INSERT OR REPLACE INTO server (address, key) VALUES (?, ?)";
    const values = [storable(server), key];
    return this.#run({ what: "server-key" }, ({ prepare }) => void prepare(sql).run(...values));
  }

  async pin(server: string, name: string): Promise<Pin | undefined> {
    const sql = "SELECT * FROM pin WHERE server = ? AND folded = ?";
    const [row] = await this.#all(sql, server, folded(name));
    return row && pinOf(row);
  }

  async pins(server: string): Promise<Pin[]> {
    const sql = "SELECT * FROM pin WHERE server = ? ORDER BY number";
    return (await this.#all(sql, server)).map(pinOf);
  }

  async serversKnowing(name: string): Promise<string[]> {
    const rows = await this.#all(
      "SELECT coalesce(server.address, pin.server) AS place FROM pin " +
        "LEFT JOIN server ON lower(hex(server.key)) = pin.server WHERE folded = ? " +
        "ORDER BY pin.number, server.address",
      folded(name),
    );
    return rows.map(({ place }) => String(place));
  }

  keepPin({ server, name, identity, verified, since, address }: Pin): Promise<void> {
    const sql = "INSERT INTO pin (server, folded, name, identity, verified, since, address) " +
      "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (server, folded) DO UPDATE SET " +
      "name = excluded.name, identity = excluded.identity, verified = excluded.verified, " +
      "since = excluded.since, address = excluded.address";
    const values = [server, folded(name), storable(name), identity, Number(verified), since];
    return this.#run(
      { what: "key", name },
      ({ prepare }) => void prepare(sql).run(...values, address ?? null),
    );
  }

  async outbox(): Promise<Outgoing[]> {
    const sql = "SELECT * FROM outbox ORDER BY number";
    return (await this.#all(sql)).map(outgoingOf);
  }

  queue(messages: readonly Outgoing[]): Promise<void> {
    const sql = "INSERT OR IGNORE INTO outbox (id, name, server, identity, text, at) " +
      "VALUES (?, ?, ?, ?, ?, ?)";
    return this.#run({ what: "outbox" }, ({ db, prepare }) =>
      transaction(db, "IMMEDIATE", () => {
        for (const { id, name, server, identity, text, time } of messages) {
          prepare(sql).run(id, storable(name), server, identity, encoder.encode(text), time);
        }
      }));
  }

  removeFromOutbox(id: string): Promise<boolean> {
    const sql = "DELETE FROM outbox WHERE id = ?";
    return this.#run({ what: "delivery" }, ({ prepare }) => prepare(sql).run(id).changes > 0);
  }

  async receive(message: Incoming): Promise<"inserted" | "duplicate"> {
    for (let attempt = 1;; attempt++) {
      try {
        return this.#receive(message) ? "inserted" : "duplicate";
      } catch (error) {
        if (attempt === MAX_ATTEMPTS || !isBusy(error)) throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, RETRY_INTERVAL_MS));
    }
  }

  /** Closes the file; later calls throw. */
  close(): void {
    this.#file.close();
  }

  /** Closes it. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** @throws {ClientError} `storage-failed` */
  // deno-lint-ignore require-await -- what it throws is a rejection
  async #run<Result>(
    thing: StoredThing,
    work: (statements: Statements) => Result,
  ): Promise<Result> {
    try {
      return this.#file.do(work);
    } catch (cause) {
      const details = { ...thing, path: this.#path, reason: reasonOf(cause) };
      throw new ClientError("storage-failed", details, { cause });
    }
  }

  /**
   * The history comes first: if the program is killed in between, the history knows the message by its mark
   * when it comes again.
   */
  #receive(message: Incoming): boolean {
    const { identity, id } = message;
    const sql = "SELECT 1 FROM received WHERE identity = ? AND id = ?";
    if (this.#file.do(({ prepare }) => prepare(sql).get(identity, id)) !== undefined) return false;
    const kept = this.#keep(message);
    const isNew = this.#file.do((statements) => rememberReceived(statements, identity, id));
    return kept ?? isNew;
  }

  #all(sql: string, ...values: SQLInputValue[]): Promise<Record<string, unknown>[]> {
    return this.#run({ what: "contents" }, ({ prepare }) => prepare(sql).all(...values));
  }
}

/** Remembers the id of a received message; false if it is there already. */
function rememberReceived(
  { db, prepare }: Statements,
  identity: Uint8Array,
  id: string,
): boolean {
  return transaction(db, "IMMEDIATE", () => {
    const insert = prepare("INSERT OR IGNORE INTO received (identity, id) VALUES (?, ?)");
    const { changes, lastInsertRowid } = insert.run(identity, id);
    if (changes === 0) return false;
    const oldest = Number(lastInsertRowid) - MAX_RECENT_IDS;
    prepare("DELETE FROM received WHERE number <= ?").run(oldest);
    return true;
  });
}

function folded(name: string): string {
  return storable(nameKey(name));
}

function bytesOf(value: unknown): Uint8Array {
  return value instanceof Uint8Array ? value : new Uint8Array();
}

function pinOf(row: Record<string, unknown>): Pin {
  const { server, name, identity, verified, since, address } = row;
  return {
    server: String(server),
    name: String(name),
    identity: bytesOf(identity),
    verified: verified === 1,
    since: Number(since),
    ...typeof address === "string" && { address },
  };
}

function outgoingOf(row: Record<string, unknown>): Outgoing {
  const { id, name, server, identity, text, at } = row;
  return {
    id: String(id),
    name: String(name),
    server: String(server),
    identity: bytesOf(identity),
    text: decoder.decode(bytesOf(text)),
    time: Number(at),
  };
}
