import { assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  createAnnouncement,
  createRotation,
  encodeWelcome,
  formatLinkAnnouncement,
  formatRotationLine,
  GreetingDecoder,
  type GreetingMessage,
  type LinkOffer,
  linkPrologue,
} from "../../../../protocol/mod.ts";
import {
  anyText,
  byteByByte,
  cutAt,
  decode,
  join,
  test,
  utf8,
} from "../../../fixtures/decoding.ts";

const key = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);
const announcement = createAnnouncement(key(3), key(9), false);
const LINE = formatLinkAnnouncement(announcement);
const ROTATIONS = [createRotation(key(1), key(2), 5), createRotation(key(2), key(3), 6)];
const WAS = ROTATIONS.map(formatRotationLine);

function text(...lines: readonly string[]): GreetingMessage[] {
  return lines.map((text) => ({ type: "welcome", text }));
}

function end(bytes?: Uint8Array, rotations: LinkOffer["rotations"] = []): GreetingMessage {
  if (bytes === undefined) return { type: "welcome-end" };
  const offer = { announcement, rotations, prologue: linkPrologue(bytes) };
  return { type: "welcome-end", offer };
}

/** A decoder gets no bytes behind the welcome; so a test hands it none. */
function read(pieces: Iterable<Uint8Array>): ReturnType<typeof decode<GreetingMessage>> {
  const decoder = new GreetingDecoder();
  const taken = function* () {
    for (const piece of pieces) if (decoder.rest === undefined) yield piece;
  };
  return decode(decoder, taken());
}

const both = encodeWelcome(["Hi", ...WAS, LINE].join("\n"));
const one = encodeWelcome(["Hi", WAS[1], LINE].join("\n"));
const crlf = utf8(`Hi\r\n${LINE}\r\n\r\n`);
const VECTORS: readonly (readonly [string, Uint8Array, readonly GreetingMessage[]])[] = [
  ["of a classic server", encodeWelcome("Hi\nthere"), [...text("Hi", "there"), end()]],
  ["with an announcement", encodeWelcome(`Hi\n${LINE}`), [
    ...text("Hi"),
    end(encodeWelcome(`Hi\n${LINE}`)),
  ]],
  ["with two rotations", both, [...text("Hi"), end(both, ROTATIONS)]],
  ["with a rotation", one, [...text("Hi"), end(one, ROTATIONS.slice(1))]],
  ["with CR LF", crlf, [...text("Hi"), end(crlf)]],
  ["with text behind the announcement", encodeWelcome(`${LINE}\nHi`), [
    ...text(LINE, "Hi"),
    end(),
  ]],
  ["with text behind a rotation", encodeWelcome(`${WAS[1]}\nHi\n${LINE}`), [
    ...text(WAS[1] ?? "", "Hi"),
    end(encodeWelcome(`${WAS[1]}\nHi\n${LINE}`)),
  ]],
  ["with two announcements", encodeWelcome(`${LINE}\n${LINE}`), [
    ...text(LINE),
    end(encodeWelcome(`${LINE}\n${LINE}`)),
  ]],
  ["with rotations and no announcement", encodeWelcome(WAS.join("\n")), [...text(...WAS), end()]],
  ["with a malformed rotation", encodeWelcome(`MIM/2-was x\n${LINE}`), [
    ...text("MIM/2-was x"),
    end(encodeWelcome(`MIM/2-was x\n${LINE}`)),
  ]],
  ["that a block ends", join(utf8(`Hi\n${LINE}\n`), 0), [...text("Hi", LINE), end()]],
];

for (const [name, bytes, messages] of VECTORS) {
  test(`greeting: a welcome ${name}`, () => {
    const expected = { messages, code: undefined };
    assertEquals(read([bytes]), expected, "whole");
    assertEquals(read(byteByByte(bytes)), expected, "byte by byte");
    for (let at = 0; at < bytes.length; at++) {
      assertEquals(read(cutAt(bytes, [at])), expected, `cut before byte ${at}`);
    }
    const decoder = new GreetingDecoder();
    assertEquals([...decoder.push(join(bytes, 0, 1, 2))], messages, "with more bytes behind");
    assertEquals(decoder.rest?.at(-1), 2);
  });
}

test("greeting: at most eight rotations are taken, the latest", () => {
  const rotations = Array.from(
    { length: 10 },
    (_, at) => createRotation(key(at + 10), key(at === 9 ? 3 : at + 11), at),
  );
  const lines = rotations.map(formatRotationLine);
  const bytes = encodeWelcome([...lines, LINE].join("\n"));
  assertEquals(read([bytes]).messages, [
    ...text(...lines.slice(0, 2)),
    end(bytes, rotations.slice(2)),
  ]);
});

test("greeting: a welcome that does not end, or is too long, is an error", () => {
  assertEquals(read([utf8(`Hi\n${LINE}\n`)]).code, "truncated");
  assertEquals(read([utf8("x".repeat(9_000))]).code, "welcome-too-long");
});

test("greeting: any bytes give lines or a protocol error, the same for every cut", () => {
  const any = fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    anyText(40).map((text) => encodeWelcome(`${text}\n${WAS[1]}\n${LINE}`)),
  );
  fc.assert(fc.property(any, fc.array(fc.nat(), { maxLength: 5 }), (bytes, places) => {
    assertEquals(read(cutAt(bytes, places)), read([bytes]));
  }));
});

test("greeting: the prologue covers every byte of the welcome", () => {
  const prologue = linkPrologue(both);
  assertEquals(prologue.subarray(0, 6), utf8("MIM/2\0"));
  assertEquals(prologue.length, 6 + 32);
  for (let at = 0; at < both.length; at++) {
    const changed = both.with(at, (both[at] ?? 0) ^ 1);
    assertEquals(linkPrologue(changed).toHex() === prologue.toHex(), false);
  }
});
