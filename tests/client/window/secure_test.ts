/** What MIM/2 adds to the window: keys, delivery, typing, status, offline contacts. */

import type { Locator, Page } from "playwright-core";
import jsQR from "jsqr";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { chromiumTests } from "../../helpers/chromium.ts";
import { testKey } from "../../fixtures/keys.ts";
import { Mim2Peer } from "../../helpers/peers.ts";
import { quietPort } from "../../helpers/programs.ts";
import {
  expectAttribute,
  expectDisabled,
  expectText,
  expectTexts,
} from "../../helpers/page_assertions.ts";
import {
  call,
  chatRow,
  chatWith,
  closeButton,
  fieldFor,
  hears,
  rowOf,
  say,
  setStatus,
} from "../../helpers/window.ts";
import { Scenario } from "./scenarios.ts";

const test = chromiumTests();

/** The text that a camera reads from the QR code in the panel that is open. */
async function readQrCode(page: Page): Promise<string | undefined> {
  const size = 200;
  const grays: number[] = await page.evaluate(`(async () => {
    const picture = document.querySelector(".qr").cloneNode(true);
    picture.setAttribute("xmlns", "http://www.w3.org/2000/svg");
    picture.setAttribute("width", ${size});
    picture.setAttribute("height", ${size});
    const image = new Image();
    image.src = "data:image/svg+xml," + encodeURIComponent(picture.outerHTML);
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = ${size};
    const context = canvas.getContext("2d");
    context.drawImage(image, 0, 0);
    return Array.from(context.getImageData(0, 0, ${size}, ${size}).data).filter((_, at) => at % 4 === 0);
  })()`);
  const pixels = grays.flatMap((gray) => [gray, gray, gray, 255]);
  return jsQR.default(Uint8ClampedArray.from(pixels), size, size)?.data;
}

test("window: with keys, chats are encrypted, deliveries are shown, and safety numbers can be compared", async (browser) => {
  await using scenario = await Scenario.start(browser, { keys: true });
  const { ada } = scenario;
  const bob = await scenario.join("bob");
  await call(ada, "bob");
  await say(ada, "bob", "hello\nin two lines");
  await hears(bob, "ada", "in two lines");
  await expectTexts(chatWith(bob, "ada").locator(".text"), [
    "hello\nin two lines",
  ]);
  await chatWith(ada, "bob").locator('.state[data-is="delivered"]').waitFor();

  // The peer sees that someone is typing, until they send or stop.
  await fieldFor(bob, "ada").pressSequentially("w");
  await chatWith(ada, "bob").getByText("bob is typing…").waitFor();
  await fieldFor(bob, "ada").press("Enter");
  await hears(ada, "bob", "w");
  await chatWith(ada, "bob").getByText("bob is typing…").waitFor({ state: "detached" });

  const numbers = [];
  for (const [page, peer] of [[ada, "bob"], [bob, "ada"]] as const) {
    await chatWith(page, peer).getByRole("button", { name: /^Encrypted: / }).click();
    const spans = page.getByLabel("Safety number", { exact: true }).locator("span");
    await spans.nth(11).waitFor();
    const groups = await spans.allInnerTexts();
    numbers.push(groups.join(" "));
    // A camera reads the same.
    assertEquals(await readQrCode(page), groups.join(""));
  }
  assertMatch(numbers[0] ?? "", /^(\d{5} ){11}\d{5}$/);
  assertEquals(numbers[0], numbers[1]);
  await ada.getByRole("button", { name: "They are the same" }).click();
  const verified = chatWith(ada, "bob").getByRole("button", { name: /^Verified: / });
  await verified.waitFor();
  await rowOf(ada, "bob").getByText("Verified", { exact: true }).waitFor();
  // A verified number can be seen, and need not be confirmed again.
  await verified.click();
  await ada.getByText("You have compared this number with bob").waitFor();
  await ada.getByRole("button", { name: "They are the same" }).waitFor({ state: "hidden" });
  await ada.keyboard.press("Escape");

  // Availability and status.
  await bob.keyboard.press("Escape");
  await setStatus(bob, "away", "at lunch <b>");
  const row = rowOf(ada, "bob");
  await row.getByText("at lunch <b>").waitFor();
  // The header says so, too.
  await chatWith(ada, "bob").locator("header").getByText("Away · at lunch <b>").waitFor();
  await expectAttribute(row.locator(".dot"), "data-is", "away");
});

