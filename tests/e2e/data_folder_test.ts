/** A server's data folder that can't be used: at the start, and while it runs. */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { fillDiskOf, freeDiskOf, TempFolder } from "../helpers/disk.ts";
import { TestProcess } from "../helpers/process.ts";
import { environmentOf } from "../helpers/programs.ts";
import { Mim2Client } from "../helpers/mim2_client.ts";

const ignore = Deno.build.os !== "linux";
const LOCAL = ["--hostname", "127.0.0.1", "--port", "0"];
const ALL = ["run", "--quiet", "--no-prompt", "-A", "server/main.ts", ...LOCAL];

/** Runs a server that does not start, with these variables. */
async function run(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { DENO_DIR = "" } = environmentOf("/");
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...ALL, ...args],
    cwd: new URL("../../", import.meta.url),
    clearEnv: true,
    env: { DENO_DIR, NO_COLOR: "1", ...env },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** What is in the folder, and the reason. */
const UNUSABLE: readonly (readonly [string, (folder: string) => void, RegExp])[] = [
  ["half a key", (folder) => Deno.writeTextFileSync(`${folder}/server.key`, "00ff"), /64 hex/],
  ["a folder as key", (folder) => Deno.mkdirSync(`${folder}/server.key`), /must be a file/],
  ["a folder as registry", (folder) => Deno.mkdirSync(`${folder}/names.db`), /must be a file/],
  ["a folder beside it", (folder) => Deno.mkdirSync(`${folder}/names.db-shm`), /must be a file/],
  ["a pipe as key", (folder) => {
    new Deno.Command("mkfifo", { args: [`${folder}/server.key`] }).outputSync();
  }, /it is a pipe/],
  [
    "a key of another user",
    (folder) => {
      Deno.writeTextFileSync(`${folder}/server.key`, "00".repeat(32));
      Deno.chownSync(`${folder}/server.key`, 12_345, 12_345);
    },
    /belongs to another user/,
  ],
];

for (const [what, spoil, reason] of UNUSABLE) {
  Deno.test(
    `data folder: with ${what} the server does not start, named or not`,
    { ignore },
    async () => {
      using temp = new TempFolder();
      const folder = `${temp.path}/mim/server`;
      Deno.mkdirSync(folder, { recursive: true });
      spoil(folder);
      const named = await run(["--data", folder]);
      const usual = await run([], { XDG_STATE_HOME: temp.path });
      for (const { code, stdout, stderr } of [named, usual]) {
        assertEquals([code, stdout], [1, ""]);
        assertStringIncludes(stderr, `cannot use the data folder ${folder}: `);
        assertMatch(stderr, reason);
      }
    },
  );
}

Deno.test("data folder: another program's lock is waited for before anybody can connect", {
  ignore,
}, async () => {
  using temp = new TempFolder();
  using lock = Deno.openSync(`${temp.path}/names.lock`, { write: true, create: true });
  lock.lockSync(true);
  const { code, stdout, stderr } = await run(["--data", temp.path]);
  assertEquals([code, stdout], [1, ""], "it never listened");
  assertStringIncludes(stderr, `${temp.path}/names.lock has been locked by another program`);
});

Deno.test(
  "data folder: what is open to other users is closed, and the log says so",
  { ignore },
  async () => {
    using temp = new TempFolder();
    const [key, names] = [`${temp.path}/server.key`, `${temp.path}/names.db`];
    {
      const { process } = await withMetrics(["--data", temp.path], {});
      await process[Symbol.asyncDispose]();
    }
    for (const path of [key, names]) await Deno.chmod(path, 0o644);
    await Deno.chmod(temp.path, 0o777);
    const { process } = await withMetrics(["--data", temp.path], {});
    await using _ = process;
    await process.waitForError(/warning server: other users could write in /);
    await process.waitForError(/warning server: other users could read .*server\.key/);
    const modes = [key, names, temp.path].map((path) => (Deno.statSync(path).mode ?? 0) & 0o777);
    assertEquals(modes, [0o600, 0o600, 0o755]);
  },
);

Deno.test("data folder: a file in its place is an error if it is named or the usual one", {
  ignore,
}, async () => {
  using temp = new TempFolder();
  await Deno.mkdir(`${temp.path}/mim`);
  await Deno.writeTextFile(`${temp.path}/mim/server`, "");
  assertEquals((await run(["--data", `${temp.path}/mim/server`])).code, 2);
  assertEquals((await run([], { XDG_STATE_HOME: temp.path })).code, 2);
});

