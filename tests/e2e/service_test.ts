/** The server as a service: what it tells whoever runs it, and what it reads anew. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { encodeLogin } from "../../protocol/mod.ts";
import { eventually } from "../helpers/wait.ts";
import { newHome, runToEnd, startServer } from "../helpers/programs.ts";
import { RawClient } from "../helpers/raw_client.ts";
import { Service } from "../survival/service.ts";

/** Windows has no SIGHUP. */
const ignore = Deno.build.os === "windows";
const ANEW = /info server: reloaded the welcome and the limits$/;

/** A server with a welcome file and a data folder, which a test may change. */
class Office implements AsyncDisposable {
  readonly service: Service;
  readonly data: string;

  private constructor(service: Service, data: string) {
    this.service = service;
    this.data = data;
  }

  static async open(limits: string, ...args: string[]): Promise<Office> {
    const home = newHome();
    const data = await dataIn(home);
    await Deno.writeTextFile(`${data}/welcome.txt`, "first\n");
    await Deno.writeTextFile(`${data}/limits.json`, limits);
    const files = ["--welcome", `${data}/welcome.txt`];
    return new Office(await Service.start({ home, args: [...files, ...args] }), data);
  }

  async write(name: string, text: string): Promise<void> {
    await Deno.writeTextFile(`${this.data}/${name}`, text);
  }

  /** Tells it to read its files again, and waits for what it says to that. */
  async readAnew(expected: RegExp): Promise<string> {
    this.service.process.kill("SIGHUP");
    return await this.service.process.waitForError(expected);
  }

  login(name: string): Promise<RawClient> {
    return RawClient.login(this.service.port, name);
  }

  /** Whether one more user is refused because there are enough. */
  async isFull(): Promise<boolean> {
    using more = await RawClient.connect(this.service.port);
    await more.send(encodeLogin({ name: "more", port: 1 }));
    await more.until(() => more.hasEnded || more.updates.includes("A more"), "an answer");
    return more.updates.length === 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.service[Symbol.asyncDispose]();
  }
}

/** The data folder that a server finds in its home. */
async function dataIn(home: string): Promise<string> {
  const data = `${home}/.local/state/mim/server`;
  await Deno.mkdir(data, { recursive: true });
  return data;
}

/** The operator's lines of a welcome; the server's own comes last. */
function linesOf({ welcome }: RawClient): readonly string[] {
  return welcome.slice(0, -1);
}

Deno.test({
  name: "SIGHUP: a new welcome and new limits are for whoever comes from then on",
  ignore,
  async fn() {
    await using office = await Office.open('{ "maxUsers": 1 }');
    using ada = await office.login("ada");
    assertEquals(linesOf(ada), ["first"]);
    assert(await office.isFull());
    await office.write("welcome.txt", "second\n");
    await office.write("limits.json", '{ "maxUsers": 2 }');
    assert(await office.isFull(), "nothing is read before it is told to");

    await office.readAnew(ANEW);
    using bob = await office.login("bob");
    assertEquals(linesOf(bob), ["second"]);
    assert(await office.isFull());
    await Deno.remove(`${office.data}/limits.json`);
    await office.readAnew(ANEW);
    assertEquals(await office.isFull(), false, "without a file there is no limit");
    await ada.until(() => ada.updates.includes("A bob"), "the Add: who was online stays so");
    await office.service.untilMetrics({
      mim_users: 2,
      'mim_rejections_total{reason="server-full"}': 3,
    });
  },
});

Deno.test({
  name: "SIGHUP: a bad new value keeps all that was, and the log says why",
  ignore,
  async fn() {
    await using office = await Office.open('{ "maxUsers": 1 }');
    using ada = await office.login("ada");
    const kept = async (why: string) => {
      const line = await office.readAnew(/kept the old/);
      assertMatch(line, / error server: kept the old welcome and limits: /);
      assertStringIncludes(line, why);
      using guest = await RawClient.connect(office.service.port);
      await guest.until(() => guest.welcome.length > 0, "the welcome");
      assertEquals(linesOf(guest), ["first"]);
      assert(await office.isFull());
    };
    await office.write("limits.json", '{ "maxUsers": 9 }');
    await office.write("welcome.txt", "x".repeat(9_000));
    await kept("8192");
    await office.write("welcome.txt", "line\n".repeat(65));
    await kept("64");
    await Deno.remove(`${office.data}/welcome.txt`);
    await kept(`No welcome file ${office.data}/welcome.txt`);

    await office.write("welcome.txt", "second\n");
    await office.write("limits.json", "{ maxUsers: 9 }");
    await kept(`Cannot read ${office.data}/limits.json`);
    await office.write("limits.json", '{ "users": 9 }');
    await kept("Unknown limit users");

    await office.write("limits.json", '{ "maxUsers": 9 }');
    await office.readAnew(ANEW);
    using bob = await office.login("bob");
    assertEquals(linesOf(bob), ["second"], "once all is well it is taken");
    await office.service.untilMetrics({ mim_users: 2 });
    assertEquals(ada.updates[0], "A ada");
  },
});

