import { assert, assertEquals } from "@std/assert";
import { capabilities, type WatchedItem } from "../../../protocol/mod.ts";
import { serverLimits } from "../../../server/limits.ts";
import { MimServer, type ServerOptions } from "../../../server/mod.ts";
import { testKey } from "../../fixtures/keys.ts";
import { TempFolder } from "../../helpers/disk.ts";
import { Mim2Client } from "../../helpers/mim2_client.ts";
import { RawClient } from "../../helpers/raw_client.ts";
import { poll } from "../../helpers/wait.ts";

const WATCHING = { capabilities: capabilities.watching } as const;

async function listen(folder: TempFolder, options: ServerOptions = {}): Promise<MimServer> {
  const at = { hostname: "127.0.0.1", port: 0, data: folder.path };
  const server = MimServer.listen({ ...at, fullTable: 2, ...options });
  await server.ready;
  return server;
}

/** Asks for an answer: all that was said before has been heard then. */
async function heard(client: Mim2Client): Promise<void> {
  const before = client.all("pong").length;
  await client.say({ type: "ping", token: 1 });
  await client.until(() => client.all("pong").length > before, "an answer");
}

const watch = (client: Mim2Client, items: readonly WatchedItem[], isOn = true) =>
  client.say({ type: "watch", isOn, items });

function names(client: Mim2Client): string {
  return [...client.table.values()].map(({ name }) => name).sort().join(" ");
}

for (const workers of [1, 2]) {
  Deno.test(`watching, ${workers} threads: told of the own row and of what is watched, and of no more`, async () => {
    using folder = new TempFolder();
    await using server = await listen(folder, { workers });
    using ada = await Mim2Client.login(server.port, "ada", { key: testKey(1) });
    using bob = await Mim2Client.login(server.port, "bob");
    using _eve = await RawClient.login(server.port, "Eve");
    using dora = await Mim2Client.login(server.port, "dora", WATCHING);
    const [accepted] = dora.all("accepted");
    assert(accepted?.isWatching && accepted.secret.length === 0);
    assertEquals(dora.all("complete")[0]?.rows, 4);
    assertEquals(names(dora), "dora");

    await watch(dora, [
      { type: "identity", identity: ada.entry("ada").identity },
      { type: "name", name: "EVE" },
      { type: "name", name: "later" },
    ]);
    await dora.until(() => names(dora) === "Eve ada dora", "whom it watches");
    await watch(dora, [{ type: "session", session: bob.session }]);
    await dora.until(() => names(dora) === "Eve ada bob dora", "one session");
    await ada.say({ type: "status", availability: "away", status: "tea" });
    await dora.until(() => dora.entry("ada").status === "tea", "the status");
    {
      using _later = await Mim2Client.login(server.port, "Later");
      await dora.until(() => names(dora).includes("Later"), "who comes");
    }
    await dora.until(() => !names(dora).includes("Later"), "who goes");
    await dora.say({ type: "status", availability: "busy", status: "" });
    await dora.until(() => dora.entry("dora").availability === "busy", "the own row");

    await watch(dora, [{ type: "session", session: bob.session }], false);
    await heard(dora);
    const told = dora.updates.length;
    await bob.say({ type: "status", availability: "away", status: "out" });
    await ada.until(() => ada.entry("bob").status === "out", "that others are told");
    using _unknown = await RawClient.login(server.port, "unknown");
    await heard(dora);
    assertEquals(dora.updates.length, told);
  });
}

Deno.test("watching: a smaller table, or a client that does not ask for it, is told of everybody", async () => {
  using folder = new TempFolder();
  await using server = await listen(folder);
  using ada = await Mim2Client.login(server.port, "ada", WATCHING);
  using _bob = await Mim2Client.login(server.port, "bob");
  using cleo = await Mim2Client.login(server.port, "cleo");
  await ada.until(() => names(ada) === "ada bob cleo", "everybody");
  assertEquals(names(cleo), "ada bob cleo");
  assertEquals(cleo.all("accepted")[0]?.isWatching, false);
});

