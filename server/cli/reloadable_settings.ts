import { deadline } from "@std/async/deadline";
import { defaultDataDir } from "../identity/mod.ts";
import { UsageError } from "../platform/cli/flags.ts";
import { reasonOf } from "../platform/util/errors.ts";
import type { AccessRules } from "../admission/mod.ts";
import { assertRegularFile, statOf } from "../platform/storage/regular_file.ts";
import { parseEditedJson } from "../platform/storage/text_file.ts";
import { describeReadError } from "./errors.ts";
import { MAX_LIMIT, type ServerCliOptions } from "./options.ts";

/** The settings that may change while a server runs: read at the start and again on SIGHUP. */
export interface ReloadableSettings {
  readonly welcome: string;
  readonly maxUsers?: number;
  readonly maxPerAddress?: number;
  readonly maxRate?: number;
}

/** How long a file may take to be read: a pipe could take for ever. */
const READ_TIMEOUT_MS = 5_000;

const LIMITS = ["maxUsers", "maxPerAddress", "maxRate"] as const;

/**
 * Reads the welcome file, and `welcome.txt` and `limits.json` in the data folder. The command line takes
 * precedence over these files; without any welcome a short one names the title.
 *
 * @throws {UsageError} if a file or the data folder can't be read, or a limit is none
 */
export async function readSettings(flags: ServerCliOptions): Promise<ReloadableSettings> {
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
  { welcome, title }: ServerCliOptions,
  folder: string | undefined,
): Promise<string> {
  if (welcome !== undefined) {
    const text = await readInTime(welcome);
    if (text !== undefined) return text;
    throw new UsageError(`No welcome file ${welcome}; write one, or leave --welcome out`);
  }
  const text = folder === undefined ? undefined : await readOwn(`${folder}/welcome.txt`);
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
  const text = await readOwn(path);
  if (text === undefined) return {};
  let limits: unknown;
  try {
    limits = parseEditedJson(text);
  } catch (error) {
    throw new UsageError(`Cannot read ${path}: ${reasonOf(error)}`);
  }
  if (typeof limits !== "object" || limits === null || Array.isArray(limits)) {
    throw new UsageError(`Expected an object of limits in ${path}, got ${text.slice(0, 40)}`);
  }
  for (const [name, value] of Object.entries(limits)) {
    if (!LIMITS.some((limit) => limit === name)) {
      throw new UsageError(
        `Unknown limit ${name} in ${path}; the limits are ${LIMITS.join(", ")}`,
      );
    }
    if (!Number.isInteger(value) || value < 0 || value > MAX_LIMIT) {
      const got = JSON.stringify(value);
      throw new UsageError(
        `Limit ${name} in ${path} must be a number from 0 to ${MAX_LIMIT}, got ${got}`,
      );
    }
  }
  return { ...limits };
}

/** The same, from a pipe as well, such as `<(date)` in a shell: it must end soon. */
async function readInTime(path: string): Promise<string | undefined> {
  try {
    return await deadline(readText(path), READ_TIMEOUT_MS);
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
    const seconds = READ_TIMEOUT_MS / 1000;
    throw new UsageError(`Cannot read ${path}: nothing came within ${seconds} s; is it a pipe?`);
  }
}

/** The text of a file in the data folder; undefined if there is no such file. */
function readOwn(path: string): Promise<string | undefined> {
  try {
    assertRegularFile(path);
  } catch (error) {
    throw new UsageError(describeReadError(error, path));
  }
  return readText(path);
}

/** A file's text without a byte order mark; undefined if there is no such file. */
async function readText(path: string): Promise<string | undefined> {
  try {
    return (await Deno.readTextFile(path)).replace(/^\ufeff/, "");
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw new UsageError(describeReadError(error, path));
  }
}

/**
 * Reads `access.json` in the data folder: who may log in.
 *
 * @throws {UsageError} if it can't be read or has a mistake
 */
export async function readAccessRules(flags: ServerCliOptions): Promise<AccessRules> {
  const folder = await existing(flags.data);
  const path = `${folder}/access.json`;
  if (folder === undefined || !isThere(path)) return {};
  const { readAccess } = await import("./access_file.ts"); // most servers have none
  return await readAccess(path);
}

/** @throws {UsageError} if that can't be found out, or it is a link that leads nowhere */
function isThere(path: string): boolean {
  try {
    return statOf(path) !== undefined;
  } catch (error) {
    throw new UsageError(describeReadError(error, path));
  }
}

/** The data folder, if it exists: the one that is named, else the usual one if it may be read. */
async function existing(named: string | undefined): Promise<string | undefined> {
  const path = named ?? defaultDataDir();
  if (path === undefined) return undefined;
  let folder: Deno.FileInfo;
  try {
    folder = await Deno.stat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined; // the server will create it
    if (named === undefined && error instanceof Deno.errors.NotCapable) return undefined;
    throw new UsageError(describeReadError(error, path));
  }
  if (!folder.isDirectory) {
    throw new UsageError(`Option --data must be a folder, got the file ${path}`);
  }
  return path;
}
