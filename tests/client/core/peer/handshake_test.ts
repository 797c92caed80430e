/** What strangers on the wire do to a handshake: refused, the socket closed, and one line at most. */

import type { OnlineUser } from "../../../../client/core/mod.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import {
  createSignature,
  encodeFrame,
  encodePeerIntroduction,
  encodePreamble,
  identityOf,
  noisePublicKey,
  type NoiseRole,
  type PeerIntroduction,
  type SignedStatement,
} from "../../../../protocol/mod.ts";
import { assertRefused } from "../../../helpers/test_user.ts";
import { FakeTime } from "../../../helpers/time.ts";
import { inTime } from "../../../helpers/wait.ts";
import { TableServer } from "../../../helpers/table_server.ts";
import type { TableUser } from "../../../helpers/table_user.ts";
import { testKey } from "../../../fixtures/keys.ts";
import { block, introductionOf, Mim2Peer, Wire } from "../../../helpers/peers.ts";
import { clientLimits } from "../../../../client/core/limits.ts";

const key = testKey(0x77);
const eve = { name: "eve", key };
/** An opening and three messages: bytes of each, the size of a block included. */
const LENGTHS = [6, 2 + 32, 2 + 48 + 142 + 16] as const;
/** The same of the answer, with a name of three letters: 118 bytes of it say who answers. */
const ANSWER = 2 + 32 + 48 + 118 + 16;

function test(
  sentence: string,
  body: (server: TableServer, bob: TableUser) => Promise<void>,
): void {
  Deno.test(`handshake: ${sentence}`, async () => {
    await using server = new TableServer();
    const bob = await server.user("bob");
    await server.pin(bob, "eve", key);
    await body(server, bob);
  });
}

function dialed(server: TableServer, { address, port }: TableUser): Promise<Wire> {
  return Wire.dial(server.network.host("198.18.9.9"), address, port);
}

/** Somebody who listens where a user of the table is said to be, and the user that is. */
async function listening(
  server: TableServer,
  answer: (wire: Wire) => Promise<unknown>,
): Promise<{ readonly ada: TableUser; readonly bob: OnlineUser }> {
  const ada = await server.user("ada");
  const bob = await server.user("bob");
  const host = server.network.host(bob.address);
  const listener = host.listen({ hostname: bob.address, port: 0 });
  await ada.isTold((user) => ({ ...user, port: listener.addr.port }));
  const row = ada.sees(bob);
  await server.close(); // so that nobody can be asked to call back
  const answering = async () => {
    await using wire = new Wire(await listener.accept());
    listener.close();
    await answer(wire).catch(() => {});
    await wire.hung();
  };
  server.waitsFor(answering());
  return { ada, bob: row };
}

/** Nothing came of it: at most one error was told, and it is harmless; the next call works. */
async function assertRefusedOnce(server: TableServer, bob: TableUser): Promise<void> {
  const { all } = bob.events;
  assert(all.length <= 1, JSON.stringify(all));
  for (const { event, text } of all) {
    assertEquals(event, "error");
    assertMatch(String(text), /^a call from 198\.18\.9\.9 failed: /);
  }
  await server.pin(bob, "carol", testKey(0x66));
  await using wire = await dialed(server, bob);
  const peer = await Mim2Peer.call(wire, { name: "carol", key: testKey(0x66) });
  await peer.text("hello", 1);
  await bob.saw("message", { name: "carol", text: "hello" });
}

for (const [which, length] of LENGTHS.entries()) {
  test(
    `a flipped bit anywhere in message ${which} of the caller ends the handshake`,
    async (server, bob) => {
      const change = (bytes: Uint8Array, at: number) => {
        assertEquals(bytes.length, length);
        return flipped(bytes, at);
      };
      // With its first byte changed it is a line of text: a classic call, in which nothing is said.
      for (let at = which === 0 ? 1 : 0; at < length; at++) {
        await using wire = await dialed(server, bob);
        if (which === 2) {
          await Mim2Peer.call(wire, {
            ...eve,
            change: (bytes, now) => now === which ? change(bytes, at) : bytes,
          });
        } else {
          const parts = [encodePreamble("chat"), encodeFrame(noisePublicKey(testKey(5)))];
          await wire.say(...parts.map((part, now) => now === which ? change(part, at) : part));
          // A changed first message is answered as any other; what comes then is of no use.
          if (which === 1) await wire.say(encodeFrame(new Uint8Array(170))).catch(() => {});
        }
        await wire.end().catch(() => {});
        await wire.hung();
        assertEquals(bob.chats.all, []);
      }
      await assertRefusedOnce(server, bob);
    },
  );
}

