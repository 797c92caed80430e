import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  decodeLogin,
  DecoderStream,
  decodeUpdate,
  deleteOfAdd,
  encodeAdd,
  encodeLogin,
  encodeWelcome,
  limits,
  LoginDecoder,
  type PresenceEntry,
  ServerDecoder,
  type ServerMessage,
} from "../../../protocol/mod.ts";
import {
  anyText,
  assertCode,
  decode,
  hex,
  join,
  test,
  testAnyBytes,
  testVectors,
  utf8,
} from "../../fixtures/decoding.ts";

const login = {
  name: "login",
  decoder: () => new LoginDecoder(),
  stream: () => new DecoderStream(new LoginDecoder()),
  tail: hex("00"),
};
const server = {
  name: "server",
  decoder: () => new ServerDecoder(),
  stream: () => new DecoderStream(new ServerDecoder()),
  tail: hex("00"),
};

const bobsLogin = hex("000c 1092 00000006 0062006f0062");
const ada = { name: "ada", address: "::1", port: 4000 };
const adasFields = "00000006 006100640061 00000006 003a003a0031 0fa0";
const addAda = hex("0017 41" + adasFields);
const deleteAda = hex("0017 44" + adasFields);
const welcomed: readonly ServerMessage[] = [{ type: "welcome", text: "Hi" }, {
  type: "welcome-end",
}];

const anyName = fc.array(fc.nat(0xffff), { maxLength: 64 })
  .map((units) => String.fromCharCode(...units));
const anyPort = fc.nat(0xffff);
const anyLogin = fc.record({ name: anyName, port: anyPort });
const anyEntry: fc.Arbitrary<PresenceEntry> = fc.record({
  name: anyName,
  address: fc.oneof(fc.ipV4(), fc.ipV6(), anyName),
  port: anyPort,
});

testVectors(login, [
  { outcome: "no bytes are no login", bytes: hex(""), messages: [] },
  {
    outcome: "a login gives name and port",
    bytes: bobsLogin,
    messages: [{ name: "bob", port: 4242 }],
  },
  {
    outcome: "a name may be empty: the rules for names are others' business",
    bytes: hex("0006 1092 00000000"),
    messages: [{ name: "", port: 4242 }],
  },
  {
    outcome: "Qt's null string is an empty name",
    bytes: hex("0006 ffff ffffffff"),
    messages: [{ name: "", port: 65_535 }],
  },
  {
    outcome: "fields of a later version are skipped",
    bytes: hex("0010 1092 00000006 0062006f0062 02 000000"),
    messages: [{ name: "bob", port: 4242 }],
  },
  { outcome: "an empty block is an overrun", bytes: hex("0000"), messages: [], code: "overrun" },
  {
    outcome: "a name longer than its block is an overrun, whatever follows the block",
    bytes: hex("000a 1092 00000006 0062006f"),
    messages: [],
    code: "overrun",
  },
  {
    outcome: "a name of an odd length is an error",
    bytes: hex("0009 1092 00000003 006200"),
    messages: [],
    code: "odd-string",
  },
  {
    outcome: "a size over 4 KiB is an error, its body not awaited",
    bytes: hex("1001"),
    messages: [],
    code: "block-too-long",
  },
  {
    outcome: "a second block is an error, even an empty one",
    bytes: join(bobsLogin, hex("0000")),
    messages: [{ name: "bob", port: 4242 }],
    code: "second-login",
  },
  {
    outcome: "an end within the size is truncated",
    bytes: hex("00"),
    messages: [],
    code: "truncated",
  },
  {
    outcome: "an end within the body is truncated",
    bytes: bobsLogin.subarray(0, -1),
    messages: [],
    code: "truncated",
  },
]);

testAnyBytes(login, anyLogin.map(encodeLogin));

test("login: a block of exactly 4 KiB is read", () => {
  const bytes = join(hex("1000 1092 00000002 0062"), new Uint8Array(limits.loginFrameBytes - 8));
  assertEquals(decode(new LoginDecoder(), [bytes]).messages, [{ name: "b", port: 4242 }]);
});

test("login: what goes out is port and name in a block", () => {
  assertEquals(encodeLogin({ name: "bob", port: 4242 }), bobsLogin);
});

test("login: any name and port arrive as they were sent", () => {
  fc.assert(fc.property(anyLogin, (login) => {
    assertEquals(decode(new LoginDecoder(), [encodeLogin(login)]).messages, [login]);
    assertEquals(decodeLogin(encodeLogin(login).subarray(2)), login);
  }));
});

