import { dayOf, defaultDataDir, rotateKey } from "../identity/mod.ts";
import { UsageError } from "../platform/cli/flags.ts";
import { reasonOf } from "../platform/util/errors.ts";
import { parseKeyCommand } from "./options.ts";

/**
 * Runs a command that is not the server itself: `key rotate`, `backup`, `restore`, `names`, `users`, `kick`, `ban`
 * or `unban`.
 *
 * @returns lines for the operator; undefined if it is none
 * @throws {UsageError} if that is not possible
 */
export async function operatorCommand(
  args: readonly string[],
): Promise<readonly string[] | undefined> {
  switch (args[0]) {
    case "key":
      return rotateKeyCommand(args);
    case "backup":
      return (await import("./backup_command.ts")).backupCommand(args);
    case "restore":
      return await (await import("./backup_command.ts")).restoreCommand(args);
    case "names":
      return (await import("./names_command.ts")).namesCommand(args);
    case "users":
    case "kick":
    case "ban":
    case "unban":
      return await (await import("./control_commands.ts")).controlCommand(args);
    default:
      return undefined;
  }
}

/** Gives the server a new key; a server that runs goes on with the old one until it is restarted. */
function rotateKeyCommand(args: readonly string[]): string[] {
  const folder = parseKeyCommand(args) ?? defaultDataDir();
  if (folder === undefined) {
    throw new UsageError("The system has no data folder; name one with --data DIR");
  }
  const restart = "restart the server: clients that know the old key follow the new one";
  try {
    const { oldKey, newKey, cutOff } = rotateKey(folder);
    const changed = `new key ${newKey.toHex()}, was ${oldKey.toHex()}`;
    if (cutOff === undefined) return [changed, restart];
    return [
      changed,
      `clients that were last here before ${
        dayOf(cutOff)
      } can't follow: to them the key has changed, and links from before then are dead`,
      restart,
    ];
  } catch (error) {
    throw new UsageError(`Cannot rotate the key in ${folder}: ${reasonOf(error)}`);
  }
}
