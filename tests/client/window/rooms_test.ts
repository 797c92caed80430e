/** Rooms in the window: made, joined, talked in and left like chats. */

import { assert, assertEquals } from "@std/assert";
import type { Locator } from "playwright-core";
import { chromiumTests } from "../../helpers/chromium.ts";
import { expectDisabled, expectTexts, expectValue } from "../../helpers/page_assertions.ts";
import {
  chatRow,
  chatWith,
  closeButton,
  createRoom,
  fieldFor,
  focused,
  hears,
  invite,
  lookElsewhere,
  roomRow,
  say,
  until,
} from "../../helpers/window.ts";
import { Scenario } from "./scenarios.ts";

const test = chromiumTests();

test("window: a room is made, joined, talked in, and left", async (browser) => {
  await using scenario = await Scenario.start(browser, { keys: true });
  const { ada } = scenario;
  const bob = await scenario.chatWithBob();
  await createRoom(ada, "lab");
  await invite(ada, "bob", "#lab");
  // The invitation is a row, and what is open stays.
  await roomRow(bob, "#lab").getByText("ada invites you to this room").waitFor();
  await chatWith(bob, "ada").waitFor();
  // A user may be called "#lab", too: a room has another sign and shape.
  const signOf = (row: Locator) =>
    row.locator(".avatar").evaluate((avatar) => {
      const { getComputedStyle } = globalThis as unknown as {
        getComputedStyle: (of: unknown, part?: string) => { content: string; borderRadius: string };
      };
      return [getComputedStyle(avatar, "::before").content, getComputedStyle(avatar).borderRadius];
    });
  assertEquals(await signOf(roomRow(bob, "#lab")), ['"👥"', "8px"]);
  assertEquals(await signOf(chatRow(bob, "ada")), ['"A"', "50%"]);
  await roomRow(bob, "#lab").click();
  await expectDisabled(fieldFor(bob, "#lab"));
  await chatWith(bob, "#lab").getByRole("button", { name: "Join" }).click();
  await chatWith(ada, "#lab").getByText("bob joined").waitFor();
  await chatWith(ada, "#lab").getByRole("button", { name: "2 members" }).first().waitFor();
  await say(ada, "#lab", "hello lab");
  const heard = chatWith(bob, "#lab").locator("li[data-message]", { hasText: "hello" }).first();
  await heard.locator(".author").getByText("ada").waitFor();
  await say(bob, "#lab", "hello ada");
  await hears(ada, "#lab", "hello ada");
  await chatWith(ada, "#lab").locator('.state[data-is="delivered"]').first().waitFor();
  // Answers, reactions and edits work as in chats.
  await heard.locator(".message").click({ button: "right" });
  await bob.getByRole("menuitem", { name: "Reply" }).click();
  await say(bob, "#lab", "an answer");
  await chatWith(ada, "#lab").getByRole("button", { name: "You: hello lab" }).waitFor();
  await heard.locator(".message").click({ button: "right" });
  await bob.getByRole("menuitem", { name: "React" }).click();
  await bob.getByRole("menuitem", { name: "👍" }).click();
  await chatWith(ada, "#lab").getByRole("button", { name: "👍 1" }).waitFor();
  await fieldFor(ada, "#lab").press("ArrowUp");
  await fieldFor(ada, "#lab").fill("hello everybody");
  await fieldFor(ada, "#lab").press("Enter");
  await hears(bob, "#lab", "hello everybody");
  // A reload shows the same, in the same order.
  const texts = ["hello everybody", "hello ada", "an answer"];
  await expectTexts(chatWith(ada, "#lab").locator(".text"), texts);
  await ada.reload();
  await hears(ada, "#lab", "an answer");
  await expectTexts(chatWith(ada, "#lab").locator(".text"), texts);
  // The topic, and who is there.
  await chatWith(ada, "#lab").getByRole("button", { name: "2 members" }).first().click();
  await ada.getByRole("textbox", { name: "Topic" }).fill("where we work");
  await ada.getByRole("button", { name: "Save" }).click();
  const members = ada.getByRole("list", { name: "Members" }).getByRole("listitem");
  await members.filter({ hasText: "ada (you), owner" }).waitFor();
  await members.filter({ hasText: "bob, member" }).waitFor();
  await ada.keyboard.press("Escape");
  await chatWith(bob, "#lab").locator("header").getByText("where we work").waitFor();
  // Closing the view leaves the room alone.
  await closeButton(ada, "#lab").click();
  await chatWith(ada, "#lab").waitFor({ state: "detached" });
  await say(bob, "#lab", "unread");
  await roomRow(ada, "#lab").getByText("bob: unread").waitFor();
  await until(ada, 'document.title === "(1) MIM — ada"');
  await roomRow(ada, "#lab").click();
  await hears(ada, "#lab", "unread");
  await until(ada, 'document.title === "MIM — ada"');
  await chatWith(bob, "#lab").getByRole("button", { name: "More" }).click();
  // It is asked first.
  const leave = bob.getByRole("dialog", { name: "Leave the room" });
  await bob.getByRole("menuitem", { name: "Leave the room" }).click();
  await leave.getByText("come back only if you are invited again").waitFor();
  await leave.getByRole("button", { name: "Cancel" }).click();
  await leave.waitFor({ state: "detached" });
  assertEquals(await roomRow(bob, "#lab").count(), 1);
  await chatWith(bob, "#lab").getByRole("button", { name: "More" }).click();
  await bob.getByRole("menuitem", { name: "Leave the room" }).click();
  await leave.getByRole("button", { name: "Leave the room" }).click();
  await roomRow(bob, "#lab").waitFor({ state: "detached" });
  await chatWith(ada, "#lab").getByText("bob left").waitFor();
});

