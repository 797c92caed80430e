/** What the server does for systemd, and what an operator does with it. */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { NameRegistry } from "../../server/identity/name_registry.ts";
import { TempFolder } from "../helpers/disk.ts";
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

Deno.test("backup: the names of a running server are copied whole", async () => {
  using folder = new TempFolder();
  const data = `${folder.path}/data`;
  const file = `${folder.path}/names.backup`;
  const args = ["--hostname=127.0.0.1", "--port=0", "--data", data];
  await using mim = server("mim", args);
  await mim.waitFor(/^others join/);
  {
    using names = new NameRegistry(`${data}/names.db`, 90, () => {});
    names.claim("ada", KEY, Date.now()); // still in the log
    await using backup = server("backup", ["backup", file, "--data", data]);
    assertMatch(await backup.waitFor(/^wrote the names to /), /keep a copy of .*server\.key, too$/);
    assertEquals(await backup.exitCode(), 0);
  }
  if (Deno.build.os !== "windows") {
    assertEquals((Deno.statSync(file).mode ?? 0) & 0o777, 0o600);
  }
  using copy = new NameRegistry(file, 90, () => {});
  assertEquals(copy.size, 1);
  for (const wrong of [["backup"], ["backup", file], ["backup", `${file}2`, "--data", file]]) {
    await using again = server("again", wrong.length > 2 ? wrong : [...wrong, "--data", data]);
    await again.waitForError(/^mim-server: /);
    assertEquals(await again.exitCode(), 2);
  }
});
