import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  countFiles,
  decodeFileGiverMessage,
  decodeFileMessage,
  decodeFileOffer,
  decodeFileTakerMessage,
  decodeManifest,
  describeInvalidPath,
  describeInvalidPaths,
  encodeFileGiverMessage,
  encodeFileMessage,
  encodeFileOffer,
  encodeFileTakerMessage,
  encodeManifest,
  fitsOffer,
  imageSize,
  pieceCount,
  pieceLength,
  portablePath,
  QDataStreamWriter,
  rootOf,
  uniquePaths,
} from "../../../../protocol/mod.ts";
import { anyText, assertCode, hex, test } from "../../../fixtures/decoding.ts";
import {
  anyFileMessage,
  anyGiverMessage,
  anyOffer,
  anyRows,
  anyTakerMessage,
} from "../../../fixtures/file_messages.ts";

const ROOT = new Uint8Array(32).fill(5);
const NOTHING = new Uint8Array(0);
const row = (path: string, size = 1) => ({ path, size, root: ROOT });
const offerOf = (...paths: string[]) => ({
  rows: paths.map((path) => row(path)),
  mime: "",
  thumbnail: NOTHING,
});

/** The bytes of an offer with one row, whatever it says. */
function rawOffer(path: string, size = 1, thumbnail = NOTHING): Uint8Array {
  const writer = new QDataStreamWriter().quint16(1).qstring(path).quint64(size).qbytearray(ROOT);
  return writer.qstring("").qbytearray(thumbnail).quint32(0).quint64(0).bytes();
}

test("files: messages arrive as they were sent", () => {
  fc.assert(fc.property(anyFileMessage, (message) => {
    assertEquals(decodeFileMessage(encodeFileMessage(message)), message);
  }));
  fc.assert(fc.property(anyTakerMessage, (message) => {
    assertEquals(decodeFileTakerMessage(encodeFileTakerMessage(message)), message);
  }));
  fc.assert(fc.property(anyGiverMessage, (message) => {
    assertEquals(decodeFileGiverMessage(encodeFileGiverMessage(message)), message);
  }));
  fc.assert(fc.property(anyOffer, (offer) => {
    assertEquals(decodeFileOffer(encodeFileOffer(offer)), offer);
  }));
  fc.assert(fc.property(anyRows, (rows) => {
    const bytes = rows.reduce((sum, { size }) => sum + size, 0);
    assertEquals(decodeManifest(encodeManifest(rows), { files: countFiles(rows), bytes }), rows);
  }));
});

const INVALID: readonly (readonly [string, string])[] = [
  ["leads upwards", "../x"],
  ["leads upwards in the middle", "a/../../x"],
  ["is absolute", "/etc/passwd"],
  ["is absolute on Windows", "C:\\x"],
  ["has a drive", "C:x"],
  ["has a stream", "x.txt:y"],
  ["has a backslash", "a\\..\\x"],
  ["is a device", "nul"],
  ["is a device with an extension", "a/NUL.txt"],
  ["is a device with a small digit", "com¹.log"],
  ["ends in a dot", "x."],
  ["has a folder that ends in a blank", "x /y"],
  ["is turned around", "cod\u202Egpj.exe"],
  ["is isolated", "\u2067x"],
  ["has a line break", "a\nb"],
  ["has an escape", "a\x1b[2J"],
  ["has a NUL", "a\0.png"],
  ["has half a character", "a\ud800"],
  ["is decomposed", "e\u0301"],
  ["is empty", ""],
  ["has an empty part", "a//b"],
  ["is invisible", "\u200b\u2060"],
  ["is too long", "x".repeat(256)],
  ["is too long in bytes", "é".repeat(128)],
  ["is too deep", "a/".repeat(10_000) + "b"],
  ["is an incomplete file", ".0123456789abcdef.part"],
];

for (const [what, path] of INVALID) {
  test(`files: a path that ${what} is refused`, () => {
    assert(describeInvalidPath(path) !== undefined);
    assertCode("bad-field", () => decodeFileOffer(rawOffer(path)));
    assertEquals(
      describeInvalidPath(portablePath(path).split("/").slice(0, 64).join("/")),
      undefined,
    );
  });
}

test("files: of any name a portable one can be made, and stays as it is if it is one", () => {
  fc.assert(fc.property(anyText(300), (text) => {
    const [path = ""] = portablePath(text).split("/");
    assertEquals(describeInvalidPath(path), undefined);
    assertEquals(portablePath(path), path);
  }));
  for (
    const path of ["a.tar.gz", "Ünïcode ☃.txt", "日本語", "a'b (2).txt", ".profile", "con.d/x"]
  ) {
    if (path !== "con.d/x") assertEquals(portablePath(path), path);
  }
});

test("files: paths that one system takes for the same are refused, and can be told apart", () => {
  for (
    const paths of [
      ["a", "A"],
      ["a/b", "A/B"],
      ["ß", "SS"],
      ["x\u200by", "xy"],
      ["ａ", "a"],
      ["a", "a/b"],
      ["a/b/c", "A/b"],
    ]
  ) {
    assert(describeInvalidPaths(paths) !== undefined, paths.join());
    assertThrows(() => encodeFileOffer(offerOf(...paths)), RangeError);
  }
  assertEquals(uniquePaths(["a.txt", "A.txt", "a.TXT"]), ["a.txt", "A (2).txt", "a (3).TXT"]);
  assertEquals(describeInvalidPaths(["a/b", "a/c", "ab"]), undefined);
});

