/**
 * Draws client/window/screenshot.png: two people and a few others, in headless Chromium. With a folder as
 * its argument, it also draws there how the window looks in other states, to look at.
 *
 * @module
 */

import type { Page } from "playwright-core";
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
  const [states] = Deno.args;
  if (states !== undefined) await drawStates(states, ada, bob);
} finally {
  await browser.close();
  await Deno.remove(folder, { recursive: true });
}

/** Draws how the window looks in other states. */
async function drawStates(folder: string, ada: Page, bob: Page): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  const draw = async (name: string) => {
    await ada.screenshot({ path: `${folder}/${name}.png`, animations: "disabled" });
  };
  const escape = () => ada.keyboard.press("Escape");
  await ada.setViewportSize({ width: 1280, height: 800 });
  await ada.emulateMedia({ colorScheme: "dark" });
  await draw("dark");
  await ada.emulateMedia({ colorScheme: "light", forcedColors: "active" });
  await draw("forced-colors");
  await ada.emulateMedia({ colorScheme: "light", forcedColors: "none" });
  await ada.setViewportSize({ width: 390, height: 844 });
  await draw("phone-chat");
  await ada.setViewportSize({ width: 320, height: 640 });
  await draw("320-chat");
  await escape();
  await draw("320-list");
  await ada.setViewportSize({ width: 640, height: 400 });
  await draw("zoom200-list");
  await ada.setViewportSize({ width: 1280, height: 800 });
  await chatRow(ada, "bob").click();
  await ada.getByRole("button", { name: /^Verified: / }).click();
  await ada.getByRole("img", { name: /QR/ }).waitFor();
  await draw("profile");
  await escape();
  for (const [name, button] of [["settings", "Settings"], ["account", /your account/]] as const) {
    await ada.getByRole("button", { name: button }).click();
    await ada.getByRole("dialog").waitFor();
    await draw(name);
    await escape();
  }
  await chatWith(ada, "bob").getByRole("button", { name: "More" }).click();
  await draw("menu");
  await escape();
  await ada.getByRole("searchbox").fill("key");
  await ada.locator("mark").first().waitFor();
  await draw("search");
  await ada.getByRole("searchbox").fill("");
  await chatRow(ada, "grace").click({ button: "right" });
  await ada.getByRole("menuitem", { name: "Open beside" }).click();
  await draw("beside");
  await bob.getByRole("button", { name: "Close the chat with ada" }).click();
  await chatWith(ada, "bob").getByText("bob closed the chat").waitFor();
  await draw("closed");
  await ada.getByRole("button", { name: "Logout" }).click();
  await ada.getByText("You are not logged in").first().waitFor();
  await draw("logged-out");
  await escape();
  await escape();
  await ada.locator(".sign-in").waitFor();
  await draw("sign-in");
}