test("a handshake that is cut off anywhere comes to nothing", async (server, bob) => {
  const whole = LENGTHS.reduce((sum, length) => sum + length);
  for (let end = 0; end < whole; end++) {
    await using wire = await dialed(server, bob);
    let sent = 0;
    const change = (bytes: Uint8Array) => {
      const part = bytes.subarray(0, Math.max(0, end - sent));
      sent += bytes.length;
      return part;
    };
    if (end < LENGTHS[0] + LENGTHS[1]) {
      const parts = [encodePreamble("chat"), encodeFrame(noisePublicKey(testKey(5)))];
      await wire.say(...parts.map(change));
    } else {
      await Mim2Peer.call(wire, { ...eve, change });
    }
    await wire.end();
    await wire.hung();
    assertEquals(bob.chats.all, []);
  }
  await assertRefusedOnce(server, bob);
});

testAnswer("a bit flipped, at every byte behind its size", ANSWER, (bytes, at) => {
  assertEquals(bytes.length, ANSWER);
  return flipped(bytes, at);
});

testAnswer("its end cut off anywhere", ANSWER, (bytes, at) => bytes.subarray(0, at));

/** An answer that is changed so comes to nothing, and nobody is told who called. */
function testAnswer(
  what: string,
  length: number,
  change: (bytes: Uint8Array, at: number) => Uint8Array,
): void {
  Deno.test(`handshake: an answer with ${what} comes to nothing`, async () => {
    for (let at = 2; at < length; at++) {
      await using server = new TableServer();
      const heard = Promise.withResolvers<number>();
      const { ada, bob } = await listening(server, async (wire) => {
        const options = { name: "bob", key: testKey(2) };
        const answering = Mim2Peer.answer(wire, {
          ...options,
          change: (bytes) => {
            queueMicrotask(() => void wire.end().catch(() => {}));
            return change(bytes, at);
          },
        });
        await answering.catch(() => {});
        heard.resolve(wire.unread.length);
      });
      await assertRefused("peer-unreachable", () => ada.call(bob));
      assertEquals(await heard.promise, 0);
      assertEquals(ada.events.all, []);
    }
  });
}

test("reflected messages are refused", async (server, bob) => {
  await using wire = await dialed(server, bob);
  const first = encodeFrame(noisePublicKey(testKey(5)));
  await wire.say(encodePreamble("chat"), first);
  const second = await block(wire);
  await wire.say(encodeFrame(second));
  await wire.hung();
  await assertRefusedOnce(server, bob);
});

test(
  "a caller in the middle that hands a client its own words back is refused",
  async (server, bob) => {
    using time = new FakeTime();
    // Whoever dials reaches itself, through somebody who only passes bytes on.
    const relay = server.network.host("198.18.9.9");
    const listener = relay.listen({ hostname: "198.18.9.9", port: 0 });
    const passing = (async () => {
      await using near = new Wire(await listener.accept());
      listener.close();
      await using far = await dialed(server, bob);
      await pass(near, far);
    })();
    const user = {
      ...bob.sees(bob),
      own: false,
      address: "198.18.9.9",
      port: listener.addr.port,
    };
    const refused = assertRefused("peer-unreachable", () => bob.call(user));
    await time.pass(clientLimits.handshakeTimeoutMs);
    await refused;
    await passing;
    assertEquals(bob.chats.all, []);
  },
);

test("a replayed call is refused", async (server, bob) => {
  const said: Uint8Array[] = [];
  {
    await using wire = await dialed(server, bob);
    const change = (bytes: Uint8Array) => (said.push(bytes), bytes);
    const peer = await Mim2Peer.call(wire, { ...eve, change });
    const text = { type: "text", id: testKey(1).subarray(0, 8), sentAt: 1, text: "once" } as const;
    const sealed = peer.seal(text);
    said.push(sealed);
    await wire.say(sealed);
    await bob.saw("message", { text: "once" });
  }
  await bob.saw("chat-closed");
  bob.events.clear();
  await using wire = await dialed(server, bob);
  for (const bytes of said) await wire.say(bytes).catch(() => {});
  await wire.hung();
  await assertRefusedOnce(server, bob);
});

