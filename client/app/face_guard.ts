import { reasonOf } from "../../server/platform/util/errors.ts";
import { throttle } from "../../server/platform/util/throttle.ts";

/** How often failures are reported at most: others may cause what a face fails at. */
const REPORT_INTERVAL_MS = 10_000;

/** Keeps what a face can't show from ending the program, and from taking along what it can show. */
export class FaceGuard {
  readonly #report: (text: string) => void;
  readonly #mayReport = throttle(REPORT_INTERVAL_MS);

  /** @param report shows a text about something that could not be shown; not safe to print */
  constructor(report: (text: string) => void) {
    this.#report = report;
  }

  /** Returns what `show` returns; undefined if it throws, which is reported once in a while. */
  run<Result>(what: string, show: () => Result): Result | undefined {
    try {
      return show();
    } catch (error) {
      if (this.#mayReport()) {
        this.#tryReport(`This could not be shown (${what}): ${reasonOf(error)}`);
      }
      return undefined;
    }
  }

  #tryReport(text: string): void {
    try {
      this.#report(text);
    } catch {
      // A face that can't even show that shows nothing.
    }
  }
}
