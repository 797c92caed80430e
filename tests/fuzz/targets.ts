/** Everything that reads bytes or texts from outside, and valid ones to start from. */

import fc from "fast-check";
import { parseIdentity } from "../../client/storage/identity/identity_file.ts";
import { parseKeyBackup } from "../../client/storage/identity/key_backup.ts";
import {
  ChatDecoder,
  decodePeerMessage,
  decodeTarget,
  encodeAdd,
  encodeFrame,
  encodeLine,
  encodeLogin,
  encodePeerIntroduction,
  encodePeerMessage,
  encodePreamble,
  encodeTarget,
  encodeWelcome,
  FrameDecoder,
  identityOf,
  LineDecoder,
  LoginDecoder,
  NoiseHandshake,
  type NoiseRole,
  PreambleDecoder,
  ServerDecoder,
  WelcomeDecoder,
} from "../../protocol/mod.ts";
import { anyBytes, anyChatMessage, anyTarget } from "../fixtures/messages.ts";
import { anyLine, anyText, join, utf8 } from "../fixtures/decoding.ts";
import { CLUSTER_TARGETS } from "./cluster_targets.ts";
import { FILE_TARGETS } from "./file_targets.ts";
import { LINK_TARGETS } from "./link_targets.ts";
import { head, stream, type Target, whole } from "./target.ts";

const anyEntry = fc.record({ name: anyText(20), address: fc.ipV4(), port: fc.nat(0xffff) });
const anyLines = fc.array(anyLine(20), { maxLength: 6 });
const anyUpdates = fc.array(anyEntry.map(encodeAdd), { maxLength: 4 });
const decoder = new TextDecoder();
/** Keys of a handshake's sides: the same in each run, so that they are made ready once. */
const KEYS = {
  initiator: { staticKey: new Uint8Array(32).fill(3), ephemeralKey: new Uint8Array(32).fill(4) },
  responder: { staticKey: new Uint8Array(32).fill(5), ephemeralKey: new Uint8Array(32).fill(6) },
} as const;
/** What the second and third message of a handshake hold. */
const WHO = encodePeerIntroduction("responder", {
  identity: new Uint8Array(32).fill(7),
  signature: new Uint8Array(64).fill(8),
  name: "ada",
  capabilities: 0,
});

/** All of them. */
export const TARGETS: readonly Target[] = [
  stream("block", () => new FrameDecoder(), bodies().map((all) => join(...all.map(encodeFrame)))),
  stream("line", () => new LineDecoder(), anyLines.map((lines) => join(...lines.map(encodeLine)))),
  head(
    "welcome",
    () => new WelcomeDecoder(),
    anyText(60).map((text) => encodeWelcome(`${text}\n`)),
  ),
  stream(
    "classic login",
    () => new LoginDecoder(),
    fc.record({ name: anyText(30), port: fc.nat(0xffff) }).map(encodeLogin),
  ),
  stream(
    "classic server",
    () => new ServerDecoder(),
    anyUpdates.map((updates) => join(encodeWelcome("Hi"), ...updates)),
  ),
  stream(
    "classic chat",
    () => new ChatDecoder("caller"),
    anyLines.map((lines) => join(...["ada", ...lines].map(encodeLine))),
  ),
  head(
    "opening",
    () => new PreambleDecoder(),
    fc.constantFrom(encodePreamble("chat"), encodePreamble("probe"), utf8("ada\n")),
  ),
  whole("MIM/2 chat message", decodePeerMessage, anyChatMessage.map(encodePeerMessage)),
  whole("message target", decodeTarget, anyTarget.map(encodeTarget)),
  handshake(1),
  { ...handshake(2), weight: 10 },
  { ...handshake(3), weight: 10 },
  ...LINK_TARGETS,
  ...FILE_TARGETS,
  ...CLUSTER_TARGETS,
  whole("identity file", (bytes) => parseIdentity(decoder.decode(bytes)), anyIdentityFile()),
  whole("key copy", (bytes) => parseKeyBackup(decoder.decode(bytes)), anyKeyCopy()),
];

function bodies(): fc.Arbitrary<Uint8Array[]> {
  return fc.array(fc.uint8Array({ maxLength: 20 }), { maxLength: 5 });
}

/** One message of a handshake, read by the other side, which has had those before it. */
function handshake(message: 1 | 2 | 3): Target {
  const initiator = side("initiator");
  const responder = side("responder");
  const first = initiator.write();
  responder.read(first);
  const second = responder.write(WHO);
  initiator.read(second);
  const valid = fc.constant([first, second, initiator.write(WHO)][message - 1] ?? first);
  return whole(`handshake, message ${message}`, (bytes) => {
    const reader = side(message === 2 ? "initiator" : "responder");
    if (message === 2) reader.write();
    if (message === 3) {
      reader.read(first);
      reader.write(WHO);
    }
    return reader.read(bytes);
  }, valid);
}

function side(role: NoiseRole): NoiseHandshake {
  return new NoiseHandshake(role, { prologue: encodePreamble("chat"), ...KEYS[role] });
}

function anyIdentityFile(): fc.Arbitrary<Uint8Array> {
  return anyBytes(32).map((key) =>
    utf8(JSON.stringify({
      mim: "identity",
      version: 1,
      private: key.toHex(),
      public: identityOf(key).toHex(),
    }))
  );
}

function anyKeyCopy(): fc.Arbitrary<Uint8Array> {
  return fc.tuple(anyBytes(32), anyBytes(16), anyBytes(12), anyBytes(48)).map(
    ([key, salt, nonce, sealed]) =>
      utf8(JSON.stringify({
        mim: "key copy",
        version: 1,
        public: key.toHex(),
        kdf: "scrypt",
        N: 65_536,
        r: 8,
        p: 1,
        cipher: "chacha20-poly1305",
        salt: salt.toHex(),
        nonce: nonce.toHex(),
        sealed: sealed.toHex(),
      })),
  );
}
