import { nameKey } from "../../protocol/mod.ts";
import { quarantinePath } from "../../server/platform/storage/quarantine.ts";
import { readText, replaceFile } from "./config/mod.ts";
import { type IgnoreEntry, parseIgnored } from "../core/mod.ts";
import { createDataDir } from "./data_dir.ts";
import { clientLimits } from "../core/mod.ts";

type Entries = ReadonlyMap<string, IgnoreEntry>;

/**
 * Who is ignored, kept from one run to the next. Several clients may share the file: each writes what
 * it has changed itself, and finds what the others have at its next start.
 */
export class IgnoreFile {
  readonly #folder: string;
  readonly #path: string;
  readonly #note: (text: string) => void;
  /** What of the file this client knows: as read or written last. */
  #known: Entries = new Map();
  /** What is being done with the file, one after the other; never rejects. */
  #working: Promise<unknown> = Promise.resolve();

  /**
   * @param folder the data folder
   * @param note told, in words for users, what goes wrong
   */
  constructor(folder: string, note: (text: string) => void) {
    this.#folder = folder;
    this.#path = `${folder}/ignored.json`;
    this.#note = note;
  }

  /** Who was ignored at the end of the last run. A file that can't be understood is set aside. */
  async read(): Promise<IgnoreEntry[]> {
    return await this.#inTurn("read who is ignored", async () => {
      this.#known = await this.#entries();
      return [...this.#known.values()];
    }) ?? [];
  }

  /** Writes down who is ignored now, where that is anything new. */
  async write(ignored: readonly IgnoreEntry[]): Promise<void> {
    await this.#inTurn("keep who is ignored", async () => {
      const now = entriesOf(ignored);
      const known = this.#known;
      if (isSame(now, known)) return;
      await createDataDir(this.#folder);
      using _ = await this.#lock();
      const merged = [...changed(await this.#entries(), known, now).values()];
      const text = JSON.stringify(merged.slice(0, clientLimits.ignoredUsers), undefined, 2);
      await replaceFile(this.#path, `${text}\n`);
      this.#known = now;
    });
  }

  async #inTurn<Result>(what: string, work: () => Promise<Result>): Promise<Result | undefined> {
    const working = this.#working.then(work).catch((error) => {
      this.#note(`cannot ${what}: ${error instanceof Error ? error.message : error}`);
      return undefined;
    });
    this.#working = working;
    return await working;
  }

  async #entries(): Promise<Entries> {
    const text = await readText(this.#path);
    if (text === undefined) return new Map();
    try {
      return entriesOf(parseIgnored(JSON.parse(text)));
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      const aside = quarantinePath(this.#path);
      await Deno.rename(this.#path, aside);
      this.#note(
        `${this.#path} is damaged and set aside as ${aside}: nobody in it is ignored now ` +
          `(${error.message})`,
      );
      return new Map();
    }
  }

  /** Keeps other clients from writing. */
  async #lock(): Promise<Disposable> {
    const path = `${this.#folder}/ignored.lock`;
    const file = await Deno.open(path, { write: true, create: true, mode: 0o600 });
    await file.lock(true);
    return file;
  }
}

/** What stands in the file after the changes from `known` to `now`: all else in it stays. */
function changed(file: Entries, known: Entries, now: Entries): Entries {
  const merged = new Map(file);
  for (const key of known.keys()) if (!now.has(key)) merged.delete(key);
  for (const [key, entry] of now) {
    const before = known.get(key)?.refused ?? 0;
    const other = file.get(key);
    // Whoever another client has unignored meanwhile stays so.
    if (other === undefined && known.has(key)) continue;
    const refused = (other?.refused ?? 0) + entry.refused - before;
    merged.set(key, { ...other ?? entry, refused });
  }
  return merged;
}

function entriesOf(ignored: readonly IgnoreEntry[]): Entries {
  return new Map(ignored.map((entry) => [keyOf(entry), entry]));
}

/** What tells an entry from others. */
function keyOf({ name, address }: IgnoreEntry): string {
  return JSON.stringify([name === undefined ? undefined : nameKey(name), address]);
}

function isSame(one: Entries, other: Entries): boolean {
  return one.size === other.size &&
    [...one].every(([key, { refused }]) => other.get(key)?.refused === refused);
}
