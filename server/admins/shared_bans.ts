import {
  type AccessEntries,
  type AccessKind,
  foldAccessEntry,
  isAccessEntry,
} from "../admission/mod.ts";
import { DataDirError } from "../identity/mod.ts";
import { replaceFile } from "../platform/storage/atomic_file.ts";
import { readTextSync } from "../platform/storage/regular_file.ts";
import { reasonOf } from "../platform/util/errors.ts";

/** The last decision of the servers of a cluster about a key, a name or a network. */
export interface SharedBan {
  readonly kind: AccessKind;
  /** A key, a name or a network. */
  readonly who: string;
  /** Whether it may not log in; false once a ban was lifted. */
  readonly isBanned: boolean;
  /** Counts what was decided about it, from 1. */
  readonly number: number;
}

/** The file in the data folder; backups have it. */
const BANS_FILE = "bans.json";

/** The bans that the servers of a cluster share, as this one knows them, in a file of its data folder. */
export class SharedBans {
  /** The file. */
  readonly path: string;
  readonly #bans = new Map<string, SharedBan>();
  #saving: Promise<void> = Promise.resolve();
  #isSaved = true;

  /** @throws {DataDirError} if there is a file that can't be read: nobody is let in by mistake */
  constructor(folder: string) {
    this.path = `${folder}/${BANS_FILE}`;
    try {
      const text = readTextSync(this.path);
      if (text === undefined) return;
      for (const ban of readBans(text)) this.adopt(ban);
    } catch (error) {
      throw new DataDirError(`cannot use ${this.path}: ${reasonOf(error)}`, { cause: error });
    }
    this.#isSaved = true;
  }

  /** The last decision about somebody; undefined if there is none. */
  find(kind: AccessKind, who: string): SharedBan | undefined {
    return this.#bans.get(keyOf(kind, who));
  }

  /** All decisions, those of lifted bans too. */
  all(): Iterable<SharedBan> {
    return this.#bans.values();
  }

  /** Everybody who is banned. */
  get entries(): AccessEntries {
    const banned = [...this.#bans.values()].filter(({ isBanned }) => isBanned);
    const of = (kind: AccessKind) => banned.flatMap((ban) => ban.kind === kind ? [ban.who] : []);
    return { keys: of("keys"), names: of("names"), networks: of("networks") };
  }

  /** Whether all of them are in the file. */
  get isSaved(): boolean {
    return this.#isSaved;
  }

  /** Takes what was decided later than what is known, and returns whether it was. */
  adopt(ban: SharedBan): boolean {
    const key = keyOf(ban.kind, ban.who);
    const own = this.#bans.get(key);
    if (own !== undefined && !isLaterBan(ban, own)) return false;
    this.#bans.set(key, ban);
    this.#isSaved = false;
    return true;
  }

  /**
   * Writes the file.
   *
   * @throws {UsageError} if it can't be written
   */
  save(): Promise<void> {
    const saving = this.#saving.then(async () => {
      if (this.#isSaved) return;
      this.#isSaved = true; // unless more comes meanwhile
      try {
        await replaceFile(this.path, formatBans(this.#bans.values()));
      } catch (error) {
        this.#isSaved = false;
        throw error;
      }
    });
    this.#saving = saving.catch(() => {});
    return saving;
  }
}

/** Whether one decision came behind another one. Of two that nobody could compare, the ban counts. */
export function isLaterBan(ban: SharedBan, than: SharedBan): boolean {
  return ban.number > than.number ||
    ban.number === than.number && ban.isBanned && !than.isBanned;
}

function keyOf(kind: AccessKind, who: string): string {
  return `${kind} ${foldAccessEntry(kind, who)}`;
}

/** One a line. */
function formatBans(bans: Iterable<SharedBan>): string {
  const lines = Array.from(bans, (ban) => `  ${JSON.stringify(ban)}`);
  return lines.length === 0 ? "[]\n" : `[\n${lines.join(",\n")}\n]\n`;
}

function readBans(text: string): SharedBan[] {
  const fail = () => new Error("expected a list of bans; restore the file, or remove it");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw fail();
  }
  if (!Array.isArray(value)) throw fail();
  return value.map((entry: Partial<Record<keyof SharedBan, unknown>> | null) => {
    const { kind, who, isBanned, number } = entry ?? {};
    const isKind = kind === "keys" || kind === "names" || kind === "networks";
    if (!isKind || typeof who !== "string" || !isAccessEntry(kind, who)) throw fail();
    if (typeof isBanned !== "boolean" || typeof number !== "number") throw fail();
    if (!Number.isSafeInteger(number) || number < 1) throw fail();
    return { kind, who, isBanned, number };
  });
}
