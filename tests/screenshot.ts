/**
 * Draws client/window/screenshot.png: two people and a few others, in headless Chromium. With a folder as
 * its argument, it also draws there how the window looks in other states, to look at.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import type { Page } from "playwright-core";
import { Profile } from "../client/storage/profile.ts";
import { launchChromium } from "./helpers/chromium.ts";
import {
  call,
  chatRow,
  chatWith,
  closeButton,
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
  const downloads = `${folder}/downloads`;
  await using one = await TestWindow.start(at, { profile: await profile("ada"), downloads });
  await using other = await TestWindow.start(at, { profile: await profile("bob"), downloads });
  await using third = await TestWindow.start(at, { profile: await profile("grace"), downloads });
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
  await createRoom(ada, "lab");
  await say(ada, "#lab", "Reading group on Friday, as always");
  await chatRow(ada, "bob").click();
  await chatWith(ada, "bob").getByRole("button", { name: "Close this note" }).click();
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

async function createRoom(page: Page, name: string): Promise<void> {
  await page.getByRole("button", { name: "New room" }).click();
  await page.getByRole("textbox", { name: "Name of the room" }).fill(name);
  await page.keyboard.press("Enter");
  await fieldFor(page, `#${name}`).waitFor();
}

/** Draws what is done with messages, files and rooms. */
async function drawMessages(draw: (name: string) => Promise<void>, ada: Page, bob: Page) {
  await chatRow(bob, "ada").click();
  const message = (page: Page, name: string, text: string) =>
    chatWith(page, name).locator("li[data-message]", { hasText: text }).first();
  const choose = async (page: Page, row: ReturnType<typeof message>, entry: string) => {
    await row.locator(".message").click({ button: "right" });
    await page.getByRole("menuitem", { name: entry, exact: true }).click();
  };
  await choose(bob, message(bob, "ada", "Noon it is"), "Reply");
  await say(bob, "ada", "See you there");
  await choose(bob, message(bob, "ada", "Noon it is"), "React");
  await bob.getByRole("menuitem").first().click();
  await message(ada, "bob", "See you there").waitFor();
  await choose(ada, message(ada, "bob", "Hi Bob"), "Edit");
  await fieldFor(ada, "bob").fill("Hi Bob! Have you seen the newest draft?");
  await fieldFor(ada, "bob").press("Enter");
  const buffer = Buffer.from("x".repeat(3_000_000));
  const file = { name: "draft.pdf", mimeType: "application/pdf", buffer };
  await bob.getByLabel("Attach files").first().setInputFiles(file);
  await bob.getByRole("button", { name: "Send", exact: true }).click();
  await ada.getByRole("button", { name: "Get: draft.pdf" }).waitFor();
  await ada.getByLabel("Attach files").first().setInputFiles(file);
  await choose(ada, message(ada, "bob", "See you there"), "Reply");
  await message(ada, "bob", "See you there").locator(".message").hover();
  await draw("messages");
  await ada.setViewportSize({ width: 320, height: 640 });
  await draw("320-messages");
  await ada.setViewportSize({ width: 1280, height: 800 });
  await ada.emulateMedia({ colorScheme: "dark" });
  await draw("messages-dark");
  await ada.emulateMedia({ colorScheme: "light" });
  await ada.keyboard.press("Escape");
  await ada.getByRole("button", { name: "Leave draft.pdf out" }).click();
  await ada.getByRole("option", { name: /^Room #lab/ }).click();
  await rowOf(ada, "bob").click({ button: "right" });
  await ada.getByRole("menuitem", { name: "Invite to #lab" }).click();
  await bob.getByRole("option", { name: /^Room #lab/ }).click();
  await bob.getByRole("button", { name: "Join" }).click();
  await say(bob, "#lab", "What do we read?");
  await chatWith(ada, "#lab").getByText("What do we read?").waitFor();
  await draw("room");
  await chatWith(ada, "#lab").getByRole("button", { name: "2 members" }).click();
  await draw("members");
  await ada.keyboard.press("Escape");
  await ada.keyboard.press("?");
  await draw("help");
  await ada.keyboard.press("Escape");
  await chatRow(ada, "bob").click();
  await chatRow(bob, "ada").click();
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
  await drawMessages(draw, ada, bob);
  await chatRow(ada, "grace").click({ button: "right" });
  await ada.getByRole("menuitem", { name: "Open beside" }).click();
  await draw("beside");
  await closeButton(bob, "ada").click();
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