Deno.test("watching: people are found by the beginning of their names, as many as fit", async () => {
  using folder = new TempFolder();
  await using server = await listen(folder);
  const users = await Promise.all(
    Array.from({ length: 6 }, (_, user) => RawClient.login(server.port, `Ännchen ${user}`)),
  );
  using dora = await Mim2Client.login(server.port, "dora", WATCHING);
  const find = async (start: string, most: number) => {
    const query = dora.all("found").length;
    await dora.say({ type: "find", query, start, most });
    await dora.until(() => dora.all("found").length > query, "an answer");
    const found = dora.all("found").at(-1);
    assertEquals(found?.query, query);
    return found?.rows.map(({ name }) => name);
  };
  assertEquals(await find("ännch", 3), ["Ännchen 0", "Ännchen 1", "Ännchen 2"]);
  assertEquals(await find("ÄNNCHEN 5", 100), ["Ännchen 5"]);
  assertEquals(await find("ä", 100), [], "one character is too short");
  assertEquals(await find("nobody", 100), []);
  assertEquals(names(dora), "dora", "nobody is watched by that");
  users.pop()?.close();
  await poll(() => server.userCount === 6, "one to leave");
  assertEquals((await find("ännchen", 100))?.length, 5);
  for (let query = 0; query < 2 * serverLimits.findBurst; query++) {
    await dora.say({ type: "find", query: 99, start: "dora", most: 1 });
  }
  await heard(dora);
  assert(dora.all("found").filter(({ query }) => query === 99).length < serverLimits.findBurst);
  for (const user of users) user.close();
});

Deno.test("watching: each row is told once, before the reply to a ping that was sent behind", async () => {
  using folder = new TempFolder();
  await using server = await listen(folder);
  using ada = await Mim2Client.login(server.port, "ada", { key: testKey(1) });
  using bob = await Mim2Client.login(server.port, "bob");
  using _cleo = await Mim2Client.login(server.port, "cleo");
  using dora = await Mim2Client.login(server.port, "dora", WATCHING);
  const items = [
    { type: "identity", identity: ada.entry("ada").identity },
    { type: "session", session: ada.session },
    { type: "name", name: "Ada" },
    { type: "name", name: "bob" },
  ] as const;
  const before = dora.messages.length;
  await Promise.all([watch(dora, items), dora.say({ type: "ping", token: 7 })]);
  await dora.until(() => dora.all("pong").length === 1, "the reply");
  const types = dora.messages.slice(before).map(({ type }) => type);
  assertEquals(types.filter((type) => type !== "ping"), ["add", "add", "pong"]);
  await watch(dora, [items[0]], false);
  await heard(dora);
  await ada.say({ type: "status", availability: "away", status: "tea" });
  await dora.until(() => dora.entry("ada").status === "tea", "what two items still watch");
  assertEquals(dora.changes("status", "tea").length, 1);
  assertEquals(bob.all("found"), []);
});

Deno.test("watching: whoever asks to be called is told of first", async () => {
  using folder = new TempFolder();
  await using server = await listen(folder);
  using ada = await Mim2Client.login(server.port, "ada");
  using _bob = await Mim2Client.login(server.port, "bob");
  using _cleo = await Mim2Client.login(server.port, "cleo");
  using dora = await Mim2Client.login(server.port, "dora", WATCHING);
  await ada.until(() => ada.entries("dora").length === 1, "the newcomer");
  await ada.say({ type: "call-me", session: dora.session });
  await dora.until(() => dora.all("call-me").length === 1, "the request");
  assertEquals(dora.all("call-me")[0]?.session, ada.session);
  const types = dora.messages.map((message) => message.type);
  assert(types.lastIndexOf("add") < types.indexOf("call-me"));
  assertEquals(names(dora), "ada dora");
});

Deno.test("watching: more than is allowed ends the session, and the rest costs nothing", async () => {
  using folder = new TempFolder();
  await using server = await listen(folder, { fullTable: 0 });
  using dora = await Mim2Client.login(server.port, "dora", WATCHING);
  const each = 200;
  for (let sent = 0; sent <= serverLimits.watchedItems; sent += each) {
    await watch(
      dora,
      Array.from({ length: each }, () => ({
        type: "session",
        session: crypto.getRandomValues(new Uint8Array(8)),
      })),
    ).catch(() => {});
  }
  await dora.ended;
  assertEquals(dora.refusal?.code, 5);
  await poll(() => server.userCount === 0, "the end");
});
