import type { SQLInputValue } from "node:sqlite";
import { confusableKey, MAX_ROTATIONS } from "../../../protocol/mod.ts";
import {
  type ActionChange,
  ActionMemory,
  checkKeyLength,
  ClientError,
  type Incoming,
  type Outgoing,
  type Pin,
  type Store,
  type StoredAction,
  type StoredThing,
} from "../../core/mod.ts";
import { reasonOf } from "../../../server/platform/util/errors.ts";
import { storable } from "../../../server/platform/storage/storable.ts";
import { bytesOf, Statements } from "../../../server/platform/storage/statements.ts";
import { transaction } from "../../../server/platform/storage/transaction.ts";
import { SharedFile } from "../../../server/platform/storage/shared_file.ts";
import { SqliteRoomStore } from "../rooms/mod.ts";
import { outgoingOf, pinOf, targetBytes } from "./pin_and_outgoing.ts";
import { CONTACTS_SCHEMA } from "./schema.ts";

/** How long the program may stand still while another client writes. */
const BUSY_TIMEOUT_MS = 50;

/** How many ids of received messages are remembered; nobody sends older ones again. */
const MAX_RECENT_IDS = 100_000;

const encoder = new TextEncoder();

/** Adds a message to the history, if there is one: false if it is there already. */
export type KeepMessage = (message: Incoming) => boolean | undefined;

/** The actions in a history; each method returns undefined if there is none. */
export interface ActionHistory {
  /**
   * Applies an action.
   *
   * @param isForgotten whether its message was here before
   */
  applyAction(
    action: StoredAction,
    isForgotten: boolean,
  ): { readonly change: ActionChange | undefined } | undefined;
  /** The changes that were kept for a message that has just been added. */
  takeApplied(message: Pick<Incoming, "identity" | "id">): ActionChange[] | undefined;
  /** See {@linkcode Store.markSeen}. */
  markSeen(identity: Uint8Array, id: string): boolean | undefined;
  /** See {@linkcode Store.rotateKey}. */
  rotateKey(oldKey: Uint8Array, newKey: Uint8Array): void;
}

/** How a store reports and saves. */
export interface SqliteStoreOptions {
  /** Receives a text that the user must see: the known keys are lost. */
  readonly alarm: (text: string) => void;
  /** Adds received messages to the history. */
  readonly keep?: KeepMessage;
  /** Does the same with actions. */
  readonly actions?: ActionHistory | undefined;
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
  readonly rooms: SqliteRoomStore;
  readonly #file: SharedFile<Statements>;
  readonly #keep: KeepMessage;
  readonly #history: ActionHistory | undefined;
  /** Takes the place of a history. */
  readonly #memory = new ActionMemory();
  readonly #path: string;
  /** The operations so far, one after the other; never rejects. */
  #working: Promise<unknown> = Promise.resolve();

  /**
   * Opens the file, or creates it. A damaged one is moved away first.
   *
   * @throws {Error} if it can't be opened, or a newer MIM has written it
   */
  static async open(
    path: string,
    { alarm, keep = () => undefined, actions }: SqliteStoreOptions,
  ): Promise<SqliteStore> {
    const file = await SharedFile.open(path, {
      schema: CONTACTS_SCHEMA,
      tables: (db) => new Statements(db),
      busyTimeoutMs: BUSY_TIMEOUT_MS,
      note: alarm,
    });
    const rooms = new SqliteRoomStore(path.replace(/[^/\\]*$/, "rooms.db"), alarm);
    return new SqliteStore(path, file, keep, actions, rooms);
  }

  private constructor(
    path: string,
    file: SharedFile<Statements>,
    keep: KeepMessage,
    actions: ActionHistory | undefined,
    rooms: SqliteRoomStore,
  ) {
    this.#history = actions;
    this.rooms = rooms;
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
    return Promise.try(() => {
      if (key.length > 0) checkKeyLength(key);
      return this.#run({ what: "server-key" }, ({ prepare }) => void prepare(sql).run(...values));
    });
  }

  recordLogin(server: string, identity: Uint8Array): Promise<void> {
    const sql = "INSERT INTO login (address, identity) VALUES (?1, ?2) " +
      "ON CONFLICT (address) DO UPDATE SET identity = ?2 WHERE identity <> ?2";
    const values = [storable(server), identity];
    return this.#run({ what: "contents" }, ({ prepare }) => void prepare(sql).run(...values));
  }

