import { assert, assertEquals } from "@std/assert";
import {
  environmentOf,
  newHome,
  quietPort,
  runArgs,
  startClient,
  startServer,
} from "../helpers/programs.ts";
import { TestTerminal } from "../helpers/terminal.ts";

function clientOnTerminal(...args: string[]): TestTerminal {
  return new TestTerminal([...runArgs("client"), ...args]);
}

// The terminal's reader is a native one that ends with the process, not with the test.
const settings = { sanitizeResources: false, sanitizeOps: false };

/** Without spaces: those at the end of a row can't be seen. */
function squeezed(text: string): string {
  return text.replaceAll(" ", "");
}

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
    ada.type(`${"a".repeat(65)}\r`);
    await ada.until(
      (lines) => lines.at(-1)?.startsWith("Your name") ?? false,
      "the question again",
    );
    ada.type("ada\r");
    await ada.shows(/^You are online as ada$/);
    await ada.shows(/^Online: bob$/);
    ada.type("/talk bob\r");
    await ada.shows(/^You are talking to bob/);
    ada.type("hello 世界 😀\r");
    await bob.waitFor("message\tada\thello 世界 😀");
    // On a busy machine it is shown before it is delivered, and that it is comes later.
    await ada.shows(/^\[\d\d:\d\d\] you: hello 世界 😀(?: \(not delivered yet\))?$/);
    await ada.until((lines) => lines.at(-1) === "ada ▸ bob>", "an empty prompt");
    const withText = ada.lines.filter((line) => /^(?!Delivered to bob:).*hello/.test(line));
    assertEquals(withText.length, 1, "the line once");

    ada.type("half a li");
    await ada.until((lines) => lines.at(-1) === "ada ▸ bob> half a li", "what was typed");
    await bob.send("/talk ada");
    await bob.send("red \x1b[31m alert \x1b]0;owned\x07");
    await ada.shows(/^\[\d\d:\d\d\] bob: red ␛\[31m alert ␛\]0;owned␇$/);
    await ada.until((lines) => lines.at(-1) === "ada ▸ bob> half a li", "the half-typed line");
    const behind = () => ada.cursorColumn === "ada ▸ bob> half a li".length;
    await ada.when(behind, "the cursor behind what was typed");
    assert(!ada.output.includes("\x1b[31m alert"));
    ada.type("ne\r");
    await bob.waitFor("message\tada\thalf a line");

    ada.type("oops\x03");
    await ada.until((lines) => lines.at(-1) === "ada ▸ bob>", "a cleared line");
    ada.type("\x03");
    await ada.shows(/^\/quit or Ctrl-D exits$/);
    ada.type("\x04");
    assertEquals(await ada.exitCode, 0);
    await bob.waitFor("chat-closed\tada\tthem");
  },
);

Deno.test("on a terminal: no server is no end, /server tries another", settings, async () => {
  const { process: server, address } = await startServer();
  await using _ = server;
  await using ada = clientOnTerminal("--server", "127.0.0.1:1", "--name", "ada");
  await ada.shows(/^! Cannot reach the server at 127\.0\.0\.1:1: nothing listens there/);
  await ada.shows(/^MIM keeps trying until the server answers; \/logout stops it$/);
  await ada.shows(/^ada \(reconnecting\)>$/);
  ada.type("/who\r");
  await ada.shows(/^Not connected yet, so it is not known who is online; MIM is connecting$/);
  ada.type(`/server ${address}\r`);
  await ada.shows(/^You are online as ada$/);
  ada.type("/quit\r");
  assertEquals(await ada.exitCode, 0);
});

