import process from "node:process";
import { allowedEnv } from "../../../server/platform/cli/env.ts";
import type { RawMode } from "./keyboard.ts";

/** Half of the time in which the system stops a program, in milliseconds. */
const STOP_DELAY_MS = 50;

/**
 * Ctrl-Z, and coming back. The system does not stop a program that no shell waits for (the only one in its
 * pane, or behind `ssh -t`), and no signal says so; then it takes its terminal back by itself.
 */
export class JobControl {
  readonly #input: RawMode;
  readonly #back: (unasked: boolean) => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #continued = () => {
    const unasked = !this.away;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#input.setRawMode(false); // another program may have changed it
    this.#input.setRawMode(true);
    this.#back(unasked);
  };

  /** @param back called when the terminal is there again; unasked: without a `suspend` before */
  constructor(input: RawMode, back: (unasked: boolean) => void) {
    this.#input = input;
    this.#back = back;
    if (Deno.build.os !== "windows") process.on("SIGCONT", this.#continued);
  }

  /** False under `deno task`, which keeps the terminal if its program stops. */
  get possible(): boolean {
    return allowedEnv("INIT_CWD") === undefined; // the mark of `deno task`
  }

  /** Whether another program has the terminal now. */
  get away(): boolean {
    return this.#timer !== undefined;
  }

  /** Gives the terminal back to the shell until it resumes this program. */
  suspend(): void {
    if (Deno.build.os === "windows") return;
    this.#input.setRawMode(false);
    process.kill(process.pid, "SIGTSTP");
    // Two timers: after a stop the first may fire before SIGCONT arrives, the second does not.
    this.#timer = setTimeout(() => {
      this.#timer = setTimeout(this.#continued, STOP_DELAY_MS);
    }, STOP_DELAY_MS);
  }

  close(): void {
    clearTimeout(this.#timer);
    process.off("SIGCONT", this.#continued);
  }
}
