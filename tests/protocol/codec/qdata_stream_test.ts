import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { QDataStreamReader, QDataStreamWriter } from "../../../protocol/mod.ts";
import { assertCode, hex, test } from "../../fixtures/decoding.ts";

/** One field, and how it is written and read. */
type Field =
  | { readonly type: "quint8" | "quint16" | "quint32"; readonly value: number }
  | { readonly type: "qstring"; readonly value: string };

function write(fields: readonly Field[]): Uint8Array {
  const writer = new QDataStreamWriter();
  for (const field of fields) {
    if (field.type === "qstring") writer.qstring(field.value);
    else writer[field.type](field.value);
  }
  return writer.bytes();
}

const anyField: fc.Arbitrary<Field> = fc.oneof(
  fc.record({ type: fc.constant("quint8" as const), value: fc.nat(0xff) }),
  fc.record({ type: fc.constant("quint16" as const), value: fc.nat(0xffff) }),
  fc.record({ type: fc.constant("quint32" as const), value: fc.nat(0xffff_ffff) }),
  fc.record({
    type: fc.constant("qstring" as const),
    value: fc.array(fc.nat(0xffff), { maxLength: 200 }).map((units) =>
      String.fromCharCode(...units)
    ),
  }),
);

test("what real Qt writes is read field by field", () => {
  const reader = new QDataStreamReader(hex("0000 41 00000006 0062006f0062 00000000 ffffffff 1092"));
  assertEquals(reader.quint16(), 0);
  assertEquals(reader.quint8(), 0x41);
  assertEquals(reader.qstring(), "bob");
  assertEquals(reader.qstring(), "");
  assertEquals(reader.qstring(), "", "Qt's null string is read as the empty one");
  assertEquals(reader.quint16(), 4242);
  assertEquals(reader.remaining, 0);
});

test("what is written is what real Qt writes, the null string apart", () => {
  const writer = new QDataStreamWriter().quint16(0).quint8(0x41).qstring("bob").qstring("").quint16(
    4242,
  );
  assertEquals(writer.bytes(), hex("0000 41 00000006 0062006f0062 00000000 1092"));
});

test("numbers are big-endian and unsigned", () => {
  const bytes = hex("ff fffe fffffffd");
  const reader = new QDataStreamReader(bytes);
  assertEquals([reader.quint8(), reader.quint16(), reader.quint32()], [0xff, 0xfffe, 0xfffffffd]);
  assertEquals(
    new QDataStreamWriter().quint8(0xff).quint16(0xfffe).quint32(0xfffffffd).bytes(),
    bytes,
  );
});

test("a number that doesn't fit its field is refused, and nothing of it is written", () => {
  const edges = { quint8: 0xff, quint16: 0xffff, quint32: 0xffff_ffff } as const;
  for (const type of ["quint8", "quint16", "quint32"] as const) {
    const writer = new QDataStreamWriter();
    for (const value of [edges[type] + 1, -1, 0.5, NaN, Infinity, -Infinity, 2 ** 53]) {
      const message = `expected a whole number of 0 to ${edges[type]}, got ${value}`;
      assertThrows(() => writer[type](value), RangeError, message);
    }
    assertEquals(writer.bytes().length, 0);
    assertEquals(new QDataStreamReader(writer[type](edges[type]).bytes())[type](), edges[type]);
  }
});

test("any fields come back as they were written, lone surrogates included", () => {
  fc.assert(fc.property(fc.array(anyField, { maxLength: 20 }), (fields) => {
    const reader = new QDataStreamReader(write(fields));
    assertEquals(fields.map((field) => reader[field.type]()), fields.map((field) => field.value));
    assertEquals(reader.remaining, 0);
  }));
});

test("every field can be the one for which the writer's buffer grows", () => {
  const next: Field[] = [
    { type: "quint8", value: 1 },
    { type: "quint16", value: 2 },
    { type: "quint32", value: 3 },
    { type: "qstring", value: "4" },
  ];
  for (const field of next) {
    for (let before = 0; before <= 260; before++) {
      const filling: Field[] = Array.from({ length: before }, () => ({ type: "quint8", value: 7 }));
      const bytes = write([...filling, field]);
      assert(bytes.subarray(0, before).every((byte) => byte === 7));
      assertEquals(new QDataStreamReader(bytes.subarray(before))[field.type](), field.value);
    }
  }
});

