import { assert, assertEquals } from "@std/assert";
import { encodeLinkClientMessage, encodeLinkLogin } from "../../../protocol/mod.ts";
import { serverLimits } from "../../../server/limits.ts";
import { MimServer } from "../../../server/mod.ts";
import { TempFolder } from "../../helpers/disk.ts";
import { Mim2Client } from "../../helpers/mim2_client.ts";
import { testKey } from "../../fixtures/keys.ts";
import { RawClient } from "../../helpers/raw_client.ts";
import { Clock } from "../../helpers/time.ts";
import { poll } from "../../helpers/wait.ts";

function listen(folder: TempFolder): MimServer {
  return MimServer.listen({ hostname: "127.0.0.1", port: 0, data: folder.path });
}

function names(client: Mim2Client): string[] {
  return [...client.table.values()].map(({ name }) => name).sort();
}

Deno.test("the first MIM/2 client is told of the classic ones who came before, and left", async () => {
  using clock = new Clock();
  using folder = new TempFolder();
  await using server = listen(folder);
  using ann = await RawClient.login(server.port, "ann");
  using _bob = await RawClient.login(server.port, "bob");
  using gone = await RawClient.login(server.port, "gone");
  gone.close();
  await poll(() => server.userCount === 2, "one to leave");
  {
    using first = await Mim2Client.login(server.port, "first");
    assertEquals(names(first), ["ann", "bob", "first"]);
    using _late = await RawClient.login(server.port, "late");
    await first.until(() => first.entries("late").length === 1, "who comes later");
  }
  await poll(() => server.userCount === 2, "all but two to leave");
  await poll(() => server.stats.mim2Users === 0, "nobody in MIM/2");
  clock.advance(serverLimits.keepAliveIntervalMs);
  await ann.until(() => ann.updates.includes("D "), "that the server has looked at the time");
  using _cleo = await RawClient.login(server.port, "cleo");
  ann.close();
  await poll(() => server.userCount === 2, "one to leave");
  using second = await Mim2Client.login(server.port, "second");
  assertEquals(names(second), ["bob", "cleo", "second"]);
  assertEquals(second.all("complete")[0]?.rows, 3);
});

Deno.test("an epoch without anybody to be told ends all the same, once somebody has come and gone", async () => {
  using clock = new Clock();
  using folder = new TempFolder();
  await using server = listen(folder);
  const secretOf = async (name: string) => {
    using client = await Mim2Client.login(server.port, name, { key: testKey(1) });
    return client.all("accepted")[0]?.secret;
  };
  const first = await secretOf("ada");
  assert(first !== undefined);
  clock.advance(serverLimits.epochMs);
  await poll(
    async () => (await secretOf("ada"))?.toHex() !== first.toHex(),
    "another secret",
  );
});

Deno.test("what is sent right behind a login is answered behind the table", async () => {
  using folder = new TempFolder();
  await using server = listen(folder);
  using ada = await Mim2Client.connect(server.port);
  const login = await ada.loginOf("ada");
  const sent = [
    ada.encrypted(encodeLinkLogin(login)),
    ada.encrypted(encodeLinkClientMessage({ type: "ping", token: 7 })),
    ada.say({ type: "status", availability: "away", status: "tea" }),
  ];
  await Promise.all(sent);
  await ada.until(() => ada.all("pong").length === 1, "the answer");
  const types = ada.messages.map(({ type }) => type);
  assertEquals(types[0], "accepted");
  assert(types.indexOf("pong") > types.indexOf("complete"));
  await ada.until(() => ada.entry("ada").status === "tea", "the own status");
});

Deno.test("those who log in at once are sent the same table, each whole", async () => {
  using folder = new TempFolder();
  await using server = listen(folder);
  const many = 30;
  const clients = await Promise.all(
    Array.from({ length: many }, () => Mim2Client.connect(server.port)),
  );
  const logins = await Promise.all(clients.map((client, at) => client.loginOf(`user${at}`)));
  await Promise.all(clients.map((client, at) => {
    const login = logins[at];
    return login && client.logIn(login);
  }));
  await Promise.all(
    clients.map((client) => client.until(() => client.table.size === many, "everybody")),
  );
  for (const client of clients) client.close();
  await poll(() => server.userCount === 0, "all to leave");
});

Deno.test("a client that hangs up right behind its login is in no list", async () => {
  using folder = new TempFolder();
  await using server = listen(folder);
  using bob = await Mim2Client.login(server.port, "bob");
  for (let time = 0; time < 10; time++) {
    using ada = await Mim2Client.connect(server.port);
    await ada.logIn(await ada.loginOf("ada"));
    ada.close();
  }
  await poll(() => server.userCount === 1, "all others to leave");
  using eve = await Mim2Client.login(server.port, "eve");
  await bob.until(() => names(bob).join() === "bob,eve", "the last one");
  assertEquals(names(eve), ["bob", "eve"]);
});
