import type { CallDoubt } from "../caller.ts";
import type { Pin } from "../store.ts";
import { confusableKey, mistakableKey } from "../../../protocol/mod.ts";
import { equals } from "@std/bytes/equals";

/** A name, and the key that goes with it. */
export interface Named {
  /** The name, as it came. */
  readonly name: string;
  /** The public key, 32 bytes; undefined or empty in classic MIM. */
  readonly identity?: Uint8Array | undefined;
}

/**
 * Finds users who can be mistaken for a contact: their name differs only in letters that a hasty reader
 * takes for each other, such as `l` and `I`, and their key is another. A name that looks the same, for
 * example with letters of another script, is the same name: its pin says whose it is. Of two contacts it is the one met later, unless the user has
 * compared its safety number.
 *
 * @example
 * ```ts
 * import { ConfusableContacts } from "./confusable_contacts.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const bob = { server: "", name: "bob", identity: new Uint8Array(32), verified: true, since: 0 };
 * const contacts = new ConfusableContacts([bob]);
 * assertEquals(contacts.find({ name: "b0b" }), bob);
 * assertEquals(contacts.find({ name: "Bob" }), undefined); // the same name: its key says who that is
 * assertEquals(contacts.find({ name: "bоb" }), undefined); // the same, though its o is Cyrillic
 * ```
 */
export class ConfusableContacts {
  readonly #pins = new Map<string, Pin[]>();

  /** Reads the contacts of a server, the oldest first: see {@linkcode Trust.contacts}. */
  constructor(pins: readonly Pin[]) {
    for (const pin of pins) {
      const folded = mistakableKey(pin.name);
      this.#pins.set(folded, [...this.#pins.get(folded) ?? [], pin]);
    }
  }

  /** The contact that a user can be mistaken for; undefined if there is none. */
  find({ name, identity }: Named): Pin | undefined {
    if (this.#pins.size === 0) return undefined; // the table of users may be large
    const alike = this.#pins.get(mistakableKey(name)) ?? [];
    const same = confusableKey(name);
    const own = alike.find((pin) => confusableKey(pin.name) === same);
    if (own?.verified) return undefined;
    const before = own === undefined ? alike : alike.slice(0, alike.indexOf(own));
    return before.find((pin) => identity === undefined || !equals(pin.identity, identity));
  }

  /** The doubt about a user whose name looks like that of a contact. */
  doubtAbout(named: Named): CallDoubt | undefined {
    const pin = this.find(named);
    if (pin === undefined) return undefined;
    const hasKey = named.identity !== undefined && named.identity.length > 0;
    return { reason: "confusable", contact: pin.name, hasKey };
  }
}
