/** Chatting in the window: messages, links, unread messages, notifications. */

import { assert, assertEquals } from "@std/assert";
import { chromiumTests } from "../../helpers/chromium.ts";
import {
  expectAttribute,
  expectCount,
  expectDisabled,
  expectText,
  expectTexts,
  expectValue,
} from "../../helpers/page_assertions.ts";
import {
  call,
  chatRow,
  chatWith,
  closeButton,
  fieldFor,
  focused,
  hasFocus,
  hears,
  logIn,
  openLog,
  rowOf,
  say,
  styleOf,
  TestWindow,
  until,
} from "../../helpers/window.ts";
import { TestEnvironment } from "../../helpers/test_environment.ts";
import { Scenario } from "./scenarios.ts";

const test = chromiumTests();

test("window: an emoji is chosen with the keyboard, and stands where the user writes", async (browser) => {
  await using scenario = await Scenario.start(browser);
  const { ada } = scenario;
  const { bob } = await scenario.callBob();
  const field = fieldFor(ada, "bob");
  await field.fill("ab");
  await field.press("Home");
  await field.press("ArrowRight");
  await field.press("Tab");
  const choose = chatWith(ada, "bob").getByRole("button", { name: "Insert an emoji" });
  await focused(choose);
  await ada.keyboard.press("Enter");
  const entries = ada.getByRole("menu").getByRole("menuitem");
  await focused(entries.first());
  assert(await entries.count() >= 30);
  // Nothing of the menu is outside of the window.
  const { x, y, width, height } = await ada.getByRole("menu").boundingBox() ??
    { x: -1, y: -1, width: 0, height: 0 };
  assert(x >= 0 && y >= 0 && x + width <= 1280 && y + height <= 800);
  // Down goes to the next line.
  await ada.keyboard.press("ArrowDown");
  await focused(entries.nth(8));
  await ada.keyboard.press("ArrowUp");
  await ada.keyboard.press("ArrowRight");
  await ada.keyboard.press("Enter");
  await focused(field);
  assertEquals(await field.inputValue(), "a😂b");
  await choose.click();
  await ada.keyboard.press("Escape");
  await focused(field);
  await ada.keyboard.type("c");
  await field.press("Enter");
  await bob.saw("message", { text: "a😂cb" });
});

test("window: two users chat, and Send is enabled only if there is something to send", async (browser) => {
  await using env = TestEnvironment.real();
  const { at } = env.serve();
  await using one = await TestWindow.start(at);
  await using other = await TestWindow.start(at);
  const ada = await one.online(browser, "ada");
  const bob = await other.online(browser, "bob");
  await call(ada, "bob");
  // Without keys nothing is encrypted, and the text field says so.
  const placeholder = await fieldFor(ada, "bob").getAttribute("placeholder");
  assertEquals(placeholder, "Message to bob, not encrypted");
  const send = chatWith(ada, "bob").getByRole("button", { name: "Send" });
  await expectDisabled(send);
  await fieldFor(ada, "bob").fill("  ");
  await expectDisabled(send);
  await fieldFor(ada, "bob").fill("hello bob");
  assert(await send.isEnabled());
  await send.click();
  await expectValue(fieldFor(ada, "bob"), "");
  await expectDisabled(send);
  // The chat comes to the front at the other end, and the info log says who calls.
  await hears(bob, "ada", "hello bob");
  const log = await openLog(bob);
  await log.getByText(/^ada \(127\.0\.0\.1:\d+\) started a chat with you$/).waitFor();
  await bob.getByRole("button", { name: "Log", exact: true }).click();
  await say(bob, "ada", "hi ada");
  await hears(ada, "bob", "hi ada");
  const sides = await chatWith(ada, "bob").locator("li[data-message]").evaluateAll((rows) =>
    rows.map((row) => row.getAttribute("data-from"))
  );
  assertEquals(sides, ["me", "them"]);
  await chatWith(ada, "bob").locator("time").first().waitFor();
  await expectCount(chatWith(ada, "bob").locator(".day"), 1);
  await chatWith(ada, "bob").locator(".state").getByText("sent", { exact: true }).waitFor();

  // Closed at the other end, the chat here is inactive and says so. Closed here, it is removed.
  await closeButton(bob, "ada").click();
  await chatWith(ada, "bob").getByText("bob closed the chat").waitFor();
  await expectAttribute(chatWith(ada, "bob"), "data-state", "closed");
  await expectDisabled(fieldFor(ada, "bob"));
  // Greyed out, field and all.
  const color = await styleOf(fieldFor(ada, "bob"), "backgroundColor");
  assert(color !== await styleOf(chatWith(ada, "bob").locator(".close"), "backgroundColor"));
  await chatWith(bob, "ada").waitFor({ state: "detached" });
  await closeButton(ada, "bob").click();
  await chatWith(ada, "bob").waitFor({ state: "detached" });
  // The messages are still there, and opening the chat calls nobody.
  await chatRow(ada, "bob").click();
  await hears(ada, "bob", "hi ada");
  await expectAttribute(chatWith(ada, "bob"), "data-state", "idle");
  // The first line calls.
  await say(ada, "bob", "once more");
  await hears(bob, "ada", "once more");
});

