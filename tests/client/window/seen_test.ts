/** Read and unread messages, and the state that a restart keeps: unread messages, drafts, the login. */

import { assert, assertEquals } from "@std/assert";
import { Profile } from "../../../client/storage/profile.ts";
import { chromiumTests } from "../../helpers/chromium.ts";
import { TempFolder } from "../../helpers/disk.ts";
import { TestEnvironment } from "../../helpers/test_environment.ts";
import {
  expectCount,
  expectTexts,
  expectTitle,
  expectValue,
} from "../../helpers/page_assertions.ts";
import {
  call,
  chatRow,
  chatWith,
  fieldFor,
  hears,
  logIn,
  say,
  TestWindow,
  until,
} from "../../helpers/window.ts";
import { Scenario } from "./scenarios.ts";

const test = chromiumTests();

test("window: a message is read only if its end is in view", async (browser) => {
  await using scenario = await Scenario.start(browser);
  const { ada } = scenario;
  const { chat } = await scenario.callBob();
  await chat.send(Array.from({ length: 60 }, (_, n) => `line ${n}`).join("\n"));
  await hears(ada, "bob", "line 59");
  await until(ada, 'document.title === "MIM — ada"');
  const jump = chatWith(ada, "bob").locator(".jump");
  assert(!await jump.isVisible());
  await ada.evaluate(`document.querySelector(".chat .log").scrollTop = 0`);
  await jump.waitFor();
  await chat.send("down here");
  await until(ada, 'document.title === "(1) MIM — ada"');
  await jump.getByText("1 new").waitFor();
  await chatRow(ada, "bob").getByText("1", { exact: true }).waitFor();
  // The keyboard in the field reads nothing; the button goes to the newest message.
  await fieldFor(ada, "bob").press("a");
  await expectTitle(ada, "(1) MIM — ada");
  await jump.click();
  await until(ada, 'document.title === "MIM — ada"');
  await chatWith(ada, "bob").locator(".new").waitFor();
  // End goes there, too, at once.
  await ada.evaluate(`document.querySelector(".chat .log").scrollTop = 0`);
  await jump.waitFor();
  await ada.locator(".chat .log").press("End");
  await jump.waitFor({ state: "hidden" });
});

test("window: a message is not read while another program has the focus", async (browser) => {
  await using scenario = await Scenario.start(browser);
  const { ada } = scenario;
  const { chat } = await scenario.callBob();
  await chat.send("seen");
  await hears(ada, "bob", "seen");
  await until(ada, 'document.title === "MIM — ada"');
  await ada.evaluate("document.hasFocus = () => false");
  await chat.send("not seen");
  await hears(ada, "bob", "not seen");
  await until(ada, 'document.title === "(1) MIM — ada"');
  await chatWith(ada, "bob").locator(".new").waitFor();
  await ada.evaluate("document.hasFocus = () => true; dispatchEvent(new Event('focus'))");
  await until(ada, 'document.title === "MIM — ada"');
});

test("window: unread messages, drafts and the login are there again after a restart", async (browser) => {
  await using env = TestEnvironment.real();
  using folder = new TempFolder();
  const { at } = env.serve({ data: `${folder.path}/server` });
  await Deno.mkdir(`${folder.path}/ada`);
  const start = async () => {
    const profile = await Profile.read(`${folder.path}/ada`);
    const { name = "", autologin = true } = profile.config;
    return await TestWindow.start(at, { profile, name, enters: name !== "" && autologin });
  };
  const [bob, carol] = await env.online(at, "bob", "carol");
  {
    await using mim = await start();
    const ada = await mim.online(browser, "ada");
    await call(ada, "bob");
    await say(ada, "bob", "hello");
    await bob.saw("message", { text: "hello" });
    const chat = await carol.call("ada");
    await chat.send("one");
    await chat.send("two");
    await until(ada, 'document.title === "(2) MIM — ada"');
    await fieldFor(ada, "bob").fill("half a sen");
    await chatRow(ada, "bob").getByText("Draft: half a sen").waitFor();
  }
  await using mim = await start();
  const ada = await mim.page(browser);
  // It has logged in by itself, and shows what is unread.
  await until(ada, 'document.title === "(2) MIM — ada"');
  await chatRow(ada, "carol").getByText("two").waitFor();
  await chatRow(ada, "carol").getByText("2", { exact: true }).waitFor();
  await chatRow(ada, "bob").getByText("Draft: half a sen").waitFor();
  // Opening a chat calls nobody.
  await chatRow(ada, "carol").click();
  await chatWith(ada, "carol").locator(".new").waitFor();
  await until(ada, 'document.title === "MIM — ada"');
  await chatRow(ada, "bob").click();
  await expectValue(fieldFor(ada, "bob"), "half a sen");
  assertEquals(bob.events.all.filter(({ event }) => event === "chat-opened").length, 1);
  // The first line does, and takes the draft away.
  await fieldFor(ada, "bob").press("Enter");
  await bob.saw("message", { text: "half a sen" });
  await ada.reload();
  await hears(ada, "bob", "half a sen");
  await expectValue(fieldFor(ada, "bob"), "");
});

test("window: forgetting deletes all messages of a chat", async (browser) => {
  await using scenario = await Scenario.start(browser, { keys: true });
  const { ada } = scenario;
  await scenario.chatWithBob();
  await chatWith(ada, "bob").getByRole("button", { name: "More" }).click();
  await ada.getByRole("menuitem", { name: "Forget all messages" }).click();
  await ada.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await chatWith(ada, "bob").getByText("This is the beginning").waitFor();
  assertEquals(await chatWith(ada, "bob").locator(".text").count(), 0);
});

test("window: a dropped file and a pasted picture open nothing, and are answered if nobody takes them", async (browser) => {
  await using scenario = await Scenario.start(browser);
  const { ada } = scenario;
  await scenario.users("bob");
  await call(ada, "bob");
  for (
    const [target, type] of [
      [".chat .log", "drop"],
      [".side", "drop"],
      [".chat textarea", "paste"],
    ]
  ) {
    const isStopped = await ada.evaluate(`(() => {
      const data = new DataTransfer();
      data.items.add(new File(["x"], "x.png", { type: "image/png" }));
      const event = "${type}" === "paste"
        ? new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true })
        : new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true });
      document.querySelector("${target}").dispatchEvent(event);
      return event.defaultPrevented;
    })()`);
    assert(isStopped, `${type} on ${target}`);
    await ada.getByText(/^Drop files into a chat|^bob's program takes no files/).waitFor();
  }
});

test("window: a contact who comes back under another name is the same chat", async (browser) => {
  await using scenario = await Scenario.start(browser, { keys: true });
  const { ada } = scenario;
  const bob = await scenario.chatWithBob();
  await bob.getByRole("button", { name: "Logout" }).click();
  await bob.locator(".chat .strip").getByRole("button", { name: "Login" }).waitFor();
  await bob.keyboard.press("Escape");
  await logIn(bob, "bobby");
  await call(ada, "bobby");
  await say(ada, "bobby", "two");
  await chatRow(bob, "ada").click();
  await hears(bob, "ada", "two");
  // The earlier messages are in the same chat.
  await expectTexts(chatWith(ada, "bobby").locator(".text"), ["one", "two"]);
  await expectCount(ada.getByRole("option", { name: /^Chat with/ }), 1);
});
