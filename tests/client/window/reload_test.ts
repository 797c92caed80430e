/** A page that is loaded anew, and what is typed while something else arrives. */

import { assert, assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { Profile } from "../../../client/storage/profile.ts";
import { chromiumTests } from "../../helpers/chromium.ts";
import {
  call,
  chatWith,
  fieldFor,
  focused,
  hears,
  ready,
  styleOf,
  TestWindow,
} from "../../helpers/window.ts";
import { TestEnvironment } from "../../helpers/test_environment.ts";
import { Scenario } from "./scenarios.ts";

const test = chromiumTests();

/** From the next load on, nothing reaches the page before `go()`. */
async function holdBack(page: Page): Promise<void> {
  await page.addInitScript(`
    const held = [];
    let going = false;
    globalThis.WebSocket = class extends WebSocket {
      constructor(url) {
        super(url);
        this.addEventListener("message", (event) => {
          if (going) return;
          event.stopImmediatePropagation();
          held.push([this, event.data]);
        });
      }
    };
    globalThis.go = () => {
      going = true;
      for (const [socket, data] of held) socket.dispatchEvent(new MessageEvent("message", { data }));
    };
  `);
}

test("window: what is typed before the state has come stays, and is logged in with", async (browser) => {
  await using env = TestEnvironment.real();
  const { at } = env.serve();
  await using mim = await TestWindow.start({ hostname: "127.0.0.1", port: 9 }, { name: "nobody" });
  const page = await mim.page(browser);
  const name = page.getByRole("textbox", { name: "Name", exact: true });
  const server = page.getByRole("textbox", { name: "Server" });
  assertEquals(await name.inputValue(), "nobody");
  await holdBack(page);
  await page.reload();
  await name.pressSequentially("ada");
  await server.pressSequentially(`127.0.0.1:${at.port}`);
  await page.evaluate("go()");
  await ready(page);
  assertEquals(await name.inputValue(), "ada");
  assertEquals(await server.inputValue(), `127.0.0.1:${at.port}`);
  await focused(server);
  await server.press("Enter");
  await page.getByText("You are online as ada").waitFor();
});

test("window: a status that is being typed stays where another page sets one", async (browser) => {
  await using env = TestEnvironment.real();
  const folder = await Deno.makeTempDir();
  try {
    const { at } = env.serve({ data: folder });
    await Deno.mkdir(`${folder}/ada`);
    await using mim = await TestWindow.start(at, { profile: new Profile(`${folder}/ada`) });
    const one = await mim.online(browser, "ada");
    const other = await mim.pageIn(one.context());
    const status = (page: Page) => page.getByRole("textbox", { name: "Status" });
    await status(one).pressSequentially("back at t");
    await status(other).fill("at lunch");
    await status(other).press("Enter");
    await one.getByRole("option", { name: /^ada/ }).getByText("at lunch").waitFor();
    assertEquals(await status(one).inputValue(), "back at t");
    await status(one).pressSequentially("wo");
    await status(one).press("Enter");
    await other.getByRole("option", { name: /^ada/ }).getByText("back at two").waitFor();
    assertEquals(await status(other).inputValue(), "back at two");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

test("window: loaded anew, dialogs stand where they stood, and one goes on where one was", async (browser) => {
  await using scenario = await Scenario.start(browser);
  const { ada } = scenario;
  await scenario.users("bob", "carol");
  await call(ada, "bob");
  await call(ada, "carol");
  const [bob, carol] = [chatWith(ada, "bob"), chatWith(ada, "carol")];
  const grip = carol.getByRole("button", { name: /^Move/ });
  for (const key of ["ArrowLeft", "ArrowLeft", "ArrowDown"]) await grip.press(key);
  await carol.evaluate("(chat) => chat.style.width = '500px'");
  await fieldFor(ada, "bob").click();
  const before = [await bob.boundingBox(), await carol.boundingBox()];
  await ada.reload();
  await focused(fieldFor(ada, "bob"));
  assertEquals([await bob.boundingBox(), await carol.boundingBox()], before);
  assert(Number(await styleOf(bob, "zIndex")) > Number(await styleOf(carol, "zIndex")));
});

test("window: of many chats, the same are on the desk after a reload", async (browser) => {
  await using scenario = await Scenario.start(browser);
  const { ada } = scenario;
  const names = Array.from({ length: 10 }, (_, n) => `caller ${n}`);
  const users = await scenario.users(...names);
  for (const user of users) await user.send(await user.call("ada"), "hello");
  const tabs = ada.getByRole("navigation", { name: "Your chats" }).getByRole("button");
  await tabs.nth(9).waitFor();
  for (const name of ["caller 9", "caller 3"]) {
    await tabs.filter({ hasText: name }).click();
    await hears(ada, name, "hello");
  }
  const titles = () => ada.locator(".chat h2").allInnerTexts();
  const before = await titles();
  assertEquals(before.length, 8);
  assert(before.includes("caller 9") && before.includes("caller 3"));
  await ada.reload();
  await ready(ada);
  assertEquals((await titles()).sort(), before.sort());
  assertEquals((await tabs.allInnerTexts()).map((text) => text.slice(0, 8)), names);
});
