import process from "node:process";
import { allowedEnv } from "../../../server/platform/cli/env.ts";
import type { RawMode } from "./keyboard.ts";

/** Half of the time in which a program is stopped, or not at all, in milliseconds. */
const STOP_TIME = 50;

/**
 * Ctrl-Z, and coming back. A program that no shell waits for (the only one in its pane, or behind
 * `ssh -t`) is not stopped by the system, and no signal says so: it takes its terminal back by itself.
 */
export class JobControl {
  readonly #input: RawMode;
  readonly #back: (unasked: boolean) => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #continued = () => {
    const unasked = !this.away;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#input.setRawMode(false); // whoever was in front meanwhile has set the terminal otherwise
    this.#input.setRawMode(true);
    this.#back(unasked);
  };

  /** @param back told that the terminal is there again; unasked: without a `suspend` before */
  constructor(input: RawMode, back: (unasked: boolean) => void) {
    this.#input = input;
    this.#back = back;
    if (Deno.build.os !== "windows") process.on("SIGCONT", this.#continued);
  }

  /** `deno task` goes on when what it runs is stopped, and keeps the terminal: nobody could type. */
  get possible(): boolean {
    return allowedEnv("INIT_CWD") === undefined; // the mark of `deno task`
  }

  /** Whether the terminal is somebody else's now. */
  get away(): boolean {
    return this.#timer !== undefined;
  }

  /** Gives the terminal to whoever started this program, until that one brings it back. */
  suspend(): void {
    if (Deno.build.os === "windows") return;
    this.#input.setRawMode(false);
    process.kill(process.pid, "SIGTSTP");
    // Two of them: after a stop the first may be told of before SIGCONT is, the second is not.
    this.#timer = setTimeout(() => {
      this.#timer = setTimeout(this.#continued, STOP_TIME);
    }, STOP_TIME);
  }

  /** Comes back no more. */
  close(): void {
    clearTimeout(this.#timer);
    process.off("SIGCONT", this.#continued);
  }
}