test("a replayed message ends the chat", async (server, bob) => {
  await using wire = await dialed(server, bob);
  const peer = await Mim2Peer.call(wire, eve);
  const text = { type: "text", id: testKey(1).subarray(0, 8), sentAt: 1, text: "once" } as const;
  const sealed = peer.seal(text);
  await wire.say(sealed, sealed);
  await bob.saw("message", { text: "once" });
  await bob.saw("error", { text: /^the chat with eve cannot go on: / });
  await bob.saw("chat-closed", { by: "lost" });
  await wire.hung();
  const events = bob.events.all.map(({ event }) => event);
  assertEquals(events, ["chat-opened", "message", "error", "chat-closed"]);
});

/** Signs a statement about that static key, as what is not said otherwise. */
function signatureOf(
  fields: Partial<Extract<SignedStatement, { type: "noise" }>>,
  role: NoiseRole,
): Uint8Array {
  const staticKey = noisePublicKey(key);
  return createSignature({ type: "noise", role, preamble: "chat", staticKey, ...fields }, key);
}

const INTRODUCTIONS: Readonly<Record<string, (role: NoiseRole) => Uint8Array>> = {
  "a signature of zeros": (role) => falseIntroduction(role, {}),
  "a signature for another static key": (role) => {
    const signature = signatureOf({ staticKey: noisePublicKey(testKey(9)) }, role);
    return falseIntroduction(role, { signature });
  },
  "a signature for the other role": (role) => {
    const other = role === "initiator" ? "responder" : "initiator";
    return falseIntroduction(role, { signature: signatureOf({ role: other }, role) });
  },
  "a signature for another preamble": (role) =>
    falseIntroduction(role, { signature: signatureOf({ preamble: "file" }, role) }),
  "somebody else's key": (role) =>
    falseIntroduction(role, {
      identity: identityOf(testKey(2)),
      signature: signatureOf({}, role),
    }),
  "a key of small order": (role) =>
    falseIntroduction(role, {
      identity: Uint8Array.of(1, ...new Uint8Array(31)),
      signature: Uint8Array.of(1, ...new Uint8Array(63)),
    }),
  "nothing at all": () => new Uint8Array(),
  "half an introduction": (role) => introductionOf(role, eve).subarray(0, 50),
};

function falseIntroduction(role: NoiseRole, fields: Partial<PeerIntroduction>): Uint8Array {
  const signature = new Uint8Array(64);
  const true_ = { identity: identityOf(key), signature, name: "eve", capabilities: 0 };
  return encodePeerIntroduction(role, { ...true_, ...fields });
}

for (const [what, introduce] of Object.entries(INTRODUCTIONS)) {
  test(`${what} proves nothing`, async (server, bob) => {
    await using wire = await dialed(server, bob);
    await Mim2Peer.call(wire, { ...eve, introduction: introduce("initiator") });
    await wire.hung();
    assertEquals(bob.chats.all, []);
    await assertRefusedOnce(server, bob);
  });
  test(`${what} is no answer`, async () => {
    await using server = new TableServer();
    const third = Promise.withResolvers<number>();
    const { ada, bob } = await listening(
      server,
      (wire) =>
        Mim2Peer.answer(wire, { ...eve, introduction: introduce("responder") }).finally(() =>
          third.resolve(wire.unread.length)
        ),
    );
    await assertRefused("peer-unreachable", () => ada.call(bob));
    assertEquals(await third.promise, 0);
  });
}

