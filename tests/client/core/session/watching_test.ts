/** A client at a server that tells only of those who are watched. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { MemoryStore } from "../../../../client/core/mod.ts";
import { UserTable } from "../../../../client/core/presence/mod.ts";
import { EventBus } from "../../../../client/core/event_bus.ts";
import { Watching } from "../../../../client/core/session/watching.ts";
import {
  encodeLinkClientMessage,
  limits,
  type LinkClientMessage,
} from "../../../../protocol/mod.ts";
import { serverLimits } from "../../../../server/limits.ts";
import type { MimServer } from "../../../../server/mod.ts";
import { TokenBucket } from "../../../../server/platform/util/token_bucket.ts";
import { newIdentity, newKey } from "../../../fixtures/keys.ts";
import { TempFolder } from "../../../helpers/disk.ts";
import { Mim2Peer } from "../../../helpers/peers.ts";
import type { TestUser } from "../../../helpers/test_user.ts";
import { type Place, TestEnvironment } from "../../../helpers/test_environment.ts";
import { poll } from "../../../helpers/wait.ts";

/** A server that tells nobody of everybody, and users with keys there. */
class Crowd implements AsyncDisposable {
  readonly env = TestEnvironment.fake();
  readonly #folder = new TempFolder();
  readonly #machine = this.env.machine();
  server: MimServer;
  readonly at: Place;