Deno.test("on a terminal: a first server that is late is found by itself", settings, async () => {
  const port = quietPort();
  await using ada = clientOnTerminal("--server", `127.0.0.1:${port}`, "--name", "ada");
  await ada.shows(/^MIM keeps trying/);
  const { process: server } = await startServer("--port", String(port));
  await using _ = server;
  await ada.shows(/^You are online as ada$/);
  await ada.shows(/^Nobody else is online yet$/);
  assertEquals(ada.lines.filter((line) => line.startsWith("!")).length, 1);
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
    await ada.shows(/^Online: bob$/);
    const long = "x".repeat(200);
    ada.type(long);
    const typed = (lines: string[]) => lines.slice(-3).join("") === `ada> ${long}`;
    await ada.until(typed, "a line of three rows");
    await bob.waitFor(/^online\tada\t/);
    await bob.send("/talk ada");
    for (const text of ["one", "two", "three"]) await bob.send(text);
    await ada.shows(/ bob: three$/);
    await ada.shows(/ bob: one$/);
    await ada.shows(/ bob: two$/);
    await ada.until((lines) => lines.join("").endsWith(long), "the half-typed line below");
  },
);

Deno.test(
  "on a terminal: whoever leaves does not wait for a login under way",
  settings,
  async () => {
    using silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const taken = silent.accept();
    for (const leave of ["/quit\r", "\x04"]) {
      await using ada = clientOnTerminal(
        "--server",
        `127.0.0.1:${silent.addr.port}`,
        "--name",
        "ada",
      );
      await ada.shows(/^Connected to/);
      ada.type("/who\r");
      await ada.shows(/^0 users online$/);
      ada.type(leave);
      assertEquals(await ada.exitCode, 0);
    }
    (await taken).close();
  },
);

Deno.test("on a terminal: Ctrl-C and /quit leave at the first question", settings, async () => {
  for (const [keys, code] of [["\x03", 130], ["/quit\r", 0], ["\x04", 0]] as const) {
    await using ada = clientOnTerminal("--server", "127.0.0.1:1");
    await ada.shows(/^Your name/);
    ada.type("/who\r");
    await ada.shows(/^! Commands work after the login; enter your name, or \/quit$/);
    ada.type(keys);
    assertEquals(await ada.exitCode, code);
  }
});

Deno.test(
  "on a terminal: a resize loses nothing of what was said, nor the half-typed line",
  settings,
  async () => {
    const { process: server, address } = await startServer();
    await using _ = server;
    await using bob = startClient("bob", "--server", address, "--name", "bob");
    await bob.waitFor("logged-in\tbob");
    await using ada = clientOnTerminal("--server", address, "--name", "ada");
    await ada.shows(/^Online: bob$/);
    await bob.waitFor(/^online\tada\t/);
    await bob.send("/talk ada");
    await bob.send("before");
    await ada.shows(/ bob: before$/);
    const words = Array.from({ length: 20 }, (_, index) => `word${index}`).join(" ");
    ada.type(words);
    const typed = (lines: string[]) => squeezed(lines.join("")).endsWith(squeezed(words));
    await ada.until(typed, "the typed line");
    for (const columns of [40, 100, 33, 80]) {
      ada.resize(columns, 24);
      await bob.send(`at ${columns}`);
      await ada.shows(new RegExp(` bob: at ${columns}$`));
      await ada.until(typed, `the half-typed line at ${columns} columns`);
    }
    for (const text of ["before", "at 40", "at 100", "at 33", "at 80"]) {
      await ada.shows(new RegExp(` bob: ${text}$`));
    }
    ada.type("\r");
    await bob.waitFor(`message\tada\t${words}`);
  },
);

