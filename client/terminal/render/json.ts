import { sanitizeText } from "../../../protocol/mod.ts";
import type { ClientEvent } from "../../app/mod.ts";
import { jsonRecordOf } from "./record.ts";

/**
 * An event as one JSON object. Characters that are not safe to print are escaped as `\uXXXX`, which any
 * JSON parser reads back.
 *
 * @param now when it happened, in milliseconds since 1970
 */
export function jsonLine(event: ClientEvent, now = Date.now()): string {
  return safeJson(jsonRecordOf(event, now));
}

/** A value as JSON that is safe to print, and read back by any parser. */
export function safeJson(value: unknown): string {
  const json = JSON.stringify(value);
  if (sanitizeText(json) === json) return json;
  return json.replace(/[^\x20-\x7e]/gu, (character) => {
    const stacks = /\p{M}/u.test(character); // one is safe, many on one letter are not
    if (!stacks && sanitizeText(character) === character) return character;
    return character.replace(
      /[\s\S]/g,
      (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
    );
  });
}
