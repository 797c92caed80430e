import type { Key } from "node:readline";
import { graphemesOf } from "../../../protocol/mod.ts";
import { HistoryWalk, InputHistory } from "./input_history.ts";
import { HistorySearch } from "./history_search.ts";
import { intoLine } from "./placeholders.ts";

/** Brings back entered lines, by the arrow keys and by Ctrl-R. */
export class HistoryNavigator {
  readonly #history: InputHistory;
  readonly #put: (line: string) => void;
  #walk: HistoryWalk | undefined;
  /** A half-typed line that was left for an older one, which was entered. */
  #left: string | undefined;
  #search: HistorySearch | undefined;

  /**
   * @param put replaces the edited line
   * @param file the file for entered lines; undefined: they are forgotten at the end
   * @param onFault called once if that file can't be used
   */
  constructor(put: (line: string) => void, file?: string, onFault?: (reason: string) => void) {
    this.#put = put;
    this.#history = new InputHistory(file, onFault);
  }

  /** The search under way, if any. */
  get search(): Pick<HistorySearch, "query" | "found"> | undefined {
    return this.#search;
  }

  /** Adds a line, and the name of the user it was sent to, if any. */
  add(text: string, to: string | undefined): void {
    this.#history.add(text, to);
  }

  forget(name: string): number {
    return this.#history.forget(name);
  }

  /** Goes from the current line to an older or a newer one. */
  step(older: boolean, line: string): void {
    const walk = this.#walkFrom(line);
    const next = older ? walk.older() : walk.newer();
    if (next !== undefined) this.#put(next);
  }

  /**
   * Ends the walk: the line was entered or dropped. A half-typed one that was left for it becomes
   * the newest entry.
   *
   * @param whole replaces the placeholders of a half-typed line, which are forgotten now
   */
  finish(line: string, whole: (draft: string) => string): void {
    const draft = this.#walk?.draft;
    this.#walk = undefined;
    if (draft !== undefined && draft.trim() !== "") this.#left = whole(draft);
    else if (line === this.#left) this.#left = undefined;
  }

  /** Starts a search from the current line. */
  startSearch(line: string): void {
    this.#walkFrom(line);
    this.#search = new HistorySearch(this.#history.entries);
  }

  #walkFrom(line: string): HistoryWalk {
    const left = this.#left === undefined ? [] : [this.#left];
    this.#walk ??= new HistoryWalk([...this.#history.entries.map(intoLine), ...left], line);
    this.#walk.keep(line);
    return this.#walk;
  }

  endSearch(): void {
    this.#search = undefined;
  }

  /** Handles a key during a search; returns whether nothing else is to handle it. */
  takes(text: string | undefined, key: Key): boolean {
    const search = this.#search;
    if (search === undefined) return false;
    const { name, ctrl = false, meta = false } = key;
    if (ctrl && name === "r") search.older();
    else if (name === "backspace") search.look(graphemesOf(search.query).slice(0, -1).join(""));
    else if (text !== undefined && !ctrl && !meta && /^\P{Cc}+$/u.test(text)) {
      search.look(search.query + text);
    } else {
      this.#search = undefined;
      const leaves = name === "escape" || ctrl && (name === "g" || name === "c");
      if (leaves) return true;
      if (search.found !== undefined) this.#put(this.#walk?.goTo(search.at) ?? "");
      return name === "return" || name === "enter";
    }
    return true;
  }
}
