/** Faults that users of the first window found on the page itself: each test is about one, and its kind. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Locator } from "playwright-core";
import { describeEvent } from "../../../client/window/state/info_log.ts";
import { worded } from "../../../client/window/state/wording.ts";
import { eventsSaying } from "../../fixtures/events.ts";
import { chromiumTests } from "../../helpers/chromium.ts";
import { quietPort } from "../../helpers/programs.ts";
import { expectText, expectValue } from "../../helpers/page_assertions.ts";
import {
  call,
  chatRow,
  chatWith,
  fieldFor,
  hasFocus,
  hears,
  lookElsewhere,
  rowOf,
  say,
  styleOf,
  until,
} from "../../helpers/window.ts";
import { Scenario } from "./scenarios.ts";

const test = chromiumTests();

/** The tops of elements, in the order of the page. */
async function tops(elements: Locator): Promise<number[]> {
  const boxes = await Promise.all((await elements.all()).map((each) => each.boundingBox()));
  return boxes.map((box) => box?.y ?? NaN);
}

/** Whether two elements share some of the page. */
async function overlap(one: Locator, other: Locator): Promise<boolean> {
  const [a, b] = await Promise.all([one.boundingBox(), other.boundingBox()]);
  if (a === null || b === null) return false;
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

test("window: at 200 % zoom people can be chosen, those who are offline, too", async (browser) => {
  await using scenario = await Scenario.start(browser, { keys: true });
  const { ada } = scenario;
  const bob = await scenario.chatWithBob();
  await scenario.leave(bob);
  await chatRow(ada, "bob").waitFor();
  await scenario.users("carol", "dave", "eve", "frank");
  await rowOf(ada, "frank").waitFor();
  await ada.setViewportSize({ width: 640, height: 400 });
  await ada.keyboard.press("Escape");
  await ada.locator(".rows").waitFor();
  const list = await ada.locator(".rows").boundingBox();
  assert(list !== null && list.height > 200, `${list?.height} pixels for the list`);
  const rows = ada.locator(".item:not([aria-selected=true])");
  const inView = (await tops(rows)).filter((y) => y >= list.y && y + 40 < list.y + list.height);
  assert(inView.length >= 3, `${inView.length} rows in view`);
  // So are everyone who is known and the info text.
  for (const [name, panel] of [["People", "dialog"], ["Log", "log"]] as const) {
    const button = ada.getByRole("button", { name, exact: true });
    const box = await button.boundingBox();
    assert(box !== null && box.y + box.height <= 400 && box.height >= 24, `${box?.height} pixels`);
    await button.click();
    await ada.getByRole(panel).first().waitFor();
    await ada.keyboard.press("Escape");
  }
  await rowOf(ada, "carol").click();
  await chatWith(ada, "carol").waitFor();
});

test("window: a chat says that there is no server, on a small screen, too, and counts down", async (browser) => {
  await using scenario = await Scenario.start(browser, { server: { port: quietPort() } });
  const { ada } = scenario;
  await scenario.users("bob");
  await call(ada, "bob");
  await ada.setViewportSize({ width: 390, height: 780 });
  await scenario.stopServer();
  const strip = chatWith(ada, "bob").locator(".strip.net");
  await strip.getByText(/^No connection to the server since \d.*\. Open chats go on\./).waitFor();
  await strip.getByText(/Trying again in \d+ s\./).waitFor();
  await strip.getByRole("button", { name: "Try now" }).waitFor();
  assert(!await overlap(strip, chatWith(ada, "bob").locator("header").first()));
  // Nothing asks for a login, which MIM does by itself; the list says how old it is.
  await chatWith(ada, "bob").getByRole("button", { name: "Back to the list" }).click();
  await ada.getByText(/^Not up to date: who was online at /).waitFor();
  await ada.getByRole("group", { name: "Were online" }).waitFor({ state: "attached" });
  assertEquals(await ada.getByRole("button", { name: "Login" }).count(), 0);
  assertEquals(await styleOf(rowOf(ada, "bob").locator(".dot"), "boxShadow") === "none", false);
});

test("window: in forced colors everything that color says has an edge or a shape", async (browser) => {
  const page = { forcedColors: "active" } as const;
  await using scenario = await Scenario.start(browser, { page });
  const { ada } = scenario;
  const { bob, chat } = await scenario.callBob();
  await chat.send("theirs");
  await say(ada, "bob", "mine");
  await hears(ada, "bob", "mine");
  const message = (text: string) => chatWith(ada, "bob").locator(".message", { hasText: text });
  for (const text of ["theirs", "mine"]) {
    assertEquals(await styleOf(message(text), "borderTopStyle"), "solid");
    assertEquals(await styleOf(message(text), "borderTopWidth"), "1px");
  }
  assertEquals(await styleOf(message("mine"), "borderRightWidth"), "4px");
  await ada.locator("#rows").focus();
  await ada.keyboard.press("ArrowDown");
  const active = ada.locator(".item.is-active");
  assertEquals(await styleOf(active, "outlineStyle"), "solid");
  assertEquals(await styleOf(active, "outlineWidth"), "3px");
  await bob.quit();
  const dot = chatRow(ada, "bob").locator(".dot");
  await ada.locator('.item .dot[data-is="offline"]').waitFor();
  const there = rowOf(ada, "ada").locator(".dot");
  assert(await styleOf(dot, "backgroundColor") !== await styleOf(there, "backgroundColor"));
});

test("window: at 320 px the heading can be read and every button hit", async (browser) => {
  await using scenario = await Scenario.start(browser);
  const { ada } = scenario;
  await scenario.users("bob the builder");
  await call(ada, "bob the builder");
  await ada.setViewportSize({ width: 320, height: 640 });
  const heading = chatWith(ada, "bob the builder").locator(".two");
  const box = await heading.boundingBox();
  assert(box !== null && box.width >= 60, `${box?.width} pixels for the name`);
  const isBarOneLine = await chatWith(ada, "bob the builder").locator("header").boundingBox();
  assert(isBarOneLine !== null && isBarOneLine.height < 64, `${isBarOneLine?.height} pixels high`);
  for (const place of ["chat", "list"]) {
    const sizes = await ada.locator("button:visible").evaluateAll((buttons) =>
      buttons.map((button) => {
        const { width, height } = Reflect.get(button, "getBoundingClientRect").call(button);
        return { name: button.textContent || button.getAttribute("aria-label"), width, height };
      })
    );
    assert(sizes.length > 3);
    for (const { name, width, height } of sizes) {
      assert(width >= 24 && height >= 24, `${name} in the ${place}: ${width} × ${height}`);
    }
    await ada.keyboard.press("Escape");
    await ada.locator(".rows").waitFor();
  }
});

test("window: a name from right to left stands beside its circle and turns no sentence", async (browser) => {
  await using scenario = await Scenario.start(browser);
  const { ada } = scenario;
  const name = "محمد";
  const [user] = await scenario.users(name);
  await ada.getByRole("option", { name }).click();
  const { chat } = await user.saw("chat-opened");
  await chat.close();
  const pane = ada.locator(".chat");
  const sentence = pane.locator(".strip.banner p");
  await sentence.waitFor();
  assertEquals(await styleOf(sentence, "direction"), "ltr");
  await expectText(sentence.locator("bdi"), name);
  const [circle, text] = await Promise.all([
    pane.locator("header .avatar").boundingBox(),
    pane.locator("header .name bdi").boundingBox(),
  ]);
  const gap = (text?.x ?? NaN) - (circle?.x ?? NaN) - (circle?.width ?? NaN);
  assert(gap >= 0 && gap < 30, `${gap} pixels between circle and name`);
});

test("window: a click on oneself opens the account, and is no alarm", async (browser) => {
  await using scenario = await Scenario.start(browser);
  const { ada } = scenario;
  await ada.getByRole("option", { name: /^ada\b/ }).click();
  await ada.getByRole("dialog", { name: "You" }).waitFor();
  assertEquals(await ada.getByRole("alert").count(), 0);
});

test("window: if MIM ends, the page says how to start it, covers nothing and promises nothing", async (browser) => {
  await using scenario = await Scenario.start(browser);
  const { ada } = scenario;
  await scenario.users("bob");
  await call(ada, "bob");
  await fieldFor(ada, "bob").fill("half a");
  await scenario.mim.end();
  const strip = ada.locator("#disconnected");
  await strip.getByText(
    /MIM has ended on this machine.*deno task window.*Copy what you have not sent/s,
  )
    .waitFor();
  await strip.getByRole("button", { name: "Copy the command", exact: true }).waitFor();
  for (const part of [".side", ".main"]) assert(!await overlap(strip, ada.locator(part)), part);
  await expectValue(fieldFor(ada, "bob"), "half a");
  await fieldFor(ada, "bob").press("Enter");
  await ada.getByText(/^Not sent: .* Copy the text if you start MIM again/).waitFor();
  await expectValue(fieldFor(ada, "bob"), "half a");
  // What could only do nothing looks so, and a part that can't be loaded any more is no fault of its own.
  assertEquals(await styleOf(ada.locator(".side"), "pointerEvents"), "none");
  const closing = chatWith(ada, "bob").getByRole("button", { name: "Close", exact: true });
  assertEquals(await styleOf(closing, "pointerEvents"), "none");
  const failed = ada.waitForEvent(
    "requestfailed",
    (request) => request.url().endsWith("/panels.js"),
  );
  await ada.getByRole("button", { name: "Settings" }).press("Enter");
  await failed;
  await ada.evaluate(() => new Promise((resolve) => setTimeout(resolve)));
  assertEquals(await ada.getByText("could not be shown").count(), 0);
});

Deno.test("window: lines of the info text begin like sentences, and name no commands", () => {
  let count = 0;
  for (const event of eventsSaying("ada")) {
    if (event.type === "welcome" || event.type === "error" || event.type === "note") continue;
    const words = describeEvent(event, [])?.words;
    if (words === undefined) continue;
    const text = typeof words === "string" ? words : words.text;
    count++;
    assertMatch(text, /^(?:\p{Lu}|ada\b)/u);
    assert(!/npx|deno |--\w|\/\w+ /.test(text), text);
  }
  assert(count > 8, `${count} lines`);
});

test("window: a name from right to left turns no sentence, and without a server nobody is online", async (browser) => {
  await using scenario = await Scenario.start(browser, { server: { port: quietPort() } });
  const { ada } = scenario;
  const [omar] = await scenario.users("عمر");
  await ada.getByRole("option", { name: /^عمر/ }).click();
  const { chat } = await omar.saw("chat-opened");
  await chat.close();
  const newest = ada.locator(".foot .one-line > *");
  await newest.getByText("عمر closed the chat").waitFor();
  assertEquals(await styleOf(newest, "direction"), "ltr");
  const header = chatWith(ada, "عمر").locator("header");
  await header.getByText("Online", { exact: true }).waitFor();
  await scenario.stopServer();
  await header.getByText(/^last seen /).waitFor();
  assertEquals(await header.getByText("Online", { exact: true }).count(), 0);
});

Deno.test("window: the info text tells who has ended MIM from who has closed a chat", () => {
  const [event] = [...eventsSaying("ada")].filter(({ type }) => type === "chat-closed");
  if (event?.type !== "chat-closed") throw new Error("expected a chat that closes");
  const wordsOf = (state: "queued" | "closed") =>
    describeEvent({ ...event, by: "them", chat: { ...event.chat, name: "ada", state } }, [])?.words;
  assertEquals(
    [wordsOf("queued"), wordsOf("closed")],
    [worded("ada has ended MIM", "closed.left", { name: "ada" }), {
      ...worded("ada closed the chat", "closed.them", { name: "ada" }),
    }],
  );
});

test("window: the icon counts, and the page can be installed", async (browser) => {
  await using scenario = await Scenario.start(browser);
  const { ada } = scenario;
  const icon = () => ada.locator("link[rel=icon]").getAttribute("href");
  assertMatch(await icon() ?? "", /^data:image\/svg\+xml,/);
  const quiet = await icon();
  const [bob, carol] = await scenario.users("bob", "carol");
  await call(ada, "bob");
  await (await carol.call("ada")).send("unread");
  await until(ada, 'document.title === "(1) MIM — ada"');
  assert(await icon() !== quiet, "the icon shows that something is unread");
  assert((await icon())?.includes("circle"));
  assertEquals(await bob.events.all.length > 0, true);
  const manifest: Record<string, unknown> = await ada.evaluate(
    `fetch(document.querySelector("link[rel=manifest]").href).then((answer) => answer.json())`,
  );
  assertEquals([manifest.name, manifest.display], ["MIM", "standalone"]);
  const session = await ada.context().newCDPSession(ada);
  const { errors } = await session.send("Page.getAppManifest");
  assertEquals(errors, []);
  const found = await session.send("Page.getInstallabilityErrors");
  assertEquals(found.installabilityErrors, []);
});

test("window: the list is one stop of the keyboard, in the order in which it is seen", async (browser) => {
  await using scenario = await Scenario.start(browser, { keys: true });
  const { ada } = scenario;
  const bob = await scenario.chatWithBob();
  await scenario.leave(bob);
  const [carol, dave] = await scenario.users("carol", "dave");
  await (await dave.call("ada")).send("hi");
  await chatRow(ada, "dave").waitFor();
  const chat = await carol.call("ada");
  await chat.send("one");
  await chatRow(ada, "carol").getByText("1", { exact: true }).waitFor();
  await chat.send("two");
  await chatRow(ada, "carol").getByText("2", { exact: true }).waitFor();
  // Screen readers hear what the number is.
  await ada.getByRole("option", { name: /^Chat with carol.*2 unread$/ }).waitFor();
  const order = await tops(ada.locator(".item"));
  assertEquals(order, order.toSorted((one, other) => one - other));
  await ada.getByRole("searchbox").focus();
  let stops = 0;
  for (let n = 0; n < 12; n++) {
    await ada.keyboard.press("Tab");
    if (await ada.locator(".list-place :focus").count() > 0) stops++;
    if (await hasFocus(ada.getByRole("button", { name: "Log", exact: true }))) break;
  }
  assertEquals(stops, 1);
});

test("window: notifications come for each message, open the chat, and are silent on request", async (browser) => {
  await using scenario = await Scenario.start(browser, { keys: true });
  const { ada } = scenario;
  const bob = await scenario.join("bob");
  const carol = await scenario.join("carol");
  for (const page of [bob, carol]) await call(page, "ada");
  await chatRow(ada, "carol").waitFor();
  await lookElsewhere(ada);
  const bodies = async () =>
    await ada.evaluate(`notified.map(({ title, body }) => title + ": " + body)`);
  await say(carol, "ada", "one");
  await say(carol, "ada", "two");
  await until(ada, "notified.length === 2");
  assertEquals(await bodies(), ["carol: one", "carol: two"]);
  // The second replaces the first, and rings again.
  assertEquals(await ada.evaluate("notified.map(({ renotify, tag }) => [renotify, tag])"), [
    [true, "carol"],
    [true, "carol"],
  ]);
  // A click leads to the chat.
  await ada.evaluate("notified.at(-1).onclick()");
  await hears(ada, "carol", "two");
  // A muted chat makes none, and counts without color; title and icon leave it out.
  await ada.evaluate("document.hasFocus = () => true; dispatchEvent(new Event('focus'))");
  await until(ada, 'document.title === "MIM — ada"');
  await chatRow(ada, "bob").click({ button: "right" });
  await ada.getByRole("menuitem", { name: "Mute" }).click();
  await ada.evaluate("document.hasFocus = () => false");
  await say(bob, "ada", "muted");
  await chatRow(ada, "bob").locator(".badge.muted").waitFor();
  await say(carol, "ada", "three");
  await until(ada, "notified.length === 3");
  await until(ada, 'document.title === "(1) MIM — ada"');
  // Nobody who is busy is rung at.
  await ada.getByRole("button", { name: /your account/ }).click();
  await ada.getByLabel("Availability").selectOption("busy");
  await ada.keyboard.press("Escape");
  await rowOf(bob, "ada").getByText("Busy").waitFor({ state: "attached" });
  await say(carol, "ada", "four");
  await until(ada, 'document.title === "(2) MIM — ada"');
  assertEquals(await bodies(), ["carol: one", "carol: two", "carol: three"]);
});

test("window: notifications are offered after the first message that was missed", async (browser) => {
  await using scenario = await Scenario.start(browser);
  const { ada } = scenario;
  const { chat } = await scenario.callBob();
  const offer = ada.getByText("Shall MIM notify you of messages while you look elsewhere?");
  await chat.send("seen");
  await hears(ada, "bob", "seen");
  assertEquals(await offer.count(), 0);
  await ada.evaluate(`
    document.hasFocus = () => false;
    globalThis.Notification = class { static permission = "default"; };
  `);
  await chat.send("missed");
  await offer.waitFor();
  await ada.getByRole("button", { name: "Not now" }).click();
  await offer.waitFor({ state: "detached" });
  await chat.send("missed again");
  await hears(ada, "bob", "missed again");
  assertEquals(await offer.count(), 0);
});
