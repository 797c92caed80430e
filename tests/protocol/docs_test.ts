import { assert, assertEquals, assertGreaterOrEqual } from "@std/assert";
import {
  byeReasons,
  capabilities,
  ChatDecoder,
  decodePeerMessage,
  type Decoder,
  deleteOfAdd,
  encodeAdd,
  encodeFrame,
  encodeLine,
  encodeLogin,
  encodePeerMessage,
  encodePreamble,
  encodeWelcome,
  FrameDecoder,
  limits,
  type Login,
  LoginDecoder,
  type PeerMessage,
  PreambleDecoder,
  type PresenceEntry,
  QDataStreamReader,
  QDataStreamWriter,
  refusalCodes,
  ServerDecoder,
} from "../../protocol/mod.ts";
import { decode, hex, join, utf8 } from "../fixtures/decoding.ts";
import { type Kind, messageOf, recordOf, textOf, type Value } from "./example_kinds.ts";
import { FILE_KINDS } from "./file_kinds.ts";
import { LINK_KINDS } from "./link_kinds.ts";
import { ROOM_KINDS } from "./room_example_kinds.ts";
import * as protocol from "../../protocol/mod.ts";
import { clientLimits } from "../../client/core/limits.ts";
import { serverLimits } from "../../server/limits.ts";

const DOCS = new URL("../../protocol/docs/", import.meta.url);
const CLASSIC = new URL("classic.md", DOCS);
const MIM2 = new URL("mim2.md", DOCS);
const LIMITS_AND_ERRORS = new URL("errors.md", DOCS);
const ERROR_CODES = new URL("../../protocol/errors.ts", import.meta.url);

/** One `#` line of an example, and the bytes below it. */
interface Part {
  readonly title: string;
  readonly sender: string;
  readonly type: string;
  readonly values: readonly Value[];
  readonly bytes: Uint8Array;
}

function chatKind(type: PeerMessage["type"]): [string, Kind] {
  const messageIn = (values: readonly Value[]): PeerMessage => {
    const message = messageOf<PeerMessage>(type, values);
    return message.type === "typing"
      ? { type: "typing", typing: Boolean(message.typing) }
      : message;
  };
  return [type, {
    encode: (values) => encodePeerMessage(messageIn(values)),
    messages: (values) => [messageIn(values)],
    decode: decodePeerMessage,
  }];
}

/** A message with a target, whose fields stand in the example by themselves. */
function targetKind(type: "text" | "action"): Kind {
  const messageIn = (values: readonly Value[]): PeerMessage => {
    const { whose, target: id, ...rest } = recordOf<Record<string, unknown>>(values);
    const target = { whose, id };
    return {
      ...{ type, ...rest },
      ...type === "text" ? { reply: target } : { target },
    } as unknown as PeerMessage;
  };
  return {
    encode: (values) => encodePeerMessage(messageIn(values)),
    messages: (values) => [messageIn(values)],
    decode: decodePeerMessage,
  };
}

const kinds = new Map<string, Kind>([
  ["fields", {
    encode: writeFields,
    messages: (values) => values.map(([, value]) => value ?? ""),
  }],
  ["block", {
    encode: (values) => encodeFrame(utf8(textOf(values))),
    messages: (values) => [utf8(textOf(values))],
  }],
  ["welcome", {
    encode: (lines) => encodeWelcome(lines.map(([, line]) => line).join("\n")),
    messages: (lines) => [
      ...lines.map(([, text]) => ({ type: "welcome", text })),
      { type: "welcome-end" },
    ],
  }],
  ["login", {
    encode: (values) => encodeLogin(recordOf<Login>(values)),
    messages: (values) => [recordOf(values)],
  }],
  ["add", {
    encode: (values) => encodeAdd(recordOf<PresenceEntry>(values)),
    messages: (values) => [{ type: "add", entry: recordOf(values) }],
  }],
  ["delete", {
    encode: (values) => deleteOfAdd(encodeAdd(recordOf<PresenceEntry>(values))),
    messages: (values) => [{ type: "delete", entry: recordOf(values) }],
  }],
  ["name", {
    encode: (values) => encodeLine(textOf(values)),
    messages: (values) => [{ type: "name", name: textOf(values) }],
  }],
  ["line", {
    encode: (values) => encodeLine(textOf(values)),
    messages: (values) => [{ type: "text", text: textOf(values) }],
  }],
  ["line-in-windows-1252", {
    encode: (values) => windows1252(textOf(values) + "\n"),
    messages: (values) => [{ type: "text", text: textOf(values) }],
  }],
  ["opening", {
    encode: (values) => encodePreamble(textOf(values) as "chat" | "probe" | "file"),
    messages: (values) => [textOf(values)],
    decode: (bytes) => [...new PreambleDecoder().push(bytes)][0],
  }],
  ...(["text", "received", "seen", "typing", "verified", "bye"] as const).map(chatKind),
  ["answer", targetKind("text")],
  ["action", targetKind("action")],
  ...LINK_KINDS,
  ...ROOM_KINDS,
  ...FILE_KINDS,
]);

