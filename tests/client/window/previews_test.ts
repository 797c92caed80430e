/** The list: previews of messages, and invitations to rooms, which wait for an answer. */

import { assertEquals } from "@std/assert";
import { chromiumTests } from "../../helpers/chromium.ts";
import { expectText, expectTitle } from "../../helpers/page_assertions.ts";
import {
  chatRow,
  chatWith,
  createRoom,
  fieldFor,
  hears,
  invite,
  roomRow,
  say,
} from "../../helpers/window.ts";
import { Scenario } from "./scenarios.ts";

const test = chromiumTests();

test("window: the list shows the newest message on one line, and that it was deleted", async (browser) => {
  await using scenario = await Scenario.start(browser, { keys: true });
  const { ada } = scenario;
  const bob = await scenario.chatWithBob();
  await fieldFor(ada, "bob").fill("> quoted\n**bold** and\n`code`");
  await fieldFor(ada, "bob").press("Enter");
  await hears(bob, "ada", "bold");
  const previews = [
    chatRow(bob, "ada").locator(".about"),
    chatRow(ada, "bob").locator(".about"),
  ] as const;
  for (const turn of ["as it came", "after a reload"]) {
    await expectText(previews[0], "quoted bold and code");
    await expectText(previews[1], "You: quoted bold and code");
    if (turn === "as it came") { for (const page of [ada, bob]) await page.reload(); }
  }
  // Signs alone are no quotation, which would be empty.
  await say(ada, "bob", "> ");
  await expectText(chatWith(bob, "ada").locator(".text").last(), "> ");
  await chatWith(ada, "bob").locator("li[data-message] .message").last().click({ button: "right" });
  await ada.getByRole("menuitem", { name: "Delete" }).click();
  await ada.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await expectText(previews[1], "You: deleted");
  await expectText(previews[0], "deleted");
  await ada.reload();
  await expectText(previews[1], "You: deleted");
});

test("window: an invitation to a room is a request, which title and badge count", async (browser) => {
  await using scenario = await Scenario.start(browser, { keys: true });
  const { ada } = scenario;
  const bob = await scenario.chatWithBob();
  await createRoom(ada, "lab");
  await invite(ada, "bob", "#lab");
  await roomRow(bob, "#lab").locator(".badge").waitFor();
  await bob.getByRole("group", { name: "Requests" }).getByRole("option", { name: /^Room #lab/ })
    .waitFor();
  await expectTitle(bob, "(1) MIM — bob");
  await roomRow(bob, "#lab").click();
  await chatWith(bob, "#lab").getByRole("button", { name: "Join" }).click();
  await expectTitle(bob, "MIM — bob");
  await bob.getByRole("group", { name: "Chats" }).getByRole("option", { name: /^Room #lab/ })
    .waitFor();
  assertEquals(await bob.getByRole("group", { name: "Requests" }).count(), 0);
});
