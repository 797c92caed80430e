import type { Incoming, Outgoing, Pin } from "../../../../client/core/mod.ts";
import { type KeepMessage, SqliteStore } from "../../../../client/storage/contacts/sqlite_store.ts";

/** A folder of its own for a store, and what the store has complained of; removed at the end. */
export class TempStore implements AsyncDisposable {
  readonly folder = Deno.makeTempDirSync();
  readonly path = `${this.folder}/contacts.db`;
  readonly alarms: string[] = [];
  readonly #opened: SqliteStore[] = [];

  /** Opens the store, once more where it is open already. */
  async open(keep?: KeepMessage): Promise<SqliteStore> {
    const alarm = (text: string) => this.alarms.push(text);
    const store = await SqliteStore.open(this.path, { alarm, keep });
    this.#opened.push(store);
    return store;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const store of this.#opened) store.close();
    await Deno.remove(this.folder, { recursive: true });
  }
}

/** A public key, told from others by its bytes alone. */
export function key(byte: number): Uint8Array {
  return new Uint8Array(32).fill(byte);
}

/** Bob's key, as it was met on some server. */
export function pinOf(name: string, more: Partial<Pin> = {}): Pin {
  return { server: "aa", name, identity: key(1), verified: false, since: 5, ...more };
}

/** A message that waits. */
export function outgoing(id: string, more: Partial<Outgoing> = {}): Outgoing {
  return { id, name: "bob", server: "aa", identity: key(1), text: `text ${id}`, time: 7, ...more };
}

/** A message that came in. */
export function incoming(id: string, more: Partial<Incoming> = {}): Incoming {
  const peer = { name: "bob", address: "192.0.2.7", port: 40001 };
  return { id, identity: key(1), ...peer, text: `text ${id}`, time: 7, ...more };
}
