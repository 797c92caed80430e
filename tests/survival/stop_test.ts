/** The end of the server's process, and its next life. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { encodeLogin } from "../../protocol/mod.ts";
import { newHome, quietPort } from "../helpers/programs.ts";
import { Service } from "./service.ts";
import { RawClient } from "../helpers/raw_client.ts";

const STAYING = 200;
const names = Array.from({ length: STAYING }, (_, i) => `user${i}`).sort();
/** Windows has no such signals. */
const ignore = Deno.build.os === "windows";

/** Logs in and out as fast as it goes, until nobody listens any more. */
async function comeAndGo(server: Service): Promise<number> {
  for (let rounds = 0;; rounds++) {
    try {
      const connection = await Deno.connect(server.address);
      try {
        await connection.write(encodeLogin({ name: "guest", port: 1 }));
        await connection.read(new Uint8Array(1024));
      } finally {
        connection.close();
      }
    } catch (error) {
      if (error instanceof Deno.errors.ConnectionRefused) return rounds;
    }
  }
}

Deno.test({
  name: "SIGTERM under load: every connection is closed and the process ends, whoever stays",
  ignore,
  async fn() {
    await using server = await Service.start();
    const staying = await Promise.all(
      names.map((name) => RawClient.login(server.address, name)),
    );
    const guests = Array.from({ length: 32 }, () => comeAndGo(server));
    const before = await server.metrics();
    assert((before.mim_users ?? 0) >= STAYING);

    // The guests come and go while this one is waited for.
    const watcher = await RawClient.login(server.address, "watcher");
    await watcher.until(() => watcher.updates.length > 3 * STAYING, "the load");
    server.process.kill("SIGTERM");
    assertEquals(await server.process.exitCode(), 0);
    await server.process.waitForError(/info server: stopping on SIGTERM$/);
    await Promise.all([...staying, watcher].map(({ ended }) => ended));
    assert((await Promise.all(guests)).every((rounds) => rounds > 0));
    await assertRejects(() => Deno.connect(server.address), Deno.errors.ConnectionRefused);
    for (const user of [...staying, watcher]) user[Symbol.dispose]();
  },
});

Deno.test({
  name: "a second signal ends it at once",
  ignore,
  async fn() {
    await using server = await Service.start();
    const ada = await RawClient.login(server.address, "ada");
    // Both come before it can do anything about the first.
    server.process.kill("SIGSTOP");
    server.process.kill("SIGTERM");
    server.process.kill("SIGINT");
    server.process.kill("SIGCONT");
    assertEquals(await server.process.exitCode(), 0);
    await ada.ended;
    ada[Symbol.dispose]();
  },
});

Deno.test({
  name: "SIGKILL and a new start at the same port: who comes back makes the table anew",
  ignore,
  async fn() {
    const home = newHome();
    const data = `${home}/.local/state/mim/server`;
    await Deno.mkdir(data, { recursive: true });
    const limits = '{ "maxUsers": 1000 }\n';
    await Deno.writeTextFile(`${data}/limits.json`, limits);
    const port = quietPort();
    const first = await Service.start({ home, port });
    const lost = await Promise.all(
      names.map((name) => RawClient.login(first.address, name)),
    );
    await first.untilMetrics({ mim_users: STAYING, mim_logins_total: STAYING });
    first.process.kill("SIGKILL");
    await first.process.exitCode();
    await first[Symbol.asyncDispose]();
    await Promise.all(lost.map(({ ended }) => ended));
    for (const user of lost) user[Symbol.dispose]();

    await using second = await Service.start({ home, port });
    assertEquals(second.port, port);
    const back = await Promise.all(
      names.map((name) => RawClient.login(second.address, name)),
    );
    for (const user of back) {
      await user.until(() => user.names.length === STAYING, "everybody to be back");
      assertEquals(user.names, names);
    }
    await second.untilMetrics({
      mim_users: STAYING,
      mim_connections: STAYING,
      mim_logins_total: STAYING,
      mim_logouts_total: 0,
    });
    for (const user of back) user[Symbol.dispose]();
    await second.untilMetrics({ mim_users: 0, mim_logouts_total: STAYING });
    const left = (await Array.fromAsync(Deno.readDir(data))).map(({ name }) => name);
    assertEquals(
      left.filter((name) =>
        !/^(names\.(db|db-shm|db-wal|lock)|server\.key(\.lock)?|control\.sock)$/.test(name)
      ),
      [
        "limits.json",
      ],
    );
    assertEquals(await Deno.readTextFile(`${data}/limits.json`), limits);
  },
});
