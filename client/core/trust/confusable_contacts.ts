import { confusableKey } from "../../../protocol/text/confusables.ts";
import type { Pin } from "../store.ts";
import { nameKey } from "../../../protocol/mod.ts";
import { equals } from "@std/bytes/equals";

/** Somebody under a name. */
export interface Named {
  /** The name, as it was told. */
  readonly name: string;
  /** The public key, 32 bytes; undefined or empty in classic MIM. */
  readonly identity?: Uint8Array | undefined;
}

/**
 * Who may be taken for somebody whom the user knows: another name that looks the same (letters of
 * another script, say), with another key. Of two that are both known it is the one met later, unless
 * the user has compared its safety number.
 *
 * @example
 * ```ts
 * import { ConfusableContacts } from "./confusable_contacts.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const bob = { server: "", name: "bob", identity: new Uint8Array(32), verified: true, since: 0 };
 * const alike = new ConfusableContacts([bob]);
 * assertEquals(alike.of({ name: "bоb" }), bob); // its o is Cyrillic
 * assertEquals(alike.of({ name: "Bob" }), undefined); // the same name: its key tells who that is
 * ```
 */
export class ConfusableContacts {
  readonly #pins = new Map<string, Pin[]>();

  /**
   * Takes in whom others may be taken for.
   *
   * @param pins whom the user knows on a server, the oldest first: see {@linkcode Messenger.contacts}
   */
  constructor(pins: readonly Pin[]) {
    for (const pin of pins) {
      const folded = confusableKey(pin.name);
      this.#pins.set(folded, [...this.#pins.get(folded) ?? [], pin]);
    }
  }

  /** For whom somebody may be taken; undefined for who looks like nobody else. */
  of({ name, identity }: Named): Pin | undefined {
    if (this.#pins.size === 0) return undefined; // a table may be large
    const alike = this.#pins.get(confusableKey(name)) ?? [];
    const same = nameKey(name);
    const own = alike.find((pin) => nameKey(pin.name) === same);
    if (own?.verified) return undefined;
    const before = own === undefined ? alike : alike.slice(0, alike.indexOf(own));
    return before.find((pin) => identity === undefined || !equals(pin.identity, identity));
  }

  /** What is to be said of somebody who looks like another, in a few words behind the name. */
  why(somebody: Named): string | undefined {
    const pin = this.of(somebody);
    if (pin === undefined) return undefined;
    const key = somebody.identity?.length ? "another key" : "no key";
    return `only looks like ${pin.name}, whom you know, and has ${key}`;
  }
}
