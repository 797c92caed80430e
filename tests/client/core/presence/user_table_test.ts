import { assertEquals, assertRejects } from "@std/assert";
import { EventBus } from "../../../../client/core/event_bus.ts";
import { UserTable } from "../../../../client/core/presence/user_table.ts";
import { FakeTime } from "../../../helpers/time.ts";

const SERVER = { hostname: "192.0.2.1", port: 4242 };
const ada = { name: "ada", address: "192.0.2.7", port: 50_000 };
const bob = { name: "bob", address: "192.0.2.8", port: 4000 };
const eve = { name: "eve", address: "192.0.2.9", port: 4001 };

class Client {
  readonly events = new EventBus();
  readonly users: UserTable = new UserTable(this.events);
  /** What was emitted: type, name and id. */
  emitted: string[] = [];

  constructor() {
    for (const type of ["online", "offline", "presence"] as const) {
      this.events.on(type, ({ user }) => {
        this.emitted.push(`${type} ${user.name} ${user.id}`);
        assertEquals(this.users.get(user.id)?.id, type === "offline" ? undefined : user.id);
      });
    }
  }

  /** Logs in at a classic server; the table is complete a moment later. */
  start(resumes: boolean, ...entries: (typeof ada)[]): void {
    this.users.start({
      server: SERVER,
      serverAddress: SERVER.hostname,
      proven: undefined,
      own: ada,
      resumes,
    });
    for (const entry of entries) this.users.apply({ type: "add", entry });
  }

  get names(): string[] {
    return [...this.users].map(({ name, id }) => `${name} ${id}`);
  }
}

Deno.test("users: after a reconnect a user who is still there keeps the id, and no event comes", () => {
  using _time = new FakeTime();
  const client = new Client();
  client.start(false, ada, bob);
  client.users.complete();
  assertEquals(client.emitted, ["online ada 1", "online bob 2"]);
  client.users.stop();
  client.emitted = [];

  client.start(true, eve, bob, ada);
  assertEquals(
    client.names,
    ["ada 1", "bob 2"],
    "the table of before, until the new one is complete",
  );
  client.users.complete();
  assertEquals(client.names, ["eve 3", "bob 2", "ada 1"]);
  assertEquals(client.emitted, ["online eve 3"]);
  client.users.stop();
});

Deno.test("users: one who returns within the grace period was never offline, another is after it", async () => {
  using time = new FakeTime();
  const client = new Client();
  client.start(false, ada, bob, eve);
  client.users.complete();
  client.users.stop();
  client.start(true, ada);
  client.users.complete();
  client.emitted = [];
  client.users.apply({ type: "add", entry: bob });
  assertEquals([client.names, client.emitted], [["ada 1", "bob 2"], []]);
  await time.pass(35_000);
  assertEquals(client.emitted, ["offline eve 3"]);
  client.users.stop();
});

Deno.test("users: a login that fails leaves the table as it was", () => {
  using _time = new FakeTime();
  const client = new Client();
  client.start(false, ada, bob);
  client.users.stop();
  const { staleSince, version } = client.users;
  client.start(false, eve);
  assertEquals(client.names, ["eve 3"]);
  client.users.stop();
  assertEquals(client.names, ["ada 1", "bob 2"]);
  assertEquals(client.users.staleSince, staleSince);
  assertEquals(client.users.replacedAt > version, true);
});

Deno.test("users: find waits for someone else of that name, by its exact spelling first", async () => {
  using time = new FakeTime();
  const client = new Client();
  client.start(false, ada, { ...bob, name: "Bob" });
  assertEquals((await client.users.find("bob")).name, "Bob");
  const found = client.users.find("EVE");
  client.users.apply({ type: "add", entry: eve });
  assertEquals((await found).name, "eve");
  const late = assertRejects(() => client.users.find("ada", { timeoutMs: 100 }), DOMException);
  await time.pass(100);
  assertEquals((await late).name, "TimeoutError");
  const abort = new AbortController();
  const aborted = assertRejects(
    () => client.users.find("zoe", { signal: abort.signal }),
    DOMException,
  );
  abort.abort();
  assertEquals((await aborted).name, "AbortError");
  client.users.stop();
});
