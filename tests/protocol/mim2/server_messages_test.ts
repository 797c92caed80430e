import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  AnyServerDecoder,
  type AnyServerMessage,
  DecoderStream,
  decodeServerMessage,
  decodeUpdate,
  deleteOfAdd,
  encodeAdd,
  encodeMim2Update,
  encodeNotice,
  encodeWelcome,
  formatAnnouncement,
  type Mim2Entry,
  type Mim2Notice,
  type Mim2Update,
  parseAnnouncement,
  ServerDecoder,
} from "../../../protocol/mod.ts";
import { anyBytes, anyMim2Update, anyNotice } from "../../fixtures/messages.ts";
import {
  assertCode,
  decode,
  hex,
  join,
  test,
  testAnyBytes,
  testVectors,
  utf8,
} from "../../fixtures/decoding.ts";

const server = {
  name: "any server",
  decoder: () => new AnyServerDecoder(),
  stream: () => new DecoderStream(new AnyServerDecoder()),
  tail: hex("00"),
};

const announcement = { nonce: new Uint8Array(32), serverKey: new Uint8Array(32).fill(0xff) };
const line = `MIM/2 ${"A".repeat(43)} ${"_".repeat(42)}8`;
const ada: Mim2Entry = {
  name: "ada",
  address: "::1",
  port: 4000,
  session: hex("0102030405060708"),
  capabilities: 1,
  identity: new Uint8Array(32).fill(2),
  issued: 0x0198_7654_3210,
  certificate: new Uint8Array(64).fill(3),
  availability: "busy",
  status: "x",
  reachability: "unreachable",
  addresses: ["::2"],
};
const adasClassicFields = "00000006 006100640061 00000006 003a003a0031 0fa0";
const adasFields = adasClassicFields + "00000008 0102030405060708 00000001" +
  "00000020" + "02".repeat(32) + "0000019876543210" + "00000040" + "03".repeat(64) +
  "02 00000002 0078 02 00000001 00000006 003a003a0032";
const block = (body: Uint8Array): Uint8Array => join(body.length >> 8, body.length & 0xff, body);
const welcome = utf8(`Hi\n${line}\n\n`);
const welcomed: readonly AnyServerMessage[] = [
  { type: "welcome", text: "Hi" },
  { type: "welcome-end", announcement },
];

testVectors<AnyServerMessage>(server, [
  {
    outcome: "the announcement is the welcome's last line, and no text of it",
    bytes: welcome,
    messages: welcomed,
  },
  {
    outcome: "an announcement with more lines behind it is text, of a classic server",
    bytes: join(utf8(`${line}\nHi\n\n`), encodeAdd({ name: "", address: "", port: 1 })),
    messages: [
      { type: "welcome", text: line },
      { type: "welcome", text: "Hi" },
      { type: "welcome-end" },
      { type: "add", entry: { name: "", address: "", port: 1 } },
    ],
  },
  {
    outcome: "of two announcements the last one counts",
    bytes: utf8(`${line.replaceAll("A", "B")}\n${line}\n\n`),
    messages: [
      { type: "welcome", text: line.replaceAll("A", "B") },
      { type: "welcome-end", announcement },
    ],
  },
  {
    outcome: "a welcome without its empty line may announce, too",
    bytes: join(utf8(line + "\n"), block(hex("53 00000000"))),
    messages: [{ type: "welcome-end", announcement }, { type: "complete", count: 0 }],
  },
  {
    outcome: "a classic server's updates are classic, its unknown types errors",
    bytes: join(utf8("\n"), block(hex("41" + adasFields)), block(hex("53 00000000"))),
    messages: [
      { type: "welcome-end" },
      { type: "add", entry: { name: "ada", address: "::1", port: 4000 } },
    ],
    code: "unknown-type",
  },
  {
    outcome: "updates have all fields, later ones are skipped",
    bytes: join(
      welcome,
      block(hex("41" + adasFields)),
      block(hex("55" + adasFields + "ffff")),
      block(hex("44" + adasFields)),
    ),
    messages: [
      ...welcomed,
      { type: "add", entry: ada },
      { type: "change", entry: ada },
      { type: "delete", entry: ada },
    ],
  },
  {
    outcome: "what a server says of itself is read, unknown types skipped",
    bytes: join(
      welcome,
      block(
        hex(
          "52 00000008 0102030405060708 00000040" + "04".repeat(64) + "00000006 003a003a0031 001e",
        ),
      ),
      block(hex("7a")),
      block(hex("53 00000002")),
      block(hex("50 00000007")),
      block(hex("70 00000008 00")),
      block(hex("43 00000008 0102030405060708")),
      block(hex("45 0003 00000004 006e006f")),
    ),
    messages: [
      ...welcomed,
      {
        type: "accepted",
        session: ada.session,
        signature: new Uint8Array(64).fill(4),
        address: "::1",
        pingSeconds: 30,
      },
      { type: "complete", count: 2 },
      { type: "ping", token: 7 },
      { type: "pong", token: 8 },
      { type: "call-me", session: ada.session },
      { type: "refusal", code: 3, text: "no" },
    ],
  },
  {
    outcome: "a MIM/2 server's Add without MIM/2's fields is an overrun",
    bytes: join(welcome, block(hex("41" + adasClassicFields))),
    messages: welcomed,
    code: "overrun",
  },
  {
    outcome: "a refusal that is too long is a bad field",
    bytes: join(welcome, block(join(hex("45 0001 00000802"), new Uint8Array(2050)))),
    messages: welcomed,
    code: "bad-field",
  },
  {
    outcome: "an empty block is an overrun",
    bytes: join(welcome, 0, 0),
    messages: welcomed,
    code: "overrun",
  },
  {
    outcome: "an end behind the announcement is truncated",
    bytes: utf8(line + "\n"),
    messages: [],
    code: "truncated",
  },
  {
    outcome: "an end within a block is truncated",
    bytes: join(welcome, hex("0005 50")),
    messages: welcomed,
    code: "truncated",
  },
]);

