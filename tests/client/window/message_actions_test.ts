/** Actions on a message in the window: answer, edit, react, delete, by mouse and by keys. */

import { assert, assertEquals } from "@std/assert";
import type { Locator, Page } from "playwright-core";
import { chromiumTests } from "../../helpers/chromium.ts";
import {
  expectAttribute,
  expectCount,
  expectTexts,
  expectValue,
} from "../../helpers/page_assertions.ts";
import {
  call,
  chatRow,
  chatWith,
  fieldFor,
  focused,
  hears,
  roomRow,
  say,
  until,
} from "../../helpers/window.ts";
import { poll } from "../../helpers/wait.ts";
import { Scenario } from "./scenarios.ts";

const test = chromiumTests();

/** The row of a message in the chat with somebody. */
function messageIn(page: Page, name: string, text: string): Locator {
  return chatWith(page, name).locator("li[data-message]").filter({
    has: page.locator(".text", { hasText: text }),
  });
}

/** Chooses from the menu of a message. */
async function choose(message: Locator, entry: string): Promise<void> {
  await message.locator(".message").click({ button: "right" });
  await message.page().getByRole("menuitem", { name: entry, exact: true }).click();
}

test("window: an answer quotes, and a click on the quotation leads to what it answers", async (browser) => {
  await using scenario = await Scenario.start(browser, { keys: true });
  const { ada } = scenario;
  const bob = await scenario.chatWithBob();
  await say(ada, "bob", Array.from({ length: 80 }, (_, n) => `line ${n}`).join("\n"));
  await hears(bob, "ada", "line 79");
  await choose(messageIn(bob, "ada", "one"), "Reply");
  await focused(fieldFor(bob, "ada"));
  await bob.getByText("Reply to ada:").waitFor();
  // Escape takes it back, and stays in the chat.
  await bob.keyboard.press("Escape");
  await bob.getByText("Reply to ada:").waitFor({ state: "detached" });
  await choose(messageIn(bob, "ada", "one"), "Reply");
  await say(bob, "ada", "the answer");
  await bob.getByText("Reply to ada:").waitFor({ state: "detached" });
  const answer = messageIn(ada, "bob", "the answer");
  await answer.getByRole("button", { name: "You: one" }).click();
  await chatWith(ada, "bob").locator(".hit", { hasText: "one" }).and(ada.locator(":focus"))
    .waitFor();
  // It is the same after a reload.
  await ada.reload();
  await answer.getByRole("button", { name: "You: one" }).waitFor();
});

test("window: an own message is edited by one key, and shows its earlier texts on demand", async (browser) => {
  await using scenario = await Scenario.start(browser, { keys: true });
  const { ada } = scenario;
  const bob = await scenario.chatWithBob();
  await fieldFor(ada, "bob").press("ArrowUp");
  await until(ada, `document.querySelector(".chat textarea")?.value === "one"`);
  await ada.getByText("Edit:").waitFor();
  await fieldFor(ada, "bob").fill("two");
  await fieldFor(ada, "bob").press("Enter");
  await messageIn(bob, "ada", "two").getByRole("button", { name: "edited" }).click();
  const panel = bob.getByRole("dialog", { name: "Earlier texts" });
  await panel.getByText("one", { exact: true }).waitFor();
  await panel.getByText("two", { exact: true }).waitFor();
  await bob.keyboard.press("Escape");
  await expectTexts(chatWith(bob, "ada").locator(".text"), ["two"]);
  await chatRow(bob, "ada").getByText("two").waitFor();
  // A draft waits while a message is edited, and is there again, however that ends.
  await fieldFor(ada, "bob").fill("a draft");
  await choose(messageIn(ada, "bob", "two"), "Edit");
  await until(ada, `document.activeElement?.matches(".chat textarea")`);
  await until(ada, `document.querySelector(".chat textarea")?.value === "two"`);
  await fieldFor(ada, "bob").press("Escape");
  await until(ada, `document.querySelector(".chat textarea")?.value === "a draft"`);
  await expectTexts(chatWith(ada, "bob").locator(".text"), ["two"]);
  // Nobody edits what others have said.
  await messageIn(bob, "ada", "two").locator(".message").click({ button: "right" });
  assertEquals(await bob.getByRole("menuitem", { name: "Edit", exact: true }).count(), 0);
});

