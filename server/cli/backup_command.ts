import { DatabaseSync } from "node:sqlite";
import { defaultDataDir } from "../identity/mod.ts";
import { parseFlags, text, UsageError } from "../platform/cli/flags.ts";
import { reasonOf } from "../platform/util/errors.ts";

/**
 * `backup FILE [--data DIR]`: copies the names that belong to keys into a new file, whole, while a server
 * runs. A copy of `names.db` itself lacks what is still in its log.
 *
 * @returns a line for the operator
 * @throws {UsageError} if that is not possible
 */
export function backupCommand(args: readonly string[]): string {
  const { flags, positional: [, file, extra] } = parseFlags(args, { data: text });
  if (file === undefined || extra !== undefined) {
    throw new UsageError("Expected backup FILE [--data DIR]");
  }
  const folder = flags.data ?? defaultDataDir();
  if (folder === undefined) throw new UsageError("Name the data folder with --data DIR");
  const from = `${folder}/names.db`;
  try {
    Deno.statSync(from);
    Deno.openSync(file, { createNew: true, write: true, mode: 0o600 }).close();
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) {
      throw new UsageError(`Cannot write ${file}: it exists, and a backup replaces nothing`);
    }
    throw new UsageError(`Cannot back up ${from} to ${file}: ${reasonOf(error)}`);
  }
  try {
    using db = new DatabaseSync(from);
    db.exec("PRAGMA busy_timeout = 5000");
    db.prepare("VACUUM INTO ?").run(file);
  } catch (error) {
    Deno.removeSync(file);
    throw new UsageError(`Cannot back up ${from}: ${reasonOf(error)}`);
  }
  return `wrote the names to ${file}; keep a copy of ${folder}/server.key, too`;
}
