/** The window as people use it, in a real browser. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Locator } from "playwright-core";
import { chromiumTests } from "../../helpers/chromium.ts";
import { HeldTimers } from "../../helpers/time.ts";
import { poll } from "../../helpers/wait.ts";
import { quietPort } from "../../helpers/programs.ts";
import {
  call,
  chatWith,
  fieldFor,
  focused,
  hasFocus,
  hears,
  logIn,
  ready,
  say,
  scrollUntil,
  styleOf,
  TestWindow,
  until,
} from "../../helpers/window.ts";
import { TestEnvironment } from "../../helpers/test_environment.ts";
import { Scenario } from "./scenarios.ts";

const test = chromiumTests();

test("window: Login is enabled only while there is a name, Logout only while online", async (browser) => {
  await using env = TestEnvironment.real();
  const { at } = env.serve({ welcome: "Welcome to the test\nBe kind" });
  await using mim = await TestWindow.start(at);
  const page = await mim.page(browser);
  const name = page.getByRole("textbox", { name: "Name", exact: true });
  const login = page.getByRole("button", { name: "Login" });
  const logout = page.getByRole("button", { name: "Logout" });
  assert(await login.isDisabled() && await logout.isDisabled());
  await name.fill("   ");
  assert(await login.isDisabled());
  await name.fill("ada");
  assert(await login.isEnabled());
  await name.press("Enter");
  await page.getByText("You are online as ada").waitFor();
  await page.waitForSelector("html[data-state=online]", { state: "attached" });
  assert(await login.isDisabled() && await logout.isEnabled());
  assertEquals(await page.title(), "MIM — ada");
  const info = page.getByRole("log", { name: "Welcome, connections and errors" });
  assertMatch(await info.innerText(), /Connected to 127\.0\.0\.1.*Welcome to the test.*Be kind/s);
  await page.getByRole("option", { name: /^ada/ }).getByText("you", { exact: true }).waitFor();
  await logout.click();
  await page.getByText("You are offline").waitFor();
  await page.getByText(/^Not up to date: who was online at /).waitFor();
  assert(await login.isEnabled() && await logout.isDisabled());
  assert(await page.getByRole("textbox", { name: "Server" }).isEditable());
});

test("window: a name that is refused, and a server that is not there, are told in the info area", async (browser) => {
  await using env = TestEnvironment.real();
  const { at, server } = env.serve({ port: quietPort() });
  await server.close();
  await using mim = await TestWindow.start(at);
  const page = await mim.page(browser);
  await page.getByRole("textbox", { name: "Name", exact: true }).fill("ada");
  await page.getByRole("button", { name: "Login" }).click();
  await page.getByText(/cannot connect|cannot reach|nothing listens/).first().waitFor();
  await page.getByText(/^MIM keeps trying until the server answers/).waitFor();
  // Meanwhile another name or server may be tried, or none.
  await page.locator("#log-in:enabled").waitFor();
  await page.getByRole("button", { name: "Logout" }).click();
  await page.waitForSelector("html[data-state=offline]", { state: "attached" });
  await page.getByRole("button", { name: "Login" }).click();
  await page.waitForSelector("html[data-state=reconnecting]", { state: "attached" });
  env.serve({ port: at.port });
  await page.waitForSelector("html[data-state=online]", { state: "attached" });
  await page.getByRole("option", { name: /^ada/ }).waitFor();
});

test("window: two talk; Send is enabled only where there is something to send", async (browser) => {
  await using env = TestEnvironment.real();
  const { at } = env.serve();
  await using one = await TestWindow.start(at);
  await using other = await TestWindow.start(at);
  const ada = await one.online(browser, "ada");
  const bob = await other.online(browser, "bob");
  await call(ada, "bob");
  // Without keys nothing is encrypted, which stands where one writes.
  const placeholder = await fieldFor(ada, "bob").getAttribute("placeholder");
  assertEquals(placeholder, "Write a message, not encrypted");
  const send = chatWith(ada, "bob").getByRole("button", { name: "Send" });
  assert(await send.isDisabled());
  await fieldFor(ada, "bob").fill("  ");
  assert(await send.isDisabled());
  await fieldFor(ada, "bob").fill("hello bob");
  assert(await send.isEnabled());
  await send.click();
  assertEquals(await fieldFor(ada, "bob").inputValue(), "");
  assert(await send.isDisabled());
  // A dialog pops up there and says who; it takes nobody's place.
  await hears(bob, "ada", "hello bob");
  await bob.getByText(/^ada \(127\.0\.0\.1:\d+\) calls you$/).waitFor();
  await say(bob, "ada", "hi ada");
  await hears(ada, "bob", "hi ada");
  const sides = await chatWith(ada, "bob").locator("li[data-message]").evaluateAll((rows) =>
    rows.map((row) => row.getAttribute("data-from"))
  );
  assertEquals(sides, ["me", "them"]);
  await chatWith(ada, "bob").locator("time").first().waitFor();
  assertEquals(await chatWith(ada, "bob").locator(".day").count(), 1);
  await chatWith(ada, "bob").locator(".state").getByText("sent", { exact: true }).waitFor();

  // Close there: grey and inactive here, which is said; Close here takes the dialog away.
  await bob.getByRole("button", { name: "Close the chat with ada" }).click();
  await chatWith(ada, "bob").getByText("bob closed the chat").waitFor();
  assertEquals(await chatWith(ada, "bob").getAttribute("data-state"), "closed");
  assert(await fieldFor(ada, "bob").isDisabled());
  await chatWith(bob, "ada").waitFor({ state: "detached" });
  await ada.getByRole("button", { name: "Close the chat with bob" }).click();
  await chatWith(ada, "bob").waitFor({ state: "detached" });
});

test("window: whoever clicks twice on Login, or on Close, means it once", async (browser) => {
  await using env = TestEnvironment.real();
  const { at, server } = env.serve({ port: quietPort() });
  await using mim = await TestWindow.start(at);
  const page = await mim.page(browser);
  await page.getByRole("textbox", { name: "Name", exact: true }).fill("ada");
  await page.getByRole("button", { name: "Login" }).dblclick();
  await page.waitForSelector("html[data-state=online]", { state: "attached" });
  const [bob] = await env.online(at, "bob");
  await call(page, "bob");
  await page.getByRole("button", { name: "Close the chat with bob" }).dblclick();
  await bob.saw("chat-closed", { name: "ada" });
  await chatWith(page, "bob").waitFor({ state: "detached" });
  // What pages ask is answered in turn: what the second clicks led to would be there by now.
  await call(page, "bob");
  assertEquals(await page.getByRole("alert").count(), 0);
  assertEquals(await page.locator("#info [data-type=error]").count(), 0);
  // Nor is a login that has failed tried a second time at once.
  await page.getByRole("button", { name: "Logout" }).click();
  await page.waitForSelector("html[data-state=offline]", { state: "attached" });
  await server.close();
  await page.getByRole("button", { name: "Login" }).dblclick();
  await page.getByText(/^MIM keeps trying/).waitFor();
  await page.getByRole("button", { name: "Logout" }).click();
  await page.waitForSelector("html[data-state=offline]", { state: "attached" });
  assertEquals(await page.locator("#info [data-type=error]").count(), 1);
});

test("window: an inactive chat can be called again, in the same dialog", async (browser) => {
  await using scenario = await Scenario.start(browser);
  const { ada } = scenario;
  const [bob] = await scenario.users("bob");
  await call(ada, "bob");
  const { chat } = await bob.saw("chat-opened");
  await bob.send(chat, "brb");
  await bob.close(chat);
  await ada.getByRole("button", { name: "Call again" }).click();
  const { chat: again } = await bob.saw("chat-opened");
  await bob.send(again, "back");
  await hears(ada, "bob", "back");
  assertEquals(await chatWith(ada, "bob").locator(".text").allInnerTexts(), ["brb", "back"]);
  // Whoever is gone is said to be.
  await bob.quit();
  await ada.getByText("bob closed the chat").first().waitFor();
  await ada.getByRole("option", { name: /^bob/ }).waitFor({ state: "detached" });
  await ada.getByRole("button", { name: "Call again" }).click();
  await ada.getByRole("alert").getByText("bob is not online").waitFor();
});

test("window: lines with Shift-Enter, links that open safely, text that runs to the left", async (browser) => {
  await using scenario = await Scenario.start(browser);
  const { ada } = scenario;
  const [bob] = await scenario.users("bob");
  await call(ada, "bob");
  const field = fieldFor(ada, "bob");
  await field.pressSequentially("one");
  await field.press("Shift+Enter");
  await field.pressSequentially("two");
  assertEquals(await field.inputValue(), "one\ntwo");
  await field.press("Enter");
  await bob.saw("message", { text: "one" });
  const { chat } = await bob.saw("message", { text: "two" });
  await bob.send(chat, "see https://example.org/a?b=c#d, or (http://example.net/).");
  await bob.send(
    chat,
    "https://example.org/wiki/Ada_(language), (as in https://example.org/b_(c))",
  );
  await bob.send(chat, "HTTP://EXAMPLE.com/x");
  await bob.send(chat, "javascript:alert(1) data:text/html,x");
  await bob.send(chat, "שלום, world 👩‍🚀");
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
  assertEquals(await last.innerText(), "שלום, world 👩‍🚀");
});

test("window: loaded anew in mid-chat it shows the same, nothing twice, and keeps the draft", async (browser) => {
  await using scenario = await Scenario.start(browser);
  const { ada, mim } = scenario;
  const [bob] = await scenario.users("bob");
  await call(ada, "bob");
  await say(ada, "bob", "first");
  const { chat } = await bob.saw("message", { text: "first" });
  await bob.send(chat, "second");
  await hears(ada, "bob", "second");
  await fieldFor(ada, "bob").fill("half a sen");
  await ada.reload();
  await ready(ada);
  await hears(ada, "bob", "second");
  assertEquals(await chatWith(ada, "bob").locator(".text").allInnerTexts(), ["first", "second"]);
  assertEquals(await fieldFor(ada, "bob").inputValue(), "half a sen");
  assertEquals(await ada.getByRole("listbox").getByRole("option").count(), 2);
  await fieldFor(ada, "bob").press("Enter");
  await bob.saw("message", { text: "half a sen" });

  // A second page shows the same, and both are told.
  const again = await mim.pageIn(ada.context());
  await hears(again, "bob", "half a sen");
  await say(again, "bob", "from the other page");
  await hears(ada, "bob", "from the other page");
  await again.getByRole("button", { name: "Close the chat with bob" }).click();
  await chatWith(ada, "bob").waitFor({ state: "detached" });
});

test("window: two pages that close a dialog at once have both closed it", async (browser) => {
  await using env = TestEnvironment.real();
  const { at } = env.serve();
  await using mim = await TestWindow.start(at);
  const one = await mim.page(browser);
  // This page closes each dialog a second time, as another may have done by then.
  await one.addInitScript(`
    const { send } = WebSocket.prototype;
    WebSocket.prototype.send = function (text) {
      send.call(this, text);
      if (JSON.parse(text).type !== "close") return;
      for (const type of ["close", "mark-read", "set-typing"]) {
        send.call(this, JSON.stringify({ ...JSON.parse(text), type, typing: true }));
      }
    };
  `);
  await one.reload();
  await logIn(one, "ada");
  await env.online(at, "bob");
  await call(one, "bob");
  await one.getByRole("button", { name: "Close the chat with bob" }).click();
  await chatWith(one, "bob").waitFor({ state: "detached" });
  // What pages ask is answered in turn: what that led to would be there by now.
  await call(one, "bob");
  assertEquals(await one.getByRole("alert").count(), 0);
});

test("window: of more chats than fit side by side, each is in the tray, within the window", async (browser) => {
  await using scenario = await Scenario.start(browser);
  const { ada: page } = scenario;
  const names = Array.from("abcdefghijklmn", (letter) => `user ${letter.repeat(6)}`);
  for (const user of await scenario.users(...names)) await user.call("ada");
  const tray = page.getByRole("navigation", { name: "Your chats" });
  const tabs = tray.getByRole("button");
  await tabs.nth(names.length - 1).waitFor();
  for (const viewport of [{ width: 1280, height: 800 }, { width: 390, height: 844 }]) {
    await page.setViewportSize(viewport);
    await tabs.first().focus();
    for (const [index, name] of names.entries()) {
      if (index > 0) await page.keyboard.press("Tab");
      await focused(tabs.filter({ hasText: name }));
      await until(
        page,
        `(() => {
          const { left, right, top, bottom } = document.activeElement.getBoundingClientRect();
          return left >= 0 && right <= innerWidth && top >= 0 && bottom <= innerHeight;
        })()`,
      );
    }
    // Enter goes there, and the tray says where that is.
    await page.keyboard.press("Enter");
    await focused(fieldFor(page, names.at(-1) ?? ""));
    assertEquals(await tray.locator("[aria-current=true]").innerText(), names.at(-1));
  }
});

test("window: what was sent while the page had lost the program is sent once", async (browser) => {
  await using env = TestEnvironment.real();
  const { at } = env.serve();
  await using mim = await TestWindow.start(at);
  // The bridge breaks where the page says so.
  const page = await mim.page(browser);
  await page.addInitScript(`
    const all = [];
    globalThis.WebSocket = class extends WebSocket {
      constructor(url) {
        super(url);
        all.push(this);
      }
    };
    globalThis.cut = () => all.forEach((each) => each.close());
  `);
  await page.reload();
  await logIn(page, "ada");
  const [bob] = await env.online(at, "bob");
  await call(page, "bob");
  await say(page, "bob", "before");
  await bob.saw("message", { text: "before" });
  await page.evaluate("cut()");
  await say(page, "bob", "meanwhile");
  await bob.saw("message", { text: "meanwhile" });
  await hears(page, "bob", "meanwhile");
  await say(page, "bob", "after");
  const { chat } = await bob.saw("message", { text: "after" });
  await bob.send(chat, "all of it");
  await hears(page, "bob", "all of it");
  const texts = await chatWith(page, "bob").locator(".text").allInnerTexts();
  assertEquals(texts, ["before", "meanwhile", "after", "all of it"]);
  await page.locator("#disconnected").waitFor({ state: "hidden" });
});

test("window: the server goes, chats go on, and it comes back by itself", async (browser) => {
  await using scenario = await Scenario.start(browser, { server: { port: quietPort() } });
  const { ada, at, env } = scenario;
  const bob = env.user("bob", at);
  await bob.login();
  await call(ada, "bob");
  await say(ada, "bob", "one");
  const { chat } = await bob.saw("message", { text: "one" });
  await scenario.stopServer();
  await ada.waitForSelector("html[data-state=reconnecting]", { state: "attached" });
  await ada.locator("#age").waitFor();
  await say(ada, "bob", "two");
  await bob.saw("message", { text: "two" });
  await bob.send(chat, "three");
  await hears(ada, "bob", "three");
  env.serve({ port: at.port });
  await ada.waitForSelector("html[data-state=online]", { state: "attached" });
  // The list is known to be fresh again without anybody coming or going.
  await ada.locator("#age").waitFor({ state: "hidden" });
  await ada.locator("body:not(.is-stale)").waitFor();
  await bob.login();
  await ada.getByRole("option", { name: /^bob/ }).waitFor();
  assertEquals(await ada.getByRole("option", { name: /^ada/ }).count(), 1);
  assertEquals(await chatWith(ada, "bob").locator(".text").allInnerTexts(), [
    "one",
    "two",
    "three",
  ]);
});

test("window: unread messages are counted in the title and the list until somebody looks", async (browser) => {
  await using scenario = await Scenario.start(browser);
  const { ada } = scenario;
  const [bob, carol] = await scenario.users("bob", "carol");
  await call(ada, "bob");
  const { chat } = await bob.saw("chat-opened");
  await bob.send(chat, "seen at once");
  await hears(ada, "bob", "seen at once");
  const calling = await carol.call("ada");
  await carol.send(calling, "one");
  await carol.send(calling, "two");
  await hears(ada, "carol", "two");
  await until(ada, 'document.title === "(2) MIM — ada"');
  await ada.getByRole("option", { name: /^carol/ }).getByText("2", { exact: true }).waitFor();
  // The dialog of the one who calls is there, but the text field in use stays where it is.
  assert(await hasFocus(fieldFor(ada, "bob")));
  await ada.getByRole("navigation", { name: "Your chats" }).getByRole("button", { name: /carol/ })
    .click();
  await until(ada, 'document.title === "MIM — ada"');
  assert(await hasFocus(fieldFor(ada, "carol")));
});

test("window: messages are told aloud, and by the system where the page is hidden", async (browser) => {
  await using env = TestEnvironment.real();
  const { at } = env.serve();
  await using mim = await TestWindow.start(at);
  const ada = await mim.page(browser, { permissions: ["notifications"] });
  await ada.addInitScript(`
    globalThis.told = [];
    Object.defineProperty(document, "hidden", { get: () => globalThis.away === true });
    globalThis.Notification = class {
      static permission = "granted";
      constructor(title, { body }) {
        told.push(title + ": " + body);
      }
      close() {}
    };
  `);
  await ada.reload();
  await logIn(ada, "ada");
  const [bob] = await env.online(at, "bob");
  const chat = await bob.call("ada");
  await bob.send(chat, "anybody there?");
  await ada.locator("[aria-live=polite]", { hasText: "bob: anybody there?" }).waitFor();
  assertEquals(await ada.evaluate("told"), []);
  await ada.evaluate("globalThis.away = true");
  await bob.send(chat, "now you are hidden");
  await until(ada, "told.length > 0");
  assertEquals(await ada.evaluate("told"), [
    "bob: now you are hidden",
  ]);
});

test("window: strangers are asked about, accepted, refused and ignored", async (browser) => {
  await using scenario = await Scenario.start(browser);
  const { ada, mim } = scenario;
  await ada.getByRole("button", { name: "Settings" }).click();
  await ada.getByLabel("When a stranger calls").selectOption("ask");
  await ada.getByRole("button", { name: "Close", exact: true }).click();
  // Every page shows it, once the program knows.
  const other = await mim.pageIn(ada.context());
  await until(other, `document.querySelector("#unknown-callers").value === "ask"`);
  await other.close();
  const [bob, eve] = await scenario.users("bob", "eve");
  const chat = await bob.call("ada");
  await bob.send(chat, "may I?");
  await ada.getByText(/bob \(127\.0\.0\.1:\d+\) wants to talk to you/).waitFor();
  assertEquals(await chatWith(ada, "bob").count(), 0);
  await ada.getByRole("button", { name: "Accept bob" }).click();
  await hears(ada, "bob", "may I?");
  await eve.call("ada");
  await ada.getByRole("button", { name: "Refuse eve" }).click();
  await eve.saw("chat-closed", { name: "ada" });
  await eve.call("ada");
  await ada.getByRole("button", { name: "Ignore eve" }).click();
  await eve.saw("chat-closed", { name: "ada" });
  await ada.getByRole("button", { name: "Ignore bob" }).click();
  await bob.saw("chat-closed", { name: "ada" });
  await ada.getByRole("button", { name: "Settings" }).click();
  const ignored = ada.getByRole("list", { name: "Ignored" });
  await ignored.getByRole("listitem").nth(1).waitFor();
  // Whoever clicks twice still means one of them.
  await ignored.getByRole("button", { name: /No longer ignore eve/ }).dblclick();
  await ignored.getByText(/^eve/).waitFor({ state: "detached" });
  await ada.keyboard.press("Escape");
  // What was refused meanwhile is counted when one looks, and while one does.
  await bob.call("ada");
  await bob.saw("chat-closed", { name: "ada" });
  await ada.getByRole("button", { name: "Settings" }).click();
  await ignored.getByText(/^bob at 127\.0\.0\.1, 1 call refused$/).waitFor();
  const end = ignored.getByRole("button", { name: /No longer ignore bob/ });
  await end.focus();
  await bob.call("ada");
  await ignored.getByText(/^bob at 127\.0\.0\.1, 2 calls refused$/).waitFor();
  assert(await hasFocus(end));
  await ada.keyboard.press("Escape");
  // Whoever has asked so often is heard once there is something to hear.
  await eve.send(await eve.call("ada"), "sorry");
  await ada.getByRole("button", { name: "Accept eve" }).waitFor();
});

test("window: a click hits nothing that moves under it as somebody comes to the door, or goes", async (browser) => {
  await using scenario = await Scenario.start(browser);
  const { ada } = scenario;
  const [bob, eve] = await scenario.users("bob", "eve");
  await call(ada, "bob");
  await say(ada, "bob", "one");
  await bob.saw("message", { text: "one" });
  await ada.getByRole("button", { name: "Settings" }).click();
  await ada.getByLabel("When a stranger calls").selectOption("ask");
  await ada.getByRole("button", { name: "Close", exact: true }).click();
  const close = ada.getByRole("button", { name: "Close the chat with bob" });
  const refuse = ada.getByRole("button", { name: "Refuse eve" });
  const middleOf = async (button: Locator) => {
    const { x = 0, y = 0, width = 0, height = 0 } = await button.boundingBox() ?? {};
    return { x: x + width / 2, y: y + height / 2 };
  };
  const clickAt = ({ x, y }: { x: number; y: number }) => ada.mouse.click(x, y);
  const closeAt = await middleOf(close);
  // Time stands in the page, so no half second is over before a click is there.
  await ada.clock.install();
  await ada.clock.pauseAt(Date.now() + 60_000);
  await eve.call("ada");
  await refuse.waitFor();
  assert((await middleOf(close)).y > closeAt.y);
  await clickAt(await middleOf(refuse));
  await clickAt(await middleOf(close));
  await say(ada, "bob", "two");
  await bob.saw("message", { text: "two" });
  assert(await refuse.isVisible());
  await ada.clock.runFor(500);
  await clickAt(await middleOf(refuse));
  await eve.saw("chat-closed", { name: "ada" });
  await refuse.waitFor({ state: "detached" });
  assertEquals(await middleOf(close), closeAt);
  await clickAt(closeAt);
  await say(ada, "bob", "three");
  await bob.saw("message", { text: "three" });
  await ada.clock.runFor(500);
  await clickAt(closeAt);
  await bob.saw("chat-closed", { name: "ada" });
});

test("window: earlier days come on scrolling up, and the search looks through all chats", async (browser) => {
  await using env = TestEnvironment.real();
  const { at } = env.serve();
  const folder = await Deno.makeTempDir();
  try {
    const { History } = await import("../../../client/storage/history/history.ts");
    const { Profile } = await import("../../../client/storage/profile.ts");
    const history = History.open(`${folder}/history.db`, () => {});
    const peer = { name: "bob", address: "127.0.0.1:4000" };
    for (let n = 0; n < 250; n++) {
      const day = Math.floor(n / 100);
      const at = Date.UTC(2026, 0, 10 + day, 12, n % 60);
      history?.append({ peer, type: n % 2 ? "sent" : "received", text: `line ${n} of old`, at });
    }
    await history?.close();
    await using mim = await TestWindow.start(at, { profile: new Profile(folder) });
    const ada = await mim.online(browser, "ada");
    const [bob] = await env.online(at, "bob");
    await call(ada, "bob");
    await say(ada, "bob", "of today");
    await bob.saw("message", { text: "of today" });
    const log = ada.getByRole("log", { name: "Messages with bob" });
    await log.getByText("line 249 of old").waitFor();
    assertEquals(await log.getByText("line 0 of old").count(), 0);
    await scrollUntil(ada, 0, "line 0 of old");
    const texts = await log.locator(".text").allInnerTexts();
    assertEquals(texts.slice(0, 3), ["line 0 of old", "line 1 of old", "line 2 of old"]);
    assertEquals(new Set(texts).size, texts.length);
    // Down again, in order, up to today's.
    await scrollUntil(ada, 1e9, "of today");
    await ada.keyboard.press("Control+k");
    const words = ada.getByRole("searchbox", { name: "Words to search for" });
    const found = ada.getByRole("list", { name: "Found" });
    await words.fill("<b>nothing</b>");
    await ada.getByText("No message has all these words").waitFor();
    await words.press("Escape");
    await words.waitFor({ state: "hidden" });
    await ada.keyboard.press("Control+k");
    await words.fill("line 123");
    await ada.getByText("1 message").waitFor();
    assertMatch(await found.innerText(), /you to\s*bob.*line 123 of old/s);
    // A hit leads to its chat, and there to the message.
    await words.press("ArrowDown");
    await ada.keyboard.press("Enter");
    await words.waitFor({ state: "hidden" });
    await log.locator(".hit", { hasText: "line 123 of old" }).and(ada.locator(":focus")).waitFor();
    await ada.getByRole("button", { name: "Close the chat with bob" }).click();
    await chatWith(ada, "bob").waitFor({ state: "detached" });
    for (const text of ["line 7 of old", "of today"]) {
      await ada.keyboard.press("Control+k");
      await words.fill(text.replace(" of", ""));
      await found.getByRole("button", { name: text }).click();
      await log.locator(".hit", { hasText: text }).waitFor();
    }
    // Nobody is called by that.
    await chatWith(ada, "bob").getByText("These are earlier messages").waitFor();
    await ada.getByRole("button", { name: "Call again" }).click();
    await say(ada, "bob", "on we go");
    await bob.saw("message", { text: "on we go" });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

test("window: it ends a while after its last page was closed, unless it is to stay", async (browser) => {
  await using env = TestEnvironment.real();
  const { at } = env.serve();
  const grace = 54_321;
  using waits = new HeldTimers(grace);
  await using mim = await TestWindow.start(at, { stays: false, graceMs: grace });
  await using keeps = await TestWindow.start(at, { stays: true, graceMs: 1 });
  const page = await mim.online(browser, "ada");
  await (await keeps.page(browser)).close();
  // Loading it anew is no end, nor is closing one of two.
  await page.reload();
  await ready(page);
  assertEquals(waits.count, 0);
  const second = await mim.pageIn(page.context());
  await page.close();
  await second.close();
  await poll(() => waits.count === 1, "the wait for one more page");
  waits.run();
  assertEquals(await mim.ended, 0);
  assertEquals(mim.said.at(-1), {
    type: "note",
    text: "The last page was closed 54.321 s ago, so the window ends. With --keep it keeps running",
  });
  const page2 = await keeps.page(browser);
  assertEquals(await page2.title(), "MIM");
});

test("window: what is newest stays in view, and every title, also of a third dialog", async (browser) => {
  await using scenario = await Scenario.start(browser);
  const { ada: page, at, env } = scenario;
  await page.setViewportSize({ width: 1280, height: 800 });
  const others = [];
  for (const name of ["bob", "carol", "dan"]) {
    const other = env.user(name, at);
    await other.login();
    others.push(other);
  }
  await call(page, "bob");
  for (const other of others.slice(1)) {
    await other.call("ada");
    await chatWith(page, other.name).waitFor();
  }
  for (const { name } of others) {
    // Nothing stands over the title: the point in its middle is the title's own.
    const seen = await chatWith(page, name).getByRole("heading").evaluate((title) => {
      const { left, top, width, height } = title.getBoundingClientRect();
      return title.contains(
        title.ownerDocument.elementFromPoint(left + width / 2, top + height / 2),
      );
    });
    assert(seen, `the title of ${name}'s dialog is hidden`);
  }
  const view = page.locator("#info-view");
  await view.getByText(/^dan \(127\.0\.0\.1:\d+\) calls you$/).waitFor();
  await until(
    page,
    `(({ scrollHeight, scrollTop, clientHeight }) => scrollHeight - scrollTop - clientHeight < 2)(
      document.getElementById("info-view"),
    )`,
  );
});

test("window: long texts go out whole; one that is too long stays, and is said so", async (browser) => {
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
  assertEquals(await fieldFor(page, "bob").inputValue(), long);
  await say(page, "bob", "shorter");
  await bob.saw("message", { text: "shorter" });
});
