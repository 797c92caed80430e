import type { TransferRecord } from "../../core/mod.ts";
import { SharedFile } from "../../../server/platform/storage/shared_file.ts";
import { bytesOf, Statements } from "../../../server/platform/storage/statements.ts";
import { FILES_SCHEMA } from "./schema.ts";

/** How long the program may stand still while another client writes. */
const BUSY_TIMEOUT_MS = 50;
/** So many transfers that are over are remembered. */
const MAX_OVER = 500;

/** The transfers in one SQLite file, which several clients may use at once. */
export class TransferTable implements Disposable {
  readonly #file: SharedFile<Statements>;
  #working: Promise<unknown> = Promise.resolve();
  /** Changes with each change by another program. */
  #version: unknown;

  /** @throws {Error} if it can't be opened, or a newer MIM has written it */
  static async open(path: string, alarm: (text: string) => void): Promise<TransferTable> {
    const file = await SharedFile.open(path, {
      schema: FILES_SCHEMA,
      tables: (db) => new Statements(db),
      busyTimeoutMs: BUSY_TIMEOUT_MS,
      note: alarm,
    });
    return new TransferTable(file);
  }

  private constructor(file: SharedFile<Statements>) {
    this.#file = file;
  }

  async all(): Promise<TransferRecord[]> {
    const rows = await this.#inTurn(({ prepare }) => {
      const over = "state IN ('done', 'failed')";
      prepare(
        `DELETE FROM transfer WHERE ${over} AND number NOT IN ` +
          `(SELECT number FROM transfer WHERE ${over} ORDER BY number DESC LIMIT ${MAX_OVER})`,
      ).run();
      return prepare("SELECT * FROM transfer ORDER BY number").all();
    });
    return rows.flatMap((row) => recordOf(row) ?? []);
  }

  async one(
    id: string,
    direction: TransferRecord["direction"],
  ): Promise<TransferRecord | undefined> {
    const sql = "SELECT * FROM transfer WHERE id = ? AND direction = ?";
    const row = await this.#inTurn(({ prepare }) => prepare(sql).get(id, direction));
    return row && recordOf(row);
  }

  keep(record: TransferRecord): Promise<void> {
    const { id, direction, identity, time, state, offer, manifest, ...details } = record;
    const sql = "INSERT INTO transfer " +
      "(id, direction, identity, at, state, offer, manifest, details) " +
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id, direction) DO UPDATE SET " +
      "identity = excluded.identity, state = excluded.state, offer = excluded.offer, " +
      "manifest = excluded.manifest, details = excluded.details " +
      // Another program may have taken what is only offered here.
      "WHERE excluded.direction = 'outgoing' OR excluded.state <> 'offered' " +
      "OR transfer.state IN ('offered', 'failed')";
    const json = JSON.stringify(details);
    const values = [id, direction, identity, time, state, offer, manifest ?? null, json];
    return this.#inTurn(({ prepare }) => void prepare(sql).run(...values));
  }

  /** Gives an outgoing transfer another id. */
  rename(id: string, newId: string): Promise<void> {
    const sql = "UPDATE transfer SET id = ? WHERE id = ? AND direction = 'outgoing'";
    return this.#inTurn(({ prepare }) => void prepare(sql).run(newId, id));
  }

  /** Whether another program has changed it since this was asked last. */
  async hasForeignChanges(): Promise<boolean> {
    const version = await this.#inTurn(({ prepare }) => prepare("PRAGMA data_version").get());
    const before = this.#version;
    this.#version = version?.data_version;
    return this.#version !== before;
  }

  /** Closes the file; later calls throw. */
  [Symbol.dispose](): void {
    this.#file.close();
  }

  /** Works with the file when all before is done; while another client writes, it waits. */
  #inTurn<Result>(work: (statements: Statements) => Result): Promise<Result> {
    const working = this.#working.then(() => this.#file.doWhenFree(work));
    this.#working = working.catch(() => {});
    return working;
  }
}

/** The transfer in a row; undefined if its details are damaged. */
function recordOf(row: Record<string, unknown>): TransferRecord | undefined {
  const { id, direction, identity, at, state, offer, manifest, details } = row;
  try {
    return {
      ...JSON.parse(String(details)),
      id: String(id),
      direction: direction === "incoming" ? "incoming" : "outgoing",
      identity: bytesOf(identity),
      time: Number(at),
      state,
      offer: bytesOf(offer),
      ...manifest instanceof Uint8Array && { manifest },
    };
  } catch {
    return undefined;
  }
}