Deno.test("on a terminal: Ctrl-Z gives the shell back, and fg the chat", settings, async () => {
  const { process: server, address } = await startServer();
  await using _ = server;
  const command = [Deno.execPath(), ...runArgs("client"), "--server", address, "--name", "ada"]
    .map((arg) => `'${arg}'`);
  await using shell = new TestTerminal(["--norc", "--noprofile", "-i"], 200, 24, "bash");
  shell.type("PS1='shell$ '; unset INIT_CWD\r");
  await shell.until((lines) => lines.at(-1) === "shell$", "a shell");
  shell.type(`${command.join(" ")}\r`);
  await shell.shows(/^You are online as ada$/);
  shell.type("/w\x1a");
  await shell.until((lines) => lines.at(-1) === "shell$", "the shell again");
  shell.type("fg\r");
  await shell.until((lines) => lines.at(-1) === "ada> /w", "the half-typed line");
  shell.type("ho\r");
  await shell.shows(/^1 user online$/);
  shell.type("x".repeat(300)); // two rows
  await shell.until((lines) => lines.join("").endsWith("x".repeat(300)), "a long line");
  shell.type("\x1a");
  await shell.until((lines) => lines.at(-1) === "shell$", "the shell once more");
  shell.type("fg\r");
  await shell.until((lines) => /^x+$/.test(lines.at(-1) ?? ""), "the long line again");
  shell.type("\x03/quit\r");
  await shell.until((lines) => lines.at(-1) === "shell$", "the shell at the end");
  const shown = shell.lines.filter((line) => line.startsWith("ada> x"));
  assertEquals(shown.length, 1, "the line is left where it was, and drawn once when it is back");
  shell.type("exit\r");
  await shell.exitCode;
});

Deno.test("on a terminal: started in the background, fg brings it up", settings, async () => {
  const { process: server, address } = await startServer();
  await using _ = server;
  const command = [Deno.execPath(), ...runArgs("client"), "--server", address, "--name", "ada"]
    .map((arg) => `'${arg}'`);
  await using shell = new TestTerminal(["--norc", "--noprofile", "-i"], 200, 24, "bash");
  shell.type("PS1='shell$ '; set -b; unset INIT_CWD\r");
  await shell.until((lines) => lines.at(-1) === "shell$", "a shell");
  shell.type(`${command.join(" ")} &\r`);
  await shell.shows(/^\[1\]\+\s+Stopped/);
  shell.type("fg\r");
  await shell.shows(/^You are online as ada$/);
  shell.type("/who\r");
  await shell.shows(/^1 user online$/);
  shell.type("/quit\r");
  await shell.until((lines) => lines.at(-1) === "shell$", "the shell at the end");
  shell.type("exit\r");
  await shell.exitCode;
});

Deno.test(
  "on a terminal: Ctrl-Z where no shell could bring it back changes nothing",
  settings,
  async () => {
    const { process: server, address } = await startServer();
    await using _ = server;
    const client = [Deno.execPath(), ...runArgs("client"), "--server", address, "--name", "ada"];
    const script = 'unset INIT_CWD; exec "$@"';
    await using ada = new TestTerminal(["-c", script, "bash", ...client], 80, 24, "bash");
    await ada.shows(/^You are online as ada$/);
    const marked = () => ada.output.lastIndexOf("\x1b[?2004h");
    const before = marked();
    ada.type("/w\x1a");
    await ada.when(() => marked() > before, "pastes marked again");
    ada.type("x\x03");
    await ada.until((lines) => lines.at(-1) === "ada>", "a cleared line");
    ada.type("\x03");
    await ada.shows(/^\/quit or Ctrl-D exits$/);
    ada.type("/quit\r");
    assertEquals(await ada.exitCode, 0);
  },
);

Deno.test(
  "on a terminal: under deno task Ctrl-Z is refused, for nobody could go on",
  settings,
  async () => {
    const { process: server, address } = await startServer();
    await using _ = server;
    const args = ["task", "--quiet", "client", "--server", address, "--name", "ada"];
    const env = environmentOf(newHome());
    await using ada = new TestTerminal(args, 80, 24, Deno.execPath(), env);
    await ada.shows(/^You are online as ada$/);
    ada.type("/w\x1a");
    await ada.shows(/^Ctrl-Z can't suspend `deno task`/);
    ada.type("ho\r");
    await ada.shows(/^1 user online$/);
    ada.type("/quit\r");
    assertEquals(await ada.exitCode, 0);
  },
);
