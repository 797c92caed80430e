/** Clients that find a server on their network, on two machines with a cable between them. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import type { TestProcess } from "../helpers/process.ts";
import { requiringTest } from "../helpers/required.ts";
import { TestTerminal } from "../helpers/terminal.ts";
import { MulticastMachines } from "./multicast_machines.ts";
import { type Machine, missingNamespaces } from "./namespaces.ts";

/** A machine, its data folder, and a way to run the client there. */
class Office extends MulticastMachines {
  readonly #folder = Deno.makeTempDirSync();

  folder(name: string): string {
    return `${this.#folder}/${name}`;
  }

  /** Starts a server; resolves once it has taken its name and answers. */
  async start(
    machine: Machine,
    title: string,
    ...args: string[]
  ): Promise<{ server: TestProcess; link: string }> {
    const server = this.serve(machine, title, "--title", title, ...args);
    const link = /mim:\S+/.exec(await server.waitFor(/^others join/))?.[0] ?? "";
    await using finder = this.run(this.there, "finder", "tests/survival/server_finder.ts", "20000");
    await finder.waitFor((line) => line.startsWith(`${title}|`));
    return { server, link };
  }

  /** A client of `there`, whose data folder has that name. */
  client(name: string, ...args: string[]): TestProcess {
    return this.run(this.there, name, "client/main.ts", "--data", this.folder(name), ...args);
  }

  terminal(name: string, ...args: string[]): TestTerminal {
    const command = [Deno.execPath(), "run", "--quiet", "--no-prompt", "--allow-all"];
    const all = [...command, "client/main.ts", "--data", this.folder(name), ...args];
    return new TestTerminal(["netns", "exec", this.there.namespace, ...all], 80, 24, "ip");
  }

  override [Symbol.dispose](): void {
    super[Symbol.dispose]();
    Deno.removeSync(this.#folder, { recursive: true });
  }
}

function test(sentence: string, body: (office: Office) => Promise<void>): void {
  requiringTest("netns", missingNamespaces, `discovery: ${sentence}`, async () => {
    using office = new Office();
    await body(office);
  });
}

test("`servers` lists what is there, within half a second and its start", async (office) => {
  const { server, link } = await office.start(office.here, "the lab");
  await using _ = server;
  await using listing = office.client("ada", "servers", "--json");
  const found = JSON.parse(await listing.waitFor(/server-found/));
  assertEquals([found.title, found.address, found.server], ["the lab", "10.77.0.1:4555", link]);
  assertEquals(await listing.exitCode(), 0);
});

test("a command uses a server whose key is known, and no other", async (office) => {
  const { server, link } = await office.start(office.here, "the lab");
  await using _ = server;
  await using before = office.client("ada", "who", "--plain");
  assertEquals(await before.exitCode(), 3);
  await using meeting = office.client("ada", "--server", link, "who", "--plain");
  assertEquals(await meeting.exitCode(), 0);
  await using after = office.client("ada", "--name", "ada", "who", "--plain");
  await after.waitFor("note\tNo server was named: using the lab on 10.77.0.1:4555, which is known");
  await after.waitFor(/^user\t1\tada\t/);
  assertEquals(await after.exitCode(), 0);
  await using without = office.client("ada", "--no-discover", "who");
  assertEquals(await without.exitCode(), 3);
});

test("an unknown server that says it is a known one is passed by", async (office) => {
  const { server, link } = await office.start(office.here, "the lab");
  await using _ = server;
  await using meeting = office.client("ada", "--server", link, "who");
  assertEquals(await meeting.exitCode(), 0);
  const key = link.split("#")[1] ?? "";
  const liar = "tests/survival/false_server.ts";
  await using lying = office.run(office.here, "liar", liar, office.here.address, key);
  await lying.waitFor("ready");
  await using ada = office.client("ada", "--name", "ada", "--plain");
  await ada.waitFor(/^logged-in\tada/);
  await using who = office.client("ada", "--name", "eve", "who", "--plain");
  assertEquals(await who.exitCode(), 0);
});

test("on a terminal, one server is the suggestion, and joined by Enter", async (office) => {
  const { server } = await office.start(office.here, "the lab\u202e");
  await using _ = server;
  await using ada = office.terminal("ada");
  await ada.shows(/^Your name \[.+\]:/);
  ada.type("ada\r");
  await ada.shows(/^Server \[the lab. on 10\.77\.0\.1:4555\]:/);
  ada.type("\r");
  await ada.shows(/^You are online as ada$/);
});

test("on a terminal, several are a numbered choice", async (office) => {
  const one = await office.start(office.here, "one");
  await using _ = one.server;
  const other = await office.start(office.here, "other", "--port", "4556");
  await using __ = other.server;
  await using ada = office.terminal("ada");
  await ada.shows(/^Your name \[.+\]:/);
  ada.type("ada\r");
  await ada.shows(/^Server \[1\]:/);
  const row = ada.lines.find((line) => line.includes("other on"));
  const number = /^ +([12]) +other on 10\.77\.0\.1:4556, key /.exec(row ?? "")?.[1];
  ada.type(`${number}\r`);
  await ada.shows(/^ {2}Welcome to other\.$/);
});

test("who has hosted before is offered a server, and hosts if that is wanted", async (office) => {
  const { server } = await office.start(office.here, "the lab");
  await using _ = server;
  {
    await using ada = office.terminal("ada", "--name", "ada");
    await ada.shows(/^ {3}1 {2}the lab on 10\.77\.0\.1:4555, key /);
    ada.type("\r");
    await ada.shows(/^You are online as ada$/);
    ada.type("/quit\r");
    assertEquals(await ada.exitCode, 0);
  }
  await using bob = office.terminal("bob", "--name", "bob");
  await bob.shows(/^ {3}1 {2}the lab on /);
  bob.type("/login\r");
  await bob.shows(/^No server was found, so MIM runs one here/);
});

test("a client that hosts is found by others, and no more once it has ended", async (office) => {
  await using host = office.client("host", "--name", "host", "--plain");
  await host.waitFor(/^logged-in\thost/);
  // It has asked for its name by then (RFC 6762: three times in 750 ms) and says that it is there.
  await using seen = office.run(office.here, "finder", "tests/survival/server_finder.ts", "3000");
  assertMatch(await seen.waitFor(/\|4242\|10\.77\.0\.2/), /^[^|]+\|[0-9a-f]{64}\|4242/);
  await host.closeInput();
  host.kill("SIGTERM");
  assertEquals(await host.exitCode(), 143);
  assertEquals(await office.found(office.here), []);
});

test("a script hosts beside an unknown server, as if none were there", async (office) => {
  const { server } = await office.start(office.here, "the lab");
  await using _ = server;
  await using ada = office.client("ada", "--name", "ada", "--plain");
  await ada.waitFor(/^hosting\t10\.77\.0\.2:4242/);
  assert(!ada.unread.some((line) => line.startsWith("server-found")));
});
