import type { Key } from "node:readline";
import { HistoryWalk, InputHistory } from "./input_history.ts";
import { HistorySearch } from "./history_search.ts";
import { intoLine } from "./placeholders.ts";

/** Brings back entered lines, by the arrow keys and by Ctrl-R. */
export class HistoryNavigator {
  readonly #history: InputHistory;
  readonly #put: (line: string) => void;
  #walk: HistoryWalk | undefined;
  #search: HistorySearch | undefined;

  /**
   * @param put replaces the line that is edited
   * @param file the file for entered lines; undefined: they are forgotten at the end
   */
  constructor(put: (line: string) => void, file?: string) {
    this.#put = put;
    this.#history = new InputHistory(file);
  }

  /** The search under way, if any. */
  get search(): Pick<HistorySearch, "query" | "found"> | undefined {
    return this.#search;
  }

  /** Keeps a line, and the name of the user it was sent to, if any. */
  add(text: string, to: string | undefined): void {
    this.#history.add(text, to);
  }

  /** Deletes the lines sent to a user. Returns how many. */
  forget(name: string): number {
    return this.#history.forget(name);
  }

  /**
   * Goes to an older line, or a newer one.
   *
   * @param draft the half-typed line, for the first step
   */
  step(older: boolean, draft: string): void {
    this.#walk ??= new HistoryWalk(this.#history.entries.map(intoLine), draft);
    const line = older ? this.#walk.older() : this.#walk.newer();
    if (line !== undefined) this.#put(line);
  }

  /** Another key was pressed: the next step starts again. */
  rest(): void {
    this.#walk = undefined;
  }

  /** Starts a search. */
  startSearch(): void {
    this.#search = new HistorySearch(this.#history.entries);
  }

  /** Ends the search. */
  endSearch(): void {
    this.#search = undefined;
  }

  /** Takes a key during a search. Returns whether that was all it was for. */
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
