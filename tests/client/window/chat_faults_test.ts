/** Faults that users of the first window found in chats: each test is about one, and its kind. */

import { assert, assertEquals } from "@std/assert";
import { chromiumTests } from "../../helpers/chromium.ts";
import {
  expectAttribute,
  expectCount,
  expectDisabled,
  expectTexts,
  expectValue,
} from "../../helpers/page_assertions.ts";
import {
  call,
  chatRow,
  chatWith,
  closeButton,
  fieldFor,
  focused,
  hears,
  logIn,
  rowOf,
  say,
  styleOf,
  until,
} from "../../helpers/window.ts";
import { eventually } from "../../helpers/wait.ts";
import { Scenario } from "./scenarios.ts";

const test = chromiumTests();

test("window: closing and ignoring keep what was half written", async (browser) => {
  await using scenario = await Scenario.start(browser);
  const { ada } = scenario;
  const [bob] = await scenario.users("bob");
  await call(ada, "bob");
  await say(ada, "bob", "hello");
  await fieldFor(ada, "bob").fill("half a sentence");
  await closeButton(ada, "bob").click();
  await chatWith(ada, "bob").waitFor({ state: "detached" });
  await chatRow(ada, "bob").getByText("Draft: half a sentence").waitFor();
  await chatRow(ada, "bob").click();
  await expectValue(fieldFor(ada, "bob"), "half a sentence");
  await chatWith(ada, "bob").getByRole("button", { name: "More" }).click();
  await ada.getByRole("menuitem", { name: "Ignore" }).click();
  await ada.getByText("You ignore bob.").waitFor();
  await chatRow(ada, "bob").getByText("Draft: half a sentence").waitFor();
  assertEquals(bob.events.all.filter(({ event }) => event === "chat-opened").length, 1);
});

test("window: reading calls nobody, from the list, a search or the keyboard", async (browser) => {
  await using scenario = await Scenario.start(browser, { keys: true });
  const { ada } = scenario;
  const bob = await scenario.chatWithBob();
  await closeButton(ada, "bob").click();
  await chatWith(bob, "ada").getByText("ada closed the chat").waitFor();
  const find = ada.getByRole("searchbox", { name: "Find people and messages" });
  const opens = [
    () => chatRow(ada, "bob").click(),
    () => ada.keyboard.press("Alt+1"),
    async () => {
      await find.fill("one");
      await ada.locator("mark").getByText("one").click();
    },
    async () => {
      await find.fill("bob");
      await find.press("Enter");
    },
  ];
  for (const open of opens) {
    await open();
    await hears(ada, "bob", "one");
    await expectAttribute(chatWith(ada, "bob"), "data-state", "idle");
    await find.fill("");
    await chatWith(ada, "bob").locator(".log").focus();
    await ada.keyboard.press("Escape");
    await chatWith(ada, "bob").waitFor({ state: "detached" });
  }
  // The other side still sees a closed chat; the first line calls.
  await expectAttribute(chatWith(bob, "ada"), "data-state", "closed");
  await chatRow(ada, "bob").click();
  await say(ada, "bob", "two");
  await hears(bob, "ada", "two");
  await expectAttribute(chatWith(bob, "ada"), "data-state", "open");
});

test("window: a chat that the peer has closed is grey, field and all, until Call again by one key", async (browser) => {
  await using scenario = await Scenario.start(browser);
  const { ada } = scenario;
  const { bob, chat } = await scenario.callBob();
  const chatPane = chatWith(ada, "bob");
  const white = await styleOf(fieldFor(ada, "bob"), "backgroundColor");
  await fieldFor(ada, "bob").fill("a draft that stays");
  await chat.close();
  await chatPane.getByText("bob closed the chat.").waitFor();
  await expectDisabled(fieldFor(ada, "bob"));
  assert(await styleOf(fieldFor(ada, "bob"), "backgroundColor") !== white, "the field is grey");
  for (const part of ["header", ".log"]) {
    assertEquals(await styleOf(chatPane.locator(part).first(), "filter"), "grayscale(1)");
  }
  await expectValue(fieldFor(ada, "bob"), "a draft that stays");
  // The keyboard is where it is of use: Enter calls.
  await focused(chatPane.getByRole("button", { name: "Call again" }));
  await ada.keyboard.press("Enter");
  await bob.saw("chat-opened");
  await ada.locator('.chat[data-state="open"]').waitFor();
  assertEquals(await styleOf(fieldFor(ada, "bob"), "backgroundColor"), white);
  await expectValue(fieldFor(ada, "bob"), "a draft that stays");
});

