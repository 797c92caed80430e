import { assert, assertEquals } from "@std/assert";
import { runArgs, startClient, startServer } from "../helpers/programs.ts";
import { TestTerminal } from "../helpers/terminal.ts";

function clientOnTerminal(...args: string[]): TestTerminal {
  return new TestTerminal([...runArgs("client"), ...args]);
}

// The terminal's reader is a native one that ends with the process, not with the test.
const settings = { sanitizeResources: false, sanitizeOps: false };

Deno.test(
  "on a terminal: asks the name, shows who is online, talks, leaves",
  settings,
  async () => {
    const { process: server, address } = await startServer();
    await using _ = server;
    await using bob = startClient("bob", "--server", address, "--name", "bob");
    await bob.waitFor("logged-in\tbob");
    await using ada = clientOnTerminal("--server", address);
    await ada.shows(/^Your name \[.+\]:/);
    ada.type("a\tb\x07\r");
    await ada.until(
      (lines) => lines.at(-1)?.startsWith("Your name") ?? false,
      "the question again",
    );
    ada.type("ada\r");
    await ada.shows(/^you are online as ada$/);
    await ada.shows(/^online: bob$/);
    ada.type("/talk bob\r");
    await ada.shows(/^talking to bob/);
    ada.type("hello 世界 😀\r");
    await bob.waitFor("message\tada\thello 世界 😀");
    await ada.shows(/^\[\d\d:\d\d\] you: hello 世界 😀$/);
    await ada.until((lines) => lines.at(-1) === "bob>", "an empty prompt");
    assertEquals(ada.lines.filter((line) => line.includes("hello")).length, 1, "the line once");

    ada.type("half a li");
    await ada.until((lines) => lines.at(-1) === "bob> half a li", "what was typed");
    await bob.send("/talk ada");
    await bob.send("red \x1b[31m alert \x1b]0;owned\x07");
    await ada.shows(/^\[\d\d:\d\d\] bob: red ␛\[31m alert ␛\]0;owned␇$/);
    await ada.until((lines) => lines.at(-1) === "bob> half a li", "the half-typed line");
    assertEquals(ada.cursorColumn, "bob> half a li".length);
    assert(!ada.output.includes("\x1b[31m"));
    ada.type("ne\r");
    await bob.waitFor("message\tada\thalf a line");

    ada.type("oops\x03");
    await ada.until((lines) => lines.at(-1) === "bob>", "a cleared line");
    ada.type("\x03");
    await ada.shows(/^\/quit or Ctrl-D leaves$/);
    ada.type("\x04");
    assertEquals(await ada.exitCode, 0);
    await bob.waitFor("chat-closed\tada\tthem");
  },
);

Deno.test("on a terminal: no server is no end, /server tries another", settings, async () => {
  const { process: server, address } = await startServer();
  await using _ = server;
  await using ada = clientOnTerminal("--server", "127.0.0.1:1", "--name", "ada");
  await ada.shows(/^! cannot reach the server at 127\.0\.0\.1:1: nothing listens there/);
  ada.type(`/server ${address}\r`);
  await ada.shows(/^you are online as ada$/);
  ada.type("/quit\r");
  assertEquals(await ada.exitCode, 0);
});

Deno.test(
  "on a terminal: messages stay on screen while a half-typed line wraps",
  settings,
  async () => {
    const { process: server, address } = await startServer();
    await using _ = server;
    await using bob = startClient("bob", "--server", address, "--name", "bob");
    await bob.waitFor("logged-in\tbob");
    await using ada = clientOnTerminal("--server", address, "--name", "ada");
    await ada.shows(/^online: bob$/);
    const long = "x".repeat(200);
    ada.type(long);
    const typed = (lines: string[]) => lines.slice(-3).join("") === `> ${long}`;
    await ada.until(typed, "a line of three rows");
    await bob.send("/talk ada");
    for (const text of ["one", "two", "three"]) await bob.send(text);
    await ada.shows(/ bob: three$/);
    await ada.shows(/ bob: one$/);
    await ada.shows(/ bob: two$/);
    await ada.until((lines) => lines.join("").endsWith(long), "the half-typed line below");
  },
);
