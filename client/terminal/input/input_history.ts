/** The entered lines, saved across runs. */

import { isPathAllowed } from "../../../server/platform/cli/env.ts";

const MAX_ENTRIES = 1_000;
/** Longer lines are not saved, in UTF-16 units. */
const MAX_ENTRY_LENGTH = 4_096;

/** A line that was entered, and the user it was sent to, if any. */
interface Entry {
  readonly text: string;
  readonly to?: string | undefined;
}

/**
 * The entered lines, newest last. In the file each is JSON on a line of its own: a string, or an object
 * if it was sent to a user. Clients append to it under a lock, and shorten a long file when they start.
 */
export class InputHistory {
  readonly #path: string | undefined;
  #entries: Entry[] = [];

  /** @param path the file; undefined: nothing is saved */
  constructor(path?: string) {
    this.#path = path !== undefined && isPathAllowed(path) ? path : undefined;
    this.#locked((file, path) => {
      const kept = parse(read(file));
      this.#entries = kept.entries.slice(-MAX_ENTRIES);
      if (kept.lines > 2 * MAX_ENTRIES) replace(path, this.#entries);
    });
  }

  get entries(): readonly string[] {
    return this.#entries.map(({ text }) => text);
  }

  /**
   * Adds an entry unless it equals the last; `to` is the name of the user it was sent to, if any.
   */
  add(text: string, to?: string): void {
    if (text.trim() === "" || text.length > MAX_ENTRY_LENGTH) return;
    const last = this.#entries.at(-1);
    if (last?.text === text && last.to === to) return;
    const entry = { text, to };
    this.#entries.push(entry);
    if (this.#entries.length > MAX_ENTRIES) this.#entries.shift();
    this.#locked((file) => {
      const bytes = new TextEncoder().encode(written(entry));
      for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
    });
  }

  /**
   * Deletes the lines sent to a user, ignoring case, and returns how many. Other running clients
   * keep in memory what they have read.
   */
  forget(name: string): number {
    const folded = name.toLowerCase();
    const stays = ({ to }: Entry) => to?.toLowerCase() !== folded;
    const left = this.#entries.filter(stays);
    let count = this.#entries.length - left.length;
    this.#entries = left;
    this.#locked((file, path) => {
      const kept = parse(read(file)).entries;
      const rest = kept.filter(stays);
      if (rest.length < kept.length) replace(path, rest);
      count = Math.max(count, kept.length - rest.length);
    });
    return count;
  }

  /** Calls an action while no other client changes the file. Failures are ignored. */
  #locked(action: (file: Deno.FsFile, path: string) => void): void {
    const path = this.#path;
    if (path === undefined) return;
    try {
      for (;;) {
        using file = Deno.openSync(path, { read: true, append: true, create: true, mode: 0o600 });
        file.lockSync(true);
        if (file.statSync().ino !== Deno.statSync(path).ino) continue; // just replaced
        return action(file, path);
      }
    } catch {
      // The disk is full or the folder is gone: the lines are still in memory.
    }
  }
}

/** Steps through the history from a half-typed line and back; changes on the way stay. */
export class HistoryWalk {
  /** The entries, and the half-typed line as the newest. */
  readonly #lines: string[];
  #at: number;

  constructor(entries: readonly string[], draft: string) {
    this.#lines = [...entries, draft];
    this.#at = entries.length;
  }

  /** The half-typed line, if another is on the screen. */
  get draft(): string | undefined {
    return this.#at < this.#lines.length - 1 ? this.#lines.at(-1) : undefined;
  }

  /** Saves the line as it is on the screen before the next step. */
  keep(line: string): void {
    this.#lines[this.#at] = line;
  }

  older(): string | undefined {
    return this.#at === 0 ? undefined : this.#lines[--this.#at];
  }

  newer(): string | undefined {
    return this.#at === this.#lines.length - 1 ? undefined : this.#lines[++this.#at];
  }

  /** The entry with this index. */
  goTo(index: number): string | undefined {
    this.#at = index;
    return this.#lines[index];
  }
}

function read(file: Deno.FsFile): string {
  const bytes = new Uint8Array(file.statSync().size);
  file.seekSync(0, Deno.SeekMode.Start);
  let have = 0;
  while (have < bytes.length) {
    const length = file.readSync(bytes.subarray(have));
    if (length === null) break;
    have += length;
  }
  return new TextDecoder().decode(bytes.subarray(0, have));
}

/** The entries of a file; other lines are left out. */
function parse(text: string): { entries: Entry[]; lines: number } {
  const lines = text.split("\n").filter((line) => line !== "");
  const entries = lines.flatMap((line) => {
    try {
      return entryOf(JSON.parse(line)) ?? [];
    } catch {
      return [];
    }
  });
  return { entries, lines: lines.length };
}

function entryOf(value: unknown): Entry | undefined {
  if (typeof value === "string") return { text: value };
  if (typeof value !== "object" || value === null) return undefined;
  if (!("text" in value && "to" in value)) return undefined;
  const { text, to } = value;
  return typeof text === "string" && typeof to === "string" ? { text, to } : undefined;
}

function written({ text, to }: Entry): string {
  return JSON.stringify(to === undefined ? text : { to, text }) + "\n";
}

/** Replaces the file in one step, so that a crash leaves it whole. */
function replace(path: string, entries: readonly Entry[]): void {
  const next = `${path}.new`;
  const text = entries.map(written).join("");
  Deno.writeTextFileSync(next, text, { mode: 0o600 });
  Deno.renameSync(next, path);
}