test("window: a member who is removed can read and not write, and rooms are there after a restart", async (browser) => {
  await using scenario = await Scenario.start(browser, { keys: true });
  const { ada } = scenario;
  const bob = await scenario.chatWithBob();
  await createRoom(ada, "lab");
  await invite(ada, "bob", "#lab");
  await roomRow(bob, "#lab").click();
  await chatWith(bob, "#lab").getByRole("button", { name: "Join" }).click();
  await say(bob, "#lab", "I am here");
  await hears(ada, "#lab", "I am here");
  await fieldFor(bob, "#lab").fill("half a");
  await roomRow(bob, "#lab").getByText("Draft: half a").waitFor();
  await scenario.leave(bob);
  const again = await scenario.join("bob");
  await roomRow(again, "#lab").getByText("Draft: half a").waitFor();
  await roomRow(again, "#lab").click();
  await hears(again, "#lab", "I am here");
  await chatWith(ada, "#lab").getByRole("button", { name: "2 members" }).first().click();
  await ada.getByRole("button", { name: "Remove bob" }).click();
  const question = ada.getByRole("dialog", { name: "Remove bob" });
  await question.getByText("Remove bob from #lab?").waitFor();
  await question.getByRole("button", { name: "Remove" }).click();
  await ada.getByRole("list", { name: "Members" }).waitFor();
  await ada.keyboard.press("Escape");
  await chatWith(again, "#lab").getByText("You are no longer a member of this room.").waitFor();
  await expectDisabled(fieldFor(again, "#lab"));
  await expectTexts(chatWith(again, "#lab").locator(".text"), ["I am here"]);
  await chatWith(ada, "#lab").getByText("you removed bob").waitFor();
});

