import { configure, type LogRecord } from "@logtape/logtape";
import { sanitizeText } from "../../protocol/mod.ts";
import { encoderOf } from "../platform/cli/terminal_charset.ts";
import { LineWriter } from "../platform/cli/line_writer.ts";
import type { LogLevel } from "./options.ts";
import { isStderrJournal, journalPrefix } from "./journal_prefix.ts";

const MAX_UNREAD_BYTES = 1024 * 1024;

/**
 * Writes the program's log to stderr, a line a record, without ever waiting for a reader.
 *
 * @returns what writes the lines
 */
export async function logToStderr(level: LogLevel, format: "text" | "json"): Promise<LineWriter> {
  const inJournal = isStderrJournal();
  const formatRecord = format === "json" ? jsonLogLine : inJournal ? journalLine : textLogLine;
  const writer = new LineWriter(Deno.stderr, {
    maxUnreadBytes: MAX_UNREAD_BYTES,
    droppedLine: (count) => formatRecord(droppedRecord(count)),
    encode: encoderOf(Deno.stderr),
  });
  await configure({
    sinks: { stderr: (record) => writer.line(formatRecord(record)) },
    loggers: [
      { category: "mim", lowestLevel: level, sinks: ["stderr"] },
      { category: ["logtape", "meta"], lowestLevel: "warning", sinks: ["stderr"] },
    ],
  });
  return writer;
}

function droppedRecord(dropped: number): LogRecord {
  const text = "lines dropped: nobody read the log, or it could not be written";
  return {
    category: ["mim", "server"],
    level: "warning",
    message: [`${dropped} ${text}`],
    rawMessage: `{dropped} ${text}`,
    timestamp: Date.now(),
    properties: { dropped },
  };
}

/** `2026-11-22T15:04:05.678Z info server: closed 192.0.2.7:51234: …` */
export function textLogLine(record: LogRecord): string {
  const text = record.message.map(String).join("");
  const category = record.category.slice(1).join(".");
  return `${timeOf(record)} ${record.level} ${category}: ${sanitizeText(text)}`;
}

/** A line for the journal, which adds the time: `<6>server: closed 192.0.2.7:51234: …` */
export function journalLine(record: LogRecord): string {
  const text = record.message.map(String).join("");
  const category = record.category.slice(1).join(".");
  return `${journalPrefix(record.level)}${category}: ${sanitizeText(text)}`;
}

/** One JSON object: time, level, category, message, and the record's own properties. */
function jsonLogLine(record: LogRecord): string {
  const { level, category, message, properties } = record;
  return JSON.stringify({
    time: timeOf(record),
    level,
    category: category.join("."),
    message: message.map(String).join(""),
    ...properties,
  });
}

function timeOf(record: LogRecord): string {
  return new Date(record.timestamp).toISOString();
}
