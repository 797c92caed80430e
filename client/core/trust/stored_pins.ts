import { confusableKey } from "../../../protocol/mod.ts";
import { storageError } from "../errors.ts";
import { SerialQueue } from "../serial_queue.ts";
import type { Pin, Store } from "../store.ts";

/** The pins in a store, and a copy of them in memory, by server and folded name. */
export class StoredPins {
  readonly #store: Store;
  /** Reads and writes come one after the other: the copy never becomes older than it was. */
  readonly #access = new SerialQueue();
  /** The copy: the pins of each server by folded name, the oldest first. */
  readonly #copies = new Map<string, Map<string, Pin>>();
  /** The copies by key; made anew once a copy has changed. */
  readonly #indexes = new Map<string, ReadonlyMap<string, Pin>>();
  /** First pins that are being written: they count already. */
  readonly #first = new Set<Pin>();
  /** The servers at which a folded name is pinned, as last read at a classic server. */
  readonly #elsewhere = new Map<string, string[]>();

  constructor(store: Store) {
    this.#store = store;
  }

  /** Resolves once everything that is to be stored is, or could not be. */
  get done(): Promise<void> {
    return this.#access.done;
  }

  of(server: string): Pin[] {
    const copy = this.#copies.get(server);
    const first = [...this.#first].filter((pin) =>
      pin.server === server && copy?.has(confusableKey(pin.name)) !== true
    );
    return [...copy?.values() ?? [], ...first];
  }

  find(server: string, name: string): Pin | undefined {
    const folded = confusableKey(name);
    return this.#copies.get(server)?.get(folded) ??
      [...this.#first].find((pin) => pin.server === server && confusableKey(pin.name) === folded);
  }

  /** The pin of a key, under any name; of several the oldest. */
  findKey(server: string, identity: Uint8Array): Pin | undefined {
    let index = this.#indexes.get(server);
    if (index === undefined) {
      const pins = this.of(server).toReversed();
      index = new Map(pins.map((pin) => [pin.identity.toHex(), pin]));
      this.#indexes.set(server, index);
    }
    return index.get(identity.toHex());
  }

  serversKnowing(name: string): string[] {
    return this.#elsewhere.get(confusableKey(name)) ?? [];
  }

  /**
   * Reads the pins of a server anew.
   *
   * @param serverNow it may change meanwhile; undefined for a server that knows no keys
   * @param name whose other servers are read at a server that knows no keys
   * @throws {ClientError} `storage-failed`
   */
  refresh(serverNow: () => string | undefined, name: string | undefined): Promise<void> {
    return this.#access.run(async () => {
      try {
        let server = serverNow();
        while (server !== undefined) {
          this.#copies.set(server, byName(await this.#store.pins(server)));
          this.#indexes.delete(server);
          if (server === serverNow()) break;
          server = serverNow();
        }
        if (name === undefined || serverNow() !== undefined) return;
        const servers = await this.#store.serversKnowing(name);
        if (servers.length > 0) this.#elsewhere.set(confusableKey(name), servers);
        else this.#elsewhere.delete(confusableKey(name));
      } catch (error) {
        throw storageError({ what: "contents" }, error);
      }
    });
  }

  /**
   * Reads a pin anew and writes what `change` makes of it, unless that is undefined.
   *
   * @param first a name's first pin, which counts while it is being written
   * @throws {ClientError} `storage-failed`
   */
  async update(
    server: string,
    name: string,
    change: (pin: Pin | undefined) => Pin | "removed" | undefined,
    first?: Pin,
  ): Promise<void> {
    if (first !== undefined) this.#first.add(first);
    this.#indexes.delete(server);
    try {
      await this.#access.run(() => this.#update(server, name, change));
    } catch (error) {
      throw storageError({ what: "key", name }, error);
    } finally {
      if (first !== undefined) this.#first.delete(first);
      this.#indexes.delete(server);
    }
  }

  async #update(
    server: string,
    name: string,
    change: (pin: Pin | undefined) => Pin | "removed" | undefined,
  ): Promise<void> {
    const pin = await this.#store.pin(server, name);
    const copy = this.#copies.getOrInsertComputed(server, () => new Map());
    const folded = confusableKey(name);
    if (pin === undefined) copy.delete(folded);
    else copy.set(folded, pin);
    this.#indexes.delete(server);
    const next = change(pin);
    if (next === undefined) return;
    if (next === "removed") {
      await this.#store.removePin(server, name);
      copy.delete(folded);
    } else {
      await this.#store.keepPin(next);
      copy.set(folded, next);
    }
  }
}

/** By folded name. Of pins that are one now, the verified one stays, else the oldest. */
function byName(pins: readonly Pin[]): Map<string, Pin> {
  const found = new Map<string, Pin>();
  for (const pin of pins) {
    const before = found.get(confusableKey(pin.name));
    if (before === undefined || pin.verified && !before.verified) {
      found.set(confusableKey(pin.name), pin);
    }
  }
  return found;
}
