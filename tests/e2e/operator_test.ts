/** What the server does for systemd, and what an operator does with it. */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { refusalCodes } from "../../protocol/mod.ts";
import { ServerIdentity } from "../../server/identity/mod.ts";
import { TempFolder } from "../helpers/disk.ts";
import { Mim2Client } from "../helpers/mim2_client.ts";
import { TestProcess } from "../helpers/process.ts";

const ignore = Deno.build.os !== "linux";
const KEY = new Uint8Array(32).fill(7);

function server(name: string, args: readonly string[], env: Record<string, string> = {}) {
  return new TestProcess({
    name,
    command: Deno.execPath(),
    args: [
      "run",
      "--quiet",
      "--no-prompt",
      "--unstable-net",
      "--allow-all",
      "server/main.ts",
      ...args,
    ],
    env,
  });
}

/** Runs a command to its end. */
async function run(...args: readonly string[]) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-prompt", "--allow-all", "server/main.ts", ...args],
    env: { NO_COLOR: "1" },
  }).output();
  const decoder = new TextDecoder();
  return { code, out: decoder.decode(stdout), err: decoder.decode(stderr) };
}

Deno.test({ name: "systemd is told once the server listens", ignore }, async () => {
  using folder = new TempFolder();
  const path = `${folder.path}/notify`;
  await using systemd = new TestProcess({
    name: "systemd",
    command: Deno.execPath(),
    args: [
      "eval",
      "--unstable-net",
      `const socket = Deno.listenDatagram({ transport: "unixpacket", path: ${
        JSON.stringify(path)
      } });
       console.log("up");
       const [bytes] = await socket.receive();
       console.log(new TextDecoder().decode(bytes));`,
    ],
  });
  await systemd.waitFor("up");
  const args = ["--hostname=127.0.0.1", "--port=0", "--data", `${folder.path}/data`];
  await using mim = server("mim", args, { NOTIFY_SOCKET: path });
  await systemd.waitFor("READY=1");
  await mim.waitFor(/^listening on /);
  await mim.waitFor(/^others join/);
});

Deno.test({ name: "the journal gets priorities, and no second time", ignore }, async () => {
  using folder = new TempFolder();
  const args = ["--hostname=127.0.0.1", "--port=0", "--data", `${folder.path}/data`];
  const script = 'exec 2>"$LOG"; JOURNAL_STREAM=$(stat -L -c %d:%i "$LOG") exec "$0" "$@"';
  const log = `${folder.path}/log`;
  const run = ["run", "--quiet", "--no-prompt", "--allow-all", "server/main.ts", ...args];
  await using mim = new TestProcess({
    name: "mim",
    command: "sh",
    args: ["-c", script, Deno.execPath(), ...run],
    env: { LOG: log },
  });
  await mim.waitFor(/^others join/);
  mim.kill("SIGTERM");
  assertEquals(await mim.exitCode(), 0);
  const lines = (await Deno.readTextFile(log)).trim().split("\n");
  for (const line of lines) assertMatch(line, /^<[2-7]>server: [a-z]/);
  assertStringIncludes(lines[0] ?? "", "<6>server: started, version");

  // With the variable of another stream, lines are as they always are.
  await using other = server("other", args, { JOURNAL_STREAM: "1:1" });
  assertMatch(await other.waitForError(/started/), /^\d{4}-\d\d-\d\dT.* info server: started/);
});

Deno.test("backup and restore: a running server under logins, put into another folder", async () => {
  using folder = new TempFolder();
  const data = `${folder.path}/data`;
  const other = `${folder.path}/other`;
  const file = `${folder.path}/backup`;
  const at = ["--hostname=127.0.0.1", "--port=0", "--data"];
  {
    await using mim = server("mim", [...at, data]);
    const port = Number((await mim.waitFor(/^listening on /)).split(":").at(-1));
    using _first = await Mim2Client.login(port, "ada", { key: KEY });
    // Others log in, and claim names, all the while.
    let isOver = false;
    const logins = (async () => {
      for (let count = 0; count < 200 && !isOver; count++) {
        using _ = await Mim2Client.login(port, `user${count}`);
      }
    })();
    assertEquals((await run("backup", file, "--data", data)).code, 0);
    isOver = true;
    await logins;
    // Over the server that runs, or once more into one file: neither.
    const twice = await run("backup", file, "--data", data);
    assertEquals(twice.code, 2);
    assertStringIncludes(twice.err, "it exists, and a backup replaces nothing");
    const over = await run("restore", file, "--data", data, "--replace");
    assertEquals(over.code, 2);
    assertStringIncludes(over.err, "a server runs there; stop it first");
  }
  const restored = await run("restore", file, "--data", other);
  assertEquals(restored.code, 0, restored.err);
  assertMatch(restored.out, /^restored the key, the settings and \d+ names to /);
  const key = await Deno.readTextFile(`${data}/server.key`);
  assertEquals(await Deno.readTextFile(`${other}/server.key`), key);
  const again = await run("restore", file, "--data", other);
  assertEquals(again.code, 2);
  assertStringIncludes(again.err, "server.key is there already; --replace sets");
  const aside = await run("restore", file, "--data", other, "--replace");
  assertEquals(aside.code, 0, aside.err);
  assertMatch(aside.out, /\nthe files that were there are in \S+replaced-/);

  await using mim = server("restored", [...at, other]);
  const port = Number((await mim.waitFor(/^listening on /)).split(":").at(-1));
  assertEquals((await Mim2Client.refused(port, "Ada"))?.code, refusalCodes["name taken"]);
  using _ = await Mim2Client.login(port, "ada", { key: KEY });

  await Deno.truncate(file, 10_000);
  const third = `${folder.path}/third`;
  const broken = await run("restore", file, "--data", third);
  assertEquals(broken.code, 2);
  assertMatch(broken.err, /^mim-server: Cannot restore \S+ to \S+: /);
  assertEquals(await Deno.stat(third).catch(() => undefined), undefined);
  const nowhere = await run("backup", `${folder.path}/none.mim`, "--data", `${folder.path}/none`);
  assertEquals(nowhere.code, 2);
  assertMatch(nowhere.err, /There is no folder \S+none to back up$/m);
  for (const wrong of [["backup"], ["restore"], ["backup", "a", "b"], ["restore", "a", "b"]]) {
    assertEquals((await run(...wrong, "--data", data)).code, 2);
  }
});

const isRoot = Deno.build.os === "linux" && Deno.uid() === 0;

Deno.test(
  { name: "what root changes in a service's folder stays the service's", ignore: !isRoot },
  async () => {
    const uid = 65_534;
    using folder = new TempFolder();
    const data = `${folder.path}/data`;
    {
      using _ = new ServerIdentity(data, 90);
    }
    Deno.chownSync(data, uid, uid);
    for (const { name } of Deno.readDirSync(data)) Deno.chownSync(`${data}/${name}`, uid, uid);
    const file = `${folder.path}/backup`;
    const steps = ["ban eve", "ban mallory", "key rotate", "names list", `backup ${file}`].concat(
      `restore ${file} --replace`,
    ).map((step) => step.split(" "));
    for (const args of steps) {
      const { code, err } = await run(...args, "--data", data);
      assertEquals(code, 0, err);
      for (const { name } of Deno.readDirSync(data)) {
        assertEquals(Deno.statSync(`${data}/${name}`).uid, uid, `${name} after ${args.join(" ")}`);
      }
    }
    assertStringIncludes(await Deno.readTextFile(`${data}/access.json`), '"mallory"');
  },
);
