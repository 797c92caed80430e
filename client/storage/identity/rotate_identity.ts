import { encodeRotation } from "../../../protocol/mod.ts";
import { IdentityFile } from "./identity_file.ts";

/** What has become of a key. */
export interface RotatedKey {
  /** The path of a copy of the previous key's file. */
  readonly aside: string;
  /** The new public key, 32 bytes. */
  readonly newKey: Uint8Array;
  /** How many contacts are to be told. */
  readonly contacts: number;
}

/**
 * Makes a new key in a data folder, which the previous one signs, and stores that for each contact.
 *
 * @param alarm receives a text that the user must see
 * @throws {Error} if there is no key or a file can't be used; then the key is the previous one
 */
export async function rotateIdentity(
  folder: string,
  alarm: (text: string) => void,
): Promise<RotatedKey> {
  let contacts = 0;
  const { aside, rotation } = await new IdentityFile(folder).rotate(async (rotation) => {
    const { SqliteStore } = await import("../contacts/mod.ts");
    using store = await SqliteStore.open(`${folder}/contacts.db`, { alarm });
    contacts = await store.queueRotation(encodeRotation(rotation), rotation.rotatedAt);
  });
  return { aside, newKey: rotation.newKey, contacts };
}