test("window: reactions come and go by a click, a key or the mouse above a message", async (browser) => {
  await using scenario = await Scenario.start(browser, { keys: true });
  const { ada } = scenario;
  const bob = await scenario.chatWithBob();
  const atBob = messageIn(bob, "ada", "one");
  const atAda = messageIn(ada, "bob", "one");
  await choose(atBob, "React");
  await bob.getByRole("menuitem", { name: "👍" }).click();
  const chip = (at: Locator, name: string) => at.getByRole("button", { name });
  await chip(atAda, "👍 1").click();
  await chip(atBob, "👍 2").waitFor();
  await expectAttribute(chip(atBob, "👍 2"), "aria-pressed", "true");
  await expectAttribute(chip(atBob, "👍 2"), "title", "ada, you");
  await chip(atBob, "👍 2").click();
  await chip(atAda, "👍 1").click();
  await chip(atBob, "👍").waitFor({ state: "detached" });
  // The buttons that the mouse brings.
  await atBob.locator(".message").hover();
  await atBob.locator(".tools button").first().click();
  await bob.getByRole("menuitem", { name: "🎉" }).click();
  await chip(atAda, "🎉 1").waitFor();
  // By keys alone: up from the field to the log, to the message, and its menu.
  await chatWith(ada, "bob").locator(".log").focus();
  await ada.keyboard.press("ArrowUp");
  await focused(atAda);
  await ada.keyboard.press("+");
  await focused(ada.getByRole("menuitem").first());
  await ada.keyboard.press("ArrowRight");
  await ada.keyboard.press("Enter");
  await chip(atBob, "❤️ 1").waitFor();
  await focused(messageIn(ada, "bob", "one"));
  await ada.keyboard.press("Enter");
  await focused(ada.getByRole("menuitem", { name: "Reply" }));
  await ada.keyboard.press("Escape");
  await ada.keyboard.press("r");
  await ada.getByText("Reply to yourself:").waitFor();
});

test("window: a deleted message is gone at both ends, after a question", async (browser) => {
  await using scenario = await Scenario.start(browser, { keys: true });
  const { ada } = scenario;
  const bob = await scenario.chatWithBob();
  await say(ada, "bob", "keep this");
  await hears(bob, "ada", "keep this");
  await choose(messageIn(ada, "bob", "one"), "Delete");
  const question = ada.getByRole("dialog", { name: "Delete" });
  await question.getByText("Delete this message here, and ask the other side").waitFor();
  await question.getByRole("button", { name: "Cancel" }).click();
  await expectCount(chatWith(ada, "bob").getByText("one", { exact: true }), 1);
  await choose(messageIn(ada, "bob", "one"), "Delete");
  await question.getByRole("button", { name: "Delete" }).click();
  for (const [page, name] of [[ada, "bob"], [bob, "ada"]] as const) {
    await chatWith(page, name).locator(".is-deleted").waitFor();
    await expectTexts(chatWith(page, name).locator(".text"), [
      "deleted",
      "keep this",
    ]);
  }
});

test("window: quotations follow the edits and the deletion of what they quote", async (browser) => {
  await using scenario = await Scenario.start(browser, { keys: true });
  const { ada } = scenario;
  const bob = await scenario.roomWithBob();
  for (const [from, to] of [["ada", "bob"], ["#lab", "#lab"]] as const) {
    if (from === "#lab") {
      await roomRow(ada, "#lab").click();
      await roomRow(bob, "#lab").click();
    } else {
      await chatRow(ada, "bob").click();
      await chatRow(bob, "ada").click();
    }
    await say(ada, to, "lunch?");
    await hears(bob, from, "lunch?");
    await choose(messageIn(bob, from, "lunch?"), "Reply");
    await say(bob, from, "yes");
    const quotes = [chatWith(ada, to), chatWith(bob, from)].map((pane) => pane.locator(".quote"));
    for (const quote of quotes) await quote.getByText("lunch?").waitFor();
    await choose(messageIn(ada, to, "lunch?"), "Edit");
    await say(ada, to, "dinner?");
    for (const quote of quotes) await quote.getByText("dinner?").waitFor();
    await messageIn(ada, to, "dinner?").focus();
    await ada.keyboard.press("Delete");
    await ada.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
    for (const quote of quotes) await quote.getByText("deleted", { exact: true }).waitFor();
  }
  // The same after a reload.
  await ada.reload();
  await chatWith(ada, "#lab").locator(".quote").getByText("deleted", { exact: true }).waitFor();
});

test("window: somebody without a key gets quotations as text, and nothing else is offered", async (browser) => {
  await using scenario = await Scenario.start(browser);
  const { ada } = scenario;
  const { chat } = await scenario.callBob();
  await chat.send("one");
  await hears(ada, "bob", "one");
  await messageIn(ada, "bob", "one").locator(".message").click({ button: "right" });
  for (const entry of ["Reply", "React", "Edit", "Delete"]) {
    assertEquals(await ada.getByRole("menuitem", { name: entry, exact: true }).count(), 0);
  }
  await ada.getByRole("menuitem", { name: "Quote" }).click();
  await expectValue(fieldFor(ada, "bob"), "> one\n");
});

test("window: what the peer has seen is said if both want that", async (browser) => {
  await using scenario = await Scenario.start(browser, { keys: true });
  const { ada } = scenario;
  const bob = await scenario.join("bob");
  const seen = chatWith(ada, "bob").locator('.state[data-is="seen"]');
  for (const [name, page] of [["ada", ada], ["bob", bob]] as const) {
    await page.getByRole("button", { name: "Settings" }).click();
    const share = page.getByLabel("Tell others what I have seen, if they tell me");
    await share.click();
    await share.and(page.locator(":checked")).waitFor();
    await poll(() => scenario.configOf(name).seen === true, `the setting of ${name}`);
    await page.keyboard.press("Escape");
  }
  await call(ada, "bob");
  await say(ada, "bob", "two");
  await hears(bob, "ada", "two");
  await seen.last().waitFor();
  assert((await seen.last().innerText()).includes("seen"));
});
