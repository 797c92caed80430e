/** A client that is attacked by very many callers: those who are honest get through meanwhile. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { clientLimits } from "../../../../client/core/limits.ts";
import { encodeFrame, encodePreamble } from "../../../../protocol/mod.ts";
import { testKey } from "../../../fixtures/keys.ts";
import { farAway } from "../../../helpers/far_network.ts";
import { Mim2Peer, Wire } from "../../../helpers/peers.ts";
import { TableServer } from "../../../helpers/table_server.ts";
import type { TableUser } from "../../../helpers/table_user.ts";
import { Clock, FakeTime, HeldTimers } from "../../../helpers/time.ts";
import { inTime } from "../../../helpers/wait.ts";

/** The addresses that an attacker has: one, or as many as there are in its block. */
const ATTACKERS: Readonly<Record<string, (call: number) => string>> = {
  "one address": () => "203.0.113.66",
  "a whole block of addresses": (call) => `203.0.113.${call % 256}`,
};

/** What an attacker does with each connection: it never says who it is. */
const ATTACKS: Readonly<Record<string, (wire: Wire) => Promise<unknown>>> = {
  "say nothing": () => Promise.resolve(),
  "begin a handshake": (wire) =>
    wire.say(encodePreamble("chat"), encodeFrame(new Uint8Array(32).fill(9))).catch(() => {}),
};

/** Ada under attack: at each millisecond that passes, so many connections more. */
class Attack implements AsyncDisposable {
  readonly #wires: Wire[] = [];
  readonly #server: TableServer;
  readonly #ada: TableUser;
  readonly #addressOf: (call: number) => string;
  readonly #act: (wire: Wire) => Promise<unknown>;
  #calls = 0;

  constructor(
    server: TableServer,
    ada: TableUser,
    addressOf: (call: number) => string,
    act: (wire: Wire) => Promise<unknown>,
  ) {
    this.#server = server;
    this.#ada = ada;
    this.#addressOf = addressOf;
    this.#act = act;
  }

