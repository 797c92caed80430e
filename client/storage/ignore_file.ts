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
  /** The entries that this client last read or wrote. */
  #known: Entries = new Map();
  /** Pending operations, one after the other; never rejects. */
  #working: Promise<unknown> = Promise.resolve();

  /** @param note receives texts for the user about failures */
  constructor(folder: string, note: (text: string) => void) {
    this.#folder = folder;
    this.#path = `${folder}/ignored.json`;
    this.#note = note;
  }

  /** Reads the list. A damaged file is moved away. */
  async read(): Promise<IgnoreEntry[]> {
    return await this.#inTurn("read the ignore list", async () => {
      this.#known = await this.#entries();
      return [...this.#known.values()];
    }) ?? [];
  }

  async write(ignored: readonly IgnoreEntry[]): Promise<void> {
    await this.#inTurn("save the ignore list", async () => {
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

  async #inTurn<Result>(what: string, work: () => Promise<Result>): Promise<Result | undefined> {
    const working = this.#working.then(work).catch((error) => {
      this.#note(`Cannot ${what}: ${reasonOf(error)}`);
      return undefined;
    });
    this.#working = working;
    return await working;
  }

  async #entries(): Promise<Entries> {
    const text = await readText(this.#path);
    if (text === undefined) return new Map();
    try {
      return entriesOf(parseIgnored(parseEditedJson(text)));
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      const moved = quarantinePath(this.#path);
      await Deno.rename(this.#path, moved);
      this.#note(
        `${this.#path} is damaged and was moved to ${moved}: nobody in it is ignored now ` +
          `(${error.message})`,
      );
      return new Map();
    }
  }
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
