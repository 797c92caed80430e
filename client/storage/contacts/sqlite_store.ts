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
import { SharedFile } from "../../../server/platform/storage/shared_file.ts";
import { ContactsTable } from "./contacts_table.ts";
import { CONTACTS_SCHEMA } from "./schema.ts";

/** How long the program blocks while another client writes, in milliseconds: no message may be lost. */
const BUSY_TIMEOUT_MS = 2_000;
/** How often, and at what interval, saving a received message is tried. */
const MAX_ATTEMPTS = 40;
const RETRY_INTERVAL_MS = 250;

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
 * The store in one SQLite file, `contacts.db`, which several clients may use at once. When a method returns,
 * its data is in the file: the program may be killed at any moment.
 *
 * @example
 * ```ts
 * import { SqliteStore } from "./sqlite_store.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const folder = await Deno.makeTempDir();
 * const store = new SqliteStore(`${folder}/contacts.db`, { alarm: console.error });
 * store.pinServer("mim.example:4242", new Uint8Array(32).fill(7));
 * store.close();
 * const again = new SqliteStore(`${folder}/contacts.db`, { alarm: console.error });
 * assertEquals(again.serverKey("mim.example:4242"), new Uint8Array(32).fill(7));
 * again.close();
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export class SqliteStore implements Store, Disposable {
  readonly #file: SharedFile<ContactsTable>;
  readonly #keep: KeepMessage;
  readonly #path: string;

  /**
   * Opens the file, or creates it. A damaged one is moved away first.
   *
   * @throws {Error} if it can't be opened, or a newer MIM has written it
   */
  constructor(path: string, { alarm, keep = () => undefined }: SqliteStoreOptions) {
    this.#keep = keep;
    this.#path = path;
    this.#file = new SharedFile(path, {
      schema: CONTACTS_SCHEMA,
      tables: (db) => new ContactsTable(db),
      busyTimeoutMs: BUSY_TIMEOUT_MS,
      note: alarm,
    });
  }

  serverKey(server: string): Uint8Array | undefined {
    return this.#file.do((table) => table.serverKey(server));
  }

  pinServer(server: string, key: Uint8Array): void {
    this.#write({ what: "server-key" }, (table) => table.keepServer(server, key));
  }

  pin(server: string, name: string): Pin | undefined {
    return this.#file.do((table) => table.pin(server, name));
  }

  pins(server: string): Pin[] {
    return this.#file.do((table) => table.pins(server));
  }

  serversKnowing(name: string): string[] {
    return this.#file.do((table) => table.serversKnowing(name));
  }

  keepPin(pin: Pin): void {
    this.#write({ what: "key", name: pin.name }, (table) => table.keepPin(pin));
  }

  outbox(): Outgoing[] {
    return this.#file.do((table) => table.outbox());
  }

  queue(messages: readonly Outgoing[]): void {
    this.#write({ what: "outbox" }, (table) => table.queue(messages));
  }

  removeFromOutbox(id: string): boolean {
    return this.#write({ what: "delivery" }, (table) => table.removeFromOutbox(id));
  }

  async receive(message: Incoming): Promise<"new" | "again"> {
    for (let attempt = 1;; attempt++) {
      try {
        return this.#receive(message) ? "new" : "again";
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
  #write<Result>(thing: StoredThing, work: (table: ContactsTable) => Result): Result {
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
    if (this.#file.do((table) => table.hasReceived(message))) return false;
    const kept = this.#keep(message);
    const isNew = this.#file.do((table) => table.keepReceived(message));
    return kept ?? isNew;
  }
}