/** Who reads what a sender sends; Qt's fields are read one by one. */
const readers = new Map<string, (firstKind: string) => Decoder<unknown> | undefined>([
  ["Qt", () => undefined],
  ["anyone", () => new FrameDecoder()],
  ["client", () => new LoginDecoder()],
  ["server", () => new ServerDecoder()],
  ["caller", () => new ChatDecoder("caller")],
  ["callee", () => new ChatDecoder("callee")],
  ["mim2-peer", () => undefined],
  ["giver", () => undefined],
  ["taker", () => undefined],
  ["link-server", () => undefined],
  ["link-client", () => undefined],
  ["signer", () => undefined],
]);

function writeFields(values: readonly Value[]): Uint8Array {
  const writer = new QDataStreamWriter();
  for (const [type, value] of values) {
    if (value === null) writer.quint32(0xffff_ffff);
    else if (typeof value === "string") writer.qstring(value);
    else if (value instanceof Uint8Array) writer.qbytearray(value);
    else if (typeof value === "object") writer.qstringlist(value);
    else writer[type as "quint8" | "quint16" | "quint32" | "quint64"](value);
  }
  return writer.bytes();
}

function readFields(values: readonly Value[], bytes: Uint8Array): unknown[] {
  const reader = new QDataStreamReader(bytes);
  const read = values.map(([type]) => {
    if (type === "qbytearray") return reader.qbytearray(bytes.length);
    if (type === "qstringlist") return reader.qstringlist(bytes.length, bytes.length);
    return reader[type as "quint8" | "quint16" | "quint32" | "quint64" | "qstring"]();
  });
  assertEquals(reader.remaining, 0);
  return read;
}

function windows1252(text: string): Uint8Array {
  const characters = new TextDecoder("windows-1252").decode(
    Uint8Array.from({ length: 256 }, (_, byte) => byte),
  );
  return Uint8Array.from(text, (character) => characters.indexOf(character));
}

