import { assertEquals } from "@std/assert";
import { EventBus } from "../../../../client/core/event_bus.ts";
import { PeerListener } from "../../../../client/core/peer/listener.ts";
import { inTime } from "../../../helpers/wait.ts";
import { FakeNetwork } from "../../../../client/testing/fake_network.ts";
import { FakeTime } from "../../../helpers/time.ts";
import { resettingNetwork } from "../../../helpers/faults.ts";
import { Wire } from "../../../helpers/peers.ts";

Deno.test("listener: connections that are reset before they are accepted hold up no call", async () => {
  using _time = new FakeTime(); // no time passes, so a rest would never end
  const host = new FakeNetwork().host("192.0.2.1");
  const call = Promise.withResolvers<string>();
  const events = new EventBus();
  events.on("error", ({ error }) => call.reject(error));
  const network = resettingNetwork(host, 1_000);
  const listener = new PeerListener(
    { network, events, signaling: { name: "ada", credential: undefined }, keys: undefined },
    undefined,
    0,
    {
      countIgnored: () => false,
      isListed: () => false,
      beforeCall: () => Promise.resolve(),
      onClassicCall(connection, name) {
        connection.close();
        call.resolve(name);
      },
      onFileLink: () => false,
      onSecureCall: () => Promise.resolve(undefined),
    },
  );
  await using bob = await Wire.dial(host, "127.0.0.1", listener.port);
  await bob.say("bob\n");
  assertEquals(await inTime(call.promise, "the call"), "bob");
  listener.close();
});
