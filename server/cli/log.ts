import { configure, type LogRecord } from "@logtape/logtape";
import { sanitizeText } from "../../protocol/mod.ts";
import { LineWriter } from "../platform/cli/line_writer.ts";
import type { LogLevel } from "./options.ts";

/**
 * Sends what the program logs to stderr, a line each, without ever waiting for whoever reads it.
 *
 * @returns the queue that the lines pass
 */
export async function logToStderr(level: LogLevel, format: "text" | "json"): Promise<LineWriter> {
  const line = format === "json" ? jsonLogLine : textLogLine;
  const queue = new LineWriter(Deno.stderr, (dropped) => line(droppedRecord(dropped)));
  await configure({
    sinks: { stderr: (record) => queue.line(line(record)) },
    loggers: [
      { category: "mim", lowestLevel: level, sinks: ["stderr"] },
      { category: ["logtape", "meta"], lowestLevel: "warning", sinks: ["stderr"] },
    ],
  });
  return queue;
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
  return `${time(record)} ${record.level} ${category}: ${sanitizeText(text)}`;
}

/** One JSON object: time, level, category, message, and the record's own properties. */
export function jsonLogLine(record: LogRecord): string {
  const { level, category, message, properties } = record;
  const text = message.map(String).join("");
  return JSON.stringify({
    time: time(record),
    level,
    category: category.join("."),
    message: text,
    ...properties,
  });
}

function time(record: LogRecord): string {
  return new Date(record.timestamp).toISOString();
}
