import { equals } from "@std/bytes/equals";
import { encodeRotation, type KeyRotation, MAX_ROTATIONS } from "../../../protocol/mod.ts";
import { reasonOf } from "../../../server/platform/util/errors.ts";
import { UsageError } from "../../../server/platform/cli/flags.ts";
import { IdentityFile } from "./identity_file.ts";

/** The result of a rotation. */
export interface RotatedKey {
  /** The path of a copy of the previous key's file. */
  readonly aside: string;
  /** The new public key, 32 bytes. */
  readonly newKey: Uint8Array;
  /** How many contacts have to learn of the new key. */
  readonly contacts: number;
  /** The names of contacts who have missed so many keys that they can't follow. */
  readonly lostContacts: readonly string[];
  /** The places of servers at which a key was used last that the new one does not follow. */
  readonly lostServers: readonly string[];
}

/** A server of an earlier login, and the own key there. */
type Login = { readonly server: string; readonly identity: Uint8Array };

/**
 * Makes a new key in a data folder, which the previous one signs, and stores that for each contact.
 *
 * @param alarm receives a text that the user must see
 * @throws {Error} if there is no key, a file can't be used, or no server could follow; then the key is the
 *   previous one
 */
export async function rotateIdentity(
  folder: string,
  alarm: (text: string) => void,
): Promise<RotatedKey> {
  let queued: { readonly contacts: number; readonly lost: readonly string[] } | undefined;
  let lostServers: readonly string[] = [];
  const { aside, rotation } = await new IdentityFile(folder).rotate(async (rotations, dropped) => {
    const { SqliteStore } = await import("../contacts/mod.ts");
    const path = `${folder}/contacts.db`;
    using store = await SqliteStore.open(path, { alarm }).catch((error) => {
      throw new UsageError(`Cannot use ${path}: ${reasonOf(error)}; your key is as it was`);
    });
    const newest = rotations.at(-1);
    if (newest === undefined) throw new Error("expected the new rotation, got none");
    if (dropped !== undefined) lostServers = serversLost(await store.logins(), rotations, dropped);
    queued = await store.queueRotation(encodeRotation(newest), newest.rotatedAt);
  });
  const { contacts, lost: lostContacts } = queued ?? { contacts: 0, lost: [] };
  return { aside, newKey: rotation.newKey, contacts, lostContacts, lostServers };
}

/**
 * The servers that knew the key that is dropped, and can't follow.
 *
 * @throws {UsageError} if no server could follow: then nothing would lead to the own name any more
 */
function serversLost(
  logins: readonly Login[],
  rotations: readonly KeyRotation[],
  dropped: Uint8Array,
): string[] {
  const canFollow = ({ identity }: Login) =>
    rotations.some(({ oldKey }) => equals(oldKey, identity));
  if (!logins.some(canFollow)) {
    throw new UsageError(
      `Your key has changed ${MAX_ROTATIONS} times without a login, and a server follows no more than ` +
        "that: log in first, so that your name goes with you; your key is as it was",
    );
  }
  return logins.filter(({ identity }) => equals(identity, dropped)).map(({ server }) => server);
}
