/** Accessibility of the window: keyboard, screen readers, phones, dark mode, reduced motion. */

import { Buffer } from "node:buffer";
import { assert, assertEquals } from "@std/assert";
import axe from "axe-core";
import type { Page } from "playwright-core";
import { chromiumTests } from "../../helpers/chromium.ts";
import { expectValue } from "../../helpers/page_assertions.ts";
import {
  askFirst,
  call,
  chatRow,
  chatWith,
  closeButton,
  fieldFor,
  focused,
  hasFocus,
  hears,
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

/** The faults that axe finds in a page, except minor ones: rule and place. */
async function faults(page: Page): Promise<string[]> {
  if (!await page.evaluate(`"axe" in globalThis`)) await page.evaluate(axe.source);
  const violations: unknown = await page.evaluate(`axe.run().then(({ violations }) => violations
    .filter(({ impact }) => impact !== "minor")
    .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) =>
      id + ": " + html.slice(0, 200) + " " + failureSummary)))`);
  return Array.isArray(violations) ? violations.map(String) : ["axe returned nothing"];
}

const SCHEMES = [
  ["light", { colorScheme: "light", forcedColors: "none" }],
  ["dark", { colorScheme: "dark", forcedColors: "none" }],
  ["forced colors", { colorScheme: "light", forcedColors: "active" }],
] as const;

/** Axe finds nothing, whatever the colors are. */
async function assertAccessible(page: Page, screen: string): Promise<void> {
  for (const [scheme, media] of SCHEMES) {
    await page.emulateMedia(media);
    assertEquals(await faults(page), [], `${screen}, in ${scheme}`);
  }
}

test("window: axe finds nothing in light, dark and forced colors", async (browser) => {
  await using scenario = await Scenario.start(browser);
  const { ada, env, at, mim } = scenario;
  const screens: string[] = [];
  const check = async (screen: string) => {
    screens.push(screen);
    await assertAccessible(ada, screen);
  };
  await check("nothing but the list");
  const [bob, carol] = await env.online(at, "bob", "carol");
  await call(ada, "bob");
  await check("an empty chat");
  const { chat } = await bob.saw("chat-opened");
  await chat.send("look at https://example.org, **now**\n> a quotation\n```\ncode\n```");
  await say(ada, "bob", "half a");
  await hears(ada, "bob", "half a");
  const calling = await carol.call("ada");
  await calling.send("unread");
  await chatRow(ada, "carol").getByText("1", { exact: true }).waitFor();
  await fieldFor(ada, "bob").fill("a draft");
  await check("a chat, an unread one, and what was told of it");
  await chatRow(ada, "carol").click({ button: "right" });
  await check("the menu of a chat");
  await ada.getByRole("menuitem", { name: "Open beside" }).click();
  await hears(ada, "carol", "unread");
  await check("two chats side by side");
  await ada.keyboard.press("Escape");
  await chat.close();
  await chatWith(ada, "bob").getByText("bob closed the chat").waitFor();
  const find = ada.getByRole("searchbox", { name: "Find people and messages" });
  await find.fill("nobody");
  await check("a search that finds nothing, and a chat that the peer has closed");
  await find.fill("");
  for (const panel of ["Settings", /your account/]) {
    await ada.getByRole("button", { name: panel }).click();
    await ada.getByRole("dialog").waitFor();
    await check(`the panel ${panel}`);
    await ada.keyboard.press("Escape");
  }
  for (const [entry, dialog] of [["Profile", "bob"], ["Forget", "Forget all messages"]]) {
    await chatWith(ada, "bob").getByRole("button", { name: "More" }).click();
    await ada.getByRole("menuitem", { name: entry ?? "" }).click();
    await ada.getByRole("dialog", { name: dialog ?? "" }).waitFor();
    await check(`the panel ${entry}`);
    await ada.keyboard.press("Escape");
  }
  await chatWith(ada, "bob").locator("li[data-message]").first().click({ button: "right" });
  await ada.getByRole("menu").waitFor();
  await check("the menu of a message");
  await ada.keyboard.press("Escape");
  await ada.locator("#rows").focus();
  await ada.keyboard.press("?");
  await ada.getByRole("dialog", { name: "Keys" }).waitFor();
  await check("the help");
  await ada.keyboard.press("Escape");
  await askFirst(ada);
  const [eve] = await env.online(at, "eve");
  await (await eve.call("ada")).send("may I?");
  await ada.getByRole("option", { name: /^eve may I/ }).click();
  await ada.getByRole("region", { name: "eve" }).getByText("may I?").waitFor();
  await check("a request");
  await ada.getByRole("button", { name: "Ignore eve" }).click();
  await ada.getByText("You ignore eve.").waitFor();
  await check("what can be taken back");
  await chatRow(ada, "bob").click();
  await ada.setViewportSize({ width: 390, height: 780 });
  await check("a chat on a small screen");
  await chatWith(ada, "bob").getByRole("button", { name: "Back to the list" }).click();
  await check("the list on a small screen");
  await (await openLog(ada)).getByText("You are online as ada").waitFor();
  await check("the log on a small screen");
  await ada.setViewportSize({ width: 1280, height: 800 });
  await ada.keyboard.press("Escape");
  await chatRow(ada, "bob").click();
  await scenario.stopServer();
  await chatWith(ada, "bob").getByText(/^No connection to the server/).waitFor();
  await check("a chat without a server");
  await ada.getByRole("button", { name: "Logout" }).click();
  await chatWith(ada, "bob").getByText("You are not logged in").waitFor();
  await check("a chat of somebody who is logged out");
  await ada.keyboard.press("Escape");
  await ada.locator(".sign-in").waitFor();
  await ada.getByRole("button", { name: "Login" }).click();
  await ada.locator(".sign-in").getByText(/Trying again in/).waitFor();
  await check("the card, and a server that does not answer");
  await mim.end();
  await ada.getByText(/^MIM has ended/).waitFor();
  await check("a program that has ended");
  assertEquals(new Set(screens).size, 21);
});

test("window: axe finds nothing where messages are worked with", async (browser) => {
  await using scenario = await Scenario.start(browser, { keys: true });
  const { ada } = scenario;
  const check = (screen: string) => assertAccessible(ada, screen);
  const bob = await scenario.chatWithBob();
  const row = chatWith(ada, "bob").locator("li[data-message]").first();
  const choose = async (entry: string) => {
    await row.locator(".message").click({ button: "right" });
    await ada.getByRole("menuitem", { name: entry, exact: true }).click();
  };
  await choose("React");
  await ada.getByRole("menuitem", { name: "👍" }).waitFor();
  await check("the reactions to choose from");
  await ada.getByRole("menuitem", { name: "👍" }).click();
  await row.getByRole("button", { name: "👍 1" }).waitFor();
  await choose("Edit");
  await check("an edit");
  await fieldFor(ada, "bob").fill("two");
  await fieldFor(ada, "bob").press("Enter");
  await row.getByRole("button", { name: "edited" }).click();
  await ada.getByRole("dialog", { name: "Earlier texts" }).getByText("one").waitFor();
  await check("earlier texts");
  await ada.keyboard.press("Escape");
  await choose("Reply");
  await say(ada, "bob", "an answer");
  await hears(bob, "ada", "an answer");
  await row.locator(".message").hover();
  await check("an edited message with reactions, and its answer");
  await choose("Delete");
  await ada.getByRole("dialog", { name: "Delete" }).waitFor();
  await check("the question whether to delete");
  await ada.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await row.locator(".is-deleted").waitFor();
  const buffer = Buffer.from("x".repeat(3_000));
  const file = { name: "notes.txt", mimeType: "text/plain", buffer };
  await bob.getByLabel("Attach files").first().setInputFiles(file);
  await ada.getByLabel("Attach files").first().setInputFiles(file);
  await check("a deleted message, and a file that waits");
  await fieldFor(bob, "ada").press("Enter");
  await ada.getByRole("button", { name: "Get: notes.txt" }).waitFor();
  await check("a file that is offered");
  await ada.getByRole("button", { name: "Get: notes.txt" }).click();
  await chatWith(ada, "bob").getByText("there, and checked").waitFor();
  await ada.getByRole("button", { name: "New room" }).click();
  await ada.getByRole("textbox", { name: "Name of the room" }).fill("lab");
  await check("a new room");
  await ada.keyboard.press("Enter");
  await say(ada, "#lab", "hello");
  await hears(ada, "#lab", "hello");
  await check("a room");
  await chatWith(ada, "#lab").getByRole("button", { name: "1 member" }).click();
  await ada.getByRole("list", { name: "Members" }).waitFor();
  await check("the members of a room");
  await ada.keyboard.press("Escape");
  await ada.getByRole("button", { name: "People", exact: true }).click();
  await ada.getByRole("dialog", { name: "People" }).getByText("bob").waitFor();
  await check("everyone who is known");
  await ada.keyboard.press("Escape");
  await chatWith(ada, "#lab").getByRole("button", { name: "Insert an emoji" }).click();
  await focused(ada.getByRole("menuitem").first());
  await check("the emoji to choose from");
});

test("window: everything works by keyboard", async (browser) => {
  await using env = TestEnvironment.real();
  const { at } = env.serve();
  await using mim = await TestWindow.start(at);
  const ada = await mim.page(browser);
  const [bob, carol] = await env.online(at, "bob", "carol");
  const { keyboard } = ada;
  assert(await hasFocus(ada.getByRole("textbox", { name: "Name", exact: true })));
  await keyboard.type("ada");
  await keyboard.press("Enter");
  await focused(ada.getByRole("searchbox", { name: "Find people and messages" }));
  for (const name of ["ada", "bob"]) await rowOf(ada, name).waitFor();
  await keyboard.press("ArrowDown");
  const list = ada.getByRole("listbox");
  assert(await hasFocus(list));
  const active = async () =>
    await ada.locator(`#${await list.getAttribute("aria-activedescendant")}`)
      .innerText();
  assert((await active()).startsWith("ada"));
  await keyboard.press("ArrowDown");
  assert((await active()).startsWith("bob"));
  await keyboard.press("Enter");
  await bob.saw("chat-opened");
  await focused(fieldFor(ada, "bob"));
  await keyboard.type("hello");
  await keyboard.press("Enter");
  await bob.saw("message", { text: "hello" });

  // Shift+Tab reaches the header; the menu goes round by arrows, and Escape leads back.
  const more = chatWith(ada, "bob").getByRole("button", { name: "More" });
  for (let n = 0; n < 8 && !await hasFocus(more); n++) await keyboard.press("Shift+Tab");
  assert(await hasFocus(more));
  assert(await styleOf(more, "outlineStyle") !== "none", "the focus is visible");
  await keyboard.press("Enter");
  const items = ada.getByRole("menuitem");
  await focused(items.first());
  await keyboard.press("ArrowUp");
  await focused(items.last());
  await keyboard.press("Escape");
  await focused(more);
  await keyboard.press("?");
  await ada.getByRole("dialog", { name: "Keys" }).waitFor();
  // The next key comes before the browser has said that the dialog is closed: it stays closed.
  const filter = await ada.evaluate(`(() => {
    document.querySelector("dialog").close();
    const key = { key: "k", ctrlKey: true, bubbles: true };
    document.body.dispatchEvent(new KeyboardEvent("keydown", key));
    return document.activeElement.id + " " + document.querySelectorAll("dialog[open]").length;
  })()`);
  assertEquals(filter, "filter 0");
  await ada.getByRole("dialog").waitFor({ state: "detached" });
  // Ctrl-K finds, Enter opens without calling, Alt and arrows go along the chats.
  await keyboard.press("Control+k");
  await focused(ada.getByRole("searchbox", { name: "Find people and messages" }));
  await keyboard.type("caro");
  await keyboard.press("Enter");
  await focused(fieldFor(ada, "carol"));
  await keyboard.press("Alt+ArrowDown");
  await focused(fieldFor(ada, "bob"));
  await keyboard.press("Alt+ArrowUp");
  await focused(fieldFor(ada, "carol"));
  assertEquals(carol.events.all.filter(({ event }) => event === "chat-opened"), []);
  await keyboard.press("Alt+2");
  await focused(fieldFor(ada, "bob"));
  // The last message comes back into an empty field.
  await keyboard.press("ArrowUp");
  await expectValue(fieldFor(ada, "bob"), "hello");
  await fieldFor(ada, "bob").fill("");
  const close = closeButton(ada, "bob");
  for (let n = 0; n < 8 && !await hasFocus(close); n++) await keyboard.press("Shift+Tab");
  await keyboard.press("Enter");
  await bob.saw("chat-closed", { name: "ada", by: "them" });
  await focused(list);
});

test("window: rooms and messages work by keyboard", async (browser) => {
  await using scenario = await Scenario.start(browser, { keys: true });
  const { ada } = scenario;
  const { keyboard } = ada;
  const bob = await scenario.chatWithBob();
  await keyboard.press("Control+k");
  await keyboard.press("Tab");
  await focused(ada.getByRole("button", { name: "New room" }));
  await keyboard.press("Enter");
  await ada.getByRole("dialog", { name: "New room" }).waitFor();
  const name = ada.getByRole("textbox", { name: "Name of the room" });
  for (let n = 0; n < 4 && !await hasFocus(name); n++) await keyboard.press("Tab");
  await keyboard.type("lab");
  await keyboard.press("Enter");
  await focused(fieldFor(ada, "#lab"));
  await keyboard.type("hello");
  await keyboard.press("Enter");
  await hears(ada, "#lab", "hello");
  const members = chatWith(ada, "#lab").getByRole("button", { name: "1 member" });
  for (let n = 0; n < 8 && !await hasFocus(members); n++) await keyboard.press("Shift+Tab");
  await keyboard.press("Enter");
  const invite = ada.getByRole("button", { name: "Invite" });
  await ada.getByRole("dialog", { name: "#lab" }).waitFor();
  for (let n = 0; n < 9 && !await hasFocus(invite); n++) await keyboard.press("Tab");
  await keyboard.press("Enter");
  await bob.getByRole("option", { name: /^Room #lab/ }).waitFor();
  await keyboard.press("Escape");
  // From the field back to the messages, and along them.
  await keyboard.press("Alt+ArrowDown");
  await focused(fieldFor(ada, "bob"));
  await keyboard.type("two");
  await keyboard.press("Enter");
  await hears(bob, "ada", "two");
  const log = chatWith(ada, "bob").locator(".log");
  for (let n = 0; n < 8 && !await hasFocus(log); n++) await keyboard.press("Shift+Tab");
  const row = (text: string) =>
    chatWith(ada, "bob").locator("li[data-message]").filter({ hasText: text });
  await keyboard.press("ArrowUp");
  await focused(row("two"));
  await keyboard.press("ArrowUp");
  await focused(row("one"));
  await keyboard.press("ArrowDown");
  await keyboard.press("e");
  await focused(fieldFor(ada, "bob"));
  await keyboard.press("End");
  await keyboard.type(" and a half");
  await keyboard.press("Enter");
  await hears(bob, "ada", "two and a half");
  for (let n = 0; n < 8 && !await hasFocus(log); n++) await keyboard.press("Shift+Tab");
  await keyboard.press("ArrowUp");
  await keyboard.press("Delete");
  const sure = ada.getByRole("dialog", { name: "Delete" }).getByRole("button", { name: "Delete" });
  for (let n = 0; n < 4 && !await hasFocus(sure); n++) await keyboard.press("Tab");
  await keyboard.press("Enter");
  await chatWith(bob, "ada").locator(".is-deleted").waitFor();
});

test("window: on a phone a chat fills the screen, and Back leads to the list", async (browser) => {
  await using scenario = await Scenario.start(browser, {
    page: { viewport: { width: 390, height: 844 }, hasTouch: true },
  });
  const { ada } = scenario;
  const list = ada.getByRole("listbox");
  const back = (name: string) =>
    chatWith(ada, name).getByRole("button", { name: "Back to the list" });
  const [bob, carol, dan] = await scenario.users("bob", "carol", "dan");
  await call(ada, "bob");
  await list.waitFor({ state: "hidden" });
  assert(((await chatWith(ada, "bob").boundingBox())?.height ?? 0) > 800);
  await back("bob").click();
  await list.waitFor();
  await chatWith(ada, "bob").waitFor({ state: "detached" });
  await call(ada, "carol");
  assertEquals((await chatWith(ada, "carol").boundingBox())?.width, 390);
  assert(await ada.evaluate("document.documentElement.scrollWidth") === 390, "nothing sticks out");
  // An incoming call does not change the chat in view.
  await (await dan.call("ada")).send("hello");
  await until(ada, 'document.title === "(1) MIM — ada"');
  assert(await chatWith(ada, "carol").isVisible());
  // The browser's own way back leads to the list, too.
  await ada.goBack();
  await list.waitFor();
  await chatRow(ada, "dan").getByText("1", { exact: true }).waitFor();
  await (await bob.saw("chat-opened")).chat.send("are you there?");
  await chatRow(ada, "bob").getByText("1", { exact: true }).waitFor();
  // A reload shows the same; closing the chat leads back to the list.
  await chatRow(ada, "dan").click();
  await hears(ada, "dan", "hello");
  await ada.reload();
  await hears(ada, "dan", "hello");
  await carol.quit();
  await closeButton(ada, "dan").click();
  await list.waitFor();
});

/** How much of the page the messages have, from 0 to 1. */
async function shareOf(page: Page): Promise<number> {
  const { width = 0, height = 0 } = await page.locator(".chat .log").boundingBox() ?? {};
  const size = page.viewportSize() ?? { width: 1, height: 1 };
  return width * height / (size.width * size.height);
}

test("window: messages have most of the page, and every size shows everything", async (browser) => {
  await using scenario = await Scenario.start(browser);
  const { ada } = scenario;
  await scenario.users("bob");
  await call(ada, "bob");
  for (const [width, height, least] of [[1280, 800, 0.6], [1024, 600, 0.6], [390, 844, 0.8]]) {
    await ada.setViewportSize({ width: width ?? 0, height: height ?? 0 });
    const share = await shareOf(ada);
    assert(share >= (least ?? 1), `${width}x${height}: ${share}`);
  }
  // 320 px, and 200 % zoom of 1280x800, of which some rows of the list are left.
  for (const [width, height] of [[320, 640], [640, 400]]) {
    await ada.setViewportSize({ width: width ?? 0, height: height ?? 0 });
    assertEquals(await ada.evaluate("document.documentElement.scrollWidth"), width);
    for (const name of ["Close", "More", "Send"]) {
      const box = await ada.getByRole("button", { name, exact: true }).boundingBox();
      assert(
        box !== null && box.x >= 0 && box.x + box.width <= (width ?? 0),
        `${name} at ${width}`,
      );
    }
    await ada.keyboard.press("Escape");
    await ada.locator(".rows").waitFor();
    const rows = (await ada.locator(".rows").boundingBox())?.height ?? 0;
    assert(rows > 46 * 5, `${rows} px of rows at ${width}`);
    await chatRow(ada, "bob").click();
  }
});

test("window: a larger font of the browser makes everything larger", async (browser) => {
  await using scenario = await Scenario.start(browser);
  const { ada } = scenario;
  const [bob] = await scenario.users("bob");
  const sizes = async () => [
    (await rowOf(ada, "bob").boundingBox())?.height ?? 0,
    parseFloat(String(await styleOf(rowOf(ada, "bob").locator(".name"), "fontSize"))),
  ];
  const before = await sizes();
  await ada.evaluate("document.documentElement.style.fontSize = '150%'");
  await bob.call("ada"); // draws the list again
  await chatWith(ada, "bob").waitFor();
  await until(ada, `document.querySelector("[id^=row-user]").offsetHeight > 60`);
  const after = await sizes();
  for (const [index, size] of before.entries()) assert((after[index] ?? 0) > size * 1.4);
});

test("window: nothing is animated if the user prefers reduced motion", async (browser) => {
  await using scenario = await Scenario.start(browser, { page: { reducedMotion: "reduce" } });
  const { ada: still, mim } = scenario;
  await scenario.users("bob");
  await call(still, "bob");
  // The toast and the button to the newest message would move in this page.
  const jump = (page: Page) => styleOf(page.locator(".jump"), "transitionDuration");
  assertEquals(await jump(still), "0s");
  const moving = await mim.page(browser, { reducedMotion: "no-preference" });
  await chatRow(moving, "bob").click();
  assertEquals(await jump(moving), "0.15s");
});
