/** Links and markup inside texts of the page, without a browser. */

import { assert, assertEquals } from "@std/assert";

interface StubElement {
  readonly tag: string;
  readonly children: unknown[];
}

/** The functions of the page, with elements that only remember what they hold. */
async function pageStrings(): Promise<
  Record<"linkify" | "formatText", (...args: string[]) => unknown[]>
> {
  const createElement = (tag: string) => {
    const children: unknown[] = [];
    return {
      tag,
      children,
      setAttribute() {},
      append: (...parts: unknown[]) => children.push(...parts),
    };
  };
  const matchMedia = () => ({ matches: false });
  Object.assign(globalThis, { document: { createElement }, matchMedia });
  const path = "../../../client/window/page/rich_text.js";
  return await import(path);
}

function isElement(part: unknown): part is StubElement {
  return typeof part === "object" && part !== null && "tag" in part;
}

/** The addresses that a text has links to. */
async function linksIn(text: string): Promise<unknown[]> {
  const { linkify } = await pageStrings();
  const parts = linkify(text);
  assertEquals(parts.map((part) => isElement(part) ? part.children.join("") : part).join(""), text);
  return parts.filter(isElement).map(({ children }) => children.join(""));
}

Deno.test("page: a link ends before the punctuation of its sentence", async () => {
  for (
    const [text, address] of [
      ["see https://example.org/a?b=c#d, or", "https://example.org/a?b=c#d"],
      ["(http://example.net/).", "http://example.net/"],
      ["https://example.org/Ada_(language),", "https://example.org/Ada_(language)"],
      ["(as in https://example.org/b_(c))", "https://example.org/b_(c)"],
      ["https://example.org/[1]]}", "https://example.org/[1]"],
      ["https://example.org/)(", "https://example.org/)("],
    ] as const
  ) assertEquals(await linksIn(text), [address]);
});

Deno.test("page: a link has at most 2,048 characters, and finding it takes linear time", async () => {
  const start = "https://example.org/";
  const longest = start + "x".repeat(2_048 - start.length);
  assertEquals(await linksIn(longest), [longest]);
  assertEquals(await linksIn(`${longest}x`), []);
  assertEquals(await linksIn(`${longest})).`), [longest]);
  for (const tail of [")", "]", "}", ".", ")]", "(".repeat(3) + ")", "https://"]) {
    const text = start + tail.repeat(250_000 / tail.length);
    const before = performance.now();
    await linksIn(text);
    const took = performance.now() - before;
    assert(took < 10_000, `${tail} took ${took} ms`);
  }
});

Deno.test("page: www addresses are links, a sentence's www is none", async () => {
  assertEquals(await linksIn("see www.example.org/a, then"), ["www.example.org/a"]);
  assertEquals(await linksIn("www. and www.x"), []);
});

Deno.test("page: code, bold text and quotations become elements, and nothing else changes", async () => {
  const { formatText } = await pageStrings();
  const shown = (text: string) =>
    formatText(text).filter((part) => part !== "").map((part) =>
      isElement(part) ? [part.tag, text_(part)] : part
    );
  assertEquals(shown("a `b*c*` **d** e"), ["a ", ["code", "b*c*"], " ", ["strong", "d"], " e"]);
  assertEquals(shown("x\n```\nif (a) {\n}\n```\ny"), ["x\n", ["pre", "if (a) {\n}"], "y"]);
  assertEquals(shown("> one\n> two\nthree"), [["blockquote", "one\ntwo"], "three"]);
  for (const text of ["2 ** 3 ** 4", "a ` b", "```", "** a**", "<b>x</b>", "a*b*c", "5 > 3"]) {
    assertEquals(shown(text), [text]);
  }
  // Any text takes linear time.
  for (const sign of ["`", "*", "**", ">", "\n>", "```", "` ", "**a"]) {
    const before = performance.now();
    formatText(sign.repeat(200_000 / sign.length));
    assert(performance.now() - before < 10_000, sign);
  }
});

function text_(part: StubElement): string {
  return part.children.map((each) => isElement(each) ? text_(each) : String(each)).join("");
}
