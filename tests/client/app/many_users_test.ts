/** What a client does with thousands in the table, and hundreds of chats: no work for each that is not asked for. */

import { assert, assertEquals } from "@std/assert";
import type { LinkEntry } from "../../../protocol/mod.ts";
import { FakeTime } from "../../helpers/time.ts";
import { Mim2Peer } from "../../helpers/peers.ts";
import { bytes, Mim2Server, row, serverWithMany } from "../../helpers/fake_server.ts";
import { newIdentity, newKey } from "../../fixtures/keys.ts";
import { poll } from "../../helpers/wait.ts";
import type { TestUser } from "../../helpers/test_user.ts";
import { TestEnvironment } from "../../helpers/test_environment.ts";
import { Screen } from "./screen.ts";
import { clientLimits } from "../../../client/core/limits.ts";

const MANY = 2_000;
/** No more callers than so many are unidentified at once. */
const AT_ONCE = 16;

/** Counts how often a key is put into base64: each signature that is looked at by it takes one. */
class KeyUses implements Disposable {
  readonly #real = Uint8Array.prototype.toBase64;
  count = 0;

  constructor(key: Uint8Array) {
    const hex = key.toHex();
    const [real, used] = [this.#real, () => this.count++];
    Uint8Array.prototype.toBase64 = function (options) {
      if (this.toHex() === hex) used();
      return real.call(this, options);
    };
  }

  [Symbol.dispose](): void {
    Uint8Array.prototype.toBase64 = this.#real;
  }
}

/** So many users with keys, whose names the server says are theirs. */
function certified(server: Mim2Server, count: number): LinkEntry[] {
  return Array.from({ length: count }, (_, number) => {
    const [name, identity] = [`user ${number}`, newKey()];
    const certificate = server.certify(name, identity, 1_754_331_886_096 + number);
    return row({ name, identity, certificate });
  });
}

/** Logs in where so many are online; returns how often the server's key was used until all were there. */
async function usesOfKey(env: TestEnvironment, server: Mim2Server, count: number) {
  const rows = certified(server, count);
  const at = server.listen(env, (visit) => visit.logIn(...rows));
  const ada = env.user("ada", at, undefined, { identity: newIdentity() });
  const screen = new Screen(ada);
  const uses = new KeyUses(server.publicKey);
  await ada.login();
  await ada.users.ready;
  // Fields are worked out as they are read; that asks whose a name is.
  await poll(() => screen.types.filter((type) => type === "online").length > count, "all");
  return { ada, uses };
}

Deno.test("2,000 users with certificates: none is verified before somebody asks whose a name is", async () => {
  await using env = TestEnvironment.fake();
  const server = new Mim2Server();
  const alone = await usesOfKey(env, server, 0);
  alone.uses[Symbol.dispose]();
  const { ada, uses: counted } = await usesOfKey(env, server, MANY);
  using uses = counted;
  assertEquals(ada.users.size, 1 + MANY);
  assert(uses.count > 0, "the server has proven its key");
  assertEquals(uses.count, alone.uses.count);
  const others = [...ada.users].filter(({ own }) => !own);
  for (const user of [...others.slice(0, 3), ...others.slice(0, 3)]) {
    assert(ada.users.ownsName(user));
  }
  assertEquals(uses.count, alone.uses.count + 3, "once each, then");
});

/** Peers who have called, as bare as they are; something waits for each of them. */
async function called(
  env: TestEnvironment,
  ada: TestUser,
  at: { hostname: string; port: number },
  chats: number,
) {
  const peers: Mim2Peer[] = [];
  const call = async (number: number) => {
    const key = bytes(32, 1);
    new DataView(key.buffer).setUint32(0, number);
    peers.push(await Mim2Peer.call(await env.dial(at), { name: `peer ${number}`, key }));
  };
  for (let done = 0; done < chats; done += AT_ONCE) {
    const some = Array.from({ length: Math.min(AT_ONCE, chats - done) }, (_, at) => done + at);
    await Promise.all(some.map(call));
  }
  await poll(
    () => ada.chats.all.filter(({ state }) => state === "open").length === chats,
    "all chats",
  );
  await Promise.all(ada.chats.all.map((chat) => chat.send("are you there?")));
  return peers;
}

/** Ada at a server, where all who have called have found her. */
async function adaCalled(
  env: TestEnvironment,
  chats: number,
  more: Parameters<TestEnvironment["user"]>[3] = {},
) {
  const machine = env.machine();
  const at = new Mim2Server().listen(env, (visit) => visit.logIn());
  const ada = env.user("ada", at, machine, { identity: newIdentity(), ...more });
  ada.calls.unknownCallers = "allow-unconfirmed";
  await ada.login();
  const own = [...ada.users].find(({ own }) => own);
  assert(own !== undefined);
  const peers = await called(env, ada, { hostname: machine.address, port: own.port }, chats);
  return { ada, peers };
}

Deno.test(
  "500 open chats: a messenger that quits leaves nothing behind (the real network)",
  async () => {
    await using env = TestEnvironment.real();
    const { ada, peers } = await adaCalled(env, 500);
    const hung = Promise.all(peers.map(async ({ wire }) => {
      await wire.hung();
      wire.close();
    }));
    await ada.quit();
    await hung;
    assertEquals([ada.state, ada.chats.all, ada.outbox.length], ["offline", [], 500]);
  },
);

Deno.test("50 open chats: who quits waits no longer for peers that are dead (memory)", async () => {
  using time = new FakeTime();
  await using env = TestEnvironment.fake();
  const { ada } = await adaCalled(env, 50, { reconnect: true });
  const quitting = ada.quit();
  await time.pass(2 * clientLimits.lingerTimeoutMs);
  await quitting;
  assertEquals([ada.state, ada.chats.all, ada.outbox.length], ["offline", [], 50]);
  await time.pass(0);
  assertEquals(time.waiting, 0);
});

Deno.test("/who lists a thousand rows at once, and goes on with /who more", async () => {
  await using env = TestEnvironment.fake();
  const ada = env.user("ada", serverWithMany(env, 2_100));
  const screen = new Screen(ada);
  await ada.login();
  await poll(() => ada.users.size === 2_101, "all users");
  const listed = async (line: string) => {
    screen.clear();
    await screen.type(line);
    const numbers = screen.all.flatMap(({ event, number }) => event === "user" ? [number] : []);
    return [numbers[0], numbers.at(-1), screen.told().length];
  };
  assertEquals(await listed("/who"), [1, 1_000, 1]);
  assertEquals(await listed("/who more"), [1_001, 2_000, 1]);
  assertEquals(await listed("/who more"), [2_001, 2_101, 0]);
  assertEquals(await listed("/who user 1"), [1, 1_000, 1]);
  assertEquals(await listed("/who user 20"), [1, 111, 0]);
  screen.context.activeChat.showsTarget = false; // as in a script
  assertEquals(await listed("/who"), [1, 2_101, 0]);
});

Deno.test("/who says why the last attempt to come back has failed", async () => {
  using time = new FakeTime();
  await using env = TestEnvironment.fake();
  const { server, at } = env.serve();
  const ada = env.user("ada", at, undefined, { reconnect: true });
  const screen = new Screen(ada);
  await ada.login();
  await server.close();
  await ada.saw("disconnected");
  await time.pass(5_000);
  screen.clear();
  await screen.type("/who");
  const [note = ""] = screen.told();
  assertEquals(note.replace(/.*; /, ""), "the last attempt failed: nothing listens there");
});