/** Reads an example: `# SENDER sends KIND: VALUES`, the bytes below it, and so on. */
function partsOf(example: string): Part[] {
  return example.split(/^(?=#)/m).map((part) => {
    const [, title = "", sender = "", type = "", values = "", bytes = ""] =
      /^# (([\w-]+) (?:sends|writes) ([\w-]+): ?(.*))\n([^]*)$/.exec(part) ?? [];
    assert(readers.has(sender) && kinds.has(type), `unknown kind of example: ${part}`);
    return {
      title,
      sender,
      type,
      values: valuesOf(values),
      bytes: hex(bytes.replaceAll(/#.*/g, "")),
    };
  });
}

/** Reads `word "text", word 42, null, word <0a0b>, word <00*32>, word ["text", "text"]`. */
function valuesOf(text: string): Value[] {
  const values = [
    ...text.matchAll(/(?:(\w+) )?("(?:[^"\\]|\\.)*"|\d+|null|<[\da-f*]*>|\[[^\]]*\])(?:, |$)/g),
  ];
  assertEquals(values.map(([value]) => value).join(""), text);
  return values.map(([, word = "", value = ""]) => [
    word,
    value.startsWith("<") ? bytesOf(value.slice(1, -1)) : JSON.parse(value),
  ]);
}

function bytesOf(text: string): Uint8Array {
  const [bytes = "", times = "1"] = text.split("*");
  return hex(bytes.repeat(Number(times)));
}

/** Asserts that encoding what the example says gives its bytes, and decoding these gives it back. */
function checkExample(parts: readonly Part[]): void {
  for (const { title, type, values, bytes } of parts) {
    assertEquals(kinds.get(type)?.encode(values).toHex(), bytes.toHex(), title);
  }
  const alone = parts.filter(({ type }) => kinds.get(type)?.decode !== undefined);
  for (const { title, type, values, bytes } of alone) {
    assertEquals([kinds.get(type)?.decode?.(bytes)], kinds.get(type)?.messages(values), title);
  }
  const streamed = parts.filter((part) => !alone.includes(part));
  for (const [sender, sent] of Map.groupBy(streamed, (part) => part.sender)) {
    const bytes = join(...sent.map((part) => part.bytes));
    const said = sent.flatMap(({ type, values }) => kinds.get(type)?.messages(values) ?? []);
    const reader = readers.get(sender)?.(sent[0]?.type ?? "");
    if (reader === undefined) {
      assertEquals(readFields(sent.flatMap((part) => part.values), bytes), said);
      continue;
    }
    // Examples of single updates leave out the welcome.
    const start = sender === "server" && sent[0]?.type !== "welcome"
      ? [{ type: "welcome-end" }]
      : [];
    assertEquals(decode(reader, [bytes]), { messages: [...start, ...said], code: undefined });
  }
}

/** The rows of the table with this heading: the first cell without its backquotes, the second. */
function tableOf(document: string, heading: string): Map<string, string> {
  const table = document.slice(document.indexOf(`\n| ${heading} |`)).split("\n\n")[0] ?? "";
  return new Map(
    [...table.matchAll(/^\| `?([\w-]+)`? \| (.*?) \|/gm)]
      .map(([, name = "", cell = ""]): [string, string] => [name, cell])
      .filter(([name]) => name !== heading && !/^-+$/.test(name)),
  );
}

/** The examples of a document, each with its parts. */
function examplesOf(document: string): Part[][] {
  const examples = [...document.matchAll(/^```hex\n([^]*?)\n```$/gm)];
  const fences = document.match(/^```.*$/gm) ?? [];
  assertEquals(fences.length, 2 * examples.length, "every fenced block is an example");
  return examples.map(([, example = ""]) => partsOf(example));
}

Deno.test({
  name: "protocol/docs: the examples are what the code sends and reads",
  permissions: { read: [CLASSIC, MIM2] },
  async fn(t) {
    const examples: Part[][] = [];
    for (const document of [CLASSIC, MIM2]) {
      const found = examplesOf(await Deno.readTextFile(document));
      assertGreaterOrEqual(found.length, 10);
      examples.push(...found);
    }
    for (const parts of examples) {
      await t.step(parts.map((part) => part.title).join(" | "), () => checkExample(parts));
    }
    assertGreaterOrEqual(examples.length, 23);
    const parts = examples.flat();
    assertEquals(new Set(parts.map((part) => part.type)), new Set(kinds.keys()));
    assertEquals(new Set(parts.map((part) => part.sender)), new Set(readers.keys()));
  },
});

Deno.test({
  name: "protocol/docs/errors.md: its limits are those of the code",
  permissions: { read: [LIMITS_AND_ERRORS] },
  async fn() {
    const rows = tableOf(await Deno.readTextFile(LIMITS_AND_ERRORS), "limit");
    const said = [...rows].map(([name, value]) => [name, Number(value.replaceAll(",", ""))]);
    const inCode = new Map<string, number>(
      Object.entries({ ...clientLimits, ...serverLimits, ...limits }),
    );
    assertEquals(said, [...rows.keys()].map((name) => [name, inCode.get(name)]));
    assertGreaterOrEqual(rows.size, 21);
  },
});

Deno.test({
  name: "protocol/docs/errors.md: its error codes are those of the code",
  permissions: { read: [LIMITS_AND_ERRORS, ERROR_CODES] },
  async fn() {
    const rows = tableOf(await Deno.readTextFile(LIMITS_AND_ERRORS), "code");
    const inCode = (await Deno.readTextFile(ERROR_CODES)).matchAll(/^ {2}\| "([\w-]+)"/gm);
    assertEquals([...rows.keys()].sort(), [...inCode].map(([, code = ""]) => code).sort());
    assert(rows.has("truncated"));
  },
});

Deno.test({
  name: "protocol/docs/mim2.md: its refusal codes and reasons of a bye are those of the code",
  permissions: { read: [MIM2] },
  async fn() {
    const text = await Deno.readTextFile(MIM2);
    const refusals = tableOf(text, "refusal code");
    assertEquals([...refusals.keys()], Object.values(refusalCodes).map(String));
    for (const [word, code] of Object.entries(refusalCodes)) {
      assert(refusals.get(`${code}`)?.startsWith(word), `refusal code ${code} is "${word}"`);
    }
    const bits = [...tableOf(text, "capability")].map(([name, bit]) => [name, Number(bit)]);
    assertEquals(bits, Object.entries(capabilities));
    const reasons = tableOf(text, "reason of a bye");
    assertEquals([...reasons.keys()], Object.values(byeReasons).map(String));
  },
});

Deno.test({
  name: "protocol/docs: each function and class that they name is exported",
  permissions: { read: [CLASSIC, MIM2, LIMITS_AND_ERRORS] },
  async fn() {
    const texts = await Promise.all(
      [CLASSIC, MIM2, LIMITS_AND_ERRORS].map((url) => Deno.readTextFile(url)),
    );
    const code =
      /`((?:is|encode|decode|format|check|verify|sanitize)[A-Z]\w+|[A-Z]\w+(?:Decoder|Stream|Handshake|Transport))`/g;
    const named = new Set(
      texts.flatMap((text) => [...text.matchAll(code)]).map(([, name]) => name),
    );
    const web = ["TransformStream"];
    const unknown = [...named].filter((name = "") => !(name in protocol) && !web.includes(name));
    assertEquals(unknown, []);
    assertGreaterOrEqual(named.size, 30);
  },
});
