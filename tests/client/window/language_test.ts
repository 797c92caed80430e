/** The page in other languages: every text is there, and one from right to left is laid out so. */

import { assert, assertEquals } from "@std/assert";
import { chromiumTests } from "../../helpers/chromium.ts";
import { expectAttribute } from "../../helpers/page_assertions.ts";
import { chatWith, styleOf, TestWindow } from "../../helpers/window.ts";
import { TestEnvironment } from "../../helpers/test_environment.ts";

const test = chromiumTests();

type Texts = Readonly<Record<string, string | Readonly<Record<string, string>>>>;

async function textsIn(language: string): Promise<Texts> {
  const path = `../../../client/window/page/text_${language}.js`;
  return (await import(path)).default;
}

/** The names in braces of a text, in any of its forms. */
function holesOf(text: Texts[string] | undefined): string[] {
  const all = typeof text === "string" ? text : Object.values(text ?? {}).join(" ");
  return [...new Set(all.match(/\{\w+\}/g))].sort();
}

for (const language of ["de", "ar"]) {
  Deno.test(`page: every text is there in ${language}, with the same holes`, async () => {
    const [english, other] = [await textsIn("en"), await textsIn(language)];
    assertEquals(Object.keys(other).sort(), Object.keys(english).sort());
    for (const key of Object.keys(english)) {
      assertEquals(holesOf(other[key]), holesOf(english[key]), key);
    }
    const plurals = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
    for (const text of Object.values(other)) {
      if (typeof text === "string") continue;
      assert(plurals.some((category) => text[category] !== undefined) && text["other"]);
    }
  });
}

test("window: in German everything is there by German names", async (browser) => {
  await using env = TestEnvironment.real();
  const { at } = env.serve();
  await using mim = await TestWindow.start(at, { classic: true });
  const ada = await mim.page(browser, { locale: "de-DE" });
  await ada.getByRole("textbox", { name: "Name", exact: true }).fill("ada");
  await ada.getByRole("button", { name: "Anmelden" }).click();
  const [bob] = await env.online(at, "bob");
  await ada.getByRole("option", { name: /^bob/ }).click();
  await bob.saw("chat-opened");
  await ada.getByRole("textbox", { name: "Nachricht an bob" }).fill("hallo");
  await ada.getByRole("button", { name: "Senden" }).click();
  await bob.saw("message", { text: "hallo" });
  await expectAttribute(ada.locator("html"), "lang", "de");
});

test("window: in Arabic the page goes from right to left, and nothing sticks out", async (browser) => {
  await using env = TestEnvironment.real();
  const { at } = env.serve();
  await using mim = await TestWindow.start(at, { classic: true });
  const ada = await mim.page(browser, { locale: "ar" });
  await ada.getByRole("textbox", { name: "الاسم", exact: true }).fill("ada");
  await ada.getByRole("button", { name: "دخول" }).click();
  const [bob] = await env.online(at, "bob");
  await ada.getByRole("option", { name: /^bob/ }).click();
  await bob.saw("chat-opened");
  const field = ada.getByRole("textbox", { name: "رسالة إلى bob" });
  await field.fill("مرحبا");
  await field.press("Enter");
  await bob.saw("message", { text: "مرحبا" });
  const list = await ada.locator(".side").boundingBox();
  const chat = await chatWith(ada, "bob").boundingBox();
  assert((list?.x ?? 0) > (chat?.x ?? 0), "the list stands on the right");
  assertEquals(await styleOf(ada.locator("html"), "direction"), "rtl");
  // A name from left to right stands beside its circle all the same.
  const row = ada.getByRole("option", { name: /^bob/ });
  const circle = await row.locator(".avatar").boundingBox();
  const end = await row.locator(".name").evaluate((name) => {
    const range = Reflect.get(globalThis, "document").createRange();
    range.selectNodeContents(name);
    return range.getBoundingClientRect().right;
  });
  const gap = (circle?.x ?? NaN) - end;
  assert(gap >= 0 && gap < 30, `${gap} pixels between circle and name`);
  for (const width of [1280, 390, 320]) {
    await ada.setViewportSize({ width, height: 700 });
    assertEquals(await ada.evaluate("document.documentElement.scrollWidth"), width);
  }
});
