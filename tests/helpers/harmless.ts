import { assertEquals, assertNotMatch } from "@std/assert";
import type { Messenger } from "../../client/core/mod.ts";
import type { ClientEvent } from "../../client/app/events.ts";
import { jsonLine } from "../../client/terminal/render/json.ts";
import { plainLine } from "../../client/terminal/render/plain.ts";
import { recordOf } from "../../client/terminal/render/record.ts";
import { TextLines } from "../../client/terminal/render/text.ts";
import { NO_CHATS } from "../../client/terminal/render/view.ts";
import { sanitizeText } from "../../protocol/mod.ts";

/** Asserts that none of the three faces does any harm to a terminal or a script with this event. */
export function assertHarmless(event: ClientEvent): void {
  const plain = plainLine(event).split("\t");
  assertEquals(plain.length, Object.keys(recordOf(event)).length);
  const json = jsonLine(event);
  assertEquals<unknown>(JSON.parse(json), recordOf(event));
  for (const line of [...plain, json, ...new TextLines().of(event, new Date(), NO_CHATS)]) {
    assertNotMatch(line, /[\p{Cc}\p{Cs}\p{Cn}\p{Zl}\p{Zp}\p{Bidi_Control}]/u);
    assertEquals(sanitizeText(line), line);
  }
}

/**
 * Looks at every event of a messenger from now on.
 *
 * @returns a function that throws where one of them was not harmless
 */
export function watchHarm(messenger: Messenger): () => void {
  const found: unknown[] = [];
  messenger.subscribe((event) => {
    try {
      assertHarmless(event);
    } catch (error) {
      found.push(error);
    }
  });
  return () => {
    if (found.length > 0) throw found[0];
  };
}