test("window: Call again goes on in the same chat", async (browser) => {
  await using scenario = await Scenario.start(browser);
  const { ada } = scenario;
  const { bob, chat } = await scenario.callBob();
  await chat.send("brb");
  await chat.close();
  await ada.getByRole("button", { name: "Call again" }).click();
  const { chat: again } = await bob.saw("chat-opened");
  await again.send("back");
  await hears(ada, "bob", "back");
  await expectTexts(chatWith(ada, "bob").locator(".text"), ["brb", "back"]);
  // If the user has gone, Call again says so.
  await bob.quit();
  await chatWith(ada, "bob").getByText("bob closed the chat").waitFor();
  await rowOf(ada, "bob").waitFor({ state: "detached" });
  await ada.getByRole("button", { name: "Call again" }).click();
  await ada.getByRole("alert").getByText("bob is not online").waitFor();
});

test("window: Shift+Enter breaks lines, links open safely, right-to-left text is shown as such", async (browser) => {
  await using scenario = await Scenario.start(browser);
  const { ada } = scenario;
  const [bob] = await scenario.users("bob");
  await call(ada, "bob");
  const field = fieldFor(ada, "bob");
  await field.pressSequentially("one");
  await field.press("Shift+Enter");
  await field.pressSequentially("two");
  await expectValue(field, "one\ntwo");
  await field.press("Enter");
  await bob.saw("message", { text: "one" });
  const { chat } = await bob.saw("message", { text: "two" });
  await chat.send("see https://example.org/a?b=c#d, or (http://example.net/).");
  await chat.send("https://example.org/wiki/Ada_(language), (as in https://example.org/b_(c))");
  await chat.send("HTTP://EXAMPLE.com/x");
  await chat.send("javascript:alert(1) data:text/html,x");
  await chat.send("שלום, world 👩‍🚀");
  await hears(ada, "bob", "שלום");
  const links = await chatWith(ada, "bob").locator(".log a").evaluateAll((all) =>
    all.map((link) => ["href", "rel", "target"].map((name) => link.getAttribute(name)))
  );
  assertEquals(links, [
    ["https://example.org/a?b=c#d", "noopener noreferrer", "_blank"],
    ["http://example.net/", "noopener noreferrer", "_blank"],
    ["https://example.org/wiki/Ada_(language)", "noopener noreferrer", "_blank"],
    ["https://example.org/b_(c)", "noopener noreferrer", "_blank"],
    ["HTTP://EXAMPLE.com/x", "noopener noreferrer", "_blank"],
  ]);
  const last = chatWith(ada, "bob").locator(".text").last();
  assertEquals(await styleOf(last, "direction"), "rtl");
  await expectText(last, "שלום, world 👩‍🚀");
});

test("window: title and list count unread messages until the user reads them", async (browser) => {
  await using scenario = await Scenario.start(browser);
  const { ada } = scenario;
  const [bob, carol] = await scenario.users("bob", "carol");
  await call(ada, "bob");
  const { chat } = await bob.saw("chat-opened");
  await chat.send("seen at once");
  await hears(ada, "bob", "seen at once");
  const calling = await carol.call("ada");
  await calling.send("one");
  await calling.send("two");
  await until(ada, 'document.title === "(2) MIM — ada"');
  await chatRow(ada, "carol").getByText("2", { exact: true }).waitFor();
  // The incoming chat is a row; the chat in use stays, and the keyboard with it.
  assert(await hasFocus(fieldFor(ada, "bob")));
  await chatRow(ada, "carol").click();
  await hears(ada, "carol", "two");
  await chatWith(ada, "carol").locator(".new").waitFor();
  await until(ada, 'document.title === "MIM — ada"');
  assert(await hasFocus(fieldFor(ada, "carol")));
});

test("window: messages are announced, and shown as notifications if the page is hidden", async (browser) => {
  await using env = TestEnvironment.real();
  const { at } = env.serve();
  await using mim = await TestWindow.start(at);
  const ada = await mim.page(browser, { permissions: ["notifications"] });
  await ada.addInitScript(`
    globalThis.notified = [];
    Object.defineProperty(document, "hidden", { get: () => globalThis.away === true });
    globalThis.Notification = class {
      static permission = "granted";
      constructor(title, { body }) {
        notified.push(title + ": " + body);
      }
      close() {}
    };
  `);
  await ada.reload();
  await logIn(ada, "ada");
  const [bob] = await env.online(at, "bob");
  const chat = await bob.call("ada");
  await chat.send("anybody there?");
  await ada.locator("[aria-live=polite]", { hasText: "bob: anybody there?" }).waitFor();
  assertEquals(await ada.evaluate("notified"), []);
  await ada.evaluate("globalThis.away = true");
  await chat.send("now you are hidden");
  await until(ada, "notified.length > 0");
  assertEquals(await ada.evaluate("notified"), [
    "bob: now you are hidden",
  ]);
});

test("window: long texts are sent whole; one that is too long stays in the field, with a reason", async (browser) => {
  await using scenario = await Scenario.start(browser);
  const { ada: page } = scenario;
  const [bob] = await scenario.users("bob");
  await call(page, "bob");
  const lines = ["a", "b", "c"].map((letter) => letter.repeat(60_000));
  await say(page, "bob", lines.join("\n"));
  for (const text of lines) await bob.saw("message", { text });
  const long = "x".repeat(250_001);
  await say(page, "bob", long);
  await chatWith(page, "bob").getByText(/^Too long for a message: at most 250,000 /).waitFor();
  await expectValue(fieldFor(page, "bob"), long);
  await say(page, "bob", "shorter");
  await bob.saw("message", { text: "shorter" });
});
