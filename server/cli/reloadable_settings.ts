import { defaultDataDir } from "../identity/data_dir.ts";
import { describeReadError, reasonOf } from "../platform/util/errors.ts";
import { MAX_LIMIT, type ServerFlags, UsageError } from "./options.ts";

/** What may change while a server runs: read at the start and anew on SIGHUP. */
export interface ReloadableSettings {
  readonly welcome: string;
  readonly maxUsers?: number;
  readonly maxPerAddress?: number;
  readonly maxRate?: number;
}

const LIMITS = ["maxUsers", "maxPerAddress", "maxRate"] as const;

/**
 * Reads the welcome file, and in the data folder `welcome.txt` and `limits.json` where there are such.
 * What the command line says comes first; a title stands in for a welcome that is not there.
 *
 * @throws {UsageError} where a file or the data folder can't be read, or holds what is no limit
 */
export async function readSettings(flags: ServerFlags): Promise<ReloadableSettings> {
  const folder = await existing(flags.data);
  const welcome = await readWelcome(flags, folder);
  const limits = folder === undefined ? {} : await readLimits(`${folder}/limits.json`);
  return {
    welcome,
    maxUsers: flags.maxUsers ?? limits.maxUsers,
    maxPerAddress: flags.maxPerAddress ?? limits.maxPerAddress,
    maxRate: flags.maxRate ?? limits.maxRate,
  };
}

async function readWelcome(
  { welcome, title }: ServerFlags,
  folder: string | undefined,
): Promise<string> {
  if (welcome !== undefined) {
    const text = await readText(welcome);
    if (text !== undefined) return text;
    throw new UsageError(`there is no welcome file ${welcome}; write one, or leave --welcome out`);
  }
  const text = folder === undefined ? undefined : await readText(`${folder}/welcome.txt`);
  return text ?? shortWelcome(title);
}

function shortWelcome(title: string | undefined): string {
  return `Welcome to ${title ?? hostname() ?? "MIM"}.\n` +
    "This server only knows who is online: you chat directly with each other.";
}

function hostname(): string | undefined {
  const allowed = Deno.permissions.querySync({ name: "sys", kind: "hostname" });
  return allowed.state === "granted" ? Deno.hostname() : undefined;
}

async function readLimits(path: string): Promise<Partial<Record<string, number>>> {
  const text = await readText(path);
  if (text === undefined) return {};
  let limits: unknown;
  try {
    limits = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`cannot read ${path}: ${reasonOf(error)}`);
  }
  if (typeof limits !== "object" || limits === null || Array.isArray(limits)) {
    throw new UsageError(`expected ${path} to hold an object of limits, got ${text.slice(0, 40)}`);
  }
  for (const [name, value] of Object.entries(limits)) {
    if (!LIMITS.some((limit) => limit === name)) {
      throw new UsageError(
        `expected ${path} to hold no more than ${LIMITS.join(", ")}, got ${name}`,
      );
    }
    if (!Number.isInteger(value) || value < 0 || value > MAX_LIMIT) {
      const got = JSON.stringify(value);
      throw new UsageError(
        `expected ${name} in ${path} to be a number from 0 to ${MAX_LIMIT}, got ${got}`,
      );
    }
  }
  return { ...limits };
}

/** A file's text; undefined where there is none. */
async function readText(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw new UsageError(describeReadError(error, path));
  }
}

/** The data folder where it is there; the usual one where none is named and this may read it. */
async function existing(named: string | undefined): Promise<string | undefined> {
  const path = named ?? defaultDataDir();
  if (path === undefined) return undefined;
  let folder: Deno.FileInfo;
  try {
    folder = await Deno.stat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined; // it will be made
    if (named === undefined && error instanceof Deno.errors.NotCapable) return undefined;
    throw new UsageError(describeReadError(error, path));
  }
  if (!folder.isDirectory) throw new UsageError(`expected --data ${path} to be a folder`);
  return path;
}
