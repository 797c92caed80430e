import type { Key } from "node:readline";
import { HistoryWalk, InputHistory } from "./input_history.ts";
import { HistorySearch } from "./history_search.ts";
import { intoLine } from "./placeholders.ts";

/** Brings back what was entered: by the arrow keys, and by Ctrl-R. */
export class HistoryNavigator {
  readonly #history: InputHistory;
  readonly #put: (line: string) => void;
  #walk: HistoryWalk | undefined;
  #search: HistorySearch | undefined;

  /**
   * @param put has a line edited in place of what is typed by now
   * @param file where entered lines are kept; undefined: only until the end
   */
  constructor(put: (line: string) => void, file?: string) {
    this.#put = put;
    this.#history = new InputHistory(file);
  }

  /** What is being looked for, and what was found. */
  get search(): Pick<HistorySearch, "query" | "found"> | undefined {
    return this.#search;
  }

  /** Keeps a line, and the name of whom it was said to, if anybody. */
  add(text: string, to: string | undefined): void {
    this.#history.add(text, to);
  }

  /** Deletes what was said to somebody. Returns how many lines. */
  forget(name: string): number {
    return this.#history.forget(name);
  }

  /**
   * Goes to the line before, or back.
   *
   * @param draft what is half typed, where this is the first step
   */
  step(older: boolean, draft: string): void {
    this.#walk ??= new HistoryWalk(this.#history.entries.map(intoLine), draft);
    const line = older ? this.#walk.older() : this.#walk.newer();
    if (line !== undefined) this.#put(line);
  }

  /** Another key was pressed: the next step is the first again. */
  rest(): void {
    this.#walk = undefined;
  }

  /** Begins to look for something. */
  startSearch(): void {
    this.#search = new HistorySearch(this.#history.entries);
  }

  /** Looks for nothing any more. */
  endSearch(): void {
    this.#search = undefined;
  }

  /** Takes a key while something is looked for. Returns whether that is all it was for. */
  takes(text: string | undefined, key: Key): boolean {
    const search = this.#search;
    if (search === undefined) return false;
    const { name, ctrl = false, meta = false } = key;
    if (ctrl && name === "r") search.older();
    else if (name === "backspace") search.look(search.query.replace(/.$/su, ""));
    else if (text !== undefined && !ctrl && !meta && /^[^\p{C}]+$/u.test(text)) {
      search.look(search.query + text);
    } else {
      this.#search = undefined;
      const leaves = name === "escape" || ctrl && (name === "g" || name === "c");
      if (leaves) return true;
      if (search.found !== undefined) this.#put(intoLine(search.found));
      return name === "return" || name === "enter";
    }
    return true;
  }
}
