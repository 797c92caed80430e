/**
 * Draws client/window/screenshot.png: two people and a few others, in headless Chromium.
 *
 * @module
 */

import { Profile } from "../client/storage/profile.ts";
import { launchChromium } from "./helpers/chromium.ts";
import {
  call,
  chatRow,
  chatWith,
  fieldFor,
  hears,
  logIn,
  rowOf,
  say,
  setStatus,
  TestWindow,
} from "./helpers/window.ts";
import { TestEnvironment } from "./helpers/test_environment.ts";

const browser = await launchChromium();
const folder = await Deno.makeTempDir();
try {
  await using env = TestEnvironment.real();
  const welcome = "Welcome to the lab.\nThis server only knows who is online: you chat directly " +
    "with each other.";
  const { at } = env.serve({ welcome, data: `${folder}` });
  const profile = async (name: string) => {
    await Deno.mkdir(`${folder}/${name}`);
    return new Profile(`${folder}/${name}`);
  };
  await using one = await TestWindow.start(at, { profile: await profile("ada") });
  await using other = await TestWindow.start(at, { profile: await profile("bob") });
  await using third = await TestWindow.start(at, { profile: await profile("grace") });
  const ada = await one.page(browser, { viewport: { width: 1240, height: 720 } });
  const bob = await other.online(browser, "bob");
  const grace = await third.online(browser, "grace");
  await env.online(at, "linus", "margaret", "dennis", "barbara");
  await logIn(ada, "ada");
  await call(ada, "bob");
  await say(ada, "bob", "Hi Bob! Have you seen the new draft?");
  await hears(bob, "ada", "new draft");
  await say(bob, "ada", "Just now: https://example.org/draft. This loop is wrong:");
  await say(
    bob,
    "ada",
    "```\nfor (const each of list) {\n  if (each.id === id) return each;\n}\n```",
  );
  await say(bob, "ada", "Lunch at noon, and we go through it?");
  await hears(ada, "bob", "Lunch at noon");
  await say(ada, "bob", "Noon it is.");
  await chatWith(ada, "bob").locator('.state[data-is="delivered"]').nth(1).waitFor();
  await chatWith(ada, "bob").getByRole("button", { name: /^Encrypted: / }).click();
  await ada.getByRole("button", { name: "They are the same" }).click();
  await setStatus(grace, "away", "back at two");
  await setStatus(bob, "online", "writing the paper");
  await call(grace, "ada");
  await say(grace, "ada", "Do you have the key of the lab?");
  await chatRow(ada, "grace").getByText("key of the lab").waitFor();
  await rowOf(ada, "grace").getByText("back at two").waitFor();
  await ada.locator(".toast button").waitFor({ state: "detached" });
  await fieldFor(bob, "ada").pressSequentially("M");
  await fieldFor(ada, "bob").click();
  await chatWith(ada, "bob").getByText("bob is typing…").waitFor();
  await ada.screenshot({
    path: new URL("../client/window/screenshot.png", import.meta.url).pathname,
    animations: "disabled",
    caret: "hide",
  });
} finally {
  await browser.close();
  await Deno.remove(folder, { recursive: true });
}
