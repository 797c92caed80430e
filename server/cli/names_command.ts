import { sanitizeText } from "../../protocol/mod.ts";
import { defaultDataDir, NameAdmin, type OwnedName } from "../identity/mod.ts";
import { parseFlags, text, UsageError } from "../platform/cli/flags.ts";
import { reasonOf } from "../platform/util/errors.ts";

const DAY_MS = 86_400_000;
const USAGE = "Expected names list [--data DIR] or names free NAME [--now] [--data DIR]";

/**
 * `names list` and `names free NAME [--now]`: which name belongs to which key, and taking one back. Both
 * work on the file in the data folder, whether a server runs or not.
 *
 * @returns lines for the operator
 * @throws {UsageError} if that is not possible
 */
export function namesCommand(args: readonly string[]): string[] {
  const { flags, positional: [, verb, name, extra] } = parseFlags(args, {
    data: text,
    now: "switch",
  });
  const isList = verb === "list" && name === undefined && !flags.now;
  const isFree = verb === "free" && name !== undefined && extra === undefined;
  if (!isList && !isFree) throw new UsageError(USAGE);
  const folder = flags.data ?? defaultDataDir();
  if (folder === undefined) throw new UsageError("Name the data folder with --data DIR");
  try {
    using names = new NameAdmin(folder);
    if (name === undefined) return names.list().map(formatRow);
    const before = names.free(name, flags.now === true);
    if (before === undefined) {
      throw new UsageError(`No key owns the name ${sanitizeText(name)} here`);
    }
    return describeFreed(before, flags.now === true);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`Cannot use the names in ${folder}: ${reasonOf(error)}`);
  }
}

/** Name, key, day of the last use, and what is to be known of it, each after one TAB. */
function formatRow({ name, identity, used, certifiedMs }: OwnedName): string {
  const state = identity.length > 0
    ? "owned"
    : certifiedMs > 0
    ? `free in ${days(certifiedMs)}`
    : "free";
  const day = new Date(used).toISOString().slice(0, 10);
  return [sanitizeText(name), identity.toHex(), day, state].join("\t");
}

function describeFreed({ name, certifiedMs }: OwnedName, isNow: boolean): string[] {
  const shown = sanitizeText(name);
  const left = certifiedMs > 0 ? days(certifiedMs) : undefined;
  const goes =
    `${shown} belongs to no key any more; whoever is logged in with it stays until logout`;
  if (left === undefined || isNow) {
    const warning =
      `Certificates of its old key count for up to ${left}: until they have met the ` +
      "new owner, clients believe that key, too";
    return [
      `${goes}. The next key that logs in with it gets it`,
      ...left === undefined ? [] : [warning],
    ];
  }
  return [
    `${goes}. No key gets it for ${left}, while certificates of its old key count; --now does not wait`,
  ];
}

function days(ms: number): string {
  const count = Math.ceil(ms / DAY_MS);
  return count === 1 ? "1 day" : `${count} days`;
}
