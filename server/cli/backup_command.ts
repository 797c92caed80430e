import {
  areNamesOpen,
  Backup,
  defaultDataDir,
  serverFilesIn,
  writeBackup,
} from "../identity/mod.ts";
import { parseFlags, text, UsageError } from "../platform/cli/flags.ts";
import { reasonOf } from "../platform/util/errors.ts";
import { isLeaseRenewed } from "../platform/storage/lease_file.ts";
import { isServerAnswering } from "./control_socket.ts";
import { leasePathIn } from "./open_lease.ts";

/**
 * `backup FILE [--data DIR]`: copies the data folder of a server into one new file, while it runs.
 *
 * @returns lines for the operator
 * @throws {UsageError} if that is not possible
 */
export function backupCommand(args: readonly string[]): string[] {
  const { flags, positional: [, file, extra] } = parseFlags(args, { data: text });
  if (file === undefined || extra !== undefined) {
    throw new UsageError("Expected backup FILE [--data DIR]");
  }
  const folder = folderOf(flags.data);
  if (!isFolder(folder)) throw new UsageError(`There is no folder ${folder} to back up`);
  try {
    writeBackup(folder, file);
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) {
      throw new UsageError(`Cannot write ${file}: it exists, and a backup replaces nothing`);
    }
    throw new UsageError(`Cannot back up ${folder} to ${file}: ${reasonOf(error)}`);
  }
  return [
    `wrote the key, the names and the settings of ${folder} to ${file}`,
    "whoever reads that file can impersonate this server: keep it safe",
  ];
}

/**
 * `restore FILE [--data DIR] [--replace]`: puts a backup into a data folder in which no server runs. It is checked
 * whole before anything is written.
 *
 * @returns lines for the operator
 * @throws {UsageError} if that is not possible
 */
export async function restoreCommand(args: readonly string[]): Promise<string[]> {
  const { flags, positional: [, file, extra] } = parseFlags(args, {
    data: text,
    replace: "switch",
  });
  if (file === undefined || extra !== undefined) {
    throw new UsageError("Expected restore FILE [--data DIR] [--replace]");
  }
  const folder = folderOf(flags.data);
  try {
    using backup = new Backup(file);
    const isRunning = await isServerAnswering(folder) || areNamesOpen(folder) ||
      await isLeaseRenewed(leasePathIn(folder));
    if (isRunning) {
      throw new Error("a server runs there; stop it first");
    }
    const [first] = serverFilesIn(folder);
    if (first !== undefined && flags.replace !== true) {
      throw new Error(`${first} is there already; --replace sets that server's files aside`);
    }
    const before = backup.restore(folder);
    const aside = before === undefined ? [] : [`the files that were there are in ${before}`];
    return [`restored the key, the settings and ${backup.nameCount} names to ${folder}`, ...aside];
  } catch (error) {
    throw new UsageError(`Cannot restore ${file} to ${folder}: ${reasonOf(error)}`);
  }
}

function folderOf(named: string | undefined): string {
  const folder = named ?? defaultDataDir();
  if (folder === undefined) throw new UsageError("Name the data folder with --data DIR");
  return folder;
}

function isFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch (error) {
    return !(error instanceof Deno.errors.NotFound);
  }
}
