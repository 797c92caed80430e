import { confusableKey } from "../../protocol/mod.ts";

/** The end of the name by which a user with a key is called if nothing confirms the name: the key's tag. */
const LIKE_TAG = /~\S{4,6}[^\s\p{L}\p{N}]\S{4,6}$/u;

/**
 * The name by which a user of classic MIM is called here. One that ends like the tag of a key would mean
 * somebody with that key, and gets another ending.
 */
export function classicName(name: string): string {
  return LIKE_TAG.test(confusableKey(name)) ? `${name}~classic` : name;
}
