/**
 * Names, addresses and texts from others: parsing, checking, comparing, and making them safe to show.
 *
 * @module
 */

export * from "./address.ts";
export * from "./claimable_name.ts";
export { FOLDING_VERSION } from "./confusable_table.ts";
export { confusableKey, describeUnclaimableName, mistakableKey } from "./confusables.ts";
export * from "./display_name.ts";
export { foldCase } from "./fold_case.ts";
export * from "./graphemes.ts";
export * from "./ip_address.ts";
export * from "./name_key.ts";
export * from "./reserved_words.ts";
export * from "./sanitize.ts";
export * from "./server_address.ts";
export * from "./user_name.ts";
