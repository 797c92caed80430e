import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  createAnnouncement,
  createRotation,
  formatLinkAnnouncement,
  formatRotationLine,
  identityOf,
  isAnnouncementValid,
  isRotationValid,
  parseLinkAnnouncement,
  parseRotationLine,
} from "../../../../protocol/mod.ts";
import { anyText, test } from "../../../fixtures/decoding.ts";
import { anyBytes } from "../../../fixtures/messages.ts";

const key = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);
const ANNOUNCEMENT = createAnnouncement(key(1), key(2), false);
const LINE = formatLinkAnnouncement(ANNOUNCEMENT);

test("link announcement: the server's key signs its static key", () => {
  assertEquals(ANNOUNCEMENT.serverKey, identityOf(key(1)));
  assert(isAnnouncementValid(ANNOUNCEMENT));
  assert(!isAnnouncementValid({ ...ANNOUNCEMENT, staticKey: key(3) }));
  assert(!isAnnouncementValid({ ...ANNOUNCEMENT, serverKey: identityOf(key(3)) }));
});

test("link announcement: any keys come back, and unknown words behind them are skipped", () => {
  assertMatch(LINE, /^MIM\/2 [\w-]{43} [\w-]{43} [\w-]{86}$/);
  const any = fc.record({
    serverKey: anyBytes(32),
    staticKey: anyBytes(32),
    signature: anyBytes(64),
    isUncertified: fc.boolean(),
    version: fc.option(fc.tuple(fc.nat(99), fc.nat(9), fc.nat(99_999)), { nil: undefined }),
  }).map(({ version, ...rest }) => version ? { ...rest, version: version.join(".") } : rest);
  fc.assert(fc.property(any, (announcement) => {
    const line = formatLinkAnnouncement(announcement);
    assertEquals(parseLinkAnnouncement(line), announcement);
    assertEquals(parseLinkAnnouncement(`${line} later words`), announcement);
  }));
  assertEquals(parseLinkAnnouncement(`${LINE} later uncertified`)?.isUncertified, true);
  for (const word of ["version=1", "version=1.2.3.4", "version=1.2.x", "version=", "1.2.3"]) {
    assertEquals(parseLinkAnnouncement(`${LINE} ${word}`)?.version, undefined);
  }
  assertEquals(createAnnouncement(key(1), key(2), false, "1.2.3 uncertified"), ANNOUNCEMENT);
  const without = createAnnouncement(key(1), key(2), false, undefined, true);
  assertEquals(formatLinkAnnouncement(without), `${LINE} no-lobby`);
  assertEquals(parseLinkAnnouncement(`${LINE} no-lobby`), without);
});

test("link announcement: any other line is text", () => {
  const lines = [
    "",
    "MIM/2",
    `${LINE} `,
    ` ${LINE}`,
    `${LINE}uncertified`,
    LINE.slice(0, -1),
    LINE.replace("MIM/2", "MIM/3"),
    LINE.replaceAll(" ", "  "),
    LINE.split(" ").slice(0, 3).join(" "),
  ];
  for (const line of lines) assertEquals(parseLinkAnnouncement(line), undefined, line);
  fc.assert(fc.property(anyText(200), (line) => {
    assertEquals(parseLinkAnnouncement(line), undefined);
    assertEquals(parseRotationLine(line, key(1)), undefined);
  }));
});

test("link announcement: a rotation comes back with the key that the next line has", () => {
  const rotation = createRotation(key(1), key(2), 1_754_331_886_096);
  const line = formatRotationLine(rotation);
  assertMatch(line, /^MIM\/2-was [\w-]{43} 1754331886096 [\w-]{86} [\w-]{86}$/);
  assertEquals(parseRotationLine(line, identityOf(key(2))), rotation);
  assertEquals(parseRotationLine(`${line} later`, identityOf(key(2))), rotation);
  const other = parseRotationLine(line, identityOf(key(3)));
  assert(other !== undefined && !isRotationValid(other));
  const late = line.replace("1754331886096", "8640000000000001");
  assertEquals(parseRotationLine(late, key(2)), undefined);
});

test("link announcement: keys and signatures of another length are our own mistake", () => {
  const short = key(1).subarray(1);
  assertThrows(() => formatLinkAnnouncement({ ...ANNOUNCEMENT, serverKey: short }), RangeError);
  assertThrows(() => formatLinkAnnouncement({ ...ANNOUNCEMENT, staticKey: short }), RangeError);
  assertThrows(() => formatLinkAnnouncement({ ...ANNOUNCEMENT, signature: short }), RangeError);
  const rotation = createRotation(key(1), key(2), 5);
  assertThrows(() => formatRotationLine({ ...rotation, oldKey: short }), RangeError);
  assertThrows(() => formatRotationLine({ ...rotation, oldSignature: short }), RangeError);
  assertThrows(() => formatRotationLine({ ...rotation, newSignature: short }), RangeError);
});