test("a long string comes back whole, at the edges of the pieces it is read in", () => {
  for (const units of [63, 64, 65, 4095, 4096, 4097, 8192, 32_767]) {
    const text = Array.from({ length: units }, (_, at) => String.fromCharCode(at % 0xffff)).join(
      "",
    );
    assert(
      new QDataStreamReader(new QDataStreamWriter().qstring(text).bytes()).qstring() === text,
      `${units} units`,
    );
  }
});

test("a reader reads its own part of a larger buffer", () => {
  const reader = new QDataStreamReader(hex("ffff 1092 ffff").subarray(2, 4));
  assertEquals(reader.quint16(), 4242);
  assertCode("overrun", () => reader.quint8());
});

test("a writer's bytes are a copy: writing on doesn't change them", () => {
  const writer = new QDataStreamWriter().quint8(1);
  const before = writer.bytes();
  writer.quint8(2);
  assertEquals([before, writer.bytes()], [hex("01"), hex("0102")]);
});

test("a field that is cut off is an overrun", () => {
  assertCode("overrun", () => new QDataStreamReader(hex("")).quint8());
  assertCode("overrun", () => new QDataStreamReader(hex("41")).quint16());
  assertCode("overrun", () => new QDataStreamReader(hex("414243")).quint32());
  assertCode("overrun", () => new QDataStreamReader(hex("000000")).qstring());
  assertCode("overrun", () => new QDataStreamReader(hex("00000002")).qstring());
  assertCode("overrun", () => new QDataStreamReader(hex("00000004 0061 00")).qstring());
});

test("a string as long as the largest length is an overrun, one shorter than null", () => {
  assertCode("overrun", () => new QDataStreamReader(hex("fffffffe 0061")).qstring());
  assertEquals(new QDataStreamReader(hex("ffffffff 0061")).qstring(), "");
});

test("a string of an odd length is an error of its own, there or cut off", () => {
  assertCode("odd-string", () => new QDataStreamReader(hex("00000003 006100")).qstring());
  assertCode("odd-string", () => new QDataStreamReader(hex("fffffffd")).qstring());
});

test("numbers of eight bytes come back up to 2⁵³ − 1, and are refused beyond", () => {
  fc.assert(fc.property(fc.maxSafeNat(), (number) => {
    assertEquals(
      new QDataStreamReader(new QDataStreamWriter().quint64(number).bytes()).quint64(),
      number,
    );
  }));
  assertEquals(new QDataStreamWriter().quint64(0x1_0000_0002).bytes(), hex("0000000100000002"));
  assertCode("bad-field", () => new QDataStreamReader(hex("0020000000000000")).quint64());
  assertCode("bad-field", () => new QDataStreamReader(hex("ffffffffffffffff")).quint64());
  assertCode("overrun", () => new QDataStreamReader(hex("00000000000000")).quint64());
  assertThrows(() => new QDataStreamWriter().quint64(2 ** 53), RangeError, "expected");
});

test("byte arrays come back as copies; the null one is empty", () => {
  const bytes = new QDataStreamWriter().qbytearray(hex("010203")).qbytearray(hex("")).bytes();
  assertEquals(bytes, hex("00000003 010203 00000000"));
  const reader = new QDataStreamReader(bytes);
  const read = reader.qbytearray(3);
  bytes.fill(9);
  assertEquals(read, hex("010203"));
  assertEquals(new QDataStreamReader(hex("ffffffff")).qbytearray(3), hex(""));
  assertCode("bad-field", () => new QDataStreamReader(hex("00000004 01020304")).qbytearray(3));
  assertCode("overrun", () => new QDataStreamReader(hex("00000003 0102")).qbytearray(3));
});

test("lists of strings come back; their number and lengths are held against limits first", () => {
  const bytes = new QDataStreamWriter().qstringlist(["a", "", "bc"]).bytes();
  assertEquals(bytes, hex("00000003 00000002 0061 00000000 00000004 00620063"));
  assertEquals(new QDataStreamReader(bytes).qstringlist(3, 2), ["a", "", "bc"]);
  assertCode("bad-field", () => new QDataStreamReader(bytes).qstringlist(2, 2));
  assertCode("bad-field", () => new QDataStreamReader(bytes).qstringlist(3, 1));
  assertCode("bad-field", () => new QDataStreamReader(hex("ffffffff")).qstringlist(3, 2));
  assertCode("overrun", () => new QDataStreamReader(hex("00000001")).qstringlist(3, 2));
  assertCode("bad-field", () => new QDataStreamReader(hex("fffffffe")).qstring(100));
});
