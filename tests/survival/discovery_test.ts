/** Clients that find a server on their network, on two machines with a cable between them. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import type { TestProcess } from "../helpers/process.ts";
import { requiringTest } from "../helpers/required.ts";
import { TestTerminal } from "../helpers/terminal.ts";
import { poll } from "../helpers/wait.ts";
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
    await this.waitForAnnouncement(title);
    return { server, link };
  }

  /** Waits until `there` finds a server with that title or address. */
  async waitForAnnouncement(what: string): Promise<void> {
    await using finder = this.run(this.there, "finder", "tests/survival/server_finder.ts", "20000");
    await finder.waitFor((line) => line.split("|").includes(what), `${what} to be announced`);
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

/** Makes a machine ask itself for names, and look for them in a domain. */
class SearchDomain implements Disposable {
  readonly #folder: string;

  constructor({ namespace }: Machine, domain: string) {
    this.#folder = `/etc/netns/${namespace}`;
    Deno.mkdirSync(this.#folder, { recursive: true });
    const lines = `search ${domain}\nnameserver 127.0.0.53\n`;
    Deno.writeTextFileSync(`${this.#folder}/resolv.conf`, lines);
  }

  [Symbol.dispose](): void {
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
  let line: string | undefined;
  await poll(async () => { // half a second is short on a busy machine
    await using listing = office.client("ada", "servers", "--json");
    assertEquals(await listing.exitCode(), 0);
    line = listing.unread.find((each) => each.includes("server-found"));
    return line !== undefined;
  }, "it to be found");
  const found = JSON.parse(line ?? "");
  assertEquals([found.title, found.address, found.server], ["the lab", "10.77.0.1:4555", link]);
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

/** A client that is offered the lab: on a busy machine a search may end before the answers come. */
async function offeredTheLab(office: Office, name: string): Promise<TestTerminal> {
  const isOffer = (line: string) => /^ {3}1 {2}the lab on 10\.77\.0\.1:4555, key /.test(line);
  for (let tries = 0; tries < 10; tries++) {
    const terminal = office.terminal(name, "--name", name);
    await terminal.until(
      (lines) => lines.some((line) => isOffer(line) || line.startsWith("No server was found")),
      "the end of the search",
    );
    if (terminal.lines.some(isOffer)) return terminal;
    await terminal[Symbol.asyncDispose]();
  }
  throw new Error("expected the lab to be offered");
}

test("who has hosted before is offered a server, and hosts if that is wanted", async (office) => {
  const { server } = await office.start(office.here, "the lab");
  await using _ = server;
  {
    await using ada = await offeredTheLab(office, "ada");
    ada.type("\r");
    await ada.shows(/^You are online as ada$/);
    ada.type("/quit\r");
    assertEquals(await ada.exitCode, 0);
  }
  await using bob = await offeredTheLab(office, "bob");
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

test("a known server that has another address is found by its key, and remembered there", async (office) => {
  const data = office.folder("server");
  const start = () => office.run(office.here, "server", "server/main.ts", "--data", data);
  await Deno.mkdir(office.folder("ada"));
  const config = `${office.folder("ada")}/config.json`;
  await Deno.writeTextFile(config, '{ "server": "10.77.0.1", "name": "ada" }');
  {
    await using server = start();
    await server.waitFor(/^listening on /);
    await using send = office.client("ada", "--no-host", "send", "ada", "x");
    assertEquals(await send.exitCode(), 5);
  }
  office.command(office.here, "ip", "address", "delete", "10.77.0.1/24", "dev", "cable");
  office.command(office.here, "ip", "address", "add", "10.77.0.9/24", "dev", "cable");
  office.command(office.here, "ip", "route", "replace", "224.0.0.0/4", "dev", "cable");
  // On a busy machine the link-local address may answer first, and then that is where it is.
  office.command(office.here, "ip", "-6", "address", "flush", "dev", "cable");
  await using _server = start();
  await office.waitForAnnouncement("10.77.0.9");
  await using ada = office.client("ada", "--plain");
  const moved = "The server at 10.77.0.1 has moved to 10.77.0.9: it has proven the same key";
  await ada.waitFor(`note\t${moved}`);
  await ada.closeInput();
  await poll(async () => (await Deno.readTextFile(config)).includes("10.77.0.9"), "the config");
});

test("servers that DNS names for the search domain are found, and asked for once", async (office) => {
  await using server = office.serve(office.here, "server", "--no-announce");
  await server.waitFor(/^listening on /);
  using _domain = new SearchDomain(office.there, "lab.example");
  const program = "tests/survival/name_server.ts";
  await using dns = office.run(office.there, "dns", program, "mim.lab.example");
  await dns.waitFor("ready");
  const asked = () => dns.unread.filter((line) => line === "SRV _mim._tcp.lab.example").length;
  let before = 0;
  // On a busy machine the first search may end before the answers come.
  await poll(async () => {
    before = asked();
    await using listing = office.client("ada", "servers", "--plain");
    assertEquals(await listing.exitCode(), 0);
    const row = "server-found\tmim.lab.example\tmim.lab.example:4555\t\t";
    return listing.unread.includes(row);
  }, "the server to be listed");
  await poll(() => asked() > before, "the question");
  assertEquals(asked() - before, 1);
  const named = ["--server", "mim.lab.example:4555"];
  await using meeting = office.client("ada", ...named, "send", "nobody", "x");
  assertEquals(await meeting.exitCode(), 5);
  await using after = office.client("ada", "who", "--plain");
  await after.waitFor(/^note\tNo server was named: using mim\.lab\.example on /);
  assertEquals(await after.exitCode(), 0);
});

test("a thousand false ones are sixteen rows that are safe to print, in bounded time", async (office) => {
  const program = "tests/survival/false_announcements.ts";
  await using liar = office.run(office.here, "liar", program);
  await liar.waitFor("ready");
  let rows: readonly string[] = [];
  // On a busy machine the first search may end before the answers come.
  await poll(async () => {
    await using listing = office.client("ada", "servers", "--plain");
    assertEquals(await listing.exitCode(), 0);
    rows = listing.unread.filter((line) => line.startsWith("server-found\t"));
    return rows.length > 0;
  }, "rows");
  assert(rows.length <= 16, `${rows.length}`);
  for (const row of rows) {
    assertMatch(row, /^server-found\t[^\p{C}]{1,300}\t10\.77\.0\.66:4242\t\t$/u);
  }
});