test("window: the search finds what was said in rooms, everywhere and in one of them", async (browser) => {
  await using scenario = await Scenario.start(browser, { keys: true });
  const { ada } = scenario;
  const bob = await scenario.chatWithBob();
  await say(bob, "ada", "lunch in a chat");
  await hears(ada, "bob", "lunch in a chat");
  await createRoom(ada, "lab");
  await invite(ada, "bob", "#lab");
  await roomRow(bob, "#lab").click();
  await chatWith(bob, "#lab").getByRole("button", { name: "Join" }).click();
  await chatWith(ada, "#lab").getByText("bob joined").waitFor();
  await say(bob, "#lab", "Lunch at noon?");
  await hears(ada, "#lab", "Lunch at noon?");
  // So many that a page does not get it when it opens the room.
  for (let n = 0; n < 65; n++) await say(ada, "#lab", `line ${n}`);
  await hears(bob, "#lab", "line 64");
  await ada.reload();
  await hears(ada, "#lab", "line 64");
  const words = ada.getByRole("searchbox", { name: "Find people and messages" });
  const found = ada.getByRole("group", { name: "Messages" }).getByRole("option");
  await ada.keyboard.press("Control+k");
  await words.fill("lunch");
  await found.nth(1).waitFor();
  const texts = (await found.allInnerTexts()).map((text) => text.replaceAll(/\s+/g, " "));
  assertEquals(texts.length, 2);
  assert(texts[0]?.startsWith("👥 bob · #lab ·") && texts[0].includes("Lunch at noon?"), texts[0]);
  assert(texts[1]?.startsWith("bob ·") && texts[1].includes("lunch in a chat"), texts[1]);
  // A hit in a room opens it there, however far back.
  await found.first().click();
  await chatWith(ada, "#lab").locator(".hit", { hasText: "Lunch at noon?" }).waitFor();
  // In the room alone: by its button, by a key, and by whom.
  await chatWith(ada, "#lab").getByRole("button", { name: "Search in this chat" }).click();
  await words.fill("lunch");
  await found.first().waitFor();
  assertEquals(await found.count(), 1);
  await words.press("Escape");
  // Then the field is for everything again, and the list is back.
  await ada.getByRole("button", { name: "Search everywhere" }).waitFor({ state: "detached" });
  await chatRow(ada, "bob").waitFor();
  await chatWith(ada, "#lab").locator(".log").focus();
  await ada.keyboard.press("Control+f");
  await words.fill("from:bob lunch");
  await found.first().getByText("Lunch at noon?").waitFor();
  await words.fill("from:me lunch");
  await ada.getByText("No message has all these words").waitFor();
  // On a small screen the field is there as well.
  await words.press("Escape");
  await ada.setViewportSize({ width: 390, height: 700 });
  await chatWith(ada, "#lab").getByRole("button", { name: "Search in this chat" }).click();
  await focused(words);
  await ada.keyboard.type("lunch");
  await found.first().click();
  await chatWith(ada, "#lab").locator(".hit", { hasText: "Lunch at noon?" }).waitFor();
});

test("window: a room rings for a mention, also if it is muted, and for all else on request", async (browser) => {
  await using scenario = await Scenario.start(browser, { keys: true });
  const { ada } = scenario;
  const bob = await scenario.roomWithBob();
  await lookElsewhere(ada);
  const bodies = () => ada.evaluate("notified.map(({ title, body }) => `${title} ${body}`)");
  const hearsLast = async (text: string) => {
    await say(bob, "#lab", text);
    await hears(ada, "#lab", text);
  };
  await hearsLast("nobody in particular");
  await hearsLast("ada, look");
  await until(ada, "notified.length === 1");
  assertEquals(await bodies(), ["#lab bob: ada, look"]);
  await roomRow(ada, "#lab").click({ button: "right" });
  await ada.getByRole("menuitem", { name: "Mute" }).click();
  await roomRow(ada, "#lab").locator(".badge.muted").waitFor();
  await hearsLast("@ada again");
  await until(ada, "notified.length === 2");
  await roomRow(ada, "#lab").click({ button: "right" });
  await ada.getByRole("menuitem", { name: "Unmute" }).click();
  await ada.getByRole("button", { name: "Settings" }).click();
  await ada.getByLabel("Notifications of rooms").selectOption("for all messages");
  await ada.keyboard.press("Escape");
  // The setting is saved first; a message after that rings.
  for (let n = 0; await ada.evaluate("notified.length") === 2; n++) {
    assert(n < 100, "nothing rings");
    await hearsLast(`to everybody ${n}`);
  }
});

test("window: the lobby is joined, talked in, answered in, and left", async (browser) => {
  await using scenario = await Scenario.start(browser, { keys: true });
  const { ada } = scenario;
  const bob = await scenario.chatWithBob();
  for (const page of [ada, bob]) {
    await page.getByRole("button", { name: "New room" }).click();
    await page.getByRole("button", { name: "Join the lobby" }).click();
    await focused(fieldFor(page, "#lobby"));
  }
  await say(ada, "#lobby", "is anyone in?");
  await hears(bob, "#lobby", "is anyone in?");
  const heard = chatWith(bob, "#lobby").locator("li[data-message]", { hasText: "anyone" }).first();
  await heard.locator(".message").click({ button: "right" });
  await bob.getByRole("menuitem", { name: "Reply" }).waitFor();
  // There is nothing else in the lobby, so nothing else is offered.
  assertEquals(await bob.getByRole("menuitem").allInnerTexts(), ["Reply", "Copy"]);
  await bob.getByRole("menuitem", { name: "Reply" }).click();
  await say(bob, "#lobby", "yes");
  await hears(ada, "#lobby", "yes");
  await chatWith(bob, "#lobby").getByRole("button", { name: "2 members" }).first().click();
  await bob.getByRole("list", { name: "Members" }).waitFor();
  assertEquals(await bob.getByRole("button", { name: "Invite" }).count(), 0);
  await bob.keyboard.press("Escape");
  await chatWith(bob, "#lobby").getByRole("button", { name: "More" }).click();
  await bob.getByRole("menuitem", { name: "Leave the room" }).click();
  await roomRow(bob, "#lobby").waitFor({ state: "detached" });
});

