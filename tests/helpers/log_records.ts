import { configure, type LogRecord, reset } from "@logtape/logtape";
import { textLogLine } from "../../server/cli/log.ts";

/** What a server logs while a test runs, one line a record, without the time. */
export class LogRecords implements AsyncDisposable {
  /** The lines so far. */
  readonly lines: string[] = [];

  /** Starts to listen; one at a time in a test file. */
  static async start(): Promise<LogRecords> {
    const log = new LogRecords();
    const note = (record: LogRecord) =>
      void log.lines.push(textLogLine(record).replace(/^\S+ /, ""));
    await configure({
      reset: true,
      sinks: { note },
      loggers: [
        { category: "mim", lowestLevel: "debug", sinks: ["note"] },
        { category: ["logtape", "meta"], lowestLevel: "warning", sinks: ["note"] },
      ],
    });
    return log;
  }

  /** The lines from `info` on: what an operator sees, but for pauses of a busy machine. */
  get shown(): string[] {
    const hidden = /^debug |^warning server: did not run for /;
    return this.lines.filter((line) => !hidden.test(line));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await reset();
  }
}
