/** A client that can't listen at the address that it is given. */

import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { ClientError } from "../../../../client/core/mod.ts";
import type { Network } from "../../../../server/mod.ts";
import { TestEnvironment } from "../../../helpers/test_environment.ts";

Deno.test("listener: if the port is taken, another one at the same address will do, if that is said", async () => {
  await using env = TestEnvironment.real();
  const { at } = env.serve();
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = taken.addr as Deno.NetAddr;
  const listen = { hostname: "127.0.0.1", port };
  const strict = env.user("ada", at, undefined, { listen });
  await assertRejects(() => strict.login(), ClientError, "cannot listen");
  const errors: ClientError[] = [];
  const onUnusable = (error: ClientError) => errors.push(error);
  const bob = env.user("bob", at, undefined, { listen: { ...listen, onUnusable } });
  await bob.login();
  assertEquals(errors.map(({ code }) => code), ["cannot-listen"]);
  await bob.users.ready;
  const own = bob.users.own;
  assertEquals(own?.address, "127.0.0.1");
  assert(own !== undefined && own.port !== port);
});

Deno.test("listener: if nothing can listen elsewhere either, the login fails, and names the port that was wanted", async () => {
  await using env = TestEnvironment.fake();
  const { at } = env.serve();
  const machine = env.machine();
  const network: Network = {
    connect: (to) => machine.network.connect(to),
    listen: () => {
      throw new Deno.errors.AddrInUse("no address is free");
    },
  };
  const onUnusable = () => assert(false, "nothing listens");
  for (const elsewhere of [{ mayMove: true }, { onUnusable }]) {
    const listen = { port: 4000, ...elsewhere };
    const ada = env.user("ada", at, { ...machine, network }, { listen });
    const error = await assertRejects(() => ada.login(), ClientError);
    assertEquals(error.code, "cannot-listen");
    assertMatch(error.message, / port 4000: it is in use$/);
  }
});
