/** What reads bytes from outside in MIM/2. */

import fc from "fast-check";
import {
  createAnnouncement,
  createRotation,
  decodeLinkClientMessage,
  decodeLinkLogin,
  decodeLinkNotice,
  decodeLinkUpdate,
  decodeLinkUpdates,
  decodeLobbyText,
  decodePeerIntroduction,
  decodeRoomBody,
  decodeRoomHeader,
  decodeRoomMessage,
  decodeRotationMessage,
  encodeLinkClientMessage,
  encodeLinkLogin,
  encodeLinkNotice,
  encodeLinkPreamble,
  encodeLinkUpdate,
  encodeLinkUpdates,
  encodeLobbyText,
  encodeLogin,
  encodePeerIntroduction,
  encodeRoomBody,
  encodeRoomHeader,
  encodeRoomMessage,
  encodeRotationMessage,
  encodeWelcome,
  formatLinkAnnouncement,
  formatRotationLine,
  GreetingDecoder,
  hashTable,
  identityOf,
  LinkOpeningDecoder,
  NoiseHandshake,
  noisePublicKey,
  type NoiseRole,
  ProtocolError,
  RecordOpener,
  RecordSealer,
} from "../../protocol/mod.ts";
import { anyText, join } from "../fixtures/decoding.ts";
import {
  anyCallerIntroduction,
  anyLinkClientMessage,
  anyLinkLogin,
  anyLinkNotice,
  anyLinkUpdate,
  anyResponderIntroduction,
} from "../fixtures/link_messages.ts";
import { anyRoomBody, anyRoomHeader, anyRoomMessage } from "../fixtures/room_entries.ts";
import { head, type Target, whole } from "./target.ts";

const key = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);
const [SERVER, OLD, STATIC, SECRET] = [key(1), key(2), key(3), key(4)];
const SERVER_KEY = identityOf(SERVER);
const ROTATION = createRotation(OLD, SERVER, 5);
const LINES = [
  formatRotationLine(ROTATION),
  formatLinkAnnouncement(createAnnouncement(SERVER, noisePublicKey(STATIC), true)),
].join("\n");

/** All of them. */
export const LINK_TARGETS: readonly Target[] = [
  {
    ...head(
      "greeting",
      () => new GreetingDecoder(),
      anyText(40).map((text) => encodeWelcome(`${text}\n${LINES}`)),
    ),
    weight: 10,
  },
  head(
    "link opening",
    () => new LinkOpeningDecoder(),
    fc.constantFrom(encodeLinkPreamble(), encodeLogin({ name: "ada", port: 1 })),
  ),
  whole("link login", decodeLinkLogin, anyLinkLogin.map(encodeLinkLogin)),
  whole(
    "link client message",
    decodeLinkClientMessage,
    anyLinkClientMessage.map(encodeLinkClientMessage),
  ),
  whole("link update", decodeLinkUpdate, anyLinkUpdate.map(encodeLinkUpdate)),
  whole(
    "list of link updates",
    decodeLinkUpdates,
    fc.array(anyLinkUpdate, { minLength: 2, maxLength: 4 }).map((updates) =>
      [...encodeLinkUpdates(updates.map(encodeLinkUpdate))][0] ?? new Uint8Array()
    ),
  ),
  whole("link notice", decodeLinkNotice, anyLinkNotice.map(encodeLinkNotice)),
  whole(
    "introduction of a dialed peer",
    (payload) => decodePeerIntroduction("responder", payload),
    anyResponderIntroduction.map((one) => encodePeerIntroduction("responder", one)),
  ),
  whole(
    "introduction of a caller",
    (payload) => decodePeerIntroduction("initiator", payload),
    anyCallerIntroduction.map((one) => encodePeerIntroduction("initiator", one)),
  ),
  whole(
    "rotation message",
    decodeRotationMessage,
    fc.constant(encodeRotationMessage({ id: key(1).slice(0, 8), rotation: ROTATION })),
  ),
  { ...whole("room message", decodeRoomMessage, anyRoomMessage.map(encodeRoomMessage)), weight: 2 },
  { ...whole("room header", decodeRoomHeader, anyRoomHeader.map(encodeRoomHeader)), weight: 4 },
  whole(
    "room body",
    (bytes) => {
      for (let kind = 0; kind < 12; kind++) tryBody(kind, bytes);
    },
    anyRoomBody.map((body) => encodeRoomBody(body, key(4).subarray(16))),
  ),
  whole(
    "lobby text",
    decodeLobbyText,
    fc.record({ name: fc.constantFrom("ada", "bob"), text: anyText(40) }).map(({ name, text }) => {
      const certificate = { claimed: 1, issued: 2, signature: new Uint8Array(64) };
      const credential = { serverKey: SERVER_KEY, certificate };
      return encodeLobbyText(
        { name, credential, replyTo: new Uint8Array(), text },
        key(4).subarray(16),
      );
    }),
  ),
  { ...record(), weight: 20 },
  { ...recordContent(), weight: 20 },
  { ...handshake(1), weight: 10 },
  { ...handshake(2), weight: 10 },
];

/** A body may come with any kind; what its readers are promised is looked at for each. */
function tryBody(kind: number, bytes: Uint8Array): void {
  try {
    decodeRoomBody(kind, bytes);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
  }
}

function openerOf(sealer: RecordSealer): RecordOpener {
  const { epoch, nextNumber: number, chain } = sealer;
  const opener = new RecordOpener(sealer, SERVER_KEY);
  const tableHash = hashTable([]);
  opener.complete({ type: "complete", rows: 0, epoch, number, tableHash, chain });
  return opener;
}

/** A sealed record that was tampered with. */
function record(): Target {
  const valid = anyLinkUpdate.map((update) => {
    const [block] = new RecordSealer(1, SECRET).sealLog([encodeLinkUpdate(update)]);
    return block?.subarray(2) ?? new Uint8Array();
  });
  return whole("record", (bytes) => {
    if (bytes.length > 0) openerOf(new RecordSealer(1, SECRET)).open(bytes);
  }, valid);
}

/** What the server itself seals, but should not. */
function recordContent(): Target {
  return whole("content of a record", (bytes) => {
    const sealer = new RecordSealer(1, SECRET);
    const opener = openerOf(sealer);
    for (const block of sealer.sealLog([bytes])) opener.open(block.subarray(2));
  }, anyLinkUpdate.map(encodeLinkUpdate).map((body) => join(body)));
}

function side(role: NoiseRole): NoiseHandshake {
  const keys = role === "initiator"
    ? { remoteStaticKey: noisePublicKey(STATIC), ephemeralKey: key(5) }
    : { staticKey: STATIC, ephemeralKey: key(6) };
  return new NoiseHandshake(role, { pattern: "NK", prologue: encodeLinkPreamble(), ...keys });
}

/** One message of the link's handshake, read by the other side. */
function handshake(message: 1 | 2): Target {
  const initiator = side("initiator");
  const responder = side("responder");
  const first = initiator.write();
  responder.read(first);
  const valid = fc.constant(message === 1 ? first : responder.write());
  return whole(`link handshake, message ${message}`, (bytes) => {
    const reader = side(message === 1 ? "responder" : "initiator");
    if (message === 2) reader.write();
    return reader.read(bytes);
  }, valid);
}
