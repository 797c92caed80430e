import { displayName, sanitizeText } from "../../protocol/mod.ts";
import type { LineWriter } from "../../server/platform/cli/line_writer.ts";
import { formatDate, formatTime } from "../app/mod.ts";
import { safeJson } from "../terminal/mod.ts";

const INDENT = "    ";

/** A message as text: `name` is its author's, as it came, or undefined for the user. */
export interface ExportedText {
  /** In milliseconds since 1970. */
  readonly at: number;
  readonly name: string | undefined;
  readonly text: string;
  /** What happened to it instead of being shown, in a word or two. */
  readonly remark?: string | undefined;
  readonly isEdited?: boolean | undefined;
}

/** Writes messages, a line each or as a JSON array, no faster than they are read. */
export async function exportMessages<Message>(
  messages: AsyncIterable<Message> | Iterable<Message>,
  format: "text" | "json",
  output: Pick<LineWriter, "line" | "ready">,
  textOf: (message: Message) => ExportedText,
  recordOf: (message: Message) => Readonly<Record<string, unknown>>,
): Promise<void> {
  if (format === "json") output.line("[");
  let isFirst = true;
  for await (const message of messages) {
    await output.ready();
    if (format === "text") output.line(formatMessage(textOf(message)));
    else output.line(`${isFirst ? " " : ","}${safeJson(recordOf(message))}`);
    isFirst = false;
  }
  if (format === "json") output.line("]");
}

/** A message as lines: those behind the first are indented. */
function formatMessage({ at, name, text, remark, isEdited }: ExportedText): string {
  const who = name === undefined ? "me" : displayName(name);
  const lines = text.split("\n").map(sanitizeText).join(`\n${INDENT}`);
  const before = remark === undefined ? "" : ` (${remark})`;
  return `${formatDate(at)} ${formatTime(at)} ${who}${before}: ${lines}${
    isEdited ? " (edited)" : ""
  }`;
}