  async call(times: number): Promise<void> {
    for (let time = 0; time < times; time++) {
      const host = this.#server.network.host(this.#addressOf(this.#calls++));
      const wire = await Wire.dial(host, this.#ada.address, this.#ada.port);
      this.#wires.push(wire);
      void this.#act(wire);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const wire of this.#wires) await wire[Symbol.asyncDispose]();
  }
}

for (const [who, addressOf] of Object.entries(ATTACKERS)) {
  for (const [what, act] of Object.entries(ATTACKS)) {
    Deno.test(`crowd: 700 calls a second from ${who} that ${what} keep nobody out who is 100 ms away`, async () => {
      using time = new FakeTime();
      using clock = new Clock();
      await using server = new TableServer();
      const ada = await server.user("ada");
      await server.pin(ada, "bob", testKey(7));
      await using attack = new Attack(server, ada, addressOf, act);
      // A second of attack, then it goes on while somebody honest calls.
      const pass = async (milliseconds: number) => {
        for (let passed = 0; passed < milliseconds; passed += 10) {
          await attack.call(7);
          clock.advance(10);
          await time.pass(10);
        }
      };
      await pass(1_000);
      const far = farAway(server.network.host("198.51.100.7"));
      const calling = (async () => {
        const wire = await Wire.dial(far, ada.address, ada.port);
        const peer = await Mim2Peer.call(wire, { name: "bob", key: testKey(7) });
        await peer.text("hello", 1);
        return wire;
      })();
      await pass(1_200);
      await using _wire = await inTime(calling, "the handshake");
      await ada.saw("message", { name: "bob", text: "hello" });
      const errors = ada.events.all.filter(({ event }) => event === "error");
      assert(errors.length <= 2, `${errors.length} errors`);
    });
  }
}

Deno.test("crowd: beside 1,024 idle connections others get through, also from the same address", async () => {
  using _clock = new Clock();
  await using server = new TableServer();
  const ada = await server.user("ada");
  ada.calls.unknownCallers = "allow-unconfirmed"; // who calls is in no table
  await using attack = new Attack(server, ada, () => "203.0.113.66", () => Promise.resolve());
  await attack.call(1_024);
  for (const address of ["198.51.100.7", "203.0.113.7", "203.0.113.66"]) {
    await using wire = await Wire.dial(server.network.host(address), ada.address, ada.port);
    await wire.say(`${address}\nhello\n`);
    await ada.saw("message", { name: address, text: "hello" });
  }
  const bob = await server.user("bob");
  await (await bob.call(ada)).send("me too");
  await ada.saw("message", { name: "bob", text: "me too" });
});

Deno.test("crowd: once half of the slots are taken, what crowds others out is refused before a key is used", async () => {
  using clock = new Clock();
  using _ = new HeldTimers(clientLimits.handshakeTimeoutMs); // nobody is too late meanwhile
  await using server = new TableServer();
  const ada = await server.user("ada");
  const dial = async () =>
    await Wire.dial(server.network.host("203.0.113.66"), ada.address, ada.port);
  await using wires = new AsyncDisposableStack();
  const begin = async () => {
    const wire = wires.use(await dial());
    await wire.say(encodePreamble("chat"), encodeFrame(new Uint8Array(32).fill(9)));
    return wire;
  };
  for (let n = 0; n < clientLimits.unidentifiedPeers / 2; n++) await begin();
  await (await begin()).hung();
  clock.advance(1_000); // time for twenty more
  const answers: number[] = [];
  for (let n = 0; n < 60; n++) {
    const wire = await begin();
    answers.push(await wire.bytes(2).then(() => 1, () => 0)); // an answer, or the end
  }
  assertEquals(answers.reduce((sum, one) => sum + one), 20);
});

Deno.test("crowd: one neighbor's calls keep nobody of its network out", async () => {
  using _clock = new Clock();
  await using server = new TableServer();
  const ada = await server.user("ada");
  ada.calls.unknownCallers = "allow-unconfirmed"; // who calls is in no table
  ada.events.clear();
  const call = async (name: string, address: string) => {
    await using wire = await Wire.dial(server.network.host(address), ada.address, ada.port);
    await wire.say(`${name}\n`);
    await wire.end();
    await wire.hung();
  };
  for (let number = 0; number < 40; number++) await call(`eve ${number}`, "203.0.113.2");
  assertEquals(ada.calls.rejectedCount, 40 - clientLimits.strangerChatsPerAddress);
  assertMatch(
    String(ada.events.all.find(({ event }) => event === "note")?.text),
    /^A call from eve 8 .* was refused: too many new people call from that network$/,
  );
  await call("carol", "203.0.113.3");
  await ada.saw("chat-opened", { name: "carol" });
});

Deno.test("crowd: 400 calls that hang up are few events", async () => {
  using clock = new Clock();
  await using server = new TableServer();
  const ada = await server.user("ada");
  ada.calls.unknownCallers = "allow-unconfirmed"; // who calls is in no table
  ada.events.clear();
  const call = async (number: number) => {
    const host = server.network.host(`203.0.113.${number % 256}`);
    await using wire = await Wire.dial(host, ada.address, ada.port);
    await wire.say(`eve ${number}\n`);
    await wire.end();
    await wire.hung();
  };
  for (let number = 0; number < 400; number++) await call(number);
  const { all } = ada.events;
  assertEquals(all.length, 2 * clientLimits.strangerChats + 1);
  assertMatch(
    String(all.find(({ event }) => event === "note")?.text),
    /^A call from eve 16 .* was refused/,
  );
  assertEquals(ada.calls.rejectedCount, 400 - clientLimits.strangerChats);
  clock.advance(60_000);
  await call(400);
  await ada.saw("chat-opened", { name: "eve 400" });
});

Deno.test("crowd: strangers of one block have 16 chats at once; the oldest that the user has not written in goes", async () => {
  using clock = new Clock();
  await using server = new TableServer();
  const ada = await server.user("ada");
  ada.calls.unknownCallers = "allow-unconfirmed"; // who calls is in no table
  await using wires = new AsyncDisposableStack();
  const call = async (address: string) => {
    const host = server.network.host(address);
    const wire = wires.use(await Wire.dial(host, ada.address, ada.port));
    await wire.say(`${address}\n`);
    return { wire, chat: (await ada.saw("chat-opened", { name: address })).chat };
  };
  const other = await call("198.51.100.7");
  const first = await call("203.0.113.1");
  await first.chat.send("hello");
  const second = await call("203.0.113.2");
  for (let number = 3; number <= 16; number++) await call(`203.0.113.${number}`);
  clock.advance(60_000);
  await call("203.0.113.17");
  assertEquals(second.chat.state, "open", "16 strangers, and one who is none");
  await call("203.0.113.18");
  await second.wire.hung();
  assertEquals([first, second, other].map(({ chat }) => chat.state), ["open", "closed", "open"]);
});

Deno.test("crowd: strangers who have all chats leave room for a call of the user's", async () => {
  await using server = new TableServer();
  const [ada, bob] = [await server.user("ada"), await server.user("bob")];
  ada.calls.unknownCallers = "allow-unconfirmed"; // who calls is in no table
  await using wires = new AsyncDisposableStack();
  for (let number = 0; number < clientLimits.chats; number++) {
    const host = server.network.host(`203.${number >> 8}.${number & 255}.9`);
    const wire = wires.use(await Wire.dial(host, ada.address, ada.port));
    await wire.say(`caller ${number}\n`);
    await ada.saw("chat-opened", { name: `caller ${number}` });
  }
  assertEquals((await ada.call(bob)).state, "open");
  await ada.saw("chat-closed", { name: "caller 0", by: "me" });
});
