/** What can go wrong with files in the window, and what the page says then. */

import { Buffer } from "node:buffer";
import { assertEquals } from "@std/assert";
import type { Locator, Page } from "playwright-core";
import { chromiumTests } from "../../helpers/chromium.ts";
import { expectCount, expectText, expectValue } from "../../helpers/page_assertions.ts";
import {
  chatWith,
  closePanel,
  fieldFor,
  hears,
  openLog,
  ready,
  until,
} from "../../helpers/window.ts";
import { Scenario } from "./scenarios.ts";

const test = chromiumTests();

async function choose(page: Page, names: readonly string[], size = 4): Promise<void> {
  const files = names.map((name) => ({
    name,
    mimeType: "application/octet-stream",
    buffer: Buffer.from(new Uint8Array(size)),
  }));
  await page.getByLabel("Attach files").first().setInputFiles(files);
}

function waitingIn(page: Page): Locator {
  return page.getByRole("list", { name: "Attached files" }).getByRole("listitem");
}

function numbered(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${index}.txt`);
}

test("window: more than twenty files can be chosen, and those beyond the limit are told", async (browser) => {
  await using scenario = await Scenario.start(browser, { keys: true });
  const { ada } = scenario;
  await scenario.chatWithBob();
  await choose(ada, numbered(150));
  await expectCount(waitingIn(ada), 150);
  await choose(ada, numbered(60));
  await ada.getByText("At most 200 files at once: 10 were not attached.").waitFor();
  await expectCount(waitingIn(ada), 200);
});

test("window: files and text stay if MIM does not answer, and parts are asked for again", async (browser) => {
  await using scenario = await Scenario.start(browser, { keys: true });
  const { ada } = scenario;
  const bob = await scenario.chatWithBob();
  const says = ada.locator(".toast p");
  // A part that can't be loaded says so in plain words, each time, and comes the next time.
  const parts = /\/(panels\.css|(more_texts|send_files|panels|menu)\.js)$/;
  await ada.route(parts, (route) => route.abort("connectionrefused"));
  for (let turn = 0; turn < 2; turn++) {
    await choose(ada, ["one.txt"]);
    await expectText(says, "MIM does not answer. Try again.");
    const failed = ada.waitForEvent("requestfailed");
    await ada.getByRole("button", { name: "Settings" }).click();
    await failed;
    await expectText(says, "MIM does not answer. Try again.");
    assertEquals(await ada.getByRole("dialog").count(), 0);
  }
  await ada.unroute(parts);
  await choose(ada, ["one.txt"]);
  await expectCount(waitingIn(ada), 1);
  // It may be there already, since a part that is still wanted is asked for again.
  await ada.getByRole("button", { name: "Settings" }).dispatchEvent("click");
  await ada.getByRole("dialog").waitFor();
  await closePanel(ada);
  // An upload that fails leaves the file where it was.
  await ada.route("**/files/**", (route) => route.abort("connectionrefused"));
  await fieldFor(ada, "bob").press("Enter");
  await expectText(says, "one.txt can't be sent: it can't be read, or MIM does not answer.");
  await expectCount(waitingIn(ada), 1);
  await ada.unroute("**/files/**");
  await fieldFor(ada, "bob").fill("here");
  await fieldFor(ada, "bob").press("Enter");
  await hears(bob, "ada", "here");
  await chatWith(bob, "ada").locator(".file").getByText("one.txt").waitFor();
  // Without MIM, nothing is taken off.
  await choose(ada, ["two.txt"]);
  await expectCount(waitingIn(ada), 1);
  await fieldFor(ada, "bob").fill("there");
  await scenario.mim.end();
  await ada.locator("#disconnected").waitFor();
  await fieldFor(ada, "bob").press("Enter");
  await ada.getByText(/^Not sent: MIM does not answer/).waitFor();
  await expectCount(waitingIn(ada), 1);
  await expectValue(fieldFor(ada, "bob"), "there");
});

test("window: a file shows at once that it is read, and is not lost in silence", async (browser) => {
  await using scenario = await Scenario.start(browser, { keys: true });
  const { ada } = scenario;
  await scenario.chatWithBob();
  const held = Promise.withResolvers<void>();
  await ada.route("**/files/**", async (route) => {
    if (route.request().method() !== "PUT") return await route.continue();
    await held.promise;
    await route.abort().catch(() => {}); // the page is gone
  });
  await choose(ada, ["one.bin", "two.bin"]);
  await expectCount(waitingIn(ada), 2);
  await fieldFor(ada, "bob").press("Enter");
  const read = ada.getByRole("list", { name: "being read…" }).getByRole("listitem");
  await read.filter({ hasText: /two\.bin, 4 bytes · being read… \d+ %/ }).waitFor();
  await expectCount(read, 2);
  await expectCount(waitingIn(ada), 0);
  // Leaving the page asks first, and is noted.
  const asked = Promise.withResolvers<string>();
  ada.on("dialog", (dialog) => {
    asked.resolve(dialog.type());
    void dialog.accept();
  });
  await ada.reload();
  assertEquals(await asked.promise, "beforeunload");
  held.resolve();
  await ready(ada);
  const log = await openLog(ada);
  await log.getByText(/^two\.bin was not sent: its page was closed/).waitFor();
});

test("window: a chat that ends in files opens at its end, and shows the time left", async (browser) => {
  await using scenario = await Scenario.start(browser, { keys: true });
  const { ada } = scenario;
  const bob = await scenario.chatWithBob();
  await choose(ada, numbered(12));
  await expectCount(waitingIn(ada), 12);
  await fieldFor(ada, "bob").press("Enter");
  const isAtEnd = `(({ scrollTop, clientHeight, scrollHeight }) =>
    scrollHeight > clientHeight && scrollTop + clientHeight >= scrollHeight - 30)(
      document.querySelector(".chat .log"))`;
  for (const page of [ada, bob]) {
    await expectCount(chatWith(page, page === ada ? "bob" : "ada").locator(".file .name"), 12);
    await page.reload();
    await ready(page);
    await expectCount(chatWith(page, page === ada ? "bob" : "ada").locator(".file .name"), 12);
    await until(page, isAtEnd);
    assertEquals(await page.locator(".jump:visible").count(), 0);
  }
  const about = await ada.evaluate(`(async () => {
    const { fillFileCard } = await import(new URL("file_card.js", location.href).href);
    const card = document.createElement("div");
    const file = { number: 1, direction: "incoming", name: "bob", path: "a.bin", files: 1 };
    const how = { size: 4_000_000, bytes: 1_000_000, speed: 200_000, state: "active" };
    fillFileCard(card, { ...file, ...how, isPicture: false });
    return card.querySelector(".about").textContent;
  })()`);
  assertEquals(about, "4 MB · under way · 25 % · 200 kB/s · 15 sec left");
});

test("window: a paste with a text and its picture is a text, and a picture alone a file", async (browser) => {
  await using scenario = await Scenario.start(browser, { keys: true });
  const { ada } = scenario;
  await scenario.chatWithBob();
  const paste = async (text: string, name: string) =>
    await ada.evaluate(`(() => {
      const data = new DataTransfer();
      if (${JSON.stringify(text)} !== "") data.setData("text/plain", ${JSON.stringify(text)});
      data.items.add(new File(["x"], ${JSON.stringify(name)}, { type: "image/png" }));
      const how = { clipboardData: data, bubbles: true, cancelable: true };
      return document.querySelector(".chat textarea").dispatchEvent(new ClipboardEvent("paste", how));
    })()`);
  // The browser inserts a text if the page lets it.
  assertEquals(await paste("A1\tB1\r\nA2\tB2", "image.png"), true);
  assertEquals(await waitingIn(ada).count(), 0);
  assertEquals(await paste("", "image.png"), false);
  await expectCount(waitingIn(ada), 1);
  // File managers add the path.
  assertEquals(await paste("file:///home/ada/my%20plan.png", "my plan.png"), false);
  await expectCount(waitingIn(ada), 2);
});
