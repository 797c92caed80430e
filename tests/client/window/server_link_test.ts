/** Links in the window: the account panel shows the server's, and the sign-in card takes one. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { formatServerLink } from "../../../protocol/mod.ts";
import { WindowState } from "../../../client/window/state/mod.ts";
import { MessageArchive } from "../../../client/app/mod.ts";
import { Profile } from "../../../client/storage/mod.ts";
import { newIdentity } from "../../fixtures/keys.ts";
import { chromiumTests } from "../../helpers/chromium.ts";
import { closePanel, TestWindow } from "../../helpers/window.ts";
import { TempFolder } from "../../helpers/disk.ts";
import { TestEnvironment } from "../../helpers/test_environment.ts";

const test = chromiumTests();

test("window: the account panel shows the server's link with a QR code, and the card takes it", async (browser) => {
  using folder = new TempFolder();
  using data = new TempFolder();
  await using env = TestEnvironment.real();
  const { server, at } = env.serve({ data: folder.path });
  const link = formatServerLink(at, server.publicKey ?? new Uint8Array());
  const profile = await Profile.read(data.path);
  await using mim = await TestWindow.start(at, { profile, classic: false });
  const page = await mim.page(browser);
  await page.getByRole("textbox", { name: "Name", exact: true }).fill("ada");
  const field = page.getByRole("textbox", { name: "Server" });
  await field.fill(link.slice(0, -1));
  await field.press("Enter");
  const cutOff = /the link was cut off or changed; ask for it again/;
  await page.getByRole("form", { name: "Login" }).getByText(cutOff).waitFor();
  await field.fill(link);
  await field.press("Enter");
  await page.waitForSelector("html[data-state=online]", { state: "attached" });
  await page.getByRole("button", { name: /your account/ }).click();
  const invite = page.getByRole("region", { name: "Invite others" });
  await invite.getByText(link).waitFor();
  const path = await invite.getByRole("img", { name: "Link as a QR code" }).innerHTML();
  assertMatch(path, /M2 2h1v1h-1z/, "the corner of a finder pattern, behind the border");
  await closePanel(page);
});

test("window: a wrong link counts no more once the field has the plain address again", async (browser) => {
  using folder = new TempFolder();
  using data = new TempFolder();
  await using env = TestEnvironment.real();
  const { at } = env.serve({ data: folder.path });
  const profile = await Profile.read(data.path);
  await using mim = await TestWindow.start(at, { profile, classic: false });
  const page = await mim.page(browser);
  await page.getByRole("textbox", { name: "Name", exact: true }).fill("ada");
  const field = page.getByRole("textbox", { name: "Server" });
  await field.fill(formatServerLink(at, new Uint8Array(32)));
  await field.press("Enter");
  await page.locator(".sign-in").getByRole("alert").waitFor();
  await field.fill(`${at.hostname}:${at.port}`);
  await field.press("Enter");
  await page.waitForSelector("html[data-state=online]", { state: "attached" });
});

test("window: the key of the command line's link counts, whatever the card had meanwhile", async (browser) => {
  using folder = new TempFolder();
  using data = new TempFolder();
  await using env = TestEnvironment.real();
  const { at } = env.serve({ data: folder.path });
  const profile = await Profile.read(data.path);
  const server = { ...at, key: new Uint8Array(32).fill(1) };
  await using mim = await TestWindow.start(server, { profile, classic: false });
  const page = await mim.page(browser);
  await page.getByRole("textbox", { name: "Name", exact: true }).fill("ada");
  const field = page.getByRole("textbox", { name: "Server" });
  const alert = page.locator(".sign-in").getByRole("alert");
  await field.fill(formatServerLink(at, new Uint8Array(32)));
  await field.press("Enter");
  await alert.getByText("the link holds the key AAAA").waitFor();
  await field.fill(`${at.hostname}:${at.port}`);
  await field.press("Enter");
  await alert.getByText("the link holds the key AQEB").waitFor();
  assertEquals(await page.evaluate("document.documentElement.dataset.state"), "offline");
});

Deno.test("window: servers that were found are rows of the state, safe to print", async () => {
  await using env = TestEnvironment.fake();
  const { at } = env.serve();
  const ada = env.user("ada", at, undefined, { identity: newIdentity() });
  const archive = new MessageArchive(new Profile(undefined, {}, "this is a test"), () => {});
  const state = new WindowState(ada, archive);
  assertEquals(state.snapshot.me.found, undefined);
  const key = new Uint8Array(32);
  state.offers = [{
    title: "the lab\u202e",
    servers: [{ hostname: "192.0.2.7", port: 4242, key }],
    isKnown: false,
  }];
  assertEquals(state.snapshot.me.found, [{
    title: "the lab\ufffd",
    address: "192.0.2.7",
    server: `mim://192.0.2.7#${"A".repeat(43)}`,
    isKnown: false,
  }]);
  assert(state.serverLink() === undefined);
  state.close();
});
