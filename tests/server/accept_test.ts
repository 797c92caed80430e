import { assertEquals } from "@std/assert";
import { MimServer } from "../../server/mod.ts";
import { FakeNetwork } from "../../client/testing/fake_network.ts";
import { FakeTime } from "../helpers/time.ts";
import { resettingNetwork } from "../helpers/faults.ts";
import { LogRecords } from "../helpers/log_records.ts";
import { Wire } from "../helpers/peers.ts";

Deno.test("who resets before being accepted holds up nobody: accepting goes on at once", async () => {
  await using log = await LogRecords.start();
  using _time = new FakeTime(); // no time passes, so a rest would never end
  const host = new FakeNetwork().host("192.0.2.1");
  await using server = MimServer.listen({
    port: 0,
    welcome: "Hello",
    network: resettingNetwork(host, 1_000),
  });
  await using ada = await Wire.dial(host, "127.0.0.1", server.port);
  assertEquals(await ada.line(), "Hello");
  assertEquals(log.lines, []);
});
