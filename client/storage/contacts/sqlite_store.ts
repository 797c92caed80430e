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

/** How long the program stands still while another client writes: what is said must not be lost. */
const BUSY_TIMEOUT_MS = 2_000;
/** How often, and how far apart, a message that came in is tried to be kept. */
const MAX_ATTEMPTS = 40;
const RETRY_INTERVAL_MS = 250;

/** Puts a message into the history, where one is kept: false where it is there already. */
export type KeepMessage = (message: Incoming) => boolean | undefined;

/** How a store is opened. */
export interface SqliteStoreOptions {
  /** Told, in words for users, what they must know: the keys that were known are lost. */
  readonly alarm: (text: string) => void;
  /** Puts what comes in into the history. */
  readonly keep?: KeepMessage;
}

/**
 * The store in one SQLite file, `contacts.db`, which several clients may use at once. What a method
 * has taken is in the file when it returns: the program may be killed at any moment.
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
   * Opens the file, or begins one. A damaged one is set aside first.
   *
   * @throws {Error} where it can't be opened, or a newer MIM has written it
   */
  constructor(path: string, { alarm, keep = () => undefined }: SqliteStoreOptions) {
    this.#keep = keep;
    this.#path = path;
    this.#file = new SharedFile(path, {
      schema: CONTACTS_SCHEMA,
      tables: (db) => new ContactsTable(db),
      patience: BUSY_TIMEOUT_MS,
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
    return this.#file.do((table) => table.placesOf(name));
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
    return this.#write({ what: "delivery" }, (table) => table.settle(id));
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
   * The history first: whoever is killed between the two finds the message there when it comes again,
   * and knows it by its mark.
   */
  #receive(message: Incoming): boolean {
    if (this.#file.do((table) => table.hasReceived(message))) return false;
    const kept = this.#keep(message);
    const isNew = this.#file.do((table) => table.keepReceived(message));
    return kept ?? isNew;
  }
}
