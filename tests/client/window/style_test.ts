/** Stylesheet and page use the same names. */

import { assert, assertEquals } from "@std/assert";
import { ASSETS } from "../../../client/window/http/assets.ts";

const folder = new URL("../../../client/window/page/style/", import.meta.url);
const style = [...Deno.readDirSync(folder)].map(({ name }) =>
  Deno.readTextFileSync(new URL(name, folder))
).join("\n");

Deno.test("window: every selector of the stylesheet names something in the page", () => {
  const page = [...ASSETS].filter(([name]) => !name.endsWith(".css")).map(([, { text }]) => text);
  const words = new Set(page.join("\n").match(/[a-z][\w-]*/g));
  const selectors = [...style.matchAll(/^[^\n:;]*[.#][a-z][^\n;]*(?=[,{]$)/gm)].map(([line]) =>
    line
  );
  assert(selectors.length > 100, `${selectors.length} lines with selectors`);
  const named = selectors.flatMap((line) => line.match(/(?<=[.#])[a-z][\w-]*/g) ?? []);
  assertEquals(named.filter((name) => !words.has(name)), []);
});

Deno.test("window: every custom property is defined and used", () => {
  const given = new Set(style.match(/(?<=^ +)--[\w-]+(?=:)/gm));
  const used = new Set(style.match(/(?<=var\()--[\w-]+/g));
  used.delete("--hue"); // set for each avatar, by elements.js
  assertEquals([...used].sort(), [...given].sort());
});
