/** What others send, through the bytes that carry it and the faces, on an emulated screen. */

import { assert, assertEquals } from "@std/assert";
import type { ClientEvent } from "../../../client/app/events.ts";
import { jsonLine } from "../../../client/terminal/render/json.ts";
import { plainLine } from "../../../client/terminal/render/plain.ts";
import { TextLines } from "../../../client/terminal/render/text.ts";
import { NO_CHATS } from "../../../client/terminal/render/view.ts";
import {
  ChatDecoder,
  decodeUpdate,
  encodeAdd,
  limits,
  quote,
  ServerDecoder,
} from "../../../protocol/mod.ts";
import { ATTACKS, everyCharacter, UNSAFE } from "../../fixtures/attacks.ts";
import { ScreenProbe } from "../../helpers/screen.ts";
import { chatWith, eventsSaying, messageSaying } from "../../fixtures/events.ts";

/** The view of whoever wants to know who comes and goes. */
const ALL = { ...NO_CHATS, joins: "on" } as const;

/** So many characters, each behind a letter, are a name that is not too long to be shown. */
const CHUNK = Math.floor(limits.nameUnits / 3);
/** Rows that are looked at together. */
const BATCH = 2_000;
const NOON = new Date(2026, 0, 2, 12);
const encoder = new TextEncoder();

/** Two strings that a chunk of characters is sent as, the event they end up in, and how often. */
interface Channel {
  readonly event: (text: string) => ClientEvent;
  readonly times: number;
  readonly carries: (character: string) => boolean;
}

const CHANNELS: Readonly<Record<string, Channel>> = {
  "a caller's name and what it says": {
    event: saidByCaller,
    times: 2,
    // Halves of pairs have no bytes, a line feed ends the line.
    carries: (character) => !/[\p{Cs}\n]/u.test(character),
  },
  "a user's name and address in the table": { event: inTable, times: 2, carries: () => true },
  "a line of the welcome": {
    event: welcoming,
    times: 1,
    // Below TAB the first block begins; a chunk is never at the start of a line.
    carries: (character) => !/[\p{Cs}\n]/u.test(character),
  },
  "a reason": {
    event: (text) => ({ type: "disconnected", reason: `It: ${text}`, end: { type: "closed" } }),
    times: 1,
    carries: () => true,
  },
};

function saidByCaller(text: string): ClientEvent {
  const [name, said] = [...new ChatDecoder("caller").push(encoder.encode(`${text}\n${text}\n`))];
  assert(name?.type === "name" && said?.type === "text");
  return { type: "message", chat: chatWith(name.name), message: messageSaying(said.text) };
}

function inTable(text: string): ClientEvent {
  const { entry } = decodeUpdate(encodeAdd({ name: text, address: text, port: 1 }).subarray(2));
  return { type: "user", number: 1, user: { ...entry, id: 1, own: false } };
}

function welcoming(text: string): ClientEvent {
  const [line] = [...new ServerDecoder().push(encoder.encode(`${text}\n\n`))];
  assert(line?.type === "welcome");
  return { type: "welcome", text: line.text };
}

/** How a character is to look, alone. */
function looks(character: string): string {
  if (!UNSAFE.test(character)) return character;
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  return code === 0x7f ? "\u2421" : "\uFFFD";
}

/** Without blank signs, which names have stand-ins for. */
function unblanked(text: string): string {
  return text.replace(/[\u2800\u{1D159}]/gu, "\uFFFD");
}

/** Chunks of characters, each character behind a letter and the last one before one. */
function* chunks(carries: Channel["carries"]): Generator<{ text: string; shown: string }> {
  let [text, shown, count] = ["", "", 0];
  for (const character of everyCharacter()) {
    if (!carries(character)) continue;
    text += `a${character}`;
    shown += `a${looks(character)}`;
    if (++count % CHUNK > 0) continue;
    yield { text: `${text}b`, shown: `${shown}b` };
    [text, shown] = ["", ""];
  }
  yield { text: `${text}b`, shown: `${shown}b` };
}

for (const [what, { event, times, carries }] of Object.entries(CHANNELS)) {
  Deno.test(`safe to look at: every character in ${what} is on the screen, and does nothing`, async () => {
    using screen = new ScreenProbe(240, BATCH + 1);
    let batch: { line: string; shown: string }[] = [];
    const look = async () => {
      screen.reset();
      await screen.write(batch.map(({ line }) => `${line}\r\n`).join(""));
      assertEquals(screen.cursor, [batch.length, 0]);
      batch.forEach(({ shown }, index) => {
        // A name with signs of a sentence is in quotes, and its own quotes have a backslash.
        const row = screen.row(index).replaceAll(quote(shown).slice(1, -1), shown);
        if (unblanked(row).split(unblanked(shown)).length !== times + 1) {
          assertEquals(row, `${shown} ${times} times`);
        }
      });
      assertEquals(screen.adorned, []);
      batch = [];
    };
    for (const { text, shown } of chunks(carries)) {
      const happened = event(text);
      const lines = new TextLines().of(happened, NOON, ALL);
      assertEquals(lines.length, 1);
      batch.push({ line: lines.join(), shown });
      if (batch.length === BATCH) await look();
    }
    await look();
    assertEquals([screen.obeyed, screen.answers, screen.bells], [[], "", 0]);
  });
}

Deno.test("safe to look at: every byte that is no UTF-8 is read as Windows-1252, and shown", async () => {
  using screen = new ScreenProbe(80, 200);
  const text = new TextLines();
  for (let byte = 0x80; byte <= 0xff; byte++) {
    const bytes = Uint8Array.of(0x61, byte, ...encoder.encode("0;owned\n"));
    const [said] = [...new ChatDecoder("callee").push(bytes)];
    assert(said?.type === "text");
    const lines = text.of(
      { type: "message", chat: chatWith("bob"), message: messageSaying(said.text) },
      NOON,
      ALL,
    );
    await screen.write(lines.map((line) => `${line}\r\n`).join(""));
    assert(screen.row(byte - 0x80).endsWith("0;owned"), screen.row(byte - 0x80));
    assert(!UNSAFE.test(screen.row(byte - 0x80)), screen.row(byte - 0x80));
  }
  assertEquals(screen.cursor, [0x80, 0]);
  assertEquals([screen.obeyed, screen.answers, screen.bells, screen.adorned], [[], "", 0, []]);
});

for (const [what, [attack, shown]] of Object.entries(ATTACKS)) {
  Deno.test(`safe to look at: ${what}, in every event that others have a say in`, async () => {
    for (const event of eventsSaying(`<${attack}>`)) {
      using screen = new ScreenProbe(2_400, 30);
      const lines = new TextLines().of(event, NOON, ALL);
      await screen.write(["above", ...lines, "below"].join("\r\n"));
      const rows = screen.rows;
      assertEquals([rows.length, rows[0], rows.at(-1)], [lines.length + 2, "above", "below"]);
      assertEquals(screen.cursor, [lines.length + 1, "below".length]);
      if ("text" in event) assert(rows.some((row) => row.includes(`<${shown}>`)), rows.join("\n"));
      assertEquals([screen.obeyed, screen.answers, screen.bells], [[], "", 0]);
      assertEquals([screen.adorned, screen.alternate], [[], false]);
      for (const line of [plainLine(event), jsonLine(event)]) {
        assert(!/(?!\t)\p{Cc}/u.test(line), JSON.stringify(line));
      }
    }
  });
}
