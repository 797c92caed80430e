/** Accessibility of the window: keyboard, screen readers, phones, dark mode, reduced motion. */

import { assert, assertEquals } from "@std/assert";
import axe from "axe-core";
import type { Page } from "playwright-core";
import { chromiumTests } from "../../helpers/chromium.ts";
import {
  call,
  chatWith,
  fieldFor,
  focused,
  hasFocus,
  hears,
  logIn,
  styleOf,
  TestWindow,
  until,
} from "../../helpers/window.ts";
import { TestEnvironment } from "../../helpers/test_environment.ts";
import { Scenario } from "./scenarios.ts";

const test = chromiumTests();

/** The faults that axe finds in a page, except minor ones: rule and place. */
async function faults(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const violations: unknown = await page.evaluate(`axe.run().then(({ violations }) => violations
    .filter(({ impact }) => impact !== "minor")
    .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) =>
      id + ": " + html.slice(0, 200) + " " + failureSummary)))`);
  return Array.isArray(violations) ? violations.map(String) : ["axe returned nothing"];
}

for (const colorScheme of ["light", "dark"] as const) {
  test(`window: axe finds nothing in ${colorScheme}`, async (browser) => {
    await using env = TestEnvironment.real();
    const { at } = env.serve();
    await using mim = await TestWindow.start(at);
    const ada = await mim.page(browser, { colorScheme });
    assertEquals(await faults(ada), []);
    await logIn(ada, "ada");
    const [bob, carol] = await env.online(at, "bob", "carol");
    await call(ada, "bob");
    const { chat } = await bob.saw("chat-opened");
    await chat.send("look at https://example.org");
    await fieldFor(ada, "bob").fill("half a");
    await fieldFor(ada, "bob").press("Enter");
    await hears(ada, "bob", "half a");
    const calling = await carol.call("ada");
    await calling.send("unread");
    await hears(ada, "carol", "unread");
    assertEquals(await faults(ada), []);
    await chat.close();
    await ada.getByText("bob closed the chat").first().waitFor();
    await ada.getByRole("searchbox", { name: "Find a name" }).fill("nobody");
    assertEquals(await faults(ada), []);
    for (const panel of ["Search", "Settings"]) {
      await ada.getByRole("button", { name: panel }).click();
      assertEquals(await faults(ada), []);
      await ada.keyboard.press("Escape");
    }
    await ada.setViewportSize({ width: 390, height: 780 });
    assertEquals(await faults(ada), []);
  });
}

test("window: everything works by keyboard", async (browser) => {
  await using env = TestEnvironment.real();
  const { at } = env.serve();
  await using mim = await TestWindow.start(at);
  const ada = await mim.page(browser);
  const [bob] = await env.online(at, "bob");
  const { keyboard } = ada;
  assert(await hasFocus(ada.getByRole("textbox", { name: "Name", exact: true })));
  await keyboard.type("ada");
  await keyboard.press("Enter");
  await focused(ada.getByRole("searchbox", { name: "Find a name" }));
  for (const name of [/^ada/, /^bob/]) await ada.getByRole("option", { name }).waitFor();
  await keyboard.press("ArrowDown");
  const list = ada.getByRole("listbox");
  assert(await hasFocus(list));
  const active = async () =>
    await ada.locator(`#${await list.getAttribute("aria-activedescendant")}`)
      .innerText();
  assert((await active()).startsWith("ada"));
  await keyboard.press("ArrowDown");
  assert((await active()).startsWith("bob"));
  await keyboard.press("Enter");
  await bob.saw("chat-opened");
  await focused(fieldFor(ada, "bob"));
  await keyboard.type("hello");
  await keyboard.press("Enter");
  await bob.saw("message", { text: "hello" });

  // Shift+Tab reaches the header, and the handle that moves the chat.
  const dialog = chatWith(ada, "bob");
  const grip = dialog.getByRole("button", { name: /^Move/ });
  for (let n = 0; n < 8 && !await hasFocus(grip); n++) await keyboard.press("Shift+Tab");
  assert(await hasFocus(grip));
  assert(await styleOf(grip, "outlineStyle") !== "none", "the focus is visible");
  const before = await dialog.boundingBox();
  await keyboard.press("ArrowRight");
  await keyboard.press("ArrowDown");
  const after = await dialog.boundingBox();
  assertEquals([(after?.x ?? 0) - (before?.x ?? 0), (after?.y ?? 0) - (before?.y ?? 0)], [24, 24]);
  await keyboard.press("Control+k");
  assert(await hasFocus(ada.getByRole("searchbox", { name: "Words to search for" })));
  await keyboard.press("Escape");
  const close = ada.getByRole("button", { name: "Close the chat with bob" });
  for (let n = 0; n < 8 && !await hasFocus(close); n++) await keyboard.press("Tab");
  await keyboard.press("Enter");
  await bob.saw("chat-closed", { name: "ada", by: "them" });
  await focused(list);
});

