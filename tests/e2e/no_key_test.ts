/** The own key can't be had: nothing goes out in the clear unless the user says so. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { environmentOf, newHome, runArgs, startServer } from "../helpers/programs.ts";
import { RawClient } from "../helpers/raw_client.ts";
import { TestTerminal } from "../helpers/terminal.ts";

const ROOT = new URL("../../", import.meta.url);
const ALL = ["run", "--quiet", "--no-prompt", "-A", "client/main.ts"];

/** Runs the client with these variables alone. */
async function client(
  env: Readonly<Record<string, string>>,
  args: readonly string[],
  run: readonly string[] = ALL,
) {
  const { DENO_DIR = "" } = environmentOf("/");
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...run, ...args],
    cwd: ROOT,
    clearEnv: true,
    env: { DENO_DIR, NO_COLOR: "1", USER: "ada", ...env },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** Why there is no key, the variables, and what the reason says. */
const WITHOUT: readonly (readonly [string, Record<string, string>, RegExp])[] = [
  ["no HOME", {}, /no home folder is set/],
  ["an empty HOME", { HOME: "" }, /no home folder is set/],
  ["a relative HOME", { HOME: "." }, /no home folder is set/],
  ["a home that does not exist", { HOME: "/nonexistent" }, /there is no home folder \/nonexistent/],
  ["a folder that can't be written", { HOME: "/proc" }, /Cannot create the data folder/],
  ["a folder in the way", { XDG_DATA_HOME: "/dev/null" }, /Cannot read .*Not a directory/],
];

if (Deno.build.os === "linux") {
  for (const [what, env, reason] of WITHOUT) {
    Deno.test(`no key: with ${what}, commands end with a code and the reason`, async () => {
      const server = await startServer();
      await using _ = server.process;
      using bob = await RawClient.login(server.port, "bob");
      const commands = [["send", "bob", "secret"], ["window"], [], ["who"], ["wait", "bob"]];
      const results = await Promise.all(
        commands.map((command) => client(env, ["--server", server.address, ...command])),
      );
      for (const { code, stdout, stderr } of results) {
        assertEquals([code, stdout], [2, ""], stderr);
        assertMatch(stderr, reason);
      }
      if (env.XDG_DATA_HOME !== undefined) return; // no settings can be read there
      const chosen = await client(env, ["--classic", "--server", server.address, "who"]);
      assertEquals(chosen.code, 0, "--classic says so");
      const logins = bob.updates.filter((update) => update.startsWith("A ") && update !== "A bob");
      assertEquals(logins, ["A ada"], "nobody else came online");
      assertEquals(await Deno.stat("/nonexistent").catch(() => "none"), "none");
    });
  }

  Deno.test("no key: a folder that Deno's permissions leave out is no reason to go without", async () => {
    const run = [...ALL.slice(0, 3), "--allow-net", "--allow-env", "--allow-sys", "client/main.ts"];
    const { code, stdout, stderr } = await client({ HOME: newHome() }, ["send", "bob", "x"], run);
    assertEquals([code, stdout], [2, ""]);
    assertStringIncludes(stderr, "--allow-read=");
  });

  Deno.test("no key: doctor examines everything else, and says that the key is missing", async () => {
    const server = await startServer();
    await using _ = server.process;
    const { code, stdout } = await client({}, ["--server", server.address, "doctor"]);
    assertEquals(code, 2);
    assertMatch(stdout, /^error\tYou have no key, .*: no home folder is set/m);
    assertMatch(stdout, /^note\tServer: /m);
  });

  Deno.test("no key: who chats is asked first, and the prompt shows it all the time", async () => {
    const server = await startServer();
    await using _ = server.process;
    const env = { ...environmentOf("/proc"), XDG_DATA_HOME: "" };
    const args = [...ALL, "--server", server.address, "--name", "ada"];
    const open = () => new TestTerminal(args, 100, 24, undefined, env);
    {
      await using ada = open();
      await ada.shows(/Chat without encryption and without a key\? \(yes or no\) \[no\]:/);
      ada.type("\r");
      assertEquals(await ada.exitCode, 2);
    }
    await using ada = open();
    await ada.shows(/Chat without encryption/);
    ada.type("yes\r");
    await ada.shows(/^ada \(not encrypted\)>/);
    ada.type("/doctor\r");
    await ada.shows(/You have no key, so nothing is encrypted/);
    await ada.shows(/^ada \(not encrypted\)>/);
  });

  Deno.test("no key: who starts the window at a terminal is asked, too", async () => {
    const server = await startServer();
    await using _ = server.process;
    const env = { ...environmentOf("/proc"), XDG_DATA_HOME: "" };
    const args = [...ALL, "--server", server.address, "--name", "ada", "window", "--no-open"];
    const open = () => new TestTerminal(args, 100, 24, undefined, env);
    {
      await using ada = open();
      await ada.shows(/Chat without encryption and without a key\? \(yes or no\) \[no\]:/);
      ada.type("no\r");
      assertEquals(await ada.exitCode, 2);
    }
    await using ada = open();
    await ada.shows(/Chat without encryption/);
    ada.type("yes\r");
    await ada.shows(/http:\/\/127\.0\.0\.1:/);
    ada.type("\x03");
    assertEquals(await ada.exitCode, 130);
  });

  for (const variable of ["HOME", "XDG_DATA_HOME"]) {
    Deno.test(`no key: a comma in ${variable} splits a list of permissions, which is refused`, async () => {
      const folder = `${newHome()}/a,b`;
      await Deno.mkdir(folder, { recursive: true });
      const env = { HOME: newHome(), [variable]: folder };
      const run = runArgs("client", folder).slice(0, -2); // without --data
      const { code, stdout, stderr } = await client(env, ["send", "bob", "secret"], run);
      assertEquals([code, stdout], [2, ""]);
      assertStringIncludes(stderr, `The comma in ${variable} splits the list`);
      const all = await client(env, ["--server", "127.0.0.1:1", "who"]);
      assert(!all.stderr.includes("comma"), "no list, no comma to split it");
      assertEquals(all.code, 3);
    });
  }
}
