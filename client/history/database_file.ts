import * as file from "../../server/database_file.ts";
import { prepareSchema } from "./schema.ts";

export {
  type Inode,
  inodeOf,
  isBusy,
  isDamage,
  type OpenDatabase,
  setPatience,
} from "../../server/database_file.ts";

/**
 * Opens the file, makes it where there is none, and sets a damaged one aside.
 *
 * @param note told where the damaged file is now
 * @throws {Error} where it can't be opened, or a newer MIM has written it
 */
export function openDatabase(path: string, note: (text: string) => void): file.OpenDatabase {
  return file.openDatabase(path, prepareSchema, (aside) => note(damaged(aside)));
}

/**
 * Gives a damaged history another name, in the same folder. Nothing happens where another client has
 * done so: then the path names another file by now.
 *
 * @param inode which file is damaged
 * @param note told where it is now
 */
export function setAside(path: string, inode: file.Inode, note: (text: string) => void): void {
  file.setAside(path, inode, (aside) => note(damaged(aside)));
}

function damaged(aside: string): string {
  return `the history was damaged and is set aside as ${aside}; a new one begins`;
}