test("window: Call again calls the same key, even if another user has the name", async (browser) => {
  await using scenario = await Scenario.start(browser, { keys: true });
  const { ada } = scenario;
  const banner = chatWith(ada, "bob").locator(".banner");
  const before = await scenario.chatWithBob();
  await closeButton(before, "ada").click();
  await banner.getByText("bob closed the chat").waitFor();
  await scenario.leave(before);
  // Until one of the two calls or bob comes back, it stays as bob has left it.
  await banner.getByText("bob closed the chat, and is not online any more.").waitFor();
  await expectDisabled(fieldFor(ada, "bob"));
  const [namesake] = await scenario.users("bob");
  const bob = await scenario.join("bob");
  // A peer that comes back in another session has not closed it there.
  await banner.getByText("bob is online again").waitFor();
  await say(ada, "bob", "two");
  await hears(bob, "ada", "two");
  await closeButton(bob, "ada").click();
  await banner.getByText("bob closed the chat").waitFor();
  await ada.getByRole("button", { name: "Call again" }).click();
  await chatWith(ada, "bob").locator("textarea:enabled").fill("three");
  await chatWith(ada, "bob").locator("textarea:enabled").press("Enter");
  await hears(bob, "ada", "three");
  // The namesake is not called, and the chat says why.
  await ada.getByRole("option", { name: /^bob.*another key/s }).click();
  await ada.getByText(
    "This bob has no key, and is not called: bob with the key that you know is online, too",
  ).first().waitFor();
  assertEquals(namesake.events.all.filter(({ event }) => event === "chat-opened"), []);
});

test("window: a text longer than a message is one row, and arrives as several messages", async (browser) => {
  await using scenario = await Scenario.start(browser, { keys: true });
  const { ada } = scenario;
  const bob = await scenario.join("bob");
  await call(ada, "bob");
  await say(ada, "bob", `${"x".repeat(40_000)}\nthe end`);
  await chatWith(ada, "bob").locator('.state[data-is="delivered"]').waitFor();
  await hears(bob, "ada", "the end");
  const lengths = async (chat: Locator) =>
    (await chat.locator(".text").allInnerTexts()).map(({ length }) => length);
  assertEquals(await lengths(chatWith(ada, "bob")), [40_008]);
  assertEquals(await lengths(chatWith(bob, "ada")), [16_384, 16_384, 7_240]);
});

test("window: messages to an offline contact are queued, and delivered when they log in", async (browser) => {
  await using scenario = await Scenario.start(browser, { keys: true });
  const { ada } = scenario;
  const before = await scenario.chatWithBob();
  await chatWith(ada, "bob").locator('.state[data-is="delivered"]').waitFor();
  await scenario.leave(before);
  await chatWith(ada, "bob").locator(".banner").getByText(/bob/).waitFor();
  await closeButton(ada, "bob").click();
  await chatWith(ada, "bob").waitFor({ state: "detached" });
  // Those who are not online can be written to from the list of chats.
  await rowOf(ada, "bob").waitFor({ state: "detached" });
  await expectText(ada.locator("#count"), "1");
  await chatRow(ada, "bob").click();
  await chatWith(ada, "bob").getByText("What you write is sent as soon as").waitFor();
  await say(ada, "bob", "two");
  await say(ada, "bob", "never mind");
  const waiting = chatWith(ada, "bob").locator('.state[data-is="queued"]');
  await waiting.nth(1).waitFor();
  await chatWith(ada, "bob").getByRole("button", { name: "Cancel" }).last().click();
  await chatWith(ada, "bob").getByText("not sent").waitFor();

  const bob = await scenario.join("bob");
  await hears(bob, "ada", "two");
  await chatWith(ada, "bob").locator('.state[data-is="delivered"]').first().waitFor();
  assert(!(await chatWith(bob, "ada").innerText()).includes("never mind"));
  await say(bob, "ada", "back");
  await hears(ada, "bob", "back");
  await expectAttribute(chatWith(ada, "bob"), "data-state", "open");
});

