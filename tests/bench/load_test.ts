import { assertEquals, assertMatch } from "@std/assert";
import { RawClient } from "../helpers/raw_client.ts";
import { Load } from "./load.ts";
import { Program } from "./program.ts";

const LOADS = {
  "the server": { start: () => Program.mimServer(), options: {} },
  "the plain server": { start: () => Program.plainServer(), options: {} },
  "the server, in MIM/2": {
    start: () => Program.mimServer(),
    options: { dialect: "mim2", dialsFirst: true },
  },
} as const;

for (const [name, { start, options }] of Object.entries(LOADS)) {
  Deno.test(`a load on ${name}: everyone is told of everyone who comes and goes`, async () => {
    await using server = start();
    await using load = await Load.start(await server.port(), 40, 3, options);
    assertEquals(load.online, 1);
    for (let round = 0; round < 2; round++) {
      await load.ramp();
      assertEquals(load.online, 40);
      await load.logOut(1, 2);
      await load.ramp();
      await load.logOut(10, 0);
      assertEquals(load.online, 30);
      await load.empty();
      assertEquals(load.online, 1);
    }
  });
}

Deno.test("a load beside somebody who is not of it: who comes is told of that one too", async () => {
  await using server = Program.mimServer();
  const port = await server.port();
  using other = await RawClient.login(port, "other");
  await using load = await Load.start(port, 10, 2, { others: 1 });
  await load.ramp();
  await load.logOut(3, 0);
  assertEquals(load.online, 7);
  await other.until(
    () => other.updates.filter((u) => u.startsWith("D ")).length === 3,
    "3 Deletes",
  );
});

Deno.test("where the server goes away, the load says so", async () => {
  const server = Program.plainServer();
  await using load = await Load.start(await server.port(), 4, 2);
  await load.ramp();
  await server[Symbol.asyncDispose]();
  const message = await load.logOut(1, 1).then(() => "it worked", (error: Error) => error.message);
  assertMatch(message, /^the load failed: the server closed on a user|refused|reset/i);
});
