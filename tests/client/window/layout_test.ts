/** Where chats stand in the window. */

import { assert, assertEquals } from "@std/assert";
import { chromiumTests } from "../../helpers/chromium.ts";
import { call, chatWith, fieldFor, focused, until } from "../../helpers/window.ts";
import { Scenario } from "./scenarios.ts";

const test = chromiumTests();

test("window: the tray shows every chat, and scrolls to the one with the focus", async (browser) => {
  await using scenario = await Scenario.start(browser);
  const { ada: page } = scenario;
  const names = Array.from("abcdefghijklmn", (letter) => `user ${letter.repeat(6)}`);
  for (const user of await scenario.users(...names)) await user.call("ada");
  const tray = page.getByRole("navigation", { name: "Your chats" });
  const tabs = tray.getByRole("button");
  await tabs.nth(names.length - 1).waitFor();
  for (const viewport of [{ width: 1280, height: 800 }, { width: 390, height: 844 }]) {
    await page.setViewportSize(viewport);
    await tabs.first().focus();
    for (const [index, name] of names.entries()) {
      if (index > 0) await page.keyboard.press("Tab");
      await focused(tabs.filter({ hasText: name }));
      await until(
        page,
        `(() => {
          const { left, right, top, bottom } = document.activeElement.getBoundingClientRect();
          return left >= 0 && right <= innerWidth && top >= 0 && bottom <= innerHeight;
        })()`,
      );
    }
    // Enter goes to the chat, and the tray marks it.
    await page.keyboard.press("Enter");
    await focused(fieldFor(page, names.at(-1) ?? ""));
    assertEquals(await tray.locator("[aria-current=true]").innerText(), names.at(-1));
  }
});

test("window: the newest lines and the title of every chat are visible", async (browser) => {
  await using scenario = await Scenario.start(browser);
  const { ada: page, at, env } = scenario;
  await page.setViewportSize({ width: 1280, height: 800 });
  const others = [];
  for (const name of ["bob", "carol", "dan"]) {
    const other = env.user(name, at);
    await other.login();
    others.push(other);
  }
  await call(page, "bob");
  for (const other of others.slice(1)) {
    await other.call("ada");
    await chatWith(page, other.name).waitFor();
  }
  for (const { name } of others) {
    // The title is visible if the element at its center is the title.
    const seen = await chatWith(page, name).getByRole("heading").evaluate((title) => {
      const { left, top, width, height } = title.getBoundingClientRect();
      return title.contains(
        title.ownerDocument.elementFromPoint(left + width / 2, top + height / 2),
      );
    });
    assert(seen, `the title of ${name}'s dialog is hidden`);
  }
  const view = page.locator("#info-view");
  await view.getByText(/^dan \(127\.0\.0\.1:\d+\) started a chat with you$/).waitFor();
  await until(
    page,
    `(({ scrollHeight, scrollTop, clientHeight }) => scrollHeight - scrollTop - clientHeight < 2)(
      document.getElementById("info-view"),
    )`,
  );
});
