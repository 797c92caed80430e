import { allowedEnv } from "../platform/cli/env.ts";
import type { LogLevel } from "./options.ts";

/** The priorities of syslog, as the journal reads them in front of a line. */
const PRIORITIES: Readonly<Record<LogLevel, number>> = {
  fatal: 2,
  error: 3,
  warning: 4,
  info: 6,
  debug: 7,
  trace: 7,
};

/** The prefix that the journal reads as the priority of a line. */
export function journalPrefix(level: LogLevel): string {
  return `<${PRIORITIES[level]}>`;
}

/** Whether stderr is the journal, which knows the time of each line. */
export function isStderrJournal(): boolean {
  const [device, inode] = allowedEnv("JOURNAL_STREAM")?.split(":").map(Number) ?? [];
  if (device === undefined || inode === undefined) return false;
  try {
    const { dev, ino } = Deno.statSync("/proc/self/fd/2");
    return dev === device && ino === inode;
  } catch {
    return true; // it can't be looked at: the variable is believed
  }
}