test("window: a chat that the peer has closed is inactive until the peer is back in another session", async (browser) => {
  await using scenario = await Scenario.start(browser, { keys: true });
  const { ada } = scenario;
  const bob = await scenario.chatWithBob();
  const banner = chatWith(ada, "bob").locator(".banner");
  const logout = bob.getByRole("button", { name: "Logout" });
  const login = bob.getByRole("button", { name: "Login" });
  await closeButton(bob, "ada").click();
  await banner.getByText("bob closed the chat").waitFor();
  await expectDisabled(fieldFor(ada, "bob"));
  await logout.click();
  await banner.getByText("bob closed the chat, and is not online any more.").waitFor();
  await expectDisabled(fieldFor(ada, "bob"));
  // Logging in calls nobody, and opens the chat to texts.
  await login.click();
  await banner.getByText("bob is online again").waitFor();
  assert(await fieldFor(ada, "bob").isEnabled());
  await logout.click();
  await banner.getByText("What you write is sent as soon as").waitFor();
  await say(ada, "bob", "at noon?");
  await chatWith(ada, "bob").locator('.state[data-is="queued"]').waitFor();
  await login.click();
  await hears(bob, "ada", "at noon?");
  await chatWith(ada, "bob").locator('.state[data-is="delivered"]').nth(1).waitFor();
  await expectAttribute(chatWith(ada, "bob"), "data-state", "open");
  // Call again opens it to texts, too, while bob is away.
  await closeButton(bob, "ada").click();
  await banner.getByText("bob closed the chat").waitFor();
  await logout.click();
  await banner.getByText("bob closed the chat, and is not online any more.").waitFor();
  await banner.getByRole("button", { name: "Call again" }).click();
  await banner.getByText("What you write is sent as soon as").waitFor();
  await say(ada, "bob", "at one?");
  await login.click();
  await hears(bob, "ada", "at one?");
});

test("window: MIM does not reconnect to a server with another key until the user trusts it", async (browser) => {
  await using scenario = await Scenario.start(browser, {
    keys: true,
    server: { port: quietPort() },
  });
  const { ada } = scenario;
  await scenario.replaceServer({ newKey: true });
  await ada.getByRole("button", { name: "Trust it and log in" }).click();
  await ada.waitForSelector("html[data-state=online]", { state: "attached" });
});

test("window: MIM does not log in to a server with another key until the user trusts it", async (browser) => {
  await using scenario = await Scenario.start(browser, {
    keys: true,
    server: { port: quietPort() },
  });
  const { ada } = scenario;
  await ada.getByRole("button", { name: "Logout" }).click();
  await ada.getByText("You are offline").waitFor();
  await scenario.replaceServer({ newKey: true });
  await ada.getByRole("button", { name: "Login" }).click();
  await ada.getByText("The server has another key than before").waitFor();
  assertEquals(await ada.locator("#info").getByText("/trust").count(), 0);
  // The notice does not cover the info text.
  await ada.setViewportSize({ width: 900, height: 700 });
  const log = await ada.locator("#info-view").boundingBox();
  const notice = await ada.locator("#other-server").boundingBox();
  assert(log !== null && notice !== null && notice.y + notice.height <= log.y);
  assertEquals(await ada.locator("#info").evaluate((all) => all.scrollWidth - all.clientWidth), 0);
  assertEquals(await ada.evaluate("document.documentElement.dataset.state"), "offline");
  await ada.getByRole("button", { name: "Trust it and log in" }).click();
  await ada.waitForSelector("html[data-state=online]", { state: "attached" });
  await ada.getByText("The server has another key than before").waitFor({ state: "hidden" });
});

test("window: once the user trusts another key, nothing is sent to the earlier one", async (browser) => {
  await using scenario = await Scenario.start(browser, {
    keys: true,
    server: { port: quietPort() },
  });
  const { ada } = scenario;
  await scenario.leave(await scenario.chatWithBob());
  await chatWith(ada, "bob").getByText("What you write is sent as soon as").waitFor();
  // Otherwise the server would refuse the name to anybody else.
  await scenario.replaceServer();
  const bob = await scenario.join("bob", { newKey: true });
  await ada.getByRole("option", { name: /^bob.*another key/s }).click();
  const trust = ada.getByRole("button", { name: "Accept the new key" });
  await trust.click();
  await fieldFor(ada, "bob").and(ada.locator(":enabled")).waitFor();
  assertEquals(await trust.count(), 0);
  await say(ada, "bob", "two");
  await hears(bob, "ada", "two");
  // The chat with the earlier key stays in the list, inactive.
  await chatRow(ada, "bob").last().click();
  await chatWith(ada, "bob").getByText("You now trust another key of bob").waitFor();
  await expectDisabled(fieldFor(ada, "bob"));
});

