/** The original's whole scenario: two windows and a terminal, as processes, with the permissions of their tasks. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Browser, Page } from "playwright-core";
import { chromiumTests } from "../helpers/chromium.ts";
import { PATIENCE, poll } from "../helpers/wait.ts";
import { TestProcess } from "../helpers/process.ts";
import {
  newHome,
  quietPort,
  runArgs,
  runToEnd,
  startClient,
  startServer,
  startServerIn,
} from "../helpers/programs.ts";
import {
  call,
  chatRow,
  chatWith,
  closeButton,
  hears,
  logIn,
  ready,
  say,
} from "../helpers/window.ts";

import config from "../../deno.json" with { type: "json" };

const test = chromiumTests();

/** Starts a window; where it says that it is. */
async function startWindow(
  name: string,
  ...args: string[]
): Promise<{ readonly process: TestProcess; readonly address: string }> {
  const options = ["--listen", "127.0.0.1", ...args, "window", "--no-open"];
  const process = new TestProcess({
    name,
    command: Deno.execPath(),
    args: [...runArgs("client"), ...options],
    env: { USER: "", LOGNAME: "", USERNAME: "" }, // nobody is known here
  });
  const line = await process.waitFor(/^window\t/);
  return { process, address: line.slice("window\t".length) };
}

async function open(browser: Browser, address: string): Promise<Page> {
  const page = await (await browser.newContext()).newPage();
  page.setDefaultTimeout(PATIENCE);
  await page.goto(address);
  await ready(page);
  return page;
}

test("window: two windows and a terminal, from the first login to the last goodbye", async (browser) => {
  const home = newHome();
  const port = ["--port", `${quietPort()}`];
  const { process: server, address } = await startServerIn(home, ...port);
  await using _server = server;
  const one = await startWindow("ada's window", "--server", address);
  await using ofAda = one.process;
  const other = await startWindow("bob's window", "--server", address);
  await using _ofBob = other.process;
  assertMatch(one.address, /^http:\/\/127\.0\.0\.1:\d+\/\?token=[0-9a-f]{32}$/);
  const ada = await open(browser, one.address);
  const bob = await open(browser, other.address);
  // Without a known name none is made up: a server would give that one away.
  assertEquals(await ada.getByRole("textbox", { name: "Name", exact: true }).inputValue(), "");
  assert(await ada.getByRole("button", { name: "Login" }).isDisabled());
  await logIn(ada, "ada");
  await logIn(bob, "bob");
  await ada.getByText("You are online as ada").waitFor();

  // The terminal joins; everybody sees everybody.
  await using carol = startClient("carol", "--server", address, "--name", "carol", "--plain");
  await carol.waitFor("logged-in\tcarol");
  for (const page of [ada, bob]) {
    for (const name of ["ada", "bob", "carol"]) {
      await page.getByRole("option", { name: new RegExp(`^${name}`) }).waitFor();
    }
  }

  // Window to window, and back; then the terminal calls, and is called.
  await call(ada, "bob");
  await say(ada, "bob", "hello bob");
  await hears(bob, "ada", "hello bob");
  await say(bob, "ada", "hello ada");
  await hears(ada, "bob", "hello ada");
  await carol.send("/talk ada");
  await carol.waitFor(/^chat-opened\tada\t/);
  await carol.send("hello from the terminal");
  // Ada is in another chat, so this one is a row.
  await chatRow(ada, "carol").getByText("hello from the terminal").waitFor();
  await chatRow(ada, "carol").click();
  await hears(ada, "carol", "hello from the terminal");
  await say(ada, "carol", "hello terminal");
  await carol.waitFor("message\tada\thello terminal");
  await call(bob, "carol");
  await say(bob, "carol", "me too");
  await carol.waitFor("message\tbob\tme too");

  // The server is killed: chats go on. It comes back at its port: so do all three.
  server.kill();
  await server.exitCode();
  for (const page of [ada, bob]) {
    await page.waitForSelector("html[data-state=reconnecting]", { state: "attached" });
  }
  await chatRow(ada, "bob").click();
  await chatRow(bob, "ada").click();
  await say(ada, "bob", "still there?");
  await hears(bob, "ada", "still there?");
  await carol.waitFor(/^disconnected\t/);
  const { process: again } = await startServerIn(home, ...port);
  await using _again = again;
  for (const page of [ada, bob]) {
    await page.waitForSelector("html[data-state=online]", { state: "attached" });
    await page.getByRole("option", { name: /^carol/ }).waitFor();
  }

  // One end closes, the other is told and turns inactive; logging out takes one off the list.
  await closeButton(bob, "ada").click();
  await chatWith(ada, "bob").getByText("bob closed the chat").waitFor();
  await chatRow(ada, "carol").click();
  await closeButton(ada, "carol").click();
  await carol.waitFor("chat-closed\tada\tthem");
  await bob.getByRole("button", { name: "Logout" }).click();
  await ada.getByRole("option", { name: /^bob/ }).waitFor({ state: "detached" });
  await carol.waitFor(/^offline\tbob\t/);
  await ada.close();
  await bob.close();
  ofAda.kill("SIGINT");
  assertEquals(await ofAda.exitCode(), 130);
});

