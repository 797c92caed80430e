/** Reloads, lost connections, several pages, and input while updates arrive. */

import { assert, assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { Profile } from "../../../client/storage/profile.ts";
import { chromiumTests } from "../../helpers/chromium.ts";
import { expectCount, expectTexts, expectValue } from "../../helpers/page_assertions.ts";
import {
  call,
  chatRow,
  chatWith,
  closeButton,
  fieldFor,
  focused,
  hears,
  logIn,
  ready,
  say,
  TestWindow,
} from "../../helpers/window.ts";
import { TestEnvironment } from "../../helpers/test_environment.ts";
import { Scenario } from "./scenarios.ts";

const test = chromiumTests();

/** From the next load on, the page gets no update before `go()`. */
async function holdBack(page: Page): Promise<void> {
  await page.addInitScript(`
    const held = [];
    let going = false;
    globalThis.WebSocket = class extends WebSocket {
      constructor(url) {
        super(url);
        this.addEventListener("message", (event) => {
          if (going) return;
          event.stopImmediatePropagation();
          held.push([this, event.data]);
        });
      }
    };
    globalThis.go = () => {
      going = true;
      for (const [socket, data] of held) socket.dispatchEvent(new MessageEvent("message", { data }));
    };
  `);
}

test("window: what was typed before the snapshot arrived is kept and used for the login", async (browser) => {
  await using env = TestEnvironment.real();
  const { at } = env.serve();
  await using mim = await TestWindow.start({ hostname: "127.0.0.1", port: 9 }, { name: "nobody" });
  const page = await mim.page(browser);
  const name = page.getByRole("textbox", { name: "Name", exact: true });
  const server = page.getByRole("textbox", { name: "Server" });
  await expectValue(name, "nobody");
  await holdBack(page);
  await page.reload();
  await name.pressSequentially("ada");
  await server.pressSequentially(`127.0.0.1:${at.port}`);
  await page.evaluate("go()");
  await ready(page);
  await expectValue(name, "ada");
  await expectValue(server, `127.0.0.1:${at.port}`);
  await focused(server);
  await server.press("Enter");
  await page.getByText("You are online as ada").waitFor();
});

test("window: a half-typed status is kept when another page sets one", async (browser) => {
  await using env = TestEnvironment.real();
  const folder = await Deno.makeTempDir();
  try {
    const { at } = env.serve({ data: folder });
    await Deno.mkdir(`${folder}/ada`);
    await using mim = await TestWindow.start(at, { profile: new Profile(`${folder}/ada`) });
    const one = await mim.online(browser, "ada");
    const other = await mim.pageIn(one.context());
    const status = (page: Page) => page.getByRole("textbox", { name: "Status" });
    for (const page of [one, other]) {
      await page.getByRole("button", { name: /your account/ }).click();
    }
    await status(one).pressSequentially("back at t");
    await status(other).fill("at lunch");
    await status(other).press("Enter");
    await one.locator(".item[data-own=true]").getByText("at lunch").waitFor();
    await expectValue(status(one), "back at t");
    await status(one).pressSequentially("wo");
    await status(one).press("Enter");
    await other.locator(".item[data-own=true]").getByText("back at two").waitFor();
    await expectValue(status(other), "back at two");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

test("window: after a reload the same chat is shown, and the keyboard is in its field", async (browser) => {
  await using scenario = await Scenario.start(browser);
  const { ada } = scenario;
  await scenario.users("bob", "carol");
  await call(ada, "carol");
  await call(ada, "bob");
  await ada.reload();
  await focused(fieldFor(ada, "bob"));
  await expectCount(ada.locator(".chat"), 1);
});

test("window: chats can stand side by side, also after a reload", async (browser) => {
  await using scenario = await Scenario.start(browser);
  const { ada } = scenario;
  const [bob] = await scenario.users("bob", "carol");
  await call(ada, "bob");
  const { chat } = await bob.saw("chat-opened");
  await chat.send("hello");
  await call(ada, "carol");
  await chatRow(ada, "bob").click({ button: "right" });
  await ada.getByRole("menuitem", { name: "Open beside" }).click();
  await hears(ada, "bob", "hello");
  const boxes = async () => [
    await chatWith(ada, "bob").boundingBox(),
    await chatWith(ada, "carol").boundingBox(),
  ];
  const before = await boxes();
  const [one, other] = before;
  assert((one?.x ?? 0) + (one?.width ?? 0) <= (other?.x ?? 0) + 1, "they do not overlap");
  await ada.reload();
  await ready(ada);
  await hears(ada, "bob", "hello");
  assertEquals(await boxes(), before);
});

test("window: after a reload messages and draft are the same, and nothing is there twice", async (browser) => {
  await using scenario = await Scenario.start(browser);
  const { ada, mim } = scenario;
  const [bob] = await scenario.users("bob");
  await call(ada, "bob");
  await say(ada, "bob", "first");
  const { chat } = await bob.saw("message", { text: "first" });
  await chat.send("second");
  await hears(ada, "bob", "second");
  await fieldFor(ada, "bob").fill("half a sen");
  await ada.reload();
  await ready(ada);
  await hears(ada, "bob", "second");
  await expectTexts(chatWith(ada, "bob").locator(".text"), ["first", "second"]);
  await expectValue(fieldFor(ada, "bob"), "half a sen");
  await expectCount(ada.getByRole("listbox").getByRole("option"), 3);
  await fieldFor(ada, "bob").press("Enter");
  await bob.saw("message", { text: "half a sen" });

  // A second page shows the same, and both get updates.
  const again = await mim.pageIn(ada.context());
  await chatRow(again, "bob").click();
  await hears(again, "bob", "half a sen");
  await say(again, "bob", "from the other page");
  await hears(ada, "bob", "from the other page");
  await closeButton(again, "bob").click();
  await chatWith(ada, "bob").waitFor({ state: "detached" });
});

test("window: a draft is the same in all pages, and goes out once", async (browser) => {
  await using scenario = await Scenario.start(browser);
  const { ada, mim } = scenario;
  const [bob] = await scenario.users("bob");
  await call(ada, "bob");
  const other = await mim.pageIn(ada.context());
  await chatRow(other, "bob").click();
  await fieldFor(ada, "bob").fill("same line");
  await expectValue(fieldFor(other, "bob"), "same line");
  await fieldFor(other, "bob").press("Enter");
  await bob.saw("message", { text: "same line" });
  await expectValue(fieldFor(ada, "bob"), "");
  await ada.reload();
  await ready(ada);
  await hears(ada, "bob", "same line");
  await expectValue(fieldFor(ada, "bob"), "");
  // A text that is typed meanwhile stays, and all pages have it in the end.
  await fieldFor(other, "bob").fill("the first");
  await fieldFor(ada, "bob").fill("the second");
  await expectValue(fieldFor(other, "bob"), "the second");
  await expectValue(fieldFor(ada, "bob"), "the second");
  // The last letters before a page is closed are not lost.
  await fieldFor(ada, "bob").fill("the third");
  await ada.close();
  await expectValue(fieldFor(other, "bob"), "the third");
});

test("window: two pages can close the same chat at once", async (browser) => {
  await using env = TestEnvironment.real();
  const { at } = env.serve();
  await using mim = await TestWindow.start(at);
  const one = await mim.page(browser);
  // This page sends more requests for a chat that is closed, as another page might.
  await one.addInitScript(`
    const { send } = WebSocket.prototype;
    WebSocket.prototype.send = function (text) {
      send.call(this, text);
      if (JSON.parse(text).type !== "close") return;
      for (const type of ["close", "mark-read", "set-typing"]) {
        send.call(this, JSON.stringify({ ...JSON.parse(text), type, typing: true, message: 1 }));
      }
    };
  `);
  await one.reload();
  await logIn(one, "ada");
  await env.online(at, "bob");
  await call(one, "bob");
  await closeButton(one, "bob").click();
  await chatWith(one, "bob").waitFor({ state: "detached" });
  // Requests are answered in order, so any problem would be visible by now.
  await call(one, "bob");
  assertEquals(await one.getByRole("alert").count(), 0);
});

test("window: a message written while the page is disconnected is sent once", async (browser) => {
  await using env = TestEnvironment.real();
  const { at } = env.serve();
  await using mim = await TestWindow.start(at);
  // The test can close the page's WebSockets.
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
  await chat.send("all of it");
  await hears(page, "bob", "all of it");
  const texts = await chatWith(page, "bob").locator(".text").allInnerTexts();
  assertEquals(texts, ["before", "meanwhile", "after", "all of it"]);
  await page.locator("#disconnected").waitFor({ state: "detached" });
});
