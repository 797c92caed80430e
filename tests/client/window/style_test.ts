/** The stylesheet and the page that it is for know the same names. */

import { assert, assertEquals } from "@std/assert";
import { ASSETS } from "../../../client/window/http/assets.ts";

const style = ASSETS.get("style.css")?.text ?? "";

Deno.test("window: the stylesheet has no rule for what the page never makes", () => {
  const page = [...ASSETS].filter(([name]) => name !== "style.css").map(([, { text }]) => text);
  const words = new Set(page.join("\n").match(/[a-z][\w-]*/g));
  const selectors = [...style.matchAll(/^[^\n:;]*[.#][a-z][^\n;]*(?=[,{]$)/gm)].map(([line]) =>
    line
  );
  assert(selectors.length > 100, `${selectors.length} lines with selectors`);
  const named = selectors.flatMap((line) => line.match(/(?<=[.#])[a-z][\w-]*/g) ?? []);
  assertEquals(named.filter((name) => !words.has(name)), []);
});

Deno.test("window: what the stylesheet has a name for is used, and what it uses has one", () => {
  const given = new Set(style.match(/(?<=^ +)--[\w-]+(?=:)/gm));
  const used = new Set(style.match(/(?<=var\()--[\w-]+/g));
  used.delete("--hue"); // set for each avatar, by elements.js
  assertEquals([...used].sort(), [...given].sort());
});