  /** The servers of earlier logins, each with the own key of the last one. */
  async logins(): Promise<{ readonly server: string; readonly identity: Uint8Array }[]> {
    const rows = await this.#all("SELECT address, identity FROM login ORDER BY address");
    return rows.map(({ address, identity }) => ({
      server: String(address),
      identity: bytesOf(identity),
    }));
  }

  async placesOf(key: Uint8Array): Promise<string[]> {
    const sql = "SELECT address FROM server WHERE key = ? AND length(key) > 0";
    return (await this.#all(sql, key)).map(({ address }) => String(address));
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

  keepPin({ server, name, identity, verified, since, address, claim }: Pin): Promise<void> {
    const sql = "INSERT INTO pin " +
      "(server, folded, name, identity, verified, since, address, claimant, claimed) " +
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (server, folded) DO UPDATE SET " +
      "name = excluded.name, identity = excluded.identity, verified = excluded.verified, " +
      "since = excluded.since, address = excluded.address, claimant = excluded.claimant, " +
      "claimed = excluded.claimed";
    const values = [
      ...[server, folded(name), storable(name), identity, Number(verified), since],
      ...[address ?? null, claim?.identity ?? null, claim?.claimed ?? null],
    ];
    return Promise.try(() => {
      checkKeyLength(identity);
      return this.#run({ what: "key", name }, ({ prepare }) => void prepare(sql).run(...values));
    });
  }

  removePin(server: string, name: string): Promise<void> {
    const sql = "DELETE FROM pin WHERE server = ? AND folded = ?";
    const values = [server, folded(name)];
    return this.#run({ what: "key", name }, ({ prepare }) => void prepare(sql).run(...values));
  }

  rotateKey(oldKey: Uint8Array, newKey: Uint8Array): Promise<void> {
    return Promise.try(() => {
      checkKeyLength(newKey);
      return this.#run(
        { what: "contents" },
        ({ db, prepare }) =>
          transaction(db, "IMMEDIATE", () => {
            prepare("UPDATE pin SET identity = ?, verified = 0 WHERE identity = ?")
              .run(newKey, oldKey);
            prepare("UPDATE outbox SET identity = ? WHERE identity = ?").run(newKey, oldKey);
            prepare("UPDATE OR IGNORE received SET identity = ? WHERE identity = ?")
              .run(newKey, oldKey);
            this.#memory.rotate(oldKey, newKey);
            this.#history?.rotateKey(oldKey, newKey);
          }),
      );
    });
  }

  /**
   * Stores the user's own rotation for each contact, until that one has acknowledged it.
   *
   * @returns how many contacts there are, and the names of those who have missed too many to follow
   */
  queueRotation(
    rotation: Uint8Array,
    time: number,
  ): Promise<{ readonly contacts: number; readonly lost: string[] }> {
    const contacts = "SELECT name, server, identity FROM pin GROUP BY identity";
    const insert = "INSERT INTO outbox (id, name, server, identity, text, at, rotation) " +
      "VALUES (lower(hex(randomblob(8))), ?, ?, ?, x'', ?, ?)";
    const missed = "SELECT name FROM outbox WHERE rotation IS NOT NULL GROUP BY identity " +
      "HAVING count(*) > ? ORDER BY name";
    return this.#run({ what: "outbox" }, ({ db, prepare }) =>
      transaction(db, "IMMEDIATE", () => {
        const rows = prepare(contacts).all();
        for (const { name, server, identity } of rows) {
          prepare(insert).run(name ?? "", server ?? "", identity ?? null, time, rotation);
        }
        const lost = prepare(missed).all(MAX_ROTATIONS).map(({ name }) => String(name));
        return { contacts: rows.length, lost };
      }));
  }

  async outbox(): Promise<Outgoing[]> {
    const sql = "SELECT * FROM outbox ORDER BY number";
    return (await this.#all(sql)).map(outgoingOf);
  }

  queue(messages: readonly Outgoing[]): Promise<void> {
    const sql = "INSERT OR IGNORE INTO outbox " +
      "(id, name, server, identity, text, at, expires, action, target) " +
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";
    return Promise.try(() => {
      for (const { identity } of messages) checkKeyLength(identity);
      return this.#run({ what: "outbox" }, ({ db, prepare }) =>
        transaction(db, "IMMEDIATE", () => {
          for (const message of messages) {
            const { id, name, server, identity, text, time, expires, action, reply } = message;
            const about = action?.target ?? reply;
            prepare(sql).run(
              ...[id, storable(name), server, identity, encoder.encode(text), time],
              ...[expires ?? null, action?.type ?? null, about ? targetBytes(about) : null],
            );
            if (action !== undefined) continue;
            this.#memory.remember(identity, { id, direction: "outgoing" }, text);
          }
        }));
    });
  }

