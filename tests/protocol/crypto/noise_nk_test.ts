import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { NoiseHandshake, noisePublicKey, type NoiseTransport } from "../../../protocol/mod.ts";
import { assertCode, hex, join, test, utf8 } from "../../fixtures/decoding.ts";
import { noiseC } from "../../client/core/peer/noise_c.ts";

import vectorFile from "../../vectors/noise_nk.json" with { type: "json" };

const SERVER = new Uint8Array(32).fill(3);
const prologue = utf8("prologue");
const NOTHING = new Uint8Array();

function sides(
  { remoteStaticKey = noisePublicKey(SERVER), theirPrologue = prologue } = {},
): [initiator: NoiseHandshake, responder: NoiseHandshake] {
  return [
    new NoiseHandshake("initiator", {
      pattern: "NK",
      prologue,
      remoteStaticKey,
      ephemeralKey: new Uint8Array(32).fill(2),
    }),
    new NoiseHandshake("responder", {
      pattern: "NK",
      prologue: theirPrologue,
      staticKey: SERVER,
      ephemeralKey: new Uint8Array(32).fill(4),
    }),
  ];
}

/** Runs a handshake in which `change` may get at each message on its way. */
function shakeHands(
  [initiator, responder]: readonly [NoiseHandshake, NoiseHandshake],
  change: (message: Uint8Array, at: number) => Uint8Array = (message) => message,
): [initiator: NoiseTransport, responder: NoiseTransport] {
  responder.read(change(initiator.write(utf8("one")), 0));
  initiator.read(change(responder.write(utf8("two")), 1));
  return [initiator.transport(), responder.transport()];
}

for (const vector of vectorFile.vectors) {
  test(`noise NK: the published vector of ${vector.source}, from both sides`, () => {
    const initiator = new NoiseHandshake("initiator", {
      pattern: "NK",
      prologue: hex(vector.init_prologue),
      remoteStaticKey: hex(vector.init_remote_static),
      ephemeralKey: hex(vector.init_ephemeral),
    });
    const responder = new NoiseHandshake("responder", {
      pattern: "NK",
      prologue: hex(vector.resp_prologue),
      staticKey: hex(vector.resp_static),
      ephemeralKey: hex(vector.resp_ephemeral),
    });
    const [first, second, ...rest] = vector.messages;
    for (const [at, message] of [first, second].entries()) {
      assert(message);
      const [from, to] = at % 2 === 0 ? [initiator, responder] : [responder, initiator];
      assertEquals(from.write(hex(message.payload)).toHex(), message.ciphertext);
      assertEquals(to.read(hex(message.ciphertext)).toHex(), message.payload);
    }
    const transports = [initiator.transport(), responder.transport()] as const;
    assertEquals(transports[0].handshakeHash, transports[1].handshakeHash);
    if (vector.handshake_hash !== undefined) {
      assertEquals(transports[0].handshakeHash.toHex(), vector.handshake_hash);
    }
    assertEquals(transports[0].remoteStaticKey, hex(vector.init_remote_static));
    assertEquals(transports[1].remoteStaticKey, undefined);
    assert(rest.length >= 2);
    for (const [at, { payload, ciphertext }] of rest.entries()) {
      const [from, to] = at % 2 === 0 ? transports : [transports[1], transports[0]];
      assertEquals(from.encrypt(hex(payload)).toHex(), ciphertext);
      assertEquals(to.decrypt(hex(ciphertext)).toHex(), payload);
    }
  });
}

test("noise NK: both sides agree, on payloads of any length, both ways", () => {
  const key = fc.uint8Array({ minLength: 32, maxLength: 32 });
  const payload = fc.uint8Array({ maxLength: 300 });
  const message = fc.record({ byInitiator: fc.boolean(), payload });
  const scenario = fc.tuple(payload, key, key, key, fc.array(message));
  fc.assert(
    fc.property(scenario, ([prologue, staticKey, ephemeral1, ephemeral2, messages]) => {
      const remoteStaticKey = noisePublicKey(staticKey);
      const [initiator, responder] = shakeHands([
        new NoiseHandshake("initiator", {
          pattern: "NK",
          prologue,
          remoteStaticKey,
          ephemeralKey: ephemeral1,
        }),
        new NoiseHandshake("responder", {
          pattern: "NK",
          prologue,
          staticKey,
          ephemeralKey: ephemeral2,
        }),
      ]);
      assertEquals(initiator.handshakeHash, responder.handshakeHash);
      for (const { byInitiator, payload } of messages) {
        const [from, to] = byInitiator ? [initiator, responder] : [responder, initiator];
        assertEquals(to.decrypt(from.encrypt(payload)), payload);
      }
    }),
    { numRuns: 50 },
  );
});