test("window: somebody who leaves is told from somebody who closes", async (browser) => {
  await using scenario = await Scenario.start(browser);
  const { ada } = scenario;
  const { bob, chat } = await scenario.callBob();
  await chat.send("hi");
  await hears(ada, "bob", "hi");
  await bob.quit();
  await chatWith(ada, "bob").getByText("bob closed the chat, and is not online any more.")
    .waitFor();
  await chatWith(ada, "bob").getByText(/^Not online · last seen /).waitFor();
});

test("window: another key than before is an alarm, and the safety number says whose it is", async (browser) => {
  await using scenario = await Scenario.start(browser, { keys: true });
  const { ada } = scenario;
  const bob = await scenario.chatWithBob();
  await scenario.leave(bob);
  await scenario.replaceServer();
  await scenario.join("bob", { newKey: true });
  await ada.waitForSelector("html[data-state=online]", { state: "attached" });
  const alarm = chatWith(ada, "bob").getByRole("alert");
  await alarm.getByText("This may not be bob.").waitFor();
  await alarm.getByText(/Nothing is sent until you decide/).waitFor();
  const surface = await styleOf(chatWith(ada, "bob").locator("textarea"), "backgroundColor");
  assert(await styleOf(alarm, "backgroundColor") !== surface, "it stands out");
  await chatRow(ada, "bob").getByText("has another key: look before you write").waitFor();
  // The whole of it can be read, and one way or another nothing is sent.
  const isCut = await alarm.locator("p").evaluate((text) => {
    const [width, height] = ["Width", "Height"].map((side) =>
      Reflect.get(text, `scroll${side}`) > Reflect.get(text, `client${side}`)
    );
    return width || height;
  });
  assert(!isCut);
  await alarm.getByRole("button", { name: "Compare safety number" }).click();
  const panel = ada.getByRole("dialog", { name: "bob" });
  await panel.getByText(/the number of the key that you know. Whoever is there now/).waitFor();
  assertEquals(await panel.getByRole("button", { name: "They are the same" }).count(), 0);
});

test("window: list, heading and profile give one answer on how sure it is who that is", async (browser) => {
  await using scenario = await Scenario.start(browser, { keys: true });
  const { ada } = scenario;
  const bob = await scenario.chatWithBob();
  const sure = "Encrypted, with the same key as always";
  const inHeading = (text: string) =>
    chatWith(ada, "bob").getByRole("button", { name: `Encrypted: ${text}` });
  await inHeading(sure).waitFor();
  const row = ada.getByRole("option", { name: /^bob\b/ });
  await row.getByText(sure).waitFor({ state: "attached" });
  await inHeading(sure).click();
  const panel = ada.getByRole("dialog", { name: "bob" });
  await panel.getByText(`${sure}.`).waitFor();
  await panel.getByRole("button", { name: "They are the same" }).click();
  const compared = "Encrypted, and you have compared the safety number";
  await chatWith(ada, "bob").getByRole("button", { name: `Verified: ${compared}` }).waitFor();
  await row.getByText("Verified", { exact: true }).waitFor();
  // It can be taken back.
  await chatWith(ada, "bob").getByRole("button", { name: `Verified: ${compared}` }).click();
  await panel.getByRole("button", { name: "I have not compared it after all" }).click();
  await inHeading(sure).waitFor();
  await row.getByText(sure).waitFor({ state: "attached" });
  await say(bob, "ada", "still here");
  await hears(ada, "bob", "still here");
});

