/** Files in the window: dropped, pasted or chosen, taken or not, and what they show meanwhile. */

import { Buffer } from "node:buffer";
import { assert, assertEquals } from "@std/assert";
import type { Locator, Page } from "playwright-core";
import { chromiumTests } from "../../helpers/chromium.ts";
import { poll } from "../../helpers/wait.ts";
import { chatRow, chatWith, fieldFor, hears } from "../../helpers/window.ts";
import { Scenario } from "./scenarios.ts";

const test = chromiumTests();

/** The cards of files in the chat with somebody. */
function cards(page: Page, name: string): Locator {
  return chatWith(page, name).locator(".file");
}

/** Drops or pastes a red picture there. */
async function give(page: Page, target: string, type: "drop" | "paste"): Promise<void> {
  await page.evaluate(`(async () => {
    const canvas = new OffscreenCanvas(300, 200);
    const context = canvas.getContext("2d");
    context.fillStyle = "red";
    context.fillRect(0, 0, 300, 200);
    const blob = await canvas.convertToBlob({ type: "image/png" });
    const data = new DataTransfer();
    data.items.add(new File([blob], "red.png", { type: "image/png" }));
    const event = "${type}" === "paste"
      ? new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true })
      : new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true });
    document.querySelector("${target}").dispatchEvent(event);
  })()`);
}

test("window: a dropped picture waits beside the field, goes with the next line, and can be taken", async (browser) => {
  await using scenario = await Scenario.start(browser, { keys: true });
  const { ada, downloads } = scenario;
  const bob = await scenario.chatWithBob();
  await give(ada, ".chat .log", "drop");
  const waiting = ada.getByRole("list", { name: "Attached files" }).getByRole("listitem");
  await waiting.filter({ hasText: "red.png" }).waitFor();
  await give(ada, ".chat textarea", "paste");
  await waiting.nth(1).waitFor();
  await waiting.first().getByRole("button", { name: "Leave red.png out" }).click();
  await fieldFor(ada, "bob").fill("look");
  await fieldFor(ada, "bob").press("Enter");
  await hears(bob, "ada", "look");
  assertEquals(await waiting.count(), 0);
  const offer = cards(bob, "ada");
  await offer.getByText("red.png").waitFor();
  // The size is in the card, in the page's language.
  await chatRow(bob, "ada").getByText(/^📎 red\.png$/).waitFor();
  await offer.locator("img.thumbnail").waitFor();
  await offer.getByRole("button", { name: "Get: red.png" }).click();
  await offer.getByText("there, and checked").waitFor();
  await cards(ada, "bob").getByText("there, and checked").waitFor();
  await offer.getByText(`${downloads}/bob`).waitFor();
  // The picture opens in a tab of its own, which can run nothing.
  const link = await offer.getByRole("link", { name: "Show picture" }).getAttribute("href");
  const shown = await bob.context().request.get(link ?? "");
  assertEquals([shown.status(), shown.headers()["content-type"]], [200, "image/png"]);
  await poll(() => [...Deno.readDirSync(`${downloads}/bob`)].length > 0, "the file");
});

test("window: files that are chosen can be declined or taken back", async (browser) => {
  await using scenario = await Scenario.start(browser, { keys: true });
  const { ada } = scenario;
  const bob = await scenario.chatWithBob();
  for (const [name, size] of [["one.txt", 2_000], ["two.bin", 3_000_000]] as const) {
    const buffer = Buffer.from(new Uint8Array(size));
    const file = { name, mimeType: "application/octet-stream", buffer };
    await ada.getByLabel("Attach files").first().setInputFiles(file);
  }
  await chatWith(ada, "bob").getByRole("button", { name: "Send" }).click();
  await cards(bob, "ada").nth(1).waitFor();
  await cards(bob, "ada").filter({ hasText: "3 MB" }).waitFor();
  await bob.getByRole("button", { name: "Decline: one.txt" }).click();
  await cards(ada, "bob").filter({ hasText: "one.txt" }).getByText("will not come").waitFor();
  await ada.getByRole("button", { name: "Cancel: two.bin" }).click();
  await cards(bob, "ada").filter({ hasText: "two.bin" }).getByText("will not come").waitFor();
  assert(await cards(bob, "ada").getByRole("button", { name: /^Get/ }).count() === 0);
});

test("window: files that are attached in a room are for all its members", async (browser) => {
  await using scenario = await Scenario.start(browser, { keys: true });
  const { ada } = scenario;
  const bob = await scenario.roomWithBob();
  const file = { name: "plan.txt", mimeType: "text/plain", buffer: Buffer.from("a plan") };
  await chatWith(ada, "#lab").getByLabel("Attach files").first().setInputFiles(file);
  await chatWith(ada, "#lab").getByRole("button", { name: "Send" }).click();
  await cards(ada, "#lab").getByText("reached 0 of 1").waitFor();
  const offer = cards(bob, "#lab");
  await offer.getByRole("button", { name: "Get: plan.txt" }).click();
  await offer.getByText("there, and checked").waitFor();
  await cards(ada, "#lab").getByText("reached 1 of 1").waitFor();
  await bob.reload();
  await cards(bob, "#lab").getByText("there, and checked").waitFor();
  // Its author can delete it, and has no text to edit.
  await chatWith(ada, "#lab").locator("li[data-message] .message").last().click({
    button: "right",
  });
  assertEquals(await ada.getByRole("menuitem", { name: "Edit" }).count(), 0);
  await ada.getByRole("menuitem", { name: "Delete" }).waitFor();
});
