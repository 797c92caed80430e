import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Incoming, Outgoing, Pin } from "../../core/mod.ts";
import { nameKey } from "../../../protocol/mod.ts";
import { storable } from "../../../server/platform/storage/storable.ts";
import { transaction } from "../../../server/platform/storage/transaction.ts";

/** How many ids of received messages are remembered; nobody sends older ones again. */
const MAX_RECENT_IDS = 100_000;

const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** Servers, pins, outbox and ids in an open database. Each method is one transaction. */
export class ContactsTable {
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  /** The key of a server; undefined if it is unknown. */
  serverKey(address: string): Uint8Array | undefined {
    const row = this.#prepared("SELECT key FROM server WHERE address = ?").get(storable(address));
    return row === undefined ? undefined : bytesOf(row.key);
  }

  /** Saves the key of a server. */
  keepServer(address: string, key: Uint8Array): void {
    this.#prepared("INSERT OR REPLACE INTO server (address, key) VALUES (?, ?)")
      .run(storable(address), key);
  }

  /** The pin of a name. */
  pin(server: string, name: string): Pin | undefined {
    const row = this.#prepared("SELECT * FROM pin WHERE server = ? AND folded = ?")
      .get(server, folded(name));
    return row === undefined ? undefined : pinOf(row);
  }

  /** All pins of a server, the oldest first. */
  pins(server: string): Pin[] {
    return this.#prepared("SELECT * FROM pin WHERE server = ? ORDER BY number").all(server)
      .map(pinOf);
  }

  /** The servers at which a name is pinned: see `Store.serversKnowing`. */
  serversKnowing(name: string): string[] {
    return this.#prepared(
      "SELECT coalesce(server.address, pin.server) AS place FROM pin " +
        "LEFT JOIN server ON lower(hex(server.key)) = pin.server WHERE folded = ? " +
        "ORDER BY pin.number, server.address",
    ).all(folded(name)).map(({ place }) => String(place));
  }

  /** Saves a pin; replaces one with the same server and name. */
  keepPin({ server, name, identity, verified, since, address }: Pin): void {
    this.#prepared(
      "INSERT INTO pin (server, folded, name, identity, verified, since, address) " +
        "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (server, folded) DO UPDATE SET " +
        "name = excluded.name, identity = excluded.identity, verified = excluded.verified, " +
        "since = excluded.since, address = excluded.address",
    ).run(server, folded(name), storable(name), identity, verified ? 1 : 0, since, address ?? null);
  }

  /** The messages that are not acknowledged, the oldest first. */
  outbox(): Outgoing[] {
    return this.#prepared("SELECT * FROM outbox ORDER BY number").all().map(outgoingOf);
  }

  /** Adds messages to the outbox unless they are there: all of them, or none. */
  queue(messages: readonly Outgoing[]): void {
    const insert = this.#prepared(
      "INSERT OR IGNORE INTO outbox (id, name, server, identity, text, at) " +
        "VALUES (?, ?, ?, ?, ?, ?)",
    );
    transaction(this.#db, "IMMEDIATE", () => {
      for (const { id, name, server, identity, text, at } of messages) {
        insert.run(id, storable(name), server, identity, encoder.encode(text), at);
      }
    });
  }

  /** Removes a message from the outbox; false if it is not there. */
  removeFromOutbox(id: string): boolean {
    return this.#prepared("DELETE FROM outbox WHERE id = ?").run(id).changes > 0;
  }

  /** Whether a key has sent this id before. */
  hasReceived({ identity, id }: Pick<Incoming, "identity" | "id">): boolean {
    return this.#prepared("SELECT 1 FROM received WHERE identity = ? AND id = ?")
      .get(identity, id) !== undefined;
  }

  /** Remembers an id; false if it is there already. */
  keepReceived({ identity, id }: Pick<Incoming, "identity" | "id">): boolean {
    return transaction(this.#db, "IMMEDIATE", () => {
      const { changes, lastInsertRowid } = this.#prepared(
        "INSERT OR IGNORE INTO received (identity, id) VALUES (?, ?)",
      ).run(identity, id);
      if (changes === 0) return false;
      this.#prepared("DELETE FROM received WHERE number <= ?").run(
        Number(lastInsertRowid) - MAX_RECENT_IDS,
      );
      return true;
    });
  }

  #prepared(sql: string): StatementSync {
    const statement = this.#statements.get(sql) ?? this.#db.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }
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
    at: Number(at),
  };
}
