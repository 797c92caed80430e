import { formatAddress, sanitizeText } from "../../../protocol/mod.ts";
import { describeError } from "../../app/mod.ts";
import { ClientError } from "../../core/mod.ts";
import type { Wording } from "../messages.ts";

/** An error in English, and as a code with values for pages in other languages. */
export function wordingOf(error: unknown): Wording {
  if (!(error instanceof Error)) return { text: sanitizeText(String(error)) };
  const text = sanitizeText(describeError(error, "window"));
  if (!(error instanceof ClientError)) return { text };
  const details: Readonly<Record<string, unknown>> = error.details;
  const why = "end" in error.details ? error.details.end.type : details.reason;
  const reason = typeof why === "string" && /^[a-z]+(-[a-z]+)*$/.test(why) ? `.${why}` : "";
  return { text, code: error.code + reason, values: valuesOf(details) };
}

/** Words with a code for other languages; values are sanitized. */
export function worded(
  text: string,
  code: string,
  values: Readonly<Record<string, string | number>> = {},
): Wording {
  return { text: sanitizeText(text), code, values: valuesOf(values) };
}

/** The texts and numbers among details, and where the server is. */
function valuesOf(details: Readonly<Record<string, unknown>>): Record<string, string> {
  const values: Record<string, string> = {};
  for (const [key, value] of Object.entries(details)) {
    if (typeof value === "string" || typeof value === "number") {
      values[key] = sanitizeText(String(value));
    } else if (isPlace(value)) values[key] = formatAddress(value.hostname, value.port);
  }
  return values;
}

function isPlace(value: unknown): value is { readonly hostname: string; readonly port: number } {
  return typeof value === "object" && value !== null && "hostname" in value &&
    typeof value.hostname === "string" && "port" in value && typeof value.port === "number";
}