test("noise NK: any changed bit, cut or added byte of a message makes the handshake fail", () => {
  for (const [which, length] of [32 + 3 + 16, 32 + 3 + 16].entries()) {
    const refused = (change: (message: Uint8Array) => Uint8Array): void =>
      assertCode("not-authentic", () =>
        shakeHands(sides(), (message, at) => {
          assertEquals(message.length, length);
          return at === which ? change(message) : message;
        }));
    for (let at = 0; at < length; at++) {
      refused((message) => message.subarray(0, at));
      for (const bit of [at % 7, 7]) {
        refused((message) => message.map((byte, place) => place === at ? byte ^ (1 << bit) : byte));
      }
    }
    refused((message) => join(message, 0));
  }
});

test("noise NK: another server's key, and another prologue, are refused with the first message", () => {
  const other = noisePublicKey(new Uint8Array(32).fill(5));
  assertCode("not-authentic", () => shakeHands(sides({ remoteStaticKey: other })));
  assertCode("not-authentic", () => shakeHands(sides({ theirPrologue: utf8("prologuE") })));
});

test("noise NK: a key of the other side that makes every secret zero is refused", () => {
  assertCode("not-authentic", () => sides({ remoteStaticKey: new Uint8Array(32) })[0].write());
  assertCode("not-authentic", () => sides()[1].read(new Uint8Array(48)));
});

test("noise NK: out of turn nothing is written or read, and there is no third message", () => {
  const [initiator, responder] = sides();
  assertThrows(() => responder.write(), Error, "out of turn");
  assertThrows(() => initiator.read(new Uint8Array(48)), Error, "out of turn");
  shakeHands([initiator, responder]);
  assertEquals([initiator.complete, responder.complete], [true, true]);
  assertThrows(() => initiator.write(), Error, "out of turn");
  assertThrows(() => responder.read(new Uint8Array(48)), Error, "out of turn");
});

test("noise NK: a side without the key that it needs is our own mistake", () => {
  const ephemeralKey = new Uint8Array(32);
  const options = { pattern: "NK", prologue, ephemeralKey } as const;
  assertThrows(() => new NoiseHandshake("initiator", options), RangeError, "got 0");
  assertThrows(() => new NoiseHandshake("responder", options), RangeError, "got 0");
  const short = new Uint8Array(31);
  assertThrows(
    () => new NoiseHandshake("initiator", { ...options, remoteStaticKey: short }),
    RangeError,
    "got 31",
  );
});

test("noise: transport() called twice throws instead of starting the nonces again", () => {
  const handshakes = sides();
  shakeHands(handshakes);
  for (const handshake of handshakes) assertThrows(() => handshake.transport(), Error, "another");
});

test("noise NK: noise-c and this implementation understand each other, in both roles", () => {
  const ours = sides();
  const theirs = {
    initiator: noiseC("initiator", prologue, undefined, "NK", noisePublicKey(SERVER)),
    responder: noiseC("responder", prologue, SERVER, "NK"),
  };

  const [initiator, responder] = ours;
  assertEquals(theirs.responder.ReadMessage(initiator.write(utf8("one")), true), utf8("one"));
  assertEquals(initiator.read(theirs.responder.WriteMessage(utf8("two"))), utf8("two"));
  assertEquals(responder.read(theirs.initiator.WriteMessage(utf8("one"))), utf8("one"));
  assertEquals(theirs.initiator.ReadMessage(responder.write(utf8("two")), true), utf8("two"));

  for (
    const [our, their] of [[initiator, theirs.responder], [responder, theirs.initiator]] as const
  ) {
    assertEquals(their.GetHandshakeHash().slice(), our.transport().handshakeHash);
  }
});

test("noise NK: noise-c and this implementation go on talking after the handshake", () => {
  const [initiator] = sides();
  const other = noiseC("responder", prologue, SERVER, "NK");
  other.ReadMessage(initiator.write(), true);
  initiator.read(other.WriteMessage(NOTHING));
  const transport = initiator.transport();
  const [sending, receiving] = other.Split();
  for (const text of ["one", "two", "x".repeat(10_000)]) {
    assertEquals(transport.decrypt(sending.EncryptWithAd(NOTHING, utf8(text))), utf8(text));
    assertEquals(receiving.DecryptWithAd(NOTHING, transport.encrypt(utf8(text))), utf8(text));
  }
});