test("window: chats can be dragged, and the one in use is on top", async (browser) => {
  await using scenario = await Scenario.start(browser);
  const { ada } = scenario;
  await scenario.users("bob", "carol");
  await call(ada, "bob");
  await call(ada, "carol");
  const [bob, carol] = [chatWith(ada, "bob"), chatWith(ada, "carol")];
  const one = await bob.boundingBox();
  const other = await carol.boundingBox();
  assert((one?.x ?? 0) + (one?.width ?? 0) < (other?.x ?? 0), "one does not hide the other");
  assert(Number(await styleOf(carol, "zIndex")) > Number(await styleOf(bob, "zIndex")));
  await ada.mouse.move((other?.x ?? 0) + 120, (other?.y ?? 0) + 20);
  await ada.mouse.down();
  await ada.mouse.move((other?.x ?? 0) + 20, (other?.y ?? 0) + 70, { steps: 4 });
  await ada.mouse.up();
  const moved = await carol.boundingBox();
  assertEquals([(moved?.x ?? 0) - (other?.x ?? 0), (moved?.y ?? 0) - (other?.y ?? 0)], [-100, 50]);
  // A chat can't be dragged out of the area.
  await ada.mouse.move((moved?.x ?? 0) + 120, (moved?.y ?? 0) + 20);
  await ada.mouse.down();
  await ada.mouse.move(5, 5, { steps: 4 });
  await ada.mouse.up();
  const edge = await carol.boundingBox();
  assert((edge?.x ?? 0) >= 300 && (edge?.y ?? 0) >= 58);
  // A smaller area moves it; in the full area it stands where it stood.
  await ada.mouse.move((edge?.x ?? 0) + 120, (edge?.y ?? 0) + 20);
  await ada.mouse.down();
  await ada.mouse.move(1200, 500, { steps: 4 });
  await ada.mouse.up();
  const right = await carol.boundingBox();
  const isAt = async (x: number) => {
    await until(
      ada,
      `[...document.querySelectorAll(".chat")].at(-1).getBoundingClientRect().x === ${x}`,
    );
  };
  await ada.setViewportSize({ width: 900, height: 600 });
  await isAt(900 - (right?.width ?? 0));
  await ada.setViewportSize({ width: 1280, height: 800 });
  await isAt(right?.x ?? 0);
  await ada.getByRole("navigation").getByRole("button", { name: "bob" }).click();
  assert(Number(await styleOf(bob, "zIndex")) > Number(await styleOf(carol, "zIndex")));
});

test("window: on a phone a chat fills the screen, several are tiles, and Back leads to the list", async (browser) => {
  await using scenario = await Scenario.start(browser, {
    page: { viewport: { width: 390, height: 844 } },
  });
  const { ada } = scenario;
  const list = ada.getByRole("listbox");
  const back = (name: string) =>
    chatWith(ada, name).getByRole("button", { name: "Back to the list" });
  const [bob, carol, dan] = await scenario.users("bob", "carol", "dan");
  await call(ada, "bob");
  await list.waitFor({ state: "hidden" });
  assert(((await chatWith(ada, "bob").boundingBox())?.height ?? 0) > 750);
  await back("bob").click();
  await focused(list);
  await chatWith(ada, "bob").waitFor({ state: "hidden" });
  await call(ada, "carol");
  const boxes = [
    await chatWith(ada, "bob").boundingBox(),
    await chatWith(ada, "carol").boundingBox(),
  ];
  assertEquals(boxes.map((box) => box?.width), [390, 390]);
  assertEquals(boxes.map((box) => box?.x), [-390, 0]);
  assert(await ada.evaluate("document.documentElement.scrollWidth") === 390, "nothing sticks out");
  // An incoming call changes neither the chat in view nor the list in view.
  await (await dan.call("ada")).send("hello");
  const tab = ada.getByRole("navigation", { name: "Your chats" }).getByRole("button", {
    name: /^dan/,
  });
  await tab.getByText("1").waitFor();
  assertEquals((await chatWith(ada, "carol").boundingBox())?.x, 0);
  await back("carol").click();
  await list.waitFor();
  await (await bob.saw("chat-opened")).chat.send("are you there?");
  await ada.getByRole("option", { name: /^bob/ }).getByText("1", { exact: true }).waitFor();
  await list.waitFor();
  // A reload shows the same; closing the last chat leads back to the list.
  await tab.click();
  await hears(ada, "dan", "hello");
  await ada.reload();
  await hears(ada, "dan", "hello");
  await until(
    ada,
    `[...document.querySelectorAll(".chat")].map((chat) => chat.getBoundingClientRect().x)
      .indexOf(0) === 2`,
  );
  await carol.quit();
  for (const name of ["dan", "carol", "bob"]) {
    await ada.getByRole("button", { name: `Close the chat with ${name}` }).click();
    await chatWith(ada, name).waitFor({ state: "detached" });
  }
  await list.waitFor();
});

test("window: nothing is animated if the user prefers reduced motion", async (browser) => {
  await using scenario = await Scenario.start(browser, { page: { reducedMotion: "reduce" } });
  const { ada: still, mim } = scenario;
  await scenario.users("bob");
  await call(still, "bob");
  assertEquals(await styleOf(chatWith(still, "bob"), "animationName"), "none");
  const moving = await mim.page(browser, { reducedMotion: "no-preference" });
  assertEquals(await styleOf(chatWith(moving, "bob"), "animationName"), "appear");
});
