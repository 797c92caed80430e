import { reasonOf, whyNotRead } from "./errors.ts";
import { type ServerFlags, UsageError } from "./options.ts";

/** What may change while a server runs: read at the start and anew on SIGHUP. */
export interface Settings {
  readonly welcome: string;
  readonly maxUsers?: number;
  readonly maxPerAddress?: number;
  readonly maxRate?: number;
}

const LIMITS = ["maxUsers", "maxPerAddress", "maxRate"] as const;

/**
 * Reads the welcome file, and `limits.json` in the data folder where there is one. What the command
 * line says comes first.
 *
 * @throws {UsageError} where a file can't be read, or holds what is no limit
 */
export async function readSettings(flags: ServerFlags): Promise<Settings> {
  const welcome = flags.welcome === undefined
    ? shortWelcome(flags.title)
    : await readText(flags.welcome);
  if (welcome === undefined) {
    throw new UsageError(
      `there is no welcome file ${flags.welcome}; write one, or leave --welcome out`,
    );
  }
  const limits = flags.data === undefined ? {} : await readLimits(`${flags.data}/limits.json`);
  return {
    welcome,
    maxUsers: flags.maxUsers ?? limits.maxUsers,
    maxPerAddress: flags.maxPerAddress ?? limits.maxPerAddress,
    maxRate: flags.maxRate ?? limits.maxRate,
  };
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
    if (!Number.isSafeInteger(value) || value < 0) {
      throw new UsageError(`expected ${name} in ${path} to be a number from 0 on, got ${value}`);
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
    throw new UsageError(whyNotRead(error, path));
  }
}
