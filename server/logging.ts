import { configure, type LogRecord } from "@logtape/logtape";
import { displayText } from "../protocol/mod.ts";
import type { LogLevel } from "./options.ts";

const encoder = new TextEncoder();

/** Sends what the program logs to stderr, a line each. */
export async function logToStderr(level: LogLevel, format: "text" | "json"): Promise<void> {
  const line = format === "json" ? jsonLine : textLine;
  await configure({
    sinks: { stderr: (record) => writeAll(encoder.encode(line(record) + "\n")) },
    loggers: [
      { category: "mim", lowestLevel: level, sinks: ["stderr"] },
      { category: ["logtape", "meta"], lowestLevel: "warning", sinks: ["stderr"] },
    ],
  });
}

function writeAll(bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += Deno.stderr.writeSync(bytes.subarray(at));
}

/** `2026-11-22T15:04:05.678Z info server: closed 192.0.2.7:51234: …` */
export function textLine(record: LogRecord): string {
  const text = record.message.map(String).join("");
  const category = record.category.slice(1).join(".");
  return `${time(record)} ${record.level} ${category}: ${displayText(text)}`;
}

/** One JSON object: time, level, category, message, and the record's own properties. */
export function jsonLine(record: LogRecord): string {
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
