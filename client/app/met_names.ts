import { nameKey } from "../../protocol/mod.ts";
import { keyOf, type UserCandidate } from "./user_query.ts";

/** Servers choose how many names they list: the newest are remembered. */
const MAX_MET_NAMES = 10_000;

/** Someone who was met: a user, a chat or a caller. */
export type MetPerson = Pick<UserCandidate, "name" | "identity" | "details">;

interface MetName {
  /** The name as names are compared. */
  readonly folded: string;
  /** The hexadecimal key of the last user of the name; empty for none. */
  readonly key: string;
}

/** The names of all people who were met in this run: a name still means its user after that user has left. */
export class MetNames {
  readonly #met = new Map<string, MetName>();

  meet(person: MetPerson): void {
    const { name } = person;
    this.#met.delete(name);
    this.#met.set(name, { folded: nameKey(name), key: keyOf(person) });
    if (this.#met.size <= MAX_MET_NAMES) return;
    for (const oldest of this.#met.keys()) {
      this.#met.delete(oldest);
      return;
    }
  }

  get names(): Iterable<string> {
    return this.#met.keys();
  }

  /** The people of exactly this name, or if there were none, of one that differs in case. */
  called(
    text: string,
  ): { readonly name: string; readonly key: string; readonly isExact: boolean }[] {
    const exact = this.#met.get(text);
    if (exact !== undefined) return [{ name: text, key: exact.key, isExact: true }];
    const folded = nameKey(text);
    return [...this.#met].filter(([, met]) => met.folded === folded)
      .map(([name, { key }]) => ({ name, key, isExact: false }));
  }
}
