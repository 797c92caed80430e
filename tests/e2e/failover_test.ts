/** Two servers with one data folder: one serves, the other stands by, and there are never two halves. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { refusalCodes } from "../../protocol/mod.ts";
import { newKey } from "../fixtures/keys.ts";
import { TempFolder } from "../helpers/disk.ts";
import { Mim2Client } from "../helpers/mim2_client.ts";
import { TestProcess } from "../helpers/process.ts";
import { quietPort, runToEnd, startClient } from "../helpers/programs.ts";
import { poll } from "../helpers/wait.ts";

const ignore = Deno.build.os !== "linux"; // 127.0.0.2 is there by itself

function server(name: string, hostname: string, port: number, data: string): TestProcess {
  const place = ["--hostname", hostname, "--port", `${port}`, "--data", data, "--no-announce"];
  const metrics = ["--metrics", `${hostname}:0`];
  return TestProcess.deno("server/main.ts", [...place, "--failover=3", ...metrics], { name });
}

/** The state that a server's metrics show, once it has logged their address. */
async function readiness(server: TestProcess): Promise<unknown[]> {
  const url = /http:\S+/.exec(await server.waitForError(/metrics at http/))?.[0] ?? "";
  const get = async (path: string) => {
    const response = await fetch(new URL(path, url));
    return [response.status, await response.text()] as const;
  };
  const [, metrics] = await get("/metrics");
  const standby = /^mim_server_standby ([01])$/m.exec(metrics)?.[1];
  return [standby, metrics.includes("mim_users"), await get("/healthz"), (await get("/readyz"))[0]];
}

const STANDS_BY = ["1", false, [200, "standing by\n"], 503];
const SERVES = ["0", true, [200, "ok\n"], 200];

Deno.test({
  name: "failover: a server that stops or is killed is replaced, and stands by when it comes back",
  ignore,
}, async () => {
  using folder = new TempFolder();
  const port = quietPort();
  await using first = server("first", "127.0.0.1", port, folder.path);
  await first.waitFor(/^listening on 127\.0\.0\.1:/);
  await using second = server("second", "127.0.0.2", port, folder.path);
  await first.waitForError(/metrics at http/); // of its time without the lease
  assertEquals(await readiness(first), SERVES);
  assertEquals(await readiness(second), STANDS_BY);
  assertMatch(await second.waitForError(/standing by/), /process \d+ holds the lease of \//);
  const dialed = await Deno.connect({ hostname: "127.0.0.2", port }).catch(() => undefined);
  dialed?.close();
  assertEquals(dialed, undefined, "whoever stands by does not listen");
  const key = newKey();
  using ada = await Mim2Client.login(port, "ada", { key, hostname: "127.0.0.1" });

  // It stands still, as a machine that is too busy or suspended: the other takes over.
  first.kill("SIGSTOP");
  await second.waitFor(/^listening on 127\.0\.0\.2:/);
  assertEquals(await readiness(second), SERVES);
  using bob = await Mim2Client.login(port, "bob", { hostname: "127.0.0.2" });
  const files = [...Deno.readDirSync(folder.path)].map(({ name }) => name);
  assertEquals(files.filter((name) => /-(wal|shm)$/.test(name)), [], "no log of one machine");
  const refusal = await Mim2Client.refused(port, "ada", { hostname: "127.0.0.2" });
  assertEquals(refusal?.code, refusalCodes["name taken"], "the names are the same");

  // It comes back: nobody gets in there, and whoever was there is sent away.
  const late = Mim2Client.login(port, "late", { hostname: "127.0.0.1" })
    .then((client) => client[Symbol.dispose](), (error) => error);
  first.kill("SIGCONT");
  await first.waitForError(/lost the lease/);
  await ada.ended;
  await first.waitForError(/standing by: .*process \d+ holds the lease/);
  assert(await late instanceof Error, "nobody logs in at a server that has lost the lease");
  assertEquals(bob.hasEnded, false);

  // The other is killed, under a client that knows both.
  const both = `127.0.0.1:${port},127.0.0.2:${port}`;
  await using carl = startClient("carl", ...["--server", both, "--name", "carl", "--plain"]);
  await carl.waitFor("logged-in\tcarl");
  second.kill("SIGKILL");
  await bob.ended;
  await first.waitFor(/^listening on 127\.0\.0\.1:/);
  await carl.waitFor(/^disconnected/);
  await carl.waitFor("logged-in\tcarl");
  using again = await Mim2Client.login(port, "ada", { key, hostname: "127.0.0.1" });
  await again.until(() => again.entries("carl").length === 1, "carl at the first server");
  first.kill("SIGTERM");
  assertEquals(await first.exitCode(), 0);
  await poll(
    async () => (await Deno.readTextFile(`${folder.path}/lease`)).includes('"free"'),
    "a free lease",
  );
});

Deno.test("failover: wrong values, and no folder to share", async () => {
  for (const seconds of ["1", "61", "x"]) {
    const { code, stderr } = await runToEnd("server", "--failover", seconds);
    assertEquals(code, 2);
    assertMatch(stderr, /failover/);
  }
});

Deno.test("failover: a server that stands by can be stopped, and leaves the lease to its holder", async () => {
  using folder = new TempFolder();
  const record = JSON.stringify({ state: "held", name: "another", id: "1", leaseMs: 60_000 });
  await Deno.writeTextFile(`${folder.path}/lease`, record);
  await using waiting = server("waiting", "127.0.0.1", 0, folder.path);
  await waiting.waitForError(/standing by: another holds the lease/);
  if (Deno.build.os === "windows") return; // it has no SIGTERM
  waiting.kill("SIGTERM");
  assertEquals(await waiting.exitCode(), 0);
  assertEquals(await Deno.readTextFile(`${folder.path}/lease`), record);
});