  constructor() {
    this.server = this.#serve(0);
    this.at = { hostname: this.#machine.address, port: this.server.port };
  }

  #serve(port: number): MimServer {
    const { address: hostname, network } = this.#machine;
    const at = { hostname, network, port };
    return this.env.serve({ ...at, data: this.#folder.path, fullTable: 0 }).server;
  }

  async restart(): Promise<void> {
    await this.server.close();
    this.server = this.#serve(this.at.port);
  }

  /** Not logged in. */
  user(name: string, more: Parameters<TestEnvironment["user"]>[3] = {}): TestUser {
    return this.env.user(name, this.at, undefined, { identity: newIdentity(), ...more });
  }

  async online(name: string, more?: Parameters<TestEnvironment["user"]>[3]): Promise<TestUser> {
    const user = this.user(name, more);
    await user.login();
    return user;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.env[Symbol.asyncDispose]();
    this.#folder[Symbol.dispose]();
  }
}

const names = (user: TestUser): string => [...user.users].map(({ name }) => name).sort().join(" ");

Deno.test("watching: strangers are in nobody's table until they are looked for, contacts always are", async () => {
  await using crowd = new Crowd();
  const bob = await crowd.online("bob");
  const store = new MemoryStore();
  const identity = newIdentity();
  const ada = await crowd.online("ada", { store, identity });
  assertEquals([ada.users.isPartial, ada.users.total, names(ada)], [true, 2, "ada"]);
  await ada.users.lookUp("BOB", "nobody");
  assertEquals(names(ada), "ada bob");
  const found = ada.events.events.find((event) => event.type === "online" && !event.user.own);
  assert(found?.type === "online" && found.isFound, "bob did not come just now");
  const chat = await ada.call("bob");
  await (await chat.send("hello")).delivered;
  await bob.saw("message", { text: "hello" });
  assertEquals(names(bob), "ada bob", "whoever calls is looked for");
  await ada.quit();
  await bob.saw("offline", { name: "ada" });

  const again = await crowd.online("ada", { store, identity });
  assertEquals(names(again), "ada bob", "the table is complete with the login");
  await bob.saw("online", { name: "ada" });
  bob.setStatus("away", "tea");
  await again.saw("presence", { name: "bob" });
  assertEquals([...again.users].find(({ name }) => name === "bob")?.details?.status, "tea");
});

Deno.test("watching: people are found by the beginning of their names, and leave the list unheard", async () => {
  await using crowd = new Crowd();
  for (const name of ["Anna", "andy", "Bert"]) await crowd.online(name);
  const ada = await crowd.online("ada");
  await ada.users.search("a");
  assertEquals(names(ada), "ada", "one character is too short");
  await ada.users.search("an");
  assertEquals(names(ada), "Anna ada andy");
  await ada.users.search("ann"); // is known already
  await crowd.online("Anton");
  await ada.users.search("anx");
  assertEquals(names(ada), "Anna ada andy", "those who come are not watched");
  const found = await ada.users.find("anton", { timeoutMs: 60_000 });
  assertEquals(found.name, "Anton");
});

Deno.test("watching: somebody who is waited for is seen to come, and to go", async () => {
  await using crowd = new Crowd();
  const ada = await crowd.online("ada");
  const waiting = ada.users.find("bob", { timeoutMs: 60_000 });
  await ada.users.lookUp("bob");
  const bob = await crowd.online("Bob");
  assertEquals((await waiting).name, "Bob");
  await bob.quit();
  await ada.saw("offline", { name: "Bob" });
  assertEquals(names(ada), "ada");
});

Deno.test("watching: after a restart of the server all are watched as before, under the same ids", async () => {
  await using crowd = new Crowd();
  for (const name of ["bob", "carol"]) await crowd.online(name, { reconnect: true });
  const ada = await crowd.online("ada", { reconnect: true });
  await ada.users.lookUp("bob");
  await ada.users.search("car");
  const rows = () => [...ada.users].map(({ id, name }) => `${name} ${id}`).sort().join();
  const before = rows();
  assertMatch(before, /^ada \d+,bob \d+,carol \d+$/);
  await crowd.restart();
  await poll(() => ada.state === "online" && crowd.server.userCount === 3, "all to come back");
  await ada.users.ready;
  await poll(() => ada.users.staleSince === undefined && rows() === before, "the table", rows);
  const { types } = ada.events;
  const changes = types.slice(types.lastIndexOf("logged-in")).filter((type) => type === "offline");
  assertEquals(changes, []);
});

Deno.test("watching: a caller who takes a listed name with another key is refused, as where all are listed", async () => {
  await using crowd = new Crowd();
  const ada = await crowd.online("ada");
  await crowd.online("bob");
  const { address = "", port = 0 } = ada.users.own ?? {};
  assertEquals(names(ada), "ada");
  const wire = await crowd.env.dial({ hostname: address, port });
  await Mim2Peer.call(wire, { name: "bob", key: newKey() });
  const { text } = await ada.saw("error");
  assertMatch(text, /bob/);
  assertEquals([names(ada), ada.chats.all.length, ada.calls.pending.length], ["ada bob", 0, 0]);
});

Deno.test("watching: a flood of callers under many names costs the session nothing", async () => {
  await using crowd = new Crowd();
  const ada = await crowd.online("ada");
  const { address = "", port = 0 } = ada.users.own ?? {};
  for (let at = 0; at < 80; at++) {
    const wire = await crowd.env.dial({ hostname: address, port });
    await wire.say(`stranger ${at}\n`);
  }
  const bob = await crowd.online("bob");
  assertEquals((await ada.users.find("bob", { timeoutMs: 60_000 })).name, "bob");
  assertEquals([ada.state, bob.state], ["online", "online"]);
  assert(!ada.events.types.includes("disconnected"));
});

/** A link that counts what a server would take. */
class CountingLink {
  readonly said: LinkClientMessage[] = [];
  readonly #rate = new TokenBucket(serverLimits.messageBurst, serverLimits.messagesPerSecond);
  isFast = false;

  say(message: LinkClientMessage): boolean {
    this.isFast ||= !this.#rate.take(performance.now());
    assert(encodeLinkClientMessage(message).length <= limits.loginFrameBytes - 16);
    this.said.push(message);
    return true;
  }
}

Deno.test("watching: a long list goes out in messages that a server takes, one ping behind it", async () => {
  const users = new UserTable(new EventBus());
  users.watchList.begin(new Uint8Array(32));
  users.watchList.addSource(function* () {
    for (let at = 0; at < 3_900; at++) {
      yield { type: "identity", identity: crypto.getRandomValues(new Uint8Array(32)) };
    }
  });
  const link = new CountingLink();
  const watching = new Watching(link, users);
  const synced = watching.sync();
  await poll(() => link.said.at(-1)?.type === "ping", "the ping");
  const items = link.said.flatMap((message) => message.type === "watch" ? message.items : []);
  assertEquals([items.length, link.isFast, watching.isAsking], [3_900, false, true]);
  const ping = link.said.at(-1);
  assert(ping?.type === "ping" && watching.answered(ping.token) && !watching.answered(ping.token));
  await synced;
  watching.close();
});

Deno.test("watching: what is asked for in one turn is one message, and nothing is said twice", async () => {
  const users = new UserTable(new EventBus());
  const link = new CountingLink();
  const watching = new Watching(link, users);
  for (let at = 0; at < 100; at++) {
    users.watchList.remember("named", { type: "name", name: `user ${at % 50}` });
    void watching.sync();
  }
  await poll(() => link.said.length > 0, "a message");
  assertEquals(link.said.map(({ type }) => type), ["watch", "ping"]);
  const later = watching.sync();
  watching.close();
  await later; // it is not waited for any more
  assertEquals(link.said.length, 2);
});