testAnyBytes(
  server,
  fc.tuple(fc.boolean(), fc.array(anyMim2Update, { maxLength: 3 }), fc.array(anyNotice)).map(
    ([announced, updates, notices]) =>
      join(
        announced ? welcome : utf8("Hi\n\n"),
        ...updates.map(encodeMim2Update),
        ...notices.map(encodeNotice),
      ),
  ),
);

test("mim2 server: what goes out is the classic update, and the fields behind it", () => {
  assertEquals(encodeMim2Update({ type: "add", entry: ada }), block(hex("41" + adasFields)));
  assertEquals(encodeMim2Update({ type: "change", entry: ada }), block(hex("55" + adasFields)));
  const add = encodeMim2Update({ type: "add", entry: ada });
  assertEquals(deleteOfAdd(add), encodeMim2Update({ type: "delete", entry: ada }));
});

test("mim2 server: any message arrives as it was sent", () => {
  const anyMessage = fc.oneof(
    anyMim2Update.map((update): [Mim2Update, Uint8Array] => [update, encodeMim2Update(update)]),
    anyNotice.map((notice): [Mim2Notice, Uint8Array] => [notice, encodeNotice(notice)]),
  );
  fc.assert(fc.property(fc.array(anyMessage), (messages) => {
    const bytes = join(welcome, ...messages.map(([, bytes]) => bytes));
    assertEquals(decode(new AnyServerDecoder(), [bytes]), {
      messages: [...welcomed, ...messages.map(([message]) => message)],
      code: undefined,
    });
  }));
});

test("mim2 server: a classic reader reads the same Adds and Deletes, and the welcome as text", () => {
  fc.assert(fc.property(anyMim2Update, ({ type, entry }) => {
    if (type === "change") return;
    const { name, address, port } = entry;
    const body = encodeMim2Update({ type, entry }).subarray(2);
    assertEquals(decodeUpdate(body), { type, entry: { name, address, port } });
  }));
  assertEquals(decode(new ServerDecoder(), [welcome]).messages, [
    { type: "welcome", text: "Hi" },
    { type: "welcome", text: line },
    { type: "welcome-end" },
  ]);
});

test("mim2 server: cut off anywhere an update is an overrun", () => {
  const body = hex("41" + adasFields);
  for (let end = 0; end < body.length; end++) {
    assertCode("overrun", () => decodeServerMessage(body.subarray(0, end)));
  }
});

test("mim2 server: what no reader takes does not go out", () => {
  const wrong: readonly Partial<Mim2Entry>[] = [
    { session: new Uint8Array(0) },
    { identity: new Uint8Array(31) },
    { certificate: new Uint8Array(63) },
    { issued: 2 ** 53 },
    { status: "a".repeat(257) },
    { addresses: ["a".repeat(65)] },
  ];
  for (const part of wrong) {
    const entry = { ...ada, ...part };
    assertThrows(() => encodeMim2Update({ type: "add", entry }), RangeError, "expected");
  }
  const text = "a".repeat(1_025);
  assertThrows(() => encodeNotice({ type: "refusal", code: 1, text }), RangeError, "1024");
});

test("mim2 server: a time that has no exact number is a bad field", () => {
  const body = hex("41" + adasFields.replace("0000019876543210", "0020000000000000"));
  assertCode("bad-field", () => decodeServerMessage(body));
});

test("announcement: any nonce and key come back, words behind them are skipped", () => {
  assertEquals(formatAnnouncement(announcement), line);
  fc.assert(fc.property(anyBytes(32), anyBytes(32), (nonce, serverKey) => {
    const line = formatAnnouncement({ nonce, serverKey });
    assertEquals(parseAnnouncement(line), { nonce, serverKey });
    assertEquals(parseAnnouncement(line + " later words"), { nonce, serverKey });
    assertEquals(decode(new AnyServerDecoder(), [encodeWelcome(line)]).messages, [
      { type: "welcome-end", announcement: { nonce, serverKey } },
    ]);
  }));
});

test("announcement: anything else is text", () => {
  const [word = "", nonce = "", key = ""] = line.split(" ");
  const others = [
    "",
    "MIM/2",
    `${word} ${nonce}`,
    ` ${line}`,
    line.slice(0, -1),
    `${line}A`,
    line.replace("MIM", "mim"),
    `${word} ${nonce}= ${key}=`,
    `${word} ${nonce.replace("A", "+")} ${key}`,
    `${word}  ${nonce} ${key}`,
  ];
  for (const other of others) assertEquals(parseAnnouncement(other), undefined, other);
  assertThrows(() => formatAnnouncement({ nonce: hex(""), serverKey: hex("") }), RangeError, "32");
});
