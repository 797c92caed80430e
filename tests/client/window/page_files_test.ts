/** The files of the page: their size, their language, and that each is there. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { assetFor, ASSETS } from "../../../client/window/http/assets.ts";
import { VERSION } from "../../../client/window/messages.ts";

/** The most that a browser loads, in all languages, compressed; the library is part of it. */
const MAX_PAGE_BYTES = 39_000;
/** The same until somebody has chatted. */
const MAX_CONVERSATION_BYTES = 49_000;
/** The files that a first conversation needs beside those. */
const CONVERSATION_FILES = ["chat_pane.js"];
/** The files of the page that come when they are first used, and how large they may be together. */
const LATER_FILES = [
  ...["chat_pane.js", "file_card.js", "menu.js", "more_texts.js", "panels.js"],
  ...["send_files.js", "sentences.js"],
];
const MAX_LATER_BYTES = 30_000;

/** How many bytes these files have, compressed together. */
async function packedBytes(names: readonly string[]): Promise<number> {
  const files = names.map((name) => assetFor(name)?.text ?? "");
  const packed = new Blob([files.join("")]).stream().pipeThrough(new CompressionStream("gzip"));
  return (await new Response(packed).arrayBuffer()).byteLength;
}

Deno.test("page: it is below 39 kB compressed until the state is shown, and 49 kB with a conversation", async () => {
  const languages = [...ASSETS.keys()].filter((name) => name.startsWith("text_"));
  const loads = [...ASSETS.values()].flatMap(({ text }) => [
    ...text.matchAll(/\bimport\("\.\/([^"]+)"\)/g),
  ]);
  const later = [...new Set(loads.map(([, name = ""]) => name))];
  assertEquals(later.toSorted(), LATER_FILES);
  const first = [...ASSETS.keys()].filter((name) => !languages.includes(name))
    .filter((name) => !later.includes(name) && !/^(sentences|more_text)_|^panels/.test(name));
  for (const language of languages) {
    const bytes = await packedBytes([...first, language]);
    assert(bytes < MAX_PAGE_BYTES, `${bytes} bytes with ${language}`);
    const all = await packedBytes([...first, language, ...CONVERSATION_FILES]);
    assert(all < MAX_CONVERSATION_BYTES, `${all} bytes with a conversation and ${language}`);
  }
  for (const language of ["en", "de", "ar"]) {
    const texts = new Map([
      ["sentences.js", `sentences_${language}.js`],
      ["more_texts.js", `more_text_${language}.js`],
    ]);
    const names = later.map((name) => texts.get(name) ?? name);
    const bytes = await packedBytes([...names, "panels.css"]);
    assert(bytes < MAX_LATER_BYTES, `${bytes} bytes that come when they are first used`);
  }
  const texts = [...ASSETS.values()].map(({ text }) => text);
  const named = texts.flatMap((text) => [
    ...text.matchAll(/(?:\bfrom\s*|\bimport\()"\.\/([^"]+)"|(?:href|src)="(\w[^"]+)"/g),
  ]).map(([, one, other]) => one ?? other ?? "").filter((name) => !name.startsWith("data:"));
  assert(named.includes("panels.js") && named.includes("main.js"));
  for (const name of named) assert(assetFor(name) !== undefined, name);
});

Deno.test("page: no module of the page makes HTML of text", async () => {
  const folder = new URL("../../../client/window/page/", import.meta.url);
  let count = 0;
  for await (const { name } of Deno.readDir(folder)) {
    if (!name.endsWith(".js")) continue;
    count++;
    const text = await Deno.readTextFile(new URL(name, folder));
    assert(!/innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(/i.test(text), name);
  }
  assert(count > 20);
});

Deno.test("page: it speaks the version of the program", () => {
  assertStringIncludes(assetFor("connection.js")?.text ?? "", `VERSION=${VERSION}\n`);
});

Deno.test("page: texts come in the language that the browser asks for", () => {
  const languageOf = (accepted?: string) =>
    /textLanguage="(\w+)"/.exec(assetFor("texts.js", accepted)?.text ?? "")?.[1];
  assertEquals(languageOf(), "en");
  assertEquals(languageOf("de-AT,de;q=0.9,en;q=0.8"), "de");
  assertEquals(languageOf("fr-FR, ar;q=0.5"), "ar");
  assertEquals(languageOf("fr, EN-us;q=0.9, de;q=0.1"), "en");
  assertEquals(languageOf("xx"), "en");
});
