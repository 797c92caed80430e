import { confusableKey } from "../../protocol/mod.ts";
import { quarantinePath } from "../../server/platform/storage/quarantine.ts";
import { parseEditedJson } from "../../server/platform/storage/text_file.ts";
import { lockFile } from "../../server/platform/storage/file_lock.ts";
import { readText, replaceFile } from "../../server/platform/storage/atomic_file.ts";
import { type IgnoreEntry, parseIgnored } from "../core/mod.ts";
import { reasonOf } from "../../server/platform/util/errors.ts";
import { createDataDir } from "./data_dir.ts";
import { clientLimits } from "../core/mod.ts";

type Entries = ReadonlyMap<string, IgnoreEntry>;

/**
 * The ignore list on disk. Clients may share it: each writes its own changes, and reads those of
 * others at its next start.
 */
export class IgnoreFile {
  readonly #folder: string;
  readonly #path: string;
  readonly #note: (text: string) => void;
  readonly #alarm: (text: string) => void;
  /** The entries that this client last read or wrote. */
  #known: Entries = new Map();
  /** The entries that the last note reported as left out. */
  #noted = "";
  /** Pending operations, one after the other; never rejects. */
  #working: Promise<unknown> = Promise.resolve();

  /**
   * @param note receives texts for the user about failures
   * @param alarm those by which somebody is not ignored any more
   */
  constructor(folder: string, note: (text: string) => void, alarm = note) {
    this.#folder = folder;
    this.#path = `${folder}/ignored.json`;
    this.#note = note;
    this.#alarm = alarm;
  }

  /** Reads the list. A damaged file is moved away. */
  async read(): Promise<IgnoreEntry[]> {
    const reading = this.#inTurn("read the ignore list", this.#alarm, async () => {
      this.#known = await this.#entries();
      return [...this.#known.values()];
    });
    return await reading ?? [];
  }

  async write(ignored: readonly IgnoreEntry[]): Promise<void> {
    await this.#inTurn("save the ignore list", this.#note, async () => {
      const now = entriesOf(ignored);
      const known = this.#known;
      if (isSame(now, known)) return;
      await createDataDir(this.#folder);
      using _ = await lockFile(`${this.#folder}/ignored.lock`);
      const merged = [...changed(await this.#entries(), known, now).values()];
      const text = JSON.stringify(merged.slice(0, clientLimits.ignoredUsers), undefined, 2);
      await replaceFile(this.#path, `${text}\n`);
      this.#known = now;
    });
  }

  async #inTurn<Result>(
    what: string,
    report: (text: string) => void,
    work: () => Promise<Result>,
  ): Promise<Result | undefined> {
    const working = this.#working.then(work).catch((error) => {
      report(`Cannot ${what}: ${reasonOf(error)}`);
      return undefined;
    });
    this.#working = working;
    return await working;
  }

  /** A copy keeps what is left out when the file is written again. */
  async #noteProblems(problems: readonly string[]): Promise<void> {
    const text = problems.join("; ");
    if (text === this.#noted) return;
    this.#noted = text;
    const copy = quarantinePath(this.#path);
    await Deno.copyFile(this.#path, copy);
    const [first = "", ...others] = problems;
    const more = others.length === 0 ? "" : `, and ${others.length} more`;
    this.#alarm(
      `${this.#path}: ${
        problems.length === 1 ? "an entry is" : "some entries are"
      } left out, so that ` +
        `user is not ignored (${first}${more}); ${copy} is a copy of the file as it was`,
    );
  }

  async #entries(): Promise<Entries> {
    const text = await readText(this.#path);
    if (text === undefined) return new Map();
    try {
      const { entries, problems } = parseEach(parseEditedJson(text));
      if (problems.length > 0) await this.#noteProblems(problems);
      return entriesOf(entries);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      const moved = quarantinePath(this.#path);
      await Deno.rename(this.#path, moved);
      this.#alarm(
        `${this.#path} is damaged and was moved to ${moved}: nobody in it is ignored now ` +
          `(${error.message})`,
      );
      return new Map();
    }
  }
}

/** Reads the entries one by one; what only lacks a time or a number is whole. */
function parseEach(list: unknown): { entries: IgnoreEntry[]; problems: string[] } {
  if (!Array.isArray(list)) parseIgnored(list); // which throws
  const entries: IgnoreEntry[] = [];
  const problems: string[] = [];
  for (const [index, entry] of (Array.isArray(list) ? list : []).entries()) {
    try {
      const isObject = typeof entry === "object" && entry !== null && !Array.isArray(entry);
      const whole = isObject ? { since: Date.now(), refused: 0, ...entry } : entry;
      if (entries.length === clientLimits.ignoredUsers) parseIgnored([...entries, whole]);
      else entries.push(...parseIgnored([whole]));
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      problems.push(`number ${index + 1}, ${JSON.stringify(entry)?.slice(0, 80)}`);
    }
  }
  if (entries.length === 0 && problems.length > 0) parseIgnored(list); // there is nothing else in it
  return { entries, problems };
}

/** The entries of the file after the changes from `known` to `now`; all others stay. */
function changed(file: Entries, known: Entries, now: Entries): Entries {
  const merged = new Map(file);
  for (const key of known.keys()) if (!now.has(key)) merged.delete(key);
  for (const [key, entry] of now) {
    const before = known.get(key)?.refused ?? 0;
    const other = file.get(key);
    // An entry that another client has removed meanwhile stays removed.
    if (other === undefined && known.has(key)) continue;
    const refused = (other?.refused ?? 0) + entry.refused - before;
    merged.set(key, { ...other ?? entry, refused });
  }
  return merged;
}

function entriesOf(ignored: readonly IgnoreEntry[]): Entries {
  return new Map(ignored.map((entry) => [keyOf(entry), entry]));
}

function keyOf({ name, address, key }: IgnoreEntry): string {
  return JSON.stringify([name === undefined ? undefined : confusableKey(name), address, key]);
}

function isSame(one: Entries, other: Entries): boolean {
  return one.size === other.size &&
    [...one].every(([key, { refused }]) => other.get(key)?.refused === refused);
}