test("window: a contact without their key is called only once the user allows it", async (browser) => {
  await using scenario = await Scenario.start(browser, {
    keys: true,
    server: { port: quietPort() },
  });
  const { ada } = scenario;
  await scenario.leave(await scenario.chatWithBob());
  await closeButton(ada, "bob").click();
  // Otherwise the server would refuse the name to anybody else.
  await scenario.replaceServer();
  const [bob] = await scenario.users("bob");
  // Calls under that name wait, with a reason, and without a port that may be someone else's.
  await bob.call("ada");
  const request = ada.getByRole("region", { name: "bob" });
  await request.getByText(
    "bob wants to talk to you, but bob had a key before and calls without one: anybody can do that.",
  ).waitFor();
  await request.getByText("Not encrypted, and nothing proves who this is.").waitFor();
  await request.getByText("127.0.0.1", { exact: true }).waitFor();
  await ada.getByRole("button", { name: "Refuse bob" }).click();
  await bob.saw("chat-closed", { name: "ada" });
  // Chat and info log show no port either.
  await bob.call("ada");
  await ada.getByRole("button", { name: "Accept bob" }).click();
  await chatWith(ada, "bob").locator('.about[title="127.0.0.1"]').waitFor();
  await ada.locator(".foot").getByText("bob (127.0.0.1) started a chat with you", { exact: true })
    .waitFor();
  await closeButton(ada, "bob").click();
  await chatWith(ada, "bob").waitFor({ state: "detached" });
  await ada.getByRole("option", { name: /^bob.*another key/s }).click();
  await chatWith(ada, "bob").getByText(/had a key before and has none now/).waitFor();
  await ada.getByRole("button", { name: "Chat once without encryption" }).click();
  await say(ada, "bob", "in the clear");
  await bob.saw("message", { text: "in the clear" });
});

test("window: a name that looks like a contact's name is marked", async (browser) => {
  await using scenario = await Scenario.start(browser, { keys: true });
  const { ada, env } = scenario;
  const bob = await scenario.join("bob");
  await call(ada, "bob");
  await say(ada, "bob", "hello");
  await hears(bob, "ada", "hello");
  const [eve] = await scenario.users("b0b");
  await ada.getByRole("option", { name: /^b0b/ })
    .getByText("only looks like bob, whom you know").waitFor();
  await eve.call("ada");
  await ada.getByRole("option", { name: /^b0b Somebody/ }).click();
  const request = ada.getByRole("region", { name: "b0b" });
  await request.getByText(
    "b0b wants to talk to you, but it only looks like bob, whom you know, and has no key.",
  ).waitFor();
  await request.getByText("Not encrypted, and nothing proves who this is.").waitFor();
  await ada.getByRole("button", { name: "Accept b0b", exact: true }).click();
  await chatWith(ada, "b0b").getByText(
    "Careful: b0b only looks like bob, whom you know, and has no key.",
  ).waitFor();
  // A verified number removes the warning, also for a caller who is not online.
  const { address: hostname, port } = [...eve.users].find(({ name }) => name === "ada") ??
    { address: "", port: 0 };
  const wire = await env.dial({ hostname, port });
  await Mim2Peer.call(wire, { name: "B0b", key: testKey(7) });
  await ada.getByRole("option", { name: /^B0b Somebody/ }).click();
  await ada.getByRole("button", { name: "Accept B0b", exact: true }).click();
  const careful = chatWith(ada, "B0b").getByText("Careful: B0b only looks like bob");
  await careful.waitFor();
  await chatWith(ada, "B0b").getByRole("button", { name: /^Unconfirmed: / }).click();
  await ada.getByRole("button", { name: "They are the same" }).click();
  await chatWith(ada, "B0b").getByRole("button", { name: /^Verified: / }).waitFor();
  await careful.waitFor({ state: "hidden" });
  wire.close();
});