testVectors(server, [
  {
    outcome: "the welcome comes line by line, then its end, then the table",
    bytes: join(utf8("Hi\n\n"), addAda, addAda, deleteAda),
    messages: [
      ...welcomed,
      { type: "add", entry: ada },
      { type: "add", entry: ada },
      { type: "delete", entry: ada },
    ],
  },
  {
    outcome: "lines of the welcome may end in CR LF",
    bytes: join(utf8("Hi\r\n\r\n"), addAda),
    messages: [...welcomed, { type: "add", entry: ada }],
  },
  {
    outcome: "a welcome without its empty line ends before the first block",
    bytes: join(utf8("Hi\n"), addAda),
    messages: [...welcomed, { type: "add", entry: ada }],
  },
  {
    outcome: "a server may send no welcome at all",
    bytes: addAda,
    messages: [{ type: "welcome-end" }, { type: "add", entry: ada }],
  },
  {
    outcome: "an empty welcome is just its end",
    bytes: utf8("\n"),
    messages: [{ type: "welcome-end" }],
  },
  {
    outcome: "a Delete of nobody, the keep-alive, is a Delete",
    bytes: join(utf8("\n"), hex("000b 44 00000000 00000000 0000")),
    messages: [
      { type: "welcome-end" },
      { type: "delete", entry: { name: "", address: "", port: 0 } },
    ],
  },
  {
    outcome: "null strings in an update are empty",
    bytes: join(utf8("\n"), hex("000b 41 ffffffff ffffffff 1092")),
    messages: [
      { type: "welcome-end" },
      { type: "add", entry: { name: "", address: "", port: 4242 } },
    ],
  },
  {
    outcome: "fields of a later version are skipped",
    bytes: join(utf8("\n"), hex("001f 41" + adasFields + "00000004 01020304"), deleteAda),
    messages: [
      { type: "welcome-end" },
      { type: "add", entry: ada },
      { type: "delete", entry: ada },
    ],
  },
  {
    outcome: "an update of an unknown type is an error, those before it are not lost",
    bytes: join(utf8("Hi\n\n"), addAda, hex("0017 61" + adasFields)),
    messages: [...welcomed, { type: "add", entry: ada }],
    code: "unknown-type",
  },
  {
    outcome: "an empty block is an overrun",
    bytes: utf8("Hi\n\n\0\0"),
    messages: [...welcomed],
    code: "overrun",
  },
  {
    outcome: "an update without its port is an overrun",
    bytes: join(utf8("\n"), hex("0009 41 00000000 00000000")),
    messages: [{ type: "welcome-end" }],
    code: "overrun",
  },
  {
    outcome: "an address of an odd length is an error",
    bytes: join(utf8("\n"), hex("000c 41 00000000 00000001 00 0000")),
    messages: [{ type: "welcome-end" }],
    code: "odd-string",
  },
  {
    outcome: "a welcome of 65 lines is too long",
    bytes: utf8("a\n".repeat(65)),
    messages: Array.from({ length: 64 }, () => ({ type: "welcome", text: "a" })),
    code: "welcome-too-long",
  },
  {
    outcome: "an end before anything is truncated",
    bytes: hex(""),
    messages: [],
    code: "truncated",
  },
  {
    outcome: "an end within the welcome is truncated",
    bytes: utf8("Hi\n"),
    messages: [{ type: "welcome", text: "Hi" }],
    code: "truncated",
  },
  {
    outcome: "an end within a block is truncated",
    bytes: join(utf8("Hi\n\n"), addAda.subarray(0, -1)),
    messages: [...welcomed],
    code: "truncated",
  },
]);

testAnyBytes(
  server,
  fc.tuple(anyText(20), fc.array(anyEntry, { maxLength: 4 })).map(
    ([text, entries]) =>
      join(
        encodeWelcome(text),
        ...entries.map(encodeAdd),
        ...entries.map((entry) => deleteOfAdd(encodeAdd(entry))),
      ),
  ),
);

test("server: a block as large as its size field can say is read", () => {
  const bytes = join(utf8("\n"), hex("ffff 44"), new Uint8Array(0xfffe));
  assertEquals(decode(new ServerDecoder(), [bytes.subarray(0, 9), bytes.subarray(9)]).messages, [
    { type: "welcome-end" },
    { type: "delete", entry: { name: "", address: "", port: 0 } },
  ]);
});

test("updates: what goes out is type, name, address and port in a block", () => {
  assertEquals(encodeAdd(ada), addAda);
  assertEquals(deleteOfAdd(addAda), deleteAda);
  assertEquals(addAda[2], 0x41, "the Add itself stays as it was");
});

test("updates: any entry arrives as it was sent, as an Add and as its Delete", () => {
  fc.assert(fc.property(anyEntry, (entry) => {
    const add = encodeAdd(entry);
    assertEquals(decodeUpdate(add.subarray(2)), { type: "add", entry });
    assertEquals(decodeUpdate(deleteOfAdd(add).subarray(2)), { type: "delete", entry });
  }));
});

test("updates: each byte but A and D is an unknown type", () => {
  for (let type = 0; type <= 0xff; type++) {
    const body = join(type, hex(adasFields));
    if (type === 0x41 || type === 0x44) assertEquals(decodeUpdate(body).entry, ada);
    else assertCode("unknown-type", () => decodeUpdate(body));
  }
});

test("updates: an entry that fits no block does not go out", () => {
  const fits = { name: "a".repeat(32_762), address: "", port: 0 };
  assertEquals(encodeAdd(fits).length, 2 + 65_535);
  assertThrows(() => encodeAdd({ ...fits, address: "a" }), RangeError, "65,535");
});