/** Starts a server with metrics, and finds them. */
async function withMetrics(args: readonly string[], env: Readonly<Record<string, string>>) {
  const all = [...args, "--metrics", "127.0.0.1:0"];
  const process = new TestProcess({
    name: "server",
    command: Deno.execPath(),
    args: [...ALL, ...all],
    env,
  });
  const port = Number((await process.waitFor(/^listening on /)).split(":").at(-1));
  const [url = ""] = /http:[^ ]*(?=\/metrics)/.exec(await process.waitForError(/metrics at/)) ?? [];
  const get = async (path: string) => {
    const response = await fetch(url + path);
    return { status: response.status, text: await response.text() };
  };
  return { process, port, get };
}

for (const HOME of ["", "/nonexistent"]) {
  Deno.test(
    `data folder: with HOME=${HOME} there is none, so the server starts with --classic alone`,
    {
      ignore,
    },
    async () => {
      const env = { ...environmentOf(HOME), XDG_STATE_HOME: "" };
      const { code, stdout, stderr } = await run([], env);
      assertEquals([code, stdout], [1, ""]);
      assertMatch(
        stderr,
        /^mim-server: no place for the server's key: .*--data DIR, or .*--classic\n$/,
      );
      const { process, get } = await withMetrics(["--classic"], env);
      await using _ = process;
      await process.waitForError(/started, version .*, classic MIM/);
      assertEquals((await get("/healthz")).status, 200);
      assertEquals(await Deno.stat("/nonexistent").catch(() => "none"), "none");
    },
  );
}

Deno.test(
  "data folder: a comma in HOME splits a list of permissions, which is refused",
  { ignore },
  async () => {
    using temp = new TempFolder();
    const { DENO_DIR = "" } = environmentOf("/");
    const home = `${temp.path}/a,b`;
    await Deno.mkdir(home);
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["task", "--quiet", "server", "--port", "0"],
      cwd: new URL("../../", import.meta.url),
      env: { DENO_DIR, HOME: home, NO_COLOR: "1" },
      stdin: "null",
    }).output();
    assertEquals(code, 2);
    assertStringIncludes(new TextDecoder().decode(stderr), "The comma in HOME splits the list");
  },
);

Deno.test("data folder: a full disk is no health until there is room, and SIGHUP tries again", {
  ignore,
}, async () => {
  using temp = new TempFolder();
  const names = `${temp.path}/names.db`;
  const { process, port, get } = await withMetrics(["--data", temp.path], {});
  await using _ = process;
  assertEquals(await get("/healthz"), { status: 200, text: "ok\n" });
  assertStringIncludes((await get("/metrics")).text, "mim_data_folder_usable 1");
  fillDiskOf(names);
  using _ada = await Mim2Client.login(port, "ada");
  const { status, text } = await get("/healthz");
  assertEquals(status, 503);
  assertStringIncludes(text, "database or disk is full");
  assertStringIncludes((await get("/metrics")).text, "mim_data_folder_usable 0");
  freeDiskOf(names);
  process.kill("SIGHUP");
  await process.waitForError(/info server: the name registry can be used again/);
  assertEquals((await get("/healthz")).status, 200);
  using db = new DatabaseSync(names);
  const claims = db.prepare("SELECT name FROM claim").all();
  assertEquals(claims.map(({ name }) => name), ["ada"], "what was claimed meanwhile is recorded");
});

Deno.test(
  "data folder: while another program writes, everybody is served",
  { ignore },
  async () => {
    using temp = new TempFolder();
    const names = `${temp.path}/names.db`;
    const { process, port, get } = await withMetrics(["--data", temp.path], {});
    await using _ = process;
    using _ada = await Mim2Client.login(port, "ada");
    using db = new DatabaseSync(names);
    db.exec("BEGIN IMMEDIATE");
    for (let count = 0; count < 20; count++) {
      (await Mim2Client.login(port, `user ${count}`))
        .close();
    }
    assertEquals((await get("/healthz")).status, 200);
    db.exec("COMMIT");
    process.kill("SIGHUP");
    await process.waitForError(/reloaded the welcome/);
    assertEquals(db.prepare("SELECT count(*) AS count FROM claim").get(), { count: 21 });
  },
);