Deno.test({
  name: "the command line comes before limits.json, also anew",
  ignore,
  async fn() {
    await using office = await Office.open('{ "maxUsers": 5 }', "--max-users", "1");
    using _ada = await office.login("ada");
    assert(await office.isFull());
    await office.write("limits.json", '{ "maxUsers": 6 }');
    await office.readAnew(ANEW);
    assert(await office.isFull());
  },
});

Deno.test({
  name: "SIGHUP: welcome.txt in the data folder is read anew, and may come later",
  ignore,
  async fn() {
    const home = newHome();
    const data = await dataIn(home);
    {
      await using service = await Service.start({ home, args: ["--title", "the lab"] });
      const welcome = async () => {
        using guest = await RawClient.connect(service.port);
        await guest.until(() => guest.welcome.length > 0, "the welcome");
        return guest.welcome[0];
      };
      assertEquals(await welcome(), "Welcome to the lab.");
      await Deno.writeTextFile(`${data}/welcome.txt`, "The lab closes at ten\n");
      service.process.kill("SIGHUP");
      await service.process.waitForError(ANEW);
      assertEquals(await welcome(), "The lab closes at ten");
    }
  },
});

Deno.test({
  name: "signals count from the first line on",
  ignore,
  async fn() {
    const { process } = await startServer();
    await using _ = process;
    process.kill("SIGHUP");
    await process.waitForError(ANEW);
    process.kill("SIGTERM");
    assertEquals(await process.exitCode(), 0);
  },
});

Deno.test("--metrics: what happens can be read at /metrics, and that all is well at /healthz", async () => {
  const { process, port } = await startServer("--metrics", "127.0.0.1:0");
  await using _ = process;
  const line = await process.waitForError(/metrics at/);
  const [address = ""] = /http:\/\/127\.0\.0\.1:\d+/.exec(line) ?? [];
  assertMatch(line, / info server: metrics at http:\/\/127\.0\.0\.1:[1-9]\d*\/metrics$/);
  const health = await fetch(`${address}/healthz`);
  assertEquals([health.status, await health.text()], [200, "ok\n"]);

  using _ada = await RawClient.login(port, "ada");
  using mallory = await RawClient.connect(port);
  await mallory.send(new Uint8Array([0xff, 0xff]));
  await mallory.ended;
  await eventually(async () => {
    const text = await (await fetch(`${address}/metrics`)).text();
    for (
      const metric of [
        "mim_users 1",
        "mim_connections 1",
        "mim_logins_total 1",
        "mim_logouts_total 0",
        "mim_updates_total 1",
        'mim_rejections_total{reason="unknown-opening"} 1',
        "mim_slowest_lag_bytes 0",
      ]
    ) assertMatch(text, new RegExp(`^${metric}$`, "m"));
  });
  const other = await fetch(`${address}/`);
  assertEquals(other.status, 404);
  await other.body?.cancel();
});

Deno.test("--metrics at a port in use: one line, exit code 3, and nobody is told that it listens", async () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const at = `127.0.0.1:${taken.addr.port}`;
  const { code, stdout, stderr } = await runToEnd("server", "--port", "0", "--metrics", at);
  assertEquals([code, stdout], [3, ""]);
  const expected = `mim-server: Cannot listen on ${at}: it is in use`;
  assertEquals([stderr.slice(0, expected.length), stderr.trim().split("\n").length], [expected, 1]);
});

Deno.test("--status: a line now and then says how it is doing, as text or JSON", async () => {
  const { process, port } = await startServer("--status", "1");
  await using _ = process;
  const other = await startServer("--status", "1", "--log-format", "json");
  await using __ = other.process;
  using _ada = await RawClient.login(port, "ada");
  using _bob = await RawClient.connect(port);
  const text = / info server: status: 1 users, 2 connections, \d+(\.\d)? updates\/s, [1-9]\d* MiB$/;
  await process.waitForError(text);

  const { level, category, users, connections, rate, memory } = JSON.parse(
    await other.process.waitForError(/"status: /),
  );
  assertEquals([level, category, users, connections, rate], ["info", "mim.server", 0, 0, 0]);
  assert(memory > 0);
  const quiet = await startServer("--status", "1", "--log", "warning");
  await using ___ = quiet.process;
  await quiet.process.waitForError(/ warning server: status: 0 users, 0 connections, /);
  // Nothing happens any more, and the next line says so.
  await process.waitForError(/status: 1 users, 2 connections, 0 updates\/s/);
});
