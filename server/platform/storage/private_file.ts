import { reasonOf } from "../util/errors.ts";
import { statOf } from "./regular_file.ts";

/** Permissions of the group and of all others: all of them, and to write. */
const OTHERS = 0o077;
const OTHERS_WRITE = 0o022;
const STRANGERS_WRITE = 0o002;
const GROUP = 0o070;
/** Others can't replace files in a folder with this bit, such as /tmp. */
const STICKY = 0o1000;

/**
 * Takes a file away from other users, if they may read or write it. It may have been copied by hand.
 *
 * @returns whether they could
 * @throws {Error} if they still can
 */
export function keepPrivate(path: string): boolean {
  return restrict(path, OTHERS);
}

/**
 * Takes the right to write in a folder away from other users, who could replace the files there.
 *
 * @returns whether they could
 * @throws {Error} if they still can, or the folder belongs to another user
 */
export function keepOthersFromWriting(folder: string): boolean {
  assertOwn(folder);
  return isWritableByOthers(folder) && restrict(folder, OTHERS_WRITE);
}

/**
 * Takes the right to write a file away from everybody but its owner and its group.
 *
 * @returns whether they could
 * @throws {Error} if they still can
 */
export function keepStrangersFromWriting(path: string): boolean {
  return restrict(path, STRANGERS_WRITE);
}

/** Whether other users can replace the files in a folder. */
export function isWritableByOthers(folder: string): boolean {
  const mode = statOf(folder)?.mode ?? 0;
  return Deno.build.os !== "windows" && (mode & STICKY) === 0 && (mode & OTHERS_WRITE) !== 0;
}

/**
 * The first folder above this one in which other users could put another one in its place: it belongs to one
 * of them who is not root, or they may write there. A group that has the number of its owner is that user's
 * own, as most systems make it. Folders that this program may not look at are passed over.
 *
 * @returns undefined if there is none
 */
export function exposedParent(folder: string): string | undefined {
  if (Deno.build.os === "windows") return undefined;
  const self = ownUid();
  const isExposed = (path: string) => {
    const { mode, uid, gid } = infoOf(path) ?? {};
    if (typeof mode !== "number" || typeof uid !== "number") return false;
    if (self !== null && uid !== self && uid !== 0) return true;
    const open = gid === uid ? OTHERS_WRITE & ~GROUP : OTHERS_WRITE;
    return (mode & STICKY) === 0 && (mode & open) !== 0;
  };
  const paths = [Deno.realPathSync(folder), ...folder.startsWith("/") ? [folder] : []];
  return paths.flatMap(parentsOf).find(isExposed);
}

/** The owner and permissions of a folder; undefined if this program may not look at it. */
function infoOf(path: string): Deno.FileInfo | undefined {
  try {
    return statOf(path);
  } catch {
    return undefined;
  }
}

/** The folders above an absolute path, the nearest first. */
function parentsOf(path: string): string[] {
  const parts = path.split("/").filter((part) => part !== "");
  return parts.map((_, at) => `/${parts.slice(0, at).join("/")}`).reverse();
}

/** Whether other users can see what is in a folder. */
export function isReadableByOthers(folder: string): boolean {
  return Deno.build.os !== "windows" && ((statOf(folder)?.mode ?? 0) & OTHERS) !== 0;
}

/** @throws {Error} if the file or folder belongs to another user, who is not root */
export function assertOwn(path: string): void {
  const owner = statOf(path)?.uid;
  const self = ownUid();
  if (self === null || owner === undefined || owner === null) return;
  if (owner === self || owner === 0) return;
  throw new Error(`${path} belongs to another user, who could change it; change its owner`);
}

/**
 * Gives a file to the owner of another: what root writes for a service must stay readable to it. Other
 * users can't give files away, and have no need to.
 *
 * @param other a file, or its folder
 * @throws {Error} if root can't
 */
export function giveToOwnerOf(path: string, other: string): void {
  const [mine, theirs] = [statOf(path), statOf(other)];
  if (mine?.uid !== 0 || typeof theirs?.uid !== "number" || theirs.uid === 0) return;
  Deno.chownSync(path, theirs.uid, theirs.gid);
}

function restrict(path: string, bits: number): boolean {
  const mode = statOf(path)?.mode ?? 0;
  if (Deno.build.os === "windows" || (mode & bits) === 0) return false;
  try {
    Deno.chmodSync(path, mode & 0o7777 & ~bits);
  } catch (error) {
    throw new Error(
      `${path} is open to other users (mode ${(mode & 0o777).toString(8)}), and can't be closed: ` +
        reasonOf(error),
      { cause: error },
    );
  }
  return true;
}

/** This user's number, if it may be read. */
function ownUid(): number | null {
  const { state } = Deno.permissions.querySync({ name: "sys", kind: "uid" });
  return state === "granted" ? Deno.uid() : null;
}
