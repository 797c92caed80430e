import { assert, assertEquals, assertGreaterOrEqual } from "@std/assert";
import {
  BlockDecoder,
  ChatDecoder,
  type Decoder,
  deleteOfAdd,
  encodeAdd,
  encodeBlock,
  encodeLine,
  encodeLogin,
  encodeWelcome,
  limits,
  type Login,
  LoginDecoder,
  type OnlineEntry,
  QtReader,
  QtWriter,
  ServerDecoder,
} from "../../protocol/mod.ts";
import { decode, hex, join, utf8 } from "./decoding.ts";

const README = new URL("../../protocol/README.md", import.meta.url);
const ERRORS = new URL("../../protocol/errors.ts", import.meta.url);

/** A value on an example's `#` line, and the word before it. */
type Value = readonly [word: string, value: string | number | null];

/** One `#` line of an example, and the bytes below it. */
interface Part {
  readonly title: string;
  readonly sender: string;
  readonly kind: string;
  readonly values: readonly Value[];
  readonly bytes: Uint8Array;
}

/** How one kind of thing is sent, and as what messages it arrives. */
interface Kind {
  readonly encode: (values: readonly Value[]) => Uint8Array;
  readonly messages: (values: readonly Value[]) => readonly unknown[];
}

const kinds = new Map<string, Kind>([
  ["fields", {
    encode: writeFields,
    messages: (values) => values.map(([, value]) => value ?? ""),
  }],
  ["block", {
    encode: (values) => encodeBlock(utf8(textOf(values))),
    messages: (values) => [utf8(textOf(values))],
  }],
  ["welcome", {
    encode: (lines) => encodeWelcome(lines.map(([, line]) => line).join("\n")),
    messages: (lines) => [
      ...lines.map(([, text]) => ({ kind: "welcome", text })),
      { kind: "welcome-end" },
    ],
  }],
  ["login", {
    encode: (values) => encodeLogin(recordOf<Login>(values)),
    messages: (values) => [recordOf(values)],
  }],
  ["add", {
    encode: (values) => encodeAdd(recordOf<OnlineEntry>(values)),
    messages: (values) => [{ kind: "add", entry: recordOf(values) }],
  }],
  ["delete", {
    encode: (values) => deleteOfAdd(encodeAdd(recordOf<OnlineEntry>(values))),
    messages: (values) => [{ kind: "delete", entry: recordOf(values) }],
  }],
  ["name", {
    encode: (values) => encodeLine(textOf(values)),
    messages: (values) => [{ kind: "name", name: textOf(values) }],
  }],
  ["line", {
    encode: (values) => encodeLine(textOf(values)),
    messages: (values) => [{ kind: "text", text: textOf(values) }],
  }],
  ["line-in-windows-1252", {
    encode: (values) => windows1252(textOf(values) + "\n"),
    messages: (values) => [{ kind: "text", text: textOf(values) }],
  }],
]);

/** Who reads what a sender sends; Qt's fields are read one by one. */
const readers = new Map<string, () => Decoder<unknown> | undefined>([
  ["Qt", () => undefined],
  ["anyone", () => new BlockDecoder()],
  ["client", () => new LoginDecoder()],
  ["server", () => new ServerDecoder()],
  ["caller", () => new ChatDecoder("caller")],
  ["callee", () => new ChatDecoder("callee")],
]);

function textOf(values: readonly Value[]): string {
  assertEquals(values.length, 1, "one text");
  return String(values[0]?.[1]);
}

function recordOf<Message>(values: readonly Value[]): Message {
  return Object.fromEntries(values) as Message;
}

function writeFields(values: readonly Value[]): Uint8Array {
  const writer = new QtWriter();
  for (const [type, value] of values) {
    if (value === null) writer.quint32(0xffff_ffff);
    else if (typeof value === "string") writer.qstring(value);
    else writer[type as "quint8" | "quint16" | "quint32"](value);
  }
  return writer.bytes();
}

