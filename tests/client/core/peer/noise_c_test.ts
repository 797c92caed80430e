/** Our handshake against an implementation that is not ours, in both roles, on the wire. */

import { assert, assertEquals } from "@std/assert";
import {
  decodePeerIntroduction,
  decodePeerMessage,
  encodeFrame,
  encodePeerMessage,
  encodePreamble,
  type PeerMessage,
} from "../../../../protocol/mod.ts";
import { TableServer } from "../../../helpers/table_server.ts";
import type { TableUser } from "../../../helpers/table_user.ts";
import { testKey } from "../../../fixtures/keys.ts";
import { block, introductionOf, Wire } from "../../../helpers/peers.ts";
import { noiseC, type NoiseCCipher } from "./noise_c.ts";

const NOTHING = new Uint8Array();
const prologue = encodePreamble("chat");
const eve = { name: "eve", key: testKey(9) };
const text = { type: "text", id: new Uint8Array(8).fill(1), sentAt: 5, text: "ünï\n😀" } as const;

/** Talks a little, as the side that has these ciphers, with somebody who hears it as from Eve. */
async function converse(
  wire: Wire,
  [sending, receiving]: readonly [NoiseCCipher, NoiseCCipher],
  user: TableUser,
): Promise<void> {
  const say = (message: PeerMessage) =>
    wire.say(encodeFrame(sending.EncryptWithAd(NOTHING, encodePeerMessage(message))));
  const hear = async () =>
    decodePeerMessage(receiving.DecryptWithAd(NOTHING, await block(wire)).slice());
  await say(text);
  const { chat } = await user.saw("message", { name: "eve", text: text.text });
  assertEquals(await hear(), { type: "received", id: text.id });
  for (const words of ["one", "two", "x".repeat(10_000)]) {
    await chat.send(words);
    const message = await hear();
    assert(message?.type === "text");
    assertEquals(message.text, words);
    await say({ type: "received", id: message.id });
    await user.saw("delivered", { text: words });
  }
  await say({ type: "bye", reason: 0 });
  await user.saw("chat-closed", { by: "them" });
}

Deno.test("noise-c calls: it is understood, and understands", async () => {
  await using server = new TableServer();
  const bob = await server.user("bob");
  await server.pin(bob, eve.name, eve.key);
  await using wire = await Wire.dial(server.network.host("198.18.9.9"), bob.address, bob.port);
  const noise = noiseC("initiator", prologue, eve.key);
  await wire.say(prologue, encodeFrame(noise.WriteMessage(NOTHING)));
  const { name, identity } = decodePeerIntroduction(
    "responder",
    noise.ReadMessage(await block(wire), true).slice(),
  );
  assertEquals([name, identity.toHex()], ["bob", bob.identity.toHex()]);
  await wire.say(encodeFrame(noise.WriteMessage(introductionOf("initiator", eve))));
  await converse(wire, noise.Split(), bob);
});

Deno.test("noise-c is called: it is understood, and understands", async () => {
  await using server = new TableServer();
  const ada = await server.user("ada");
  const other = await server.user("eve", { key: eve.key });
  const { address } = other;
  const listener = server.network.host(address).listen({ hostname: address, port: 0 });
  await ada.isTold((user) => ({ ...user, port: listener.addr.port }));
  const calling = ada.call(other);
  await using wire = new Wire(await listener.accept());
  listener.close();
  assertEquals(await wire.bytes(prologue.length), prologue);
  const noise = noiseC("responder", prologue, eve.key);
  assertEquals(noise.ReadMessage(await block(wire), true).length, 0);
  await wire.say(encodeFrame(noise.WriteMessage(introductionOf("responder", eve))));
  const { name, identity } = decodePeerIntroduction(
    "initiator",
    noise.ReadMessage(await block(wire), true).slice(),
  );
  assertEquals([name, identity.toHex()], ["ada", ada.identity.toHex()]);
  assertEquals((await calling).identity?.toHex(), other.identity.toHex());
  await converse(wire, noise.Split(), ada);
});
