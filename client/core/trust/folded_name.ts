import { confusableKey } from "../../../protocol/mod.ts";

/** A table may be large, and anybody can call: each name is folded once. */
const folded = new WeakMap<{ readonly name: string }, string>();

/** The folded name of a row of the table: see {@linkcode confusableKey}. */
export function foldedName(user: { readonly name: string }): string {
  let name = folded.get(user);
  if (name === undefined) folded.set(user, name = confusableKey(user.name));
  return name;
}