function readFields(values: readonly Value[], bytes: Uint8Array): unknown[] {
  const reader = new QtReader(bytes);
  const read = values.map(([type]) =>
    reader[type as "quint8" | "quint16" | "quint32" | "qstring"]()
  );
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
    const [, title = "", sender = "", kind = "", values = "", bytes = ""] =
      /^# ((\w+) (?:sends|writes) ([\w-]+): (.*))\n([^]*)$/.exec(part) ?? [];
    assert(readers.has(sender) && kinds.has(kind), `unknown kind of example: ${part}`);
    return {
      title,
      sender,
      kind,
      values: valuesOf(values),
      bytes: hex(bytes.replaceAll(/#.*/g, "")),
    };
  });
}

/** Reads `word "text", word 42, null`. */
function valuesOf(text: string): Value[] {
  const values = [...text.matchAll(/(?:(\w+) )?("(?:[^"\\]|\\.)*"|\d+|null)(?:, |$)/g)];
  assertEquals(values.map(([value]) => value).join(""), text);
  return values.map(([, word = "", value = ""]) => [word, JSON.parse(value)]);
}

/** Asserts that encoding what the example says gives its bytes, and decoding these gives it back. */
function checkExample(parts: readonly Part[]): void {
  for (const { title, kind, values, bytes } of parts) {
    assertEquals(kinds.get(kind)?.encode(values).toHex(), bytes.toHex(), title);
  }
  for (const [sender, sent] of Map.groupBy(parts, (part) => part.sender)) {
    const bytes = join(...sent.map((part) => part.bytes));
    const said = sent.flatMap(({ kind, values }) => kinds.get(kind)?.messages(values) ?? []);
    const reader = readers.get(sender)?.();
    if (reader === undefined) {
      assertEquals(readFields(sent.flatMap((part) => part.values), bytes), said);
      continue;
    }
    // Examples of single updates leave out the welcome.
    const start = sender === "server" && sent[0]?.kind !== "welcome"
      ? [{ kind: "welcome-end" }]
      : [];
    assertEquals(decode(reader, [bytes]), { messages: [...start, ...said], code: undefined });
  }
}

/** The rows of the table that has this heading: the first cell without its backquotes, the second. */
function tableOf(readme: string, heading: string): Map<string, string> {
  const table = readme.slice(readme.indexOf(`\n| ${heading} |`)).split("\n\n")[0] ?? "";
  return new Map(
    [...table.matchAll(/^\| `([\w-]+)` \| (.*?) \|/gm)].map((
      [, name = "", cell = ""],
    ) => [name, cell]),
  );
}

Deno.test({
  name: "the README's examples are what the code sends and reads",
  permissions: { read: [README] },
  async fn(t) {
    const readme = await Deno.readTextFile(README);
    const examples = [...readme.matchAll(/^```hex\n([^]*?)\n```$/gm)].map(([, example = ""]) =>
      partsOf(example)
    );
    for (const parts of examples) {
      await t.step(parts.map((part) => part.title).join(" | "), () => checkExample(parts));
    }
    assertGreaterOrEqual(examples.length, 12);
    const parts = examples.flat();
    assertEquals(new Set(parts.map((part) => part.kind)), new Set(kinds.keys()));
    assertEquals(new Set(parts.map((part) => part.sender)), new Set(readers.keys()));
    const fences = readme.match(/^```.*$/gm) ?? [];
    assertEquals(fences.length, 2 * examples.length, "every fenced block is an example");
  },
});

Deno.test({
  name: "the README's limits are those of the code",
  permissions: { read: [README] },
  async fn() {
    const rows = tableOf(await Deno.readTextFile(README), "limit");
    const said = [...rows].map(([name, value]) => [name, Number(value.replaceAll(",", ""))]);
    const inCode = new Map<string, number>(Object.entries(limits));
    assertEquals(said, [...rows.keys()].map((name) => [name, inCode.get(name)]));
    assertGreaterOrEqual(rows.size, 8);
  },
});

Deno.test({
  name: "the README's error codes are those of the code",
  permissions: { read: [README, ERRORS] },
  async fn() {
    const rows = tableOf(await Deno.readTextFile(README), "code");
    const inCode = (await Deno.readTextFile(ERRORS)).matchAll(/^ {2}\| "([\w-]+)"/gm);
    assertEquals([...rows.keys()].sort(), [...inCode].map(([, code = ""]) => code).sort());
    assert(rows.has("truncated"));
  },
});
