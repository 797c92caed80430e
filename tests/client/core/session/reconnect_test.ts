import { assert, assertEquals, assertThrows } from "@std/assert";
import { backoff } from "../../../../client/core/backoff.ts";
import { ClientError } from "../../../../client/core/mod.ts";
import { MimServer } from "../../../../server/mod.ts";
import { assertRefused, TestUser } from "../../../helpers/test_user.ts";
import { FakeNetwork } from "../../../../client/testing/fake_network.ts";
import { FakeTime } from "../../../helpers/time.ts";

const SERVER = { hostname: "198.18.0.1", port: 4242 };

/** A server that can go and come back, and users who want to be with it. */
class Town implements AsyncDisposable {
  readonly network = new FakeNetwork();
  readonly #users: TestUser[] = [];
  #server: MimServer | undefined;
  welcome = "Hello";

  constructor() {
    this.up();
  }

  up(): void {
    const network = this.network.host(SERVER.hostname);
    this.#server = MimServer.listen({ ...SERVER, network, welcome: this.welcome });
  }

  async down(): Promise<void> {
    await this.#server?.close();
    for (const user of this.#users) if (user.state === "online") await user.saw("disconnected");
  }

  async user(name: string, reconnect = true): Promise<TestUser> {
    const network = this.network.host(`198.18.1.${this.#users.length + 1}`);
    const user = new TestUser({ name, server: SERVER, network, reconnect });
    this.#users.push(user);
    await user.login();
    return user;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const user of this.#users) await user.quit();
    await this.#server?.close();
    assertEquals(this.network.open, 0);
  }
}

/** What a user was told, as words. */
function told(user: TestUser): string[] {
  return user.events.all.map(({ event, name, text }) => [event, name ?? text].join(" ").trim());
}

Deno.test("backoff: half a second, doubling to half a minute, up to half of it left out", () => {
  assertEquals([0, 1, 2, 5, 6, 7, 1_000].map((tries) => backoff(tries, 0)), [
    500,
    1_000,
    2_000,
    16_000,
    30_000,
    30_000,
    30_000,
  ]);
  assertEquals(backoff(0, 1), 250);
  assertEquals(backoff(9, 0.5), 22_500);
});

Deno.test("reconnecting: all come back, the chat goes on, and nothing is told twice", async () => {
  using time = new FakeTime();
  await using town = new Town();
  const [ada, bob] = [await town.user("ada"), await town.user("bob")];
  const chat = await ada.call("bob");
  await bob.saw("chat-opened");
  await town.down();
  assertEquals(ada.state, "reconnecting");
  assert(ada.users.staleSince !== undefined);
  await chat.send("still there?");
  await bob.saw("message", { text: "still there?" });
  await time.pass(20_000);
  for (const user of [ada, bob]) user.events.clear();
  town.up();
  await time.pass(80_000);
  assertEquals(told(ada), ["connected", "listening", "logged-in ada"]);
  assertEquals(told(bob), ["connected", "listening", "logged-in bob"]);
  assertEquals([...ada.users].map(({ name }) => name).sort(), ["ada", "bob"]);
  assertEquals(ada.users.staleSince, undefined);
  assertEquals(chat.state, "open");
});

Deno.test("reconnecting: who came, went or moved is told, and a new welcome whole", async () => {
  using time = new FakeTime();
  await using town = new Town();
  const [ada, bob, carol] = [
    await town.user("ada"),
    await town.user("bob", false),
    await town.user("carol", false),
  ];
  const before = [...carol.users].find(({ own }) => own)?.port;
  await ada.saw("online", { name: "carol" });
  await town.down();
  ada.events.clear();
  town.welcome = "Hello again";
  town.up();
  await carol.quit(); // which closes her listener
  await carol.login();
  await town.user("dave");
  await time.pass(2_000);
  assert([...carol.users].find(({ own }) => own)?.port !== before);
  assertEquals(told(ada).slice(0, 2), ["connected", "welcome Hello again"]);
  const changes = () => told(ada).filter((line) => /^(on|off)line/.test(line)).sort();
  assertEquals(changes(), ["offline carol", "online carol", "online dave"]);
  assertEquals(bob.state, "offline");
  await time.pass(60_000);
  assertEquals(changes(), ["offline bob", "offline carol", "online carol", "online dave"]);
});

Deno.test("reconnecting: /logout ends it; a login meanwhile tries at once, and is tried again", async () => {
  using time = new FakeTime();
  await using town = new Town();
  const [ada, bob] = [await town.user("ada"), await town.user("bob")];
  await town.down();
  await time.pass(10_000);
  await assertRefused("server-unreachable", () => ada.login());
  assertEquals(ada.state, "reconnecting");
  bob.logout();
  assertEquals(bob.state, "offline");
  town.up();
  await ada.login();
  assertEquals(ada.state, "online");
  await time.pass(60_000);
  assertEquals(ada.state, "online");
  assertEquals(bob.state, "offline");
});

Deno.test("reconnecting: a login that fails goes on being tried", async () => {
  using time = new FakeTime();
  await using town = new Town();
  const ada = await town.user("ada");
  await town.down();
  await assertRefused("server-unreachable", () => ada.login());
  town.up();
  await time.pass(31_000);
  assertEquals(ada.state, "online");
});

Deno.test("reconnecting: after a sleep it is tried at once", async () => {
  using time = new FakeTime();
  await using town = new Town();
  const ada = await town.user("ada");
  await town.down();
  await time.pass(120_000); // now it waits for 15 to 30 s each time
  town.up();
  time.sleep(3_600_000);
  await time.pass(2_100);
  assertEquals(ada.state, "online");
});

Deno.test("reconnecting: a connection that a sleep may have cost is made anew", async () => {
  using time = new FakeTime();
  await using town = new Town();
  const ada = await town.user("ada");
  ada.events.clear();
  await time.pass(10_000);
  assertEquals(told(ada), []);
  time.sleep(3_600_000);
  await time.pass(5_000);
  assertEquals(ada.state, "online");
  assertEquals(told(ada).slice(0, 2), ["disconnected", "connected"]);
});

Deno.test("reconnecting: a first login is tried again, until a server refuses it", async () => {
  using time = new FakeTime();
  const network = new FakeNetwork();
  const machine = network.host(SERVER.hostname);
  await using ada = new TestUser({
    name: "ada",
    server: SERVER,
    network: network.host("198.18.1.1"),
  });
  const refusals: unknown[] = [];
  await assertRefused("server-unreachable", () => ada.login());
  ada.startReconnecting((error) => refusals.push(error));
  assertThrows(() => ada.startReconnecting(() => {}), ClientError, "about to log in");
  await assertRefused("server-unreachable", () => ada.login());
  assertEquals(ada.state, "reconnecting");
  await time.pass(60_000);
  assertEquals([told(ada), refusals], [[], []]);
  const listener = machine.listen(SERVER);
  const refused = listener.accept().then((connection) => connection.close());
  await time.pass(31_000);
  await refused;
  listener.close();
  assert(refusals[0] instanceof ClientError && refusals[0].code === "protocol-error");
  assertEquals([refusals.length, ada.state], [1, "offline"]);
});

Deno.test("reconnecting: a first login succeeds once the server is there", async () => {
  using time = new FakeTime();
  await using town = new Town();
  await town.down();
  const network = town.network.host("198.18.1.9");
  await using ada = new TestUser({ name: "ada", server: SERVER, network });
  await assertRefused("server-unreachable", () => ada.login());
  ada.startReconnecting(() => {});
  town.up();
  await time.pass(31_000);
  assertEquals(told(ada), [
    "connected",
    "welcome Hello",
    "listening",
    "online ada",
    "logged-in ada",
  ]);
});