test("window: a text that a room or an edit refuses is back in the field, with the reason", async (browser) => {
  await using scenario = await Scenario.start(browser, { keys: true });
  const { ada } = scenario;
  await scenario.chatWithBob();
  await createRoom(ada, "lab");
  await say(ada, "#lab", "short");
  await hears(ada, "#lab", "short");
  const long = "x".repeat(20_000);
  const refuses = async (name: string) => {
    const pane = chatWith(ada, name);
    await pane.locator(".hint").getByText(/too long: it takes 20000 bytes/).waitFor();
    await expectValue(pane.locator("textarea"), long);
  };
  await say(ada, "#lab", long);
  await refuses("#lab");
  // It is the draft again, also after a reload.
  await ada.reload();
  await expectValue(fieldFor(ada, "#lab"), long);
  await say(ada, "#lab", "fits");
  await hears(ada, "#lab", "fits");
  await expectValue(fieldFor(ada, "#lab"), "");
  for (const name of ["#lab", "bob"]) {
    if (name === "bob") await chatRow(ada, "bob").click();
    await fieldFor(ada, name).press("ArrowUp");
    await say(ada, name, long);
    await refuses(name);
    await chatWith(ada, name).getByText("Edit").first().waitFor();
    await fieldFor(ada, name).press("Escape");
    await expectValue(fieldFor(ada, name), "");
  }
});

test("window: rooms of one name get tags in open pages, and a row names who spoke also after a restart", async (browser) => {
  await using scenario = await Scenario.start(browser, { keys: true });
  const { ada } = scenario;
  const bob = await scenario.roomWithBob();
  // Bob has met carol in the room alone.
  const carol = await scenario.join("carol");
  await invite(ada, "carol", "#lab");
  await roomRow(carol, "#lab").click();
  await chatWith(carol, "#lab").getByRole("button", { name: "Join" }).click();
  await say(carol, "#lab", "hi all");
  await roomRow(bob, "#lab").getByText("carol: hi all").waitFor();
  await scenario.leave(bob);
  const again = await scenario.join("bob");
  await roomRow(again, "#lab").getByText("carol: hi all").waitFor();
  await again.getByRole("button", { name: "New room" }).click();
  // A name that is refused stays, with the reason.
  const name = again.getByRole("textbox", { name: "Name of the room" });
  await name.fill("two words");
  await again.getByRole("button", { name: "Create" }).click();
  await again.getByRole("alert").getByText(/this name can't be used/i).waitFor();
  await expectValue(name, "two words");
  await name.fill("lab");
  await again.getByRole("button", { name: "Create" }).click();
  const tagged = again.getByRole("option", { name: /^Room #lab~[0-9a-f]{4}/ });
  await tagged.nth(1).waitFor();
  // Without the other one it has its plain name again.
  await tagged.filter({ hasText: "carol: hi all" }).click({ button: "right" });
  await again.getByRole("menuitem", { name: "Leave the room" }).click();
  await again.getByRole("dialog").getByRole("button", { name: "Leave the room" }).click();
  await again.getByRole("option", { name: /^Room #lab(?!~)/ }).waitFor();
});

test("window: at 320 pixels the name of a room is in view, and all can be done", async (browser) => {
  await using scenario = await Scenario.start(browser, { keys: true });
  const { ada } = scenario;
  const bob = await scenario.roomWithBob();
  await ada.setViewportSize({ width: 320, height: 640 });
  const room = chatWith(ada, "#lab");
  const widthOf = async (part: Locator) => (await part.boundingBox())?.width ?? 0;
  assert(await widthOf(room.getByRole("heading", { name: "#lab" })) > 60);
  const field = room.getByRole("textbox", { name: "Message to #lab" });
  assert(await widthOf(field) > 140);
  // The button is a sign now, and has its name all the same; the members are in the menu.
  await field.fill("small");
  await room.getByRole("button", { name: "Send", exact: true }).click();
  await hears(bob, "#lab", "small");
  await room.getByRole("button", { name: "More" }).click();
  await ada.getByRole("menuitem", { name: "Members" }).click();
  await ada.getByRole("dialog", { name: "#lab" }).getByText(/^bob, member/).waitFor();
});