test("files: an empty folder is a path with a slash at its end, and no bytes", () => {
  const root = rootOf(new Uint8Array(0));
  const rows = ["a/b", "a/empty/", "c/"].map((path) => ({ path, size: 0, root }));
  const offer = { rows, mime: "", thumbnail: new Uint8Array(0) };
  assertEquals(decodeFileOffer(encodeFileOffer(offer)).rows, rows);
  assertEquals(decodeManifest(encodeManifest(rows), { files: 1, bytes: 0 }), rows);
  assertCode("bad-field", () => decodeManifest(encodeManifest(rows), { files: 3, bytes: 0 }));
  assertEquals(describeInvalidPaths(["a/", "a/b/", "a/b/c", "A/"]), undefined); // all of them are folders
  for (const paths of [["a", "a/"], ["A/b", "a/B/"], ["a", "a/b/"]]) {
    assert(describeInvalidPaths(paths) !== undefined, paths.join());
  }
  for (const path of ["/", "a//", "../", "a/nul/", "x./"]) {
    assert(describeInvalidPath(path) !== undefined, path);
    assertEquals(describeInvalidPath(portablePath(path)), undefined);
  }
  assertEquals(uniquePaths(["a/", "a/"]), ["a/", "a/"]);
  const sized = rows.map((row) => ({ ...row, size: 1 }));
  assertThrows(() => encodeFileOffer({ ...offer, rows: sized }), RangeError);
  assertThrows(() => encodeFileOffer({ ...offer, rows: rows.slice(1) }), RangeError); // no file
  const bytes = encodeFileOffer(offer);
  const at = bytes.toHex().indexOf("002f0000000000000000") / 2 + 2; // behind the slash of "a/empty/"
  bytes[at + 7] = 1;
  assertCode("bad-field", () => decodeFileOffer(bytes));
});

test("files: an offer that breaks the rules is acknowledged, and one of no shape is an error", () => {
  const message = (offer: Uint8Array) =>
    new QDataStreamWriter().quint8(0x46).qbytearray(new Uint8Array(8)).quint64(1)
      .qbytearray(offer).bytes();
  assertEquals(decodeFileMessage(message(rawOffer("../x")))?.type, "invalid-offer");
  assertEquals(decodeFileMessage(message(rawOffer("x")))?.type, "file-offer");
  assertCode("overrun", () => decodeFileMessage(message(rawOffer("x")).subarray(0, 20)));
});

test("files: sizes, numbers and pictures have limits", () => {
  assertCode("bad-field", () => decodeFileOffer(rawOffer("x", 2 ** 40 + 1)));
  const huge = rawOffer("x");
  huge.set(hex("8000000000000000"), 8);
  assertCode("bad-field", () => decodeFileOffer(huge));
  assertCode("bad-field", () => decodeFileOffer(new QDataStreamWriter().quint16(201).bytes()));
  assertCode("bad-field", () => decodeFileOffer(new Uint8Array(32_769)));
  const many = new QDataStreamWriter().quint32(100_001).bytes();
  assertCode("bad-field", () => decodeManifest(many, { files: 100_001, bytes: 0 }));
  const manifest = encodeManifest([row("a", 3)]);
  assertCode("bad-field", () => decodeManifest(manifest, { files: 2, bytes: 3 }));
  assertCode("bad-field", () => decodeManifest(manifest, { files: 1, bytes: 4 }));
  assert(!fitsOffer(Array.from({ length: 201 }, (_, at) => row(`${at}`)), 0));
  const png = hex(`89504e470d0a1a0a 0000000d49484452 00000100 00000100 ${"00".repeat(8)}`);
  assertEquals(imageSize(png), { width: 256, height: 256 });
  assertEquals(decodeFileOffer(rawOffer("x", 1, png)).thumbnail, png);
  assertCode("bad-field", () => decodeFileOffer(rawOffer("x", 1, png.with(18, 0x7f))));
  assertCode("bad-field", () => decodeFileOffer(rawOffer("x", 1, new Uint8Array(40))));
  const jpeg = hex(`ffd8ffe00004 0000 ffc0 0011 08 0010 0020 03 ${"00".repeat(16)}`);
  assertEquals(imageSize(jpeg), { width: 32, height: 16 });
  const webp = hex(`52494646 00000000 57454250 56503858 0a000000 00000000 ff0000 0f0000`);
  assertEquals(imageSize(webp), { width: 256, height: 16 });
});

test("files: pieces, roots and data outside of a piece", () => {
  assertEquals([0, 1, 1_048_576, 1_048_577].map(pieceCount), [0, 1, 1, 2]);
  assertEquals([0, 1, 2].map((piece) => pieceLength(1_048_577, piece)), [1_048_576, 1, 0]);
  assertEquals(rootOf(NOTHING).toHex().slice(0, 8), "e3b0c442");
  const data = (offset: number, length: number) =>
    new QDataStreamWriter().quint8(0x44).quint32(0).quint32(offset)
      .qbytearray(new Uint8Array(length)).bytes();
  assertCode("bad-field", () => decodeFileGiverMessage(data(1_048_576, 1)));
  assertCode("bad-field", () => decodeFileGiverMessage(data(1_048_000, 1_000)));
  assertCode("bad-field", () => decodeFileGiverMessage(data(0, 65_001)));
  assertCode("bad-field", () => decodeFileGiverMessage(data(0, 0)));
  assertCode("overrun", () => decodeFileGiverMessage(data(0, 10).subarray(0, 20)));
  assertEquals(decodeFileTakerMessage(Uint8Array.of(1)), undefined);
  assertEquals(decodeFileGiverMessage(Uint8Array.of(1)), undefined);
});