const NOT_ALLOWED: Readonly<Record<string, readonly [name: string, why: string]>> = {
  "an override that turns text around": ["ada\u202Ebob", "got U+202E in it"],
  "a mark that turns text": ["bob\u200F", "got U+200F in it"],
  "an escape sequence": ["\x1b[2Jbob", "got U+001B in it"],
  "a line break": ["bob\nada: yes", "got U+000A in it"],
  "a character that is none yet": ["bob\u0378", "got U+0378 in it"],
  "half a character": ["bob\uD83D", "got U+D83D in it"],
  "invisible characters alone": ["\u200B\u2060", "got only invisible ones"],
};
for (const [what, [name, why]] of Object.entries(NOT_ALLOWED)) {
  test(
    `a caller with ${what} for a name is refused, though the key is proven`,
    async (server, bob) => {
      await bob.store.keepPin({
        ...{ server: server.id, name, identity: identityOf(key), verified: true, since: 1 },
      });
      await using wire = await dialed(server, bob);
      await Mim2Peer.call(wire, { name, key });
      await wire.hung();
      assertEquals(bob.chats.all, []);
      const { text } = await bob.saw("error");
      assertEquals(
        text,
        `a call from 198.18.9.9 failed: expected a name of visible characters, ${why}`,
      );
      await assertRefusedOnce(server, bob);
    },
  );
  test(`${what} for a name is no answer, though the key is the right one`, async () => {
    await using server = new TableServer();
    const third = Promise.withResolvers<number>();
    const { ada, bob } = await listening(
      server,
      (wire) =>
        Mim2Peer.answer(wire, { name, key: testKey(2) }).finally(() =>
          third.resolve(wire.unread.length)
        ),
    );
    const { message } = await assertRefused("peer-unreachable", () => ada.call(bob));
    assertStringIncludes(message, `: expected a name of visible characters, ${why}`);
    assertEquals([await third.promise, ada.chats.all, ada.trust.contacts], [0, [], []]);
  });
}

test("a caller that takes its time is dropped after ten seconds", async () => {
  using time = new FakeTime();
  await using server = new TableServer();
  const bob = await server.user("bob");
  await using wire = await dialed(server, bob);
  await wire.say(encodePreamble("chat"), encodeFrame(noisePublicKey(testKey(5))));
  await block(wire);
  await time.pass(clientLimits.handshakeTimeoutMs);
  await wire.hung();
  await bob.saw("error", { text: /no name within 10 s$/ });
});

test("a peer that does not answer the handshake is given up after ten seconds", async () => {
  using time = new FakeTime();
  await using server = new TableServer();
  const { ada, bob } = await listening(server, (wire) => wire.bytes(6 + 34));
  const calling = assertRefused("peer-unreachable", () => ada.call(bob));
  await time.pass(clientLimits.handshakeTimeoutMs);
  await inTime(calling, "the call's end");
});

test("a probe gets its six bytes back, without an event", async (server, bob) => {
  for (let times = 0; times < 3; times++) {
    await using wire = await dialed(server, bob);
    await wire.say(encodePreamble("probe"));
    assertEquals(await wire.bytes(6), encodePreamble("probe"));
    await wire.hung();
  }
  assertEquals(bob.events.all, []);
});

test("a probe is answered while the limit of silent callers is reached", async (server, bob) => {
  const silent: Wire[] = [];
  for (let count = 0; count < clientLimits.unidentifiedPeers; count++) {
    const wire = await dialed(server, bob);
    silent.push(wire);
    if (count % 2 === 0) await wire.say(encodePreamble("chat"));
  }
  await using wire = await dialed(server, bob);
  await wire.say(encodePreamble("probe"));
  assertEquals(await wire.bytes(6), encodePreamble("probe"));
  for (const wire of silent) wire.close();
});

test("an unknown preamble is a failed call", async (server, bob) => {
  await using wire = await dialed(server, bob);
  await wire.say([0xff, 0x4d, 0x49, 0x4d, 0x33, 0x0a]);
  await wire.hung();
  await bob.saw("error", { text: /failed: it speaks a dialect that this client does not know$/ });
});

function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const changed = bytes.slice();
  changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8));
  return changed;
}

/** Carries bytes both ways until either side ends. */
async function pass(one: Wire, other: Wire): Promise<void> {
  const carry = async (from: Wire, to: Wire) => {
    const buffer = new Uint8Array(4096);
    for (;;) {
      const length = await from.connection.read(buffer).catch(() => null);
      if (length === null) break;
      await to.say(buffer.slice(0, length)).catch(() => {});
    }
    to.close();
  };
  await Promise.all([carry(one, other), carry(other, one)]);
}
