/** Logging in and out in the window, and the end of the window. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { chromiumTests } from "../../helpers/chromium.ts";
import { HeldTimers } from "../../helpers/time.ts";
import { poll } from "../../helpers/wait.ts";
import { quietPort } from "../../helpers/programs.ts";
import {
  expectCount,
  expectDisabled,
  expectTexts,
  expectTitle,
  expectValue,
} from "../../helpers/page_assertions.ts";
import {
  call,
  chatWith,
  closeButton,
  closePanel,
  hears,
  openLog,
  ready,
  rowOf,
  say,
  TestWindow,
} from "../../helpers/window.ts";
import { TestEnvironment } from "../../helpers/test_environment.ts";
import { Scenario } from "./scenarios.ts";

const test = chromiumTests();

test("window: Login is enabled only with a name, Logout only while online", async (browser) => {
  await using env = TestEnvironment.real();
  const { at } = env.serve({ welcome: "Welcome to the test\nBe kind" });
  await using mim = await TestWindow.start(at);
  const page = await mim.page(browser);
  const name = page.getByRole("textbox", { name: "Name", exact: true });
  const login = page.getByRole("button", { name: "Login" });
  const logout = page.getByRole("button", { name: "Logout" });
  assert(await login.isDisabled() && await logout.isDisabled());
  await name.fill("   ");
  await expectDisabled(login);
  await name.fill("ada");
  assert(await login.isEnabled());
  await name.press("Enter");
  await page.getByText("You are online as ada").waitFor();
  await page.waitForSelector("html[data-state=online]", { state: "attached" });
  assert(await logout.isEnabled());
  // Name and server stand behind the user's own name, and can't be changed.
  await page.getByRole("button", { name: /your account/ }).click();
  await expectDisabled(login);
  assert(
    !await name.isEditable() && !await page.getByRole("textbox", { name: "Server" }).isEditable(),
  );
  await closePanel(page);
  await expectTitle(page, "MIM — ada");
  const info = page.getByRole("log", { name: "Welcome, connections and errors" });
  assertMatch(await info.innerText(), /Connected to 127\.0\.0\.1.*Welcome to the test.*Be kind/s);
  await page.getByRole("option", { name: /^ada/ }).getByText("you", { exact: true }).waitFor();
  await logout.click();
  await page.getByText("You are offline").waitFor();
  await page.getByText(/^Not up to date: who was online at /).waitFor();
  assert(await login.isEnabled() && await logout.isDisabled());
  assert(await page.getByRole("textbox", { name: "Server" }).isEditable());
});

test("window: the info log says that a server can't be reached, and MIM keeps trying", async (browser) => {
  await using env = TestEnvironment.real();
  const { at, server } = env.serve({ port: quietPort() });
  await server.close();
  await using mim = await TestWindow.start(at);
  const page = await mim.page(browser);
  await page.getByRole("textbox", { name: "Name", exact: true }).fill("ada");
  await page.getByRole("button", { name: "Login" }).click();
  await page.getByText(/cannot connect|cannot reach|nothing listens/).first().waitFor();
  // It counts down to the next attempt.
  await page.getByText(/Trying again in \d+ s\./).waitFor();
  // Meanwhile the user can try another server, or give up.
  await page.locator("#log-in:enabled").waitFor();
  await page.getByRole("button", { name: "Logout" }).click();
  await page.waitForSelector("html[data-state=offline]", { state: "attached" });
  await page.getByRole("button", { name: "Login" }).click();
  await page.waitForSelector("html[data-state=reconnecting]", { state: "attached" });
  env.serve({ port: at.port });
  await page.waitForSelector("html[data-state=online]", { state: "attached" });
  await page.getByRole("option", { name: /^ada/ }).waitFor();
});

test("window: a double click on Login or Close counts once", async (browser) => {
  await using env = TestEnvironment.real();
  const { at, server } = env.serve({ port: quietPort() });
  await using mim = await TestWindow.start(at);
  const page = await mim.page(browser);
  await page.getByRole("textbox", { name: "Name", exact: true }).fill("ada");
  await page.getByRole("button", { name: "Login" }).dblclick();
  await page.waitForSelector("html[data-state=online]", { state: "attached" });
  const [bob] = await env.online(at, "bob");
  await call(page, "bob");
  await closeButton(page, "bob").dblclick();
  await bob.saw("chat-closed", { name: "ada" });
  await chatWith(page, "bob").waitFor({ state: "detached" });
  // Requests are answered in order, so any effect of the second clicks would be visible by now.
  await call(page, "bob");
  assertEquals(await page.getByRole("alert").count(), 0);
  await openLog(page);
  assertEquals(await page.locator("#info [data-type=error]").count(), 0);
  await page.getByRole("button", { name: "Log", exact: true }).click();
  // A second click does not repeat a failed login either.
  await page.getByRole("button", { name: "Logout" }).click();
  await page.waitForSelector("html[data-state=offline]", { state: "attached" });
  await server.close();
  await page.getByRole("button", { name: "Login" }).dblclick();
  await page.getByText(/^MIM keeps trying/).waitFor();
  await page.getByRole("button", { name: "Logout" }).click();
  await page.waitForSelector("html[data-state=offline]", { state: "attached" });
  await openLog(page);
  await expectCount(page.locator("#info [data-type=error]"), 1);
});

test("window: without the server chats stay open, and MIM reconnects when it is back", async (browser) => {
  await using scenario = await Scenario.start(browser, { server: { port: quietPort() } });
  const { ada, at, env } = scenario;
  const bob = env.user("bob", at);
  await bob.login();
  await call(ada, "bob");
  await say(ada, "bob", "one");
  const { chat } = await bob.saw("message", { text: "one" });
  await scenario.stopServer();
  await ada.waitForSelector("html[data-state=reconnecting]", { state: "attached" });
  await ada.locator("#age").waitFor();
  await say(ada, "bob", "two");
  await bob.saw("message", { text: "two" });
  await chat.send("three");
  await hears(ada, "bob", "three");
  env.serve({ port: at.port });
  await ada.waitForSelector("html[data-state=online]", { state: "attached" });
  // The list is up to date again although nobody came or went.
  await ada.locator("#age").waitFor({ state: "hidden" });
  await ada.locator("body:not(.is-stale)").waitFor();
  await bob.login();
  await rowOf(ada, "bob").waitFor();
  await expectCount(ada.getByRole("option", { name: /^ada/ }), 1);
  await expectTexts(chatWith(ada, "bob").locator(".text"), [
    "one",
    "two",
    "three",
  ]);
});

test("window: it ends some time after its last page was closed, unless --keep is given", async (browser) => {
  await using env = TestEnvironment.real();
  const { at } = env.serve();
  const grace = 54_321;
  using waits = new HeldTimers(grace);
  await using mim = await TestWindow.start(at, { stays: false, graceMs: grace });
  await using keeps = await TestWindow.start(at, { stays: true, graceMs: 1 });
  const page = await mim.online(browser, "ada");
  await (await keeps.page(browser)).close();
  // Neither a reload nor closing one of two pages ends it.
  await page.reload();
  await ready(page);
  assertEquals(waits.count, 0);
  const second = await mim.pageIn(page.context());
  await page.close();
  await second.close();
  await poll(() => waits.count === 1, "the wait for one more page");
  waits.run();
  assertEquals(await mim.ended, 0);
  assertEquals(mim.events.at(-1), {
    type: "note",
    text: "The last page was closed 54.321 s ago, so the window ends. With --keep it keeps running",
  });
  const page2 = await keeps.page(browser);
  await expectTitle(page2, "MIM");
});

test("window: what can't be a server's address is refused on the card, and nothing ends", async (browser) => {
  await using env = TestEnvironment.real();
  const { at } = env.serve();
  await using mim = await TestWindow.start(at);
  const page = await mim.page(browser);
  const server = page.getByRole("textbox", { name: "Server" });
  const login = page.getByRole("button", { name: "Login" });
  await page.getByRole("textbox", { name: "Name", exact: true }).fill("ada");
  for (const text of ["http://127.0.0.1:4304", "127.0.0.1:99999", "my server", "host:0", "a:b:c"]) {
    await server.fill(text);
    await login.click();
    await page.locator(".sign-in").getByRole("alert").getByText(text).waitFor();
    await expectValue(server, text);
    assertEquals(await page.evaluate("document.documentElement.dataset.state"), "offline");
  }
  await server.fill(`127.0.0.1:${at.port}`);
  await login.click();
  await page.waitForSelector("html[data-state=online]", { state: "attached" });
});
