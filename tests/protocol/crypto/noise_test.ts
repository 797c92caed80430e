import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  NoiseHandshake,
  type NoiseOptions,
  noisePublicKey,
  type NoiseTransport,
} from "../../../protocol/mod.ts";
import { CipherState } from "../../../protocol/crypto/cipher_state.ts";
import { x25519 } from "../../../protocol/crypto/signatures_and_ciphers.ts";
import { assertCode, hex, join, test, utf8 } from "../../fixtures/decoding.ts";

import vectorFile from "../../vectors/noise_xx.json" with { type: "json" };

/** Two sides that have not met: any keys, since every key is a key of X25519. */
function sides(
  options: Partial<NoiseOptions> = {},
): [initiator: NoiseHandshake, responder: NoiseHandshake] {
  const bytes = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);
  const prologue = utf8("prologue");
  return [
    new NoiseHandshake("initiator", { prologue, staticKey: bytes(1), ephemeralKey: bytes(2) }),
    new NoiseHandshake("responder", {
      prologue,
      staticKey: bytes(3),
      ephemeralKey: bytes(4),
      ...options,
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
  responder.read(change(initiator.write(utf8("three")), 2));
  return [initiator.transport(), responder.transport()];
}

function flipped(bytes: Uint8Array, at: number, bit: number): Uint8Array {
  const changed = bytes.slice();
  changed[at] = (changed[at] ?? 0) ^ (1 << bit);
  return changed;
}

for (const vector of vectorFile.vectors) {
  test(`noise: the published vector of ${vector.source}, from both sides`, () => {
    const initiator = new NoiseHandshake("initiator", {
      prologue: hex(vector.init_prologue),
      staticKey: hex(vector.init_static),
      ephemeralKey: hex(vector.init_ephemeral),
    });
    const responder = new NoiseHandshake("responder", {
      prologue: hex(vector.resp_prologue),
      staticKey: hex(vector.resp_static),
      ephemeralKey: hex(vector.resp_ephemeral),
    });
    const [first, second, third, ...rest] = vector.messages;
    for (const [at, message] of [first, second, third].entries()) {
      assert(message);
      const [from, to] = at % 2 === 0 ? [initiator, responder] : [responder, initiator];
      assertEquals(from.write(hex(message.payload)).toHex(), message.ciphertext);
      assertEquals(to.read(hex(message.ciphertext)).toHex(), message.payload);
    }
    const transports = [initiator.transport(), responder.transport()] as const;
    for (const transport of transports) {
      if (vector.handshake_hash === undefined) continue;
      assertEquals(transport.handshakeHash.toHex(), vector.handshake_hash);
    }
    assertEquals(transports[0].remoteStaticKey, noisePublicKey(hex(vector.resp_static)));
    assertEquals(transports[1].remoteStaticKey, noisePublicKey(hex(vector.init_static)));
    assert(rest.length >= 2);
    for (const [at, { payload, ciphertext }] of rest.entries()) {
      const [from, to] = at % 2 === 1 ? transports : [transports[1], transports[0]];
      assertEquals(from.encrypt(hex(payload)).toHex(), ciphertext);
      assertEquals(to.decrypt(hex(ciphertext)).toHex(), payload);
    }
  });
}

test("x25519: the vector of RFC 7748, section 6.1", () => {
  const alice = hex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
  const shared = "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742";
  const bob = hex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");
  const alicesPublicKey = "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a";
  assertEquals(noisePublicKey(alice).toHex(), alicesPublicKey);
  assertEquals(x25519(alice, noisePublicKey(bob))?.toHex(), shared);
  assertEquals(x25519(bob, noisePublicKey(alice))?.toHex(), shared);
});

test("noise: both sides agree, on payloads of any length, both ways", () => {
  const key = fc.uint8Array({ minLength: 32, maxLength: 32 });
  const payload = fc.uint8Array({ maxLength: 300 });
  const message = fc.record({ byInitiator: fc.boolean(), payload });
  const scenario = fc.tuple(payload, key, key, key, key, fc.array(message));
  fc.assert(
    fc.property(scenario, ([prologue, key1, key2, key3, key4, messages]) => {
      const [initiator, responder] = shakeHands([
        new NoiseHandshake("initiator", { prologue, staticKey: key1, ephemeralKey: key2 }),
        new NoiseHandshake("responder", { prologue, staticKey: key3, ephemeralKey: key4 }),
      ]);
      assertEquals(initiator.handshakeHash, responder.handshakeHash);
      for (const { byInitiator, payload } of messages) {
        const [from, to] = byInitiator ? [initiator, responder] : [responder, initiator];
        const sealed = from.encrypt(payload);
        assertEquals(sealed.length, payload.length + 16);
        assertEquals(to.decrypt(sealed), payload);
      }
    }),
    { numRuns: 50 },
  );
});

test("noise: each side learns the other's static key when it is sent", () => {
  const [initiator, responder] = sides();
  responder.read(initiator.write());
  assertEquals(responder.remoteStaticKey, undefined);
  initiator.read(responder.write());
  assertEquals(initiator.remoteStaticKey, noisePublicKey(new Uint8Array(32).fill(3)));
  assertEquals([initiator.complete, responder.complete], [false, false]);
  responder.read(initiator.write());
  assertEquals(responder.remoteStaticKey, noisePublicKey(new Uint8Array(32).fill(1)));
  assertEquals([initiator.complete, responder.complete], [true, true]);
});

test("noise: any bit of any handshake message that is changed makes the handshake fail", () => {
  const lengths: number[] = [];
  shakeHands(sides(), (message) => {
    lengths.push(message.length);
    return message;
  });
  assertEquals(lengths, [32 + 3, 32 + 48 + 3 + 16, 48 + 5 + 16]);
  for (const [which, length] of lengths.entries()) {
    for (let at = 0; at < length; at++) {
      // The highest bit of an ephemeral key counts for nothing in X25519, but is hashed all the same.
      for (const bit of [at % 7, 7]) {
        assertCode("not-authentic", () =>
          shakeHands(
            sides(),
            (message, now) => now === which ? flipped(message, at, bit) : message,
          ));
      }
    }
  }
});

test("noise: a handshake message that is cut off or longer is refused", () => {
  for (const [which, length] of [35, 99, 69].entries()) {
    for (let end = 0; end < length; end++) {
      assertCode("not-authentic", () =>
        shakeHands(
          sides(),
          (message, now) => now === which ? message.subarray(0, end) : message,
        ));
    }
    assertCode(
      "not-authentic",
      () => shakeHands(sides(), (message, now) => now === which ? join(message, 0) : message),
    );
  }
});

test("noise: another prologue is refused with the second message", () => {
  const [initiator, responder] = sides({ prologue: utf8("prologuE") });
  responder.read(initiator.write());
  const answer = responder.write();
  assertCode("not-authentic", () => initiator.read(answer));
});

test("noise: a reflected message is refused", () => {
  const [initiator] = sides();
  const first = initiator.write();
  assertCode("not-authentic", () => initiator.read(first));
});

test("noise: after an error nothing more can be read or written", () => {
  const [initiator, responder] = sides();
  responder.read(initiator.write());
  const answer = responder.write();
  assertCode("not-authentic", () => initiator.read(flipped(answer, 40, 0)));
  assertThrows(() => initiator.read(answer), Error, "out of turn");
  assertThrows(() => initiator.write(), Error, "out of turn");
  assertThrows(() => initiator.transport(), Error, "under way");
});

test("noise: out of turn nothing is written or read", () => {
  const [initiator, responder] = sides();
  assertThrows(() => responder.write(), Error, "out of turn");
  assertThrows(() => initiator.read(new Uint8Array(32)), Error, "out of turn");
  assertThrows(() => initiator.transport(), Error, "under way");
  shakeHands([initiator, responder]);
  assertThrows(() => initiator.write(), Error, "out of turn");
  assertThrows(() => responder.write(), Error, "out of turn");
});

test("noise: keys that make every secret zero are refused", () => {
  const weak = [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  ];
  for (const key of weak) {
    assertEquals(x25519(new Uint8Array(32).fill(9), hex(key)), undefined, key);
    const [, responder] = sides();
    responder.read(hex(key));
    assertCode("not-authentic", () => responder.write());
  }
});

test("noise: a transport message is read once, whole, in order and only by the other side", () => {
  const [initiator, responder] = shakeHands(sides());
  const messages = ["a", "b", "c"].map((text) => initiator.encrypt(utf8(text)));
  const [first, second, third] = messages;
  assert(first && second && third);
  const refused = (message: Uint8Array): void =>
    assertCode("not-authentic", () => responder.decrypt(message));
  refused(second);
  for (let end = 0; end < first.length; end++) refused(first.subarray(0, end));
  for (let bit = 0; bit < first.length * 8; bit++) refused(flipped(first, bit >> 3, bit & 7));
  refused(join(first, 0));
  assertEquals(responder.decrypt(first), utf8("a"));
  refused(first);
  refused(third);
  assertEquals(responder.decrypt(second), utf8("b"));
  assertCode("not-authentic", () => initiator.decrypt(third));
  assertEquals(responder.decrypt(third), utf8("c"));
  assertNotEquals(responder.encrypt(utf8("a")), first, "each way has a key of its own");
});

test("noise: messages of another connection are refused", () => {
  const other = sides({ ephemeralKey: new Uint8Array(32).fill(5) });
  const [initiator] = shakeHands(other);
  const [, responder] = shakeHands(sides());
  assertCode("not-authentic", () => responder.decrypt(initiator.encrypt(utf8("a"))));
});

test("noise: a message has at most 65,535 bytes", () => {
  const [initiator, responder] = sides();
  assertEquals(responder.read(initiator.write(new Uint8Array(65_503))).length, 65_503);
  assertThrows(() => sides()[0].write(new Uint8Array(65_504)), RangeError, "65535");
  assertCode("not-authentic", () => sides()[1].read(new Uint8Array(65_536)));
  const [one, two] = shakeHands(sides());
  assertThrows(() => one.encrypt(new Uint8Array(65_520)), RangeError, "65535");
  const longest = one.encrypt(new Uint8Array(65_519));
  assertEquals(longest.length, 65_535);
  assertEquals(two.decrypt(longest).length, 65_519);
});

test("noise: a key that has encrypted all it may is used up", () => {
  const key = new Uint8Array(32);
  const cipher = new CipherState(key, 0xffff_ffff_ffff_fffen);
  cipher.encrypt(key, key);
  assertThrows(() => cipher.encrypt(key, key), Error, "used up");
});

test("noise: keys of another length than 32 bytes are our own mistake", () => {
  const prologue = new Uint8Array();
  const key = new Uint8Array(32);
  const short = key.subarray(1);
  const make = (staticKey: Uint8Array, ephemeralKey: Uint8Array): NoiseHandshake =>
    new NoiseHandshake("initiator", { prologue, staticKey, ephemeralKey });
  assertThrows(() => make(short, key), RangeError, "31");
  assertThrows(() => make(key, short), RangeError, "31");
  assertThrows(() => noisePublicKey(short), RangeError, "31");
});