test("window: what is written while logged out says that you are not online, and waits", async (browser) => {
  await using scenario = await Scenario.start(browser, { keys: true });
  const { ada } = scenario;
  const bob = await scenario.chatWithBob();
  await closeButton(ada, "bob").click();
  await ada.getByRole("button", { name: "Logout" }).click();
  await ada.waitForSelector("html[data-state=offline]", { state: "attached" });
  await chatRow(ada, "bob").click();
  await chatWith(ada, "bob").getByText("You are not logged in. Open chats go on.").waitFor();
  await chatWith(ada, "bob").getByText(/^You are not online\. What you write is sent as soon as/)
    .waitFor();
  await say(ada, "bob", "later");
  await hears(ada, "bob", "later");
  await chatWith(ada, "bob").locator(".strip.net").getByRole("button", { name: "Login" }).click();
  await hears(bob, "ada", "later");
});

test("window: chats side by side are both read, and neither covers the other", async (browser) => {
  await using scenario = await Scenario.start(browser);
  const { ada } = scenario;
  const [bob, carol] = await scenario.users("bob", "carol");
  await call(ada, "bob");
  const { chat } = await bob.saw("chat-opened");
  const other = await carol.call("ada");
  await other.send("one");
  await chatRow(ada, "carol").click({ button: "right" });
  await ada.getByRole("menuitem", { name: "Open beside" }).click();
  await hears(ada, "carol", "one");
  await fieldFor(ada, "carol").click();
  // bob's chat is in view to its end, so what he says is read although the keyboard is with carol.
  await chat.send("seen here");
  await hears(ada, "bob", "seen here");
  await until(ada, 'document.title === "MIM — ada"');
  await expectAttribute(chatRow(ada, "bob"), "data-unread", "0");
  const boxes = await Promise.all(
    ["bob", "carol"].map((name) => chatWith(ada, name).boundingBox()),
  );
  const [one, two] = boxes.toSorted((one, two) => (one?.x ?? 0) - (two?.x ?? 0));
  assert(one && two && one.x + one.width <= two.x, JSON.stringify(boxes));
});

test("window: a renamed contact keeps chat, row and unread messages, and the chat says so", async (browser) => {
  await using scenario = await Scenario.start(browser, { keys: true });
  const { ada } = scenario;
  const bob = await scenario.chatWithBob();
  await closeButton(ada, "bob").click();
  await bob.getByRole("button", { name: "Logout" }).click();
  await bob.keyboard.press("Escape");
  await logIn(bob, "robert");
  await chatRow(bob, "ada").click();
  await chatWith(bob, "ada").getByRole("button", { name: "Call again" }).click(); // ada has closed it
  await say(bob, "ada", "it is me");
  await chatRow(ada, "robert").getByText("it is me").waitFor();
  await expectCount(ada.getByRole("option", { name: /^Chat with/ }), 1);
  await chatRow(ada, "robert").click();
  const heading = chatWith(ada, "robert").getByRole("heading", { name: "robert" });
  await heading.waitFor();
  await chatWith(ada, "robert").getByText("robert was bob before: it is the same key.").waitFor();
  await expectTexts(chatWith(ada, "robert").locator(".text"), ["one", "it is me"]);
  await rowOf(ada, "robert").click();
  await expectCount(chatWith(ada, "robert"), 1);
  assertEquals(await ada.getByText("chats are open").count(), 0);
});

test("window: an empty chat says that it begins and how sure it is; a line takes little room", async (browser) => {
  await using scenario = await Scenario.start(browser, { keys: true });
  const { ada } = scenario;
  const bob = await scenario.join("bob");
  await call(ada, "bob");
  const beginning = chatWith(ada, "bob").locator(".beginning");
  await beginning.getByText("This is the beginning of your chat with bob.").waitFor();
  await beginning.getByText(/Encrypted; first time with this key/).waitFor();
  for (const text of ["one", "two", "three"]) await say(ada, "bob", text);
  await hears(bob, "ada", "three");
  assertEquals(await beginning.count(), 0);
  // A row is drawn anew as its text is delivered.
  await eventually(async () => {
    const box = await chatWith(ada, "bob").locator("li[data-message]").last().boundingBox();
    assert(box !== null && box.height < 42, `${box?.height} pixels for a line`);
  });
});