test("window: a name on the command line logs in at once; --json says where it is as JSON", async (browser) => {
  const { process: server, address } = await startServer();
  await using _server = server;
  await using mim = startClient(
    "mim",
    "--json",
    "--server",
    address,
    "--name",
    "ada",
    "window",
    "--no-open",
    "--keep",
  );
  const { event, address: where } = JSON.parse(await mim.waitFor(/"window"/));
  assertEquals(event, "window");
  const page = await open(browser, where);
  await page.getByText("You are online as ada").waitFor();
  await page.close();
});

Deno.test({
  name:
    "window: an address that the browser's command line has shown is worth nothing once it is used twice",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    // In place of a browser: a program that writes down what it was started with.
    const folder = newHome();
    const opener = `${folder}/xdg-open`;
    await Deno.writeTextFile(opener, `#!/bin/sh\necho "$1" > ${folder}/opened\n`, { mode: 0o755 });
    const options = ["--server", "127.0.0.1:9", "--listen", "127.0.0.1", "window", "--keep"];
    const args = runArgs("client").toSpliced(1, 0, "--allow-run=xdg-open,open,cmd,cat");
    await using mim = new TestProcess({
      name: "window",
      command: Deno.execPath(),
      args: [...args, ...options],
      env: { PATH: `${folder}:${Deno.env.get("PATH")}` },
    });
    const first = await mim.waitFor(/^window\t/);
    const once = () => Deno.readTextFile(`${folder}/opened`).catch(() => "");
    await poll(async () => (await once()).endsWith("\n"), "the browser to be started");
    const statusOf = async (address: string) => {
      const response = await fetch(address.trim());
      await response.text();
      return response.status;
    };
    assertEquals(await statusOf(await once()), 200);
    assertEquals(await statusOf(await once()), 403);
    await mim.waitFor(/^error\tThe address that the browser was started with was used twice/);
    const second = await mim.waitFor(/^window\t/);
    assert(first !== second);
    assertEquals(await statusOf(first.slice("window\t".length)), 403);
    assertEquals(await statusOf(second.slice("window\t".length)), 200);
  },
});

Deno.test("window: its options belong to it, and it takes no others", async () => {
  for (
    const args of [["--keep"], ["who", "--no-open"], ["window", "ada"], ["window", "--port", "1"]]
  ) {
    assertEquals((await runToEnd("client", ...args)).code, 2);
  }
});

Deno.test("window: its task may do what the client's may, and open the browser", () => {
  const [client, window] = [config.tasks["client:run"], config.tasks["window:run"]];
  assertEquals(
    window.replace(" --allow-run=xdg-open,open,cmd,cat", "").replace(/ window$/, ""),
    client,
  );
  assert(window.includes("--allow-run=xdg-open,open,cmd,cat"));
});
