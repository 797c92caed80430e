/** What clients keep from one start to the next, as real processes. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { TestProcess } from "../helpers/process.ts";
import {
  dataFolderIn,
  environmentOf,
  newHome,
  type Result,
  runArgs,
  startServer,
} from "../helpers/programs.ts";
import { TestTerminal } from "../helpers/terminal.ts";

// The terminal's reader is a native one that ends with the process, not with the test.
const settings = { sanitizeResources: false, sanitizeOps: false };

/** A line of the history, as scripts see it, whenever it was. */
function kept(text: string): RegExp {
  const clock = String.raw`^note\t\[\d{4}-\d\d-\d\d \d\d:\d\d\] `;
  return new RegExp(`${clock}${text.replaceAll("(", "\\(").replaceAll(")", "\\)")}$`);
}

async function client(
  home: string,
  server: string,
  name: string,
  ...args: string[]
): Promise<TestProcess> {
  const client = new TestProcess({
    name,
    command: Deno.execPath(),
    args: [...runArgs("client", home), "--server", server, "--name", name, ...args],
  });
  await client.waitFor(`logged-in\t${name}`);
  return client;
}

async function toEnd(home: string, ...args: string[]): Promise<Result> {
  const process = new Deno.Command(Deno.execPath(), {
    args: [...runArgs("client", home), ...args],
    env: { NO_COLOR: "1" },
    stdin: "null",
  });
  const { code, stdout, stderr } = await process.output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

async function config(home: string, text: string): Promise<string> {
  await Deno.mkdir(dataFolderIn(home), { recursive: true, mode: 0o700 });
  await Deno.writeTextFile(`${dataFolderIn(home)}/config.json`, text);
  return home;
}

for (const end of ["SIGKILL", "SIGTERM", "SIGHUP", "SIGINT"] as const) {
  Deno.test({
    name: `what was said is kept, also where the client ends by ${end}`,
    ignore: Deno.build.os === "windows",
    async fn() {
      const { process: server, address } = await startServer();
      await using _ = server;
      await using bob = await client(newHome(), address, "bob");
      const home = newHome();
      {
        await using ada = await client(home, address, "ada");
        await ada.send("/talk bob");
        await bob.waitFor(/^chat-opened/);
        await ada.send("from ada");
        await bob.waitFor("message\tada\tfrom ada");
        await bob.send("from bob");
        await ada.waitFor("message\tbob\tfrom bob");
        // Written within 50 ms: whoever is killed after that has lost nothing.
        if (end === "SIGKILL") {
          await ada.send("/history");
          await ada.waitFor(kept("bob: from bob"));
        }
        ada.kill(end);
        await ada.exitCode();
      }
      await using again = await client(home, address, "ada");
      await again.send("/search from");
      await again.waitFor(kept("you to bob: from ada"));
      await again.waitFor(kept("bob: from bob"));
      await again.waitFor("note\t2 messages found");
    },
  });
}

/** What a client keeps that keeps nothing of what is said: who it is, and whom it knows. */
const KEYS = ["contacts.db", "contacts.lock", "identity.key", "identity.lock"];

/** The files in a client's data folder, in order. */
function filesIn(home: string): string[] {
  return [...Deno.readDirSync(dataFolderIn(home))].map(({ name }) => name).sort();
}

Deno.test("the files are for their owner alone; commands keep nothing of what is said", {
  ignore: Deno.build.os === "windows",
}, async () => {
  const { process: server, address } = await startServer();
  await using _ = server;
  const home = newHome();
  await using bob = await client(home, address, "bob");
  const sender = newHome();
  const sent = await toEnd(sender, "--server", address, "--name", "ada", "send", "bob", "hello");
  assertEquals([sent.code, sent.stdout], [0, "sent\tbob\thello\ndelivered\tbob\thello\n"]);
  await bob.waitFor("message\tada\thello");
  assertEquals(filesIn(sender), KEYS, "who sends has a key");
  const looking = newHome();
  assertEquals((await toEnd(looking, "--server", address, "--name", "eve", "who")).code, 0);
  assertEquals(filesIn(looking), KEYS, "who looks around proves who it is, too");
  for (const name of filesIn(home)) {
    const { mode } = await Deno.stat(`${dataFolderIn(home)}/${name}`);
    assertEquals((mode ?? 0) & 0o777, 0o600, name);
  }
});

Deno.test("two clients share a folder: each finds what the other has kept", async () => {
  const { process: server, address } = await startServer();
  await using _ = server;
  const home = newHome();
  await using bob = await client(newHome(), address, "bob");
  await using ada = await client(home, address, "ada");
  await using eve = await client(home, address, "eve");
  await ada.waitFor(/^online\tbob/);
  await eve.waitFor(/^online\tbob/);
  for (let line = 1; line <= 50; line++) {
    await ada.send(`/msg bob ada says ${line}`);
    await eve.send(`/msg bob eve says ${line}`);
  }
  for (let line = 1; line <= 50; line++) {
    await bob.waitFor(`message\tada\tada says ${line}`);
    await bob.waitFor(`message\teve\teve says ${line}`);
  }
  await eve.send("/quit");
  assertEquals(await eve.exitCode(), 0);
  await ada.send("/talk bob");
  await ada.send("/history 1000");
  await ada.waitFor("note\tThat is the whole history with bob: 100 messages");
  await ada.send("/forget bob");
  await ada.waitFor("note\tDeleted the history with bob: 100 messages");
  for (const { unread } of [ada, eve]) assertEquals(unread.filter((line) => /^err/.test(line)), []);
});

Deno.test("who was ignored stays so in the next run; who was written to is no stranger", async () => {
  const { process: server, address } = await startServer();
  await using _ = server;
  const home = await config(newHome(), '{ "strangers": "refuse" }');
  const bobs = newHome();
  {
    await using bob = await client(bobs, address, "bob");
    await using ada = await client(home, address, "ada");
    await ada.waitFor(/^online\tbob/);
    await ada.send("/msg bob lunch?");
    await bob.waitFor("message\tada\tlunch?");
    await ada.send("/search lunch"); // which has it written
    await ada.waitFor(kept("you to bob: lunch\\?"));
    await ada.send("/ignore eve@*");
    await ada.waitFor(/^note\tIgnoring eve at every address/);
    ada.kill("SIGKILL");
    await ada.exitCode();
  }
  await using ada = await client(home, address, "ada");
  for (const name of ["eve", "carol"]) {
    await using caller = await client(newHome(), address, name, "--classic");
    await caller.waitFor(/^online\tada/);
    await caller.send("/msg ada let me in");
    await caller.waitFor(/^chat-closed\tada/);
  }
  await using bob = await client(bobs, address, "bob");
  await bob.waitFor(/^online\tada/);
  await bob.send("/msg ada at noon?");
  await ada.waitFor("message\tbob\tat noon?");
  await ada.send("/ignored");
  await ada.waitFor(/^note\teve at every address: \d+ calls? refused since/);
  await ada.send("/unignore eve");
  await ada.waitFor("note\tNo longer ignoring eve at every address");
  assertEquals(await Deno.readTextFile(`${dataFolderIn(home)}/ignored.json`), "[]\n");
});

Deno.test("a damaged history is set aside with a note, and a new one begins", async () => {
  const { process: server, address } = await startServer();
  await using _ = server;
  const home = await config(newHome(), "{}");
  const damaged = "this is no database ".repeat(500);
  await Deno.writeTextFile(`${dataFolderIn(home)}/history.db`, damaged);
  await using ada = await client(home, address, "ada");
  const note = await ada.waitFor(/^note\tThe history was damaged and was moved to/);
  const aside = /moved to (.*\.db);/.exec(note)?.[1] ?? "";
  assertEquals(await Deno.readTextFile(aside), damaged);
  await ada.send("/search anything");
  await ada.waitFor("note\tNo message has all of these words: anything");
});

Deno.test("--no-history keeps nothing of what is said, --classic no key", async () => {
  const { process: server, address } = await startServer();
  await using _ = server;
  const home = newHome();
  await using ada = await client(home, address, "ada", "--no-history");
  await ada.send("/search anything");
  await ada.waitFor("error\tNo history is kept: --no-history");
  await ada.send("/quit");
  assertEquals(await ada.exitCode(), 0);
  assertEquals(filesIn(home), KEYS);

  const classic = newHome();
  await using bob = await client(classic, address, "bob", "--no-history", "--classic");
  await bob.waitFor(/^note\tEncryption is off, .*: --classic$/);
  await bob.send("/quit");
  assertEquals(await bob.exitCode(), 0);
  assertEquals([...Deno.readDirSync(classic)], []);
});

Deno.test("the config file stands in for options; a wrong one ends the program with 2", async () => {
  const { process: server, address } = await startServer();
  await using _ = server;
  const home = await config(newHome(), `{ "server": "${address}", "name": "Ada L." } // mine`);
  const who = await toEnd(home, "who");
  assertEquals(who.code, 0);
  assertMatch(who.stdout, /^user\t1\tAda L\.\t/);
  assertMatch((await toEnd(home, "who", "--name", "bob")).stdout, /^user\t1\tbob\t/);

  const wrong = await config(newHome(), '{\n  "bell": 1,\n  "colour": "red"\n}');
  const path = `${dataFolderIn(wrong)}/config.json`;
  for (const command of [["who"], []]) {
    const { code, stdout, stderr } = await toEnd(wrong, ...command);
    assertEquals([code, stdout], [2, ""]);
    const [first, second] = stderr.trimEnd().split("\n");
    assertEquals(first, `mim: ${path}:2:11: Expected bell to be true or false, got 1`);
    assertStringIncludes(second ?? "", `${path}:3:3: Expected one of server, `);
  }
  assertEquals((await toEnd(wrong, "--help")).code, 0, "help helps");
});

Deno.test("--data in a folder that Deno does not allow says how to allow it", async () => {
  const elsewhere = newHome();
  const { code, stderr } = await toEnd(newHome(), "--data", elsewhere, "who");
  assertEquals(code, 2);
  assertStringIncludes(stderr, `--allow-read="${elsewhere}" --allow-write="${elsewhere}"`);
  assert(!stderr.includes("prompt"), stderr);
});

Deno.test(
  "on a terminal: the first start asks server and name, and the next asks nothing",
  settings,
  async () => {
    const { process: server, address } = await startServer();
    await using _ = server;
    await using bob = await client(newHome(), address, "bob");
    const home = newHome();
    // As people start it, with the folder that the task allows; tests ask nothing of this network.
    const args = ["task", "--quiet", "client", "--no-discover"];
    const start = () => new TestTerminal(args, 80, 24, Deno.execPath(), environmentOf(home));
    {
      await using ada = start();
      await ada.shows(/^Your name \[.+\]:/);
      ada.type("ada\r");
      await ada.shows(/^Server \[localhost\]:/);
      ada.type("no:where:at:all\r");
      await ada.shows(/^! Expected HOST, HOST:PORT/);
      ada.type(`${address}\r`);
      await ada.shows(/^Online: bob$/);
      await ada.shows(/^\/talk NAME starts a chat/);
      ada.type("/talk bob\r");
      await bob.waitFor(/^chat-opened/);
      await bob.send("see you\x1b[31m");
      await ada.shows(/ bob: see you␛\[31m$/);
      ada.type("/quit\r");
      assertEquals(await ada.exitCode, 0);
    }
    await using again = start();
    await again.shows(/^You are online as ada$/);
    assert(!again.lines.some((line) => line.startsWith("Your name")));
    again.type("/talk bob\r");
    await again.shows(/^You are talking to bob/);
    await again.shows(/^\[(\d{4}-\d\d-\d\d )?\d\d:\d\d\] bob: see you␛\[31m$/);
    again.type("/quit\r");
    assertEquals(await again.exitCode, 0);
    const written = await Deno.readTextFile(`${dataFolderIn(home)}/config.json`);
    assertEquals(JSON.parse(written), { server: address, name: "ada" });
  },
);

Deno.test(
  "on a terminal: who may keep nothing can talk all the same, and is told",
  settings,
  async () => {
    const { process: server, address } = await startServer();
    await using _ = server;
    const args = ["run", "--quiet", "--no-prompt", "--allow-net", "--allow-env", "client/main.ts"];
    const env = environmentOf(newHome());
    await using ada = new TestTerminal(
      [...args, "--server", address],
      200,
      24,
      Deno.execPath(),
      env,
    );
    await ada.shows(/^Your name/);
    ada.type("\r");
    await ada.shows(/^! You have no key.* run client\/main.ts with/);
    await ada.shows(/^Chat without encryption and without a key\?/);
    ada.type("yes\r");
    await ada.shows(/^Nothing is saved: .* run client\/main.ts with/);
    await ada.shows(/^.* \(not encrypted\)>/);
    await ada.shows(/^You are online as/);
  },
);

Deno.test(
  "on a terminal: where nothing is to be kept, what is entered isn't either",
  settings,
  async () => {
    const { process: server, address } = await startServer();
    await using _ = server;
    let runs = 0;
    const entered = async (home: string, ...more: string[]) => {
      const name = `ada${++runs}`; // each has a key of its own
      const options = ["--server", address, "--name", name, ...more];
      await using ada = new TestTerminal([...runArgs("client", home), ...options]);
      await ada.shows(/^You are online as ada\d$/);
      ada.type("/talk bob\r");
      await ada.shows(/^! /);
      ada.type("/quit\r");
      assertEquals(await ada.exitCode, 0);
      return filesIn(home).filter((name) => !KEYS.includes(name));
    };
    const kept = await entered(await config(newHome(), "{}"));
    assert(kept.includes("input.history"), kept.join());
    assertEquals(await entered(await config(newHome(), "{}"), "--no-history"), ["config.json"]);
    assertEquals(await entered(await config(newHome(), '{ "history": false }')), ["config.json"]);
  },
);

Deno.test(
  "on a terminal: /forget takes what was said to somebody out of the arrow keys, too",
  settings,
  async () => {
    const { process: server, address } = await startServer();
    await using _ = server;
    await using bob = await client(newHome(), address, "bob");
    const home = newHome();
    const args = [...runArgs("client", home), "--server", address, "--name", "ada"];
    await using ada = new TestTerminal(args);
    await ada.shows(/^Online: bob$/);
    ada.type("/msg BOB first secret\r");
    await bob.waitFor("message\tada\tfirst secret");
    ada.type("/talk bob\rsecond secret\r");
    await bob.waitFor("message\tada\tsecond secret");
    ada.type("/forget bob\r");
    await ada.shows(/^Deleted the history with bob: \d messages? and 2 typed lines$/);
    ada.type("\x1b[A\x1b[A");
    await ada.until((lines) => lines.at(-1) === "ada ▸ bob> /talk bob", "what stays");
    const file = await Deno.readTextFile(`${dataFolderIn(home)}/input.history`);
    assertEquals(file, '"/talk bob"\n"/forget bob"\n');
  },
);
