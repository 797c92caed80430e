import { sanitizeText } from "../../../protocol/mod.ts";
import type { ClientEvent } from "../../app/mod.ts";
import { type FieldValue, recordOf } from "./record.ts";

const ESCAPES: Readonly<Record<string, string>> = {
  "\t": "\\t",
  "\n": "\\n",
  "\r": "\\r",
  "\\": "\\\\",
};

/** An event as one line: its word, then its fields, each after one TAB. */
export function plainLine(event: ClientEvent): string {
  return Object.values(recordOf(event)).map(plainField).join("\t");
}

/** A field: TAB, line ends and backslash as escapes, other unsafe characters as stand-ins. */
export function plainField(value: FieldValue): string {
  const text = typeof value === "object" ? value.join(",") : String(value);
  return text.replace(/[\t\n\r\\]|[^\t\n\r\\]+/g, (part) => ESCAPES[part] ?? sanitizeText(part));
}
