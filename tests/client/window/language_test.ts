/** The page in other languages: every text is there, and one from right to left is laid out so. */

import { assert, assertEquals } from "@std/assert";
import { describeEvent } from "../../../client/window/state/info_log.ts";
import type { ClientErrorCode } from "../../../client/core/mod.ts";
import { refusalCodes } from "../../../protocol/mod.ts";
import { eventsSaying } from "../../fixtures/events.ts";
import { quietPort } from "../../helpers/programs.ts";
import { chromiumTests } from "../../helpers/chromium.ts";
import { expectAttribute } from "../../helpers/page_assertions.ts";
import { chatWith, styleOf, TestWindow } from "../../helpers/window.ts";
import { TestEnvironment } from "../../helpers/test_environment.ts";

const test = chromiumTests();

async function sentencesIn(language: string): Promise<Readonly<Record<string, string>>> {
  const folder = "../../../client/window/page";
  const { firstSentences } = await import(`${folder}/text_${language}.js`);
  return { ...firstSentences, ...(await import(`${folder}/sentences_${language}.js`)).default };
}

/** The codes in calls of `worded` and the like. */
async function codesInSource(): Promise<string[]> {
  const codes: string[] = [];
  for (const room of ["app", "window", "window/api", "window/state"]) {
    const folder = new URL(`../../../client/${room}/`, import.meta.url);
    for await (const { name } of Deno.readDir(folder)) {
      if (!name.endsWith(".ts")) continue;
      const text = await Deno.readTextFile(new URL(name, folder));
      const calls = text.matchAll(
        /(?:worded|RequestError)\(\s*(?:[^"`()]*|`[^`]*`|"[^"]*"),\s*["`]([a-z-]+\.?)/g,
      );
      const notes = text.matchAll(/words(?::| =) \{\s*code: ["`]([a-z-]+\.?)/g);
      for (const [, code = ""] of [...calls, ...notes]) codes.push(code);
    }
  }
  return codes;
}

type Texts = Readonly<Record<string, string | Readonly<Record<string, string>>>>;

async function textsIn(language: string): Promise<Texts> {
  const folder = "../../../client/window/page";
  const all = ["text", "more_text"].map((name) => import(`${folder}/${name}_${language}.js`));
  return Object.assign({}, ...(await Promise.all(all)).map((module) => module.default));
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

/** Every code of an error; the type check finds one that is missing. */
const ERROR_CODES: Readonly<Record<ClientErrorCode, true>> = {
  "server-unreachable": true,
  "server-refused": true,
  "protocol-error": true,
  "cannot-listen": true,
  "invalid-name": true,
  "invalid-state": true,
  "not-online": true,
  "peer-unreachable": true,
  "chat-closed": true,
  "ignored": true,
  "server-key-mismatch": true,
  "classic-server": true,
  "peer-key-mismatch": true,
  "peer-unconfirmed": true,
  "send-failed": true,
  "transfer-failed": true,
  "storage-failed": true,
  "room-failed": true,
  "call-failed": true,
  "call-rejected": true,
  "chat-failed": true,
  "reconnect-failed": true,
  "delisted": true,
  "listener-failed": true,
  "order-refused": true,
  "server-complaint": true,
};

for (const language of ["de", "ar"]) {
  Deno.test(`page: every sentence of the program is there in ${language}`, async () => {
    const sentences = await sentencesIn(language);
    const codes = Object.keys(sentences);
    const isThere = (code: string) =>
      codes.some((each) =>
        each === code || each.startsWith(code.endsWith("-") ? code : `${code}.`)
      );
    assertEquals(Object.keys(ERROR_CODES).filter((code) => !isThere(code)), []);
    const causes = Object.values(refusalCodes).map((code) => `why.rejected-${code}`);
    assertEquals(causes.filter((code) => sentences[code] === undefined), []);
    const ofEvents = [...eventsSaying("ada")].flatMap((event) => {
      const words = event.type === "welcome" ? undefined : describeEvent(event, [])?.words;
      return words === undefined
        ? []
        : typeof words === "string"
        ? words
        : words.code ?? words.text;
    });
    assert(ofEvents.length > 10, `${ofEvents.length} events`);
    const missing = ofEvents.filter((code) =>
      sentences[code] === undefined && sentences[code.replace(/\..*/, "")] === undefined
    );
    assertEquals(missing, []);
    // The codes in the program's source are there, too.
    const named = await codesInSource();
    assert(named.length > 30, `${named.length} codes`);
    assertEquals(named.filter((code) => !isThere(code.replace(/\.$/, ""))), []);
  });
}

Deno.test("page: sentences in two languages have the same codes and holes", async () => {
  const [german, arabic] = [await sentencesIn("de"), await sentencesIn("ar")];
  assertEquals(Object.keys(arabic).sort(), Object.keys(german).sort());
  for (const [code, text] of Object.entries(german)) {
    assertEquals(holesOf(arabic[code]), holesOf(text), code);
  }
});

test("window: an error is said in the user's language, with a cause that is rare", async (browser) => {
  await using env = TestEnvironment.real();
  const { at } = env.serve();
  await using mim = await TestWindow.start(at, { classic: true });
  const ada = await mim.page(browser, { locale: "de-DE" });
  await ada.getByRole("textbox", { name: "Name", exact: true }).fill("ada");
  await ada.getByRole("textbox", { name: "Server" }).fill("my server");
  await ada.getByRole("button", { name: "Anmelden" }).click();
  await ada.locator(".sign-in").getByText(/my server.*ist keine Adresse eines Servers/).waitFor();
  await ada.getByRole("textbox", { name: "Server" }).fill(`127.0.0.1:${quietPort()}`);
  await ada.getByRole("button", { name: "Anmelden" }).click();
  await ada.locator(".sign-in").getByText(/antwortet kein Server/).waitFor();
  const info = await ada.getByRole("log").innerText();
  assert(!/reach|expected|keeps trying/i.test(info), info);
});

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
  // English words of the program stand apart in an Arabic sentence.
  await ada.getByRole("button", { name: "الإعدادات" }).click();
  await ada.locator("#settings bdi").getByText("\u2068this is a test\u2069").waitFor();
  await ada.keyboard.press("Escape");
  for (const width of [1280, 390, 320]) {
    await ada.setViewportSize({ width, height: 700 });
    assertEquals(await ada.evaluate("document.documentElement.scrollWidth"), width);
  }
});