  removeFromOutbox(id: string): Promise<boolean> {
    const sql = "DELETE FROM outbox WHERE id = ?";
    return this.#run({ what: "delivery" }, ({ prepare }) => prepare(sql).run(id).changes > 0);
  }

  changeInOutbox(id: string, text: string): Promise<boolean> {
    const sql = "UPDATE outbox SET text = ? WHERE id = ?";
    const bytes = encoder.encode(text);
    return this.#run({ what: "outbox" }, ({ prepare }) => prepare(sql).run(bytes, id).changes > 0);
  }

  applyAction(action: StoredAction): Promise<ActionChange | undefined> {
    const { identity, target } = action;
    return this.#inTurn((statements) => {
      const isForgotten = target.direction === "incoming" &&
        wasReceived(statements, identity, target.id);
      const stored = this.#history?.applyAction(action, isForgotten);
      return stored === undefined
        ? this.#memory.apply(identity, action, isForgotten)
        : stored.change;
    });
  }

  applyKept(message: Pick<Incoming, "identity" | "id">): Promise<ActionChange[]> {
    const { identity, id } = message;
    return Promise.try(() =>
      this.#history?.takeApplied(message) ??
        this.#memory.applyKept(identity, { id, direction: "incoming" })
    );
  }

  markSeen(identity: Uint8Array, id: string): Promise<boolean> {
    return this.#inTurn(() =>
      this.#history?.markSeen(identity, id) ?? this.#memory.markSeen(identity, id)
    );
  }

  async receive(message: Incoming): Promise<"inserted" | "duplicate"> {
    const isNew = await this.#inTurn((statements) => this.#receive(statements, message));
    return isNew ? "inserted" : "duplicate";
  }

  /** Closes the file; later calls throw. */
  close(): void {
    this.rooms.close();
    this.#file.close();
  }

  /** Closes it. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** @throws {ClientError} `storage-failed` */
  async #run<Result>(
    thing: StoredThing,
    work: (statements: Statements) => Result,
  ): Promise<Result> {
    try {
      return await this.#inTurn(work);
    } catch (cause) {
      const details = { ...thing, path: this.#path, reason: reasonOf(cause) };
      throw new ClientError("storage-failed", details, { cause });
    }
  }

  /** Works with the file when all before is done; while another client writes, it waits. */
  #inTurn<Result>(work: (statements: Statements) => Result): Promise<Result> {
    const working = this.#working.then(() => this.#file.doWhenFree(work));
    this.#working = working.catch(() => {});
    return working;
  }

  /**
   * The message goes into the history while the transaction is open: if the history fails, its id is not
   * stored either. If the program is killed in between, or the id can't be stored, the message comes again:
   * then the history has it already, and nobody has been shown it.
   */
  #receive(statements: Statements, message: Incoming): boolean {
    const { identity, id } = message;
    return transaction(statements.db, "IMMEDIATE", () => {
      if (!rememberReceived(statements, identity, id)) return false;
      if (this.#keep(message) === undefined) {
        this.#memory.remember(identity, { id, direction: "incoming" }, message.text);
      }
      return true;
    });
  }

  #all(sql: string, ...values: SQLInputValue[]): Promise<Record<string, unknown>[]> {
    return this.#run({ what: "contents" }, ({ prepare }) => prepare(sql).all(...values));
  }
}

function wasReceived({ prepare }: Statements, identity: Uint8Array, id: string): boolean {
  const find = prepare("SELECT 1 FROM received WHERE identity = ? AND id = ?");
  return find.get(identity, id) !== undefined;
}

/** Remembers the id of a received message; false if it is there already. */
function rememberReceived({ prepare }: Statements, identity: Uint8Array, id: string): boolean {
  const insert = prepare("INSERT OR IGNORE INTO received (identity, id) VALUES (?, ?)");
  const { changes, lastInsertRowid } = insert.run(identity, id);
  if (changes === 0) return false;
  const oldest = Number(lastInsertRowid) - MAX_RECENT_IDS;
  prepare("DELETE FROM received WHERE number <= ?").run(oldest);
  return true;
}

function folded(name: string): string {
  return storable(confusableKey(name));
}
