import { endsLikeTag } from "../../protocol/mod.ts";

/**
 * The name by which a user of classic MIM is called here. One that ends like the tag of a key would mean
 * somebody with that key, and gets another ending.
 */
export function classicName(name: string): string {
  return endsLikeTag(name) ? `${name}~classic` : name;
}
