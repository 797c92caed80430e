import { assert, assertEquals } from "@std/assert";
import { TempFolder } from "../helpers/disk.ts";
import { Mim2Client } from "../helpers/mim2_client.ts";
import { startServer } from "../helpers/programs.ts";
import { RawClient } from "../helpers/raw_client.ts";
import { poll } from "../helpers/wait.ts";

const MANY = 12;
/** How long the program may take to end. */
const END_MS = 10_000;

Deno.test({
  name: "--workers: with the task's permissions they serve, reload on SIGHUP and end on SIGTERM",
  ignore: Deno.build.os === "windows",
  async fn() {
    using folder = new TempFolder();
    const welcome = `${folder.path}/hello.txt`;
    await Deno.writeTextFile(welcome, "before\n");
    const { process, port } = await startServer("--workers", "2", "--welcome", welcome);
    await using _ = process;
    const classic = await Promise.all(
      Array.from({ length: MANY }, (_, user) => RawClient.login(port, `c${user}`)),
    );
    const mim2 = await Promise.all(
      Array.from({ length: MANY }, (_, user) => Mim2Client.login(port, `m${user}`)),
    );
    await Promise.all([
      ...classic.map((one) => one.until(() => one.names.length === 2 * MANY, "everybody")),
      ...mim2.map((one) => one.until(() => one.table.size === 2 * MANY, "everybody")),
    ]);
    assertEquals(classic[0]?.welcome[0], "before");
    await Deno.writeTextFile(welcome, "after\n");
    process.kill("SIGHUP");
    await process.waitForError(/reloaded the welcome/);
    await poll(async () => {
      const shown = await Promise.all(Array.from({ length: MANY }, async () => {
        using client = await RawClient.connect(port);
        await client.until(() => client.welcome.length > 0, "a welcome");
        return client.welcome[0];
      }));
      return shown.every((line) => line === "after");
    }, "the new welcome");
    process.kill("SIGTERM");
    const start = performance.now();
    assertEquals(await process.exitCode(), 0);
    const time = performance.now() - start;
    assert(time < END_MS, `it took ${time} ms`);
    await Promise.all([...classic, ...mim2].map(({ ended }) => ended));
    for (const { refusal } of mim2) assertEquals(refusal?.code, 7);
    for (const client of [...classic, ...mim2]) client.close();
  },
});
