import { Identity } from "../../core/mod.ts";
import { IdentityFile } from "./identity_file.ts";

/**
 * The identity in a data folder: `identity.key`, which only its owner can read. Creates one at the first
 * start, so that a program has the same one in every run.
 *
 * @example
 * ```ts
 * import { loadIdentity } from "@mim/mim";
 * import { assert } from "@std/assert";
 *
 * const folder = await Deno.makeTempDir(); // use a folder that stays
 * const { publicKey } = await loadIdentity(folder);
 * assert(publicKey.equals((await loadIdentity(folder)).publicKey));
 * ```
 *
 * @throws {Error} if the file can't be read or written, or is damaged; the message says what to do
 */
export async function loadIdentity(folder: string): Promise<Identity> {
  const file = new IdentityFile(folder);
  return Identity.fromBytes(await file.readOrMake(), await file.readRotations());
}
