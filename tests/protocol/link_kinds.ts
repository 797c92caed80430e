/** The kinds of examples of MIM/2. */

import { assert } from "@std/assert";
import {
  type Certificate,
  decodeLinkClientMessage,
  decodeLinkLogin,
  decodeLinkNotice,
  decodeLinkUpdate,
  decodeLinkUpdates,
  decodePeerIntroduction,
  decodeRotationMessage,
  encodeLinkClientMessage,
  encodeLinkLogin,
  encodeLinkNotice,
  encodeLinkPreamble,
  encodeLinkUpdate,
  encodeLinkUpdates,
  encodePeerIntroduction,
  encodeRotationMessage,
  encodeSignedStatement,
  encodeWelcome,
  formatLinkAnnouncement,
  formatRotationLine,
  GreetingDecoder,
  hashTable,
  identityOf,
  type KeyRotation,
  type LinkAnnouncement,
  type LinkClientMessage,
  type LinkEntry,
  type LinkLogin,
  type LinkNotice,
  LinkOpeningDecoder,
  linkPrologue,
  type LinkUpdate,
  type PeerIntroduction,
  RecordOpener,
  RecordSealer,
  type RotationMessage,
  type SignedStatement,
  type WatchedItem,
} from "../../protocol/mod.ts";
import { utf8 } from "../fixtures/decoding.ts";
import { type Kind, kind, messageOf, recordOf, textOf, type Value } from "./example_kinds.ts";

/** Puts the three fields of a certificate into one, or none. */
function withCertificate<Message>(values: readonly Value[]): Message {
  const { claimed, issued, certificate, ...rest } = recordOf<Record<string, unknown>>(values);
  if (!(certificate instanceof Uint8Array)) return rest as Message;
  const held = { claimed, issued, signature: certificate } as Certificate;
  return { ...rest, certificate: certificate.length === 0 ? undefined : held } as Message;
}

/** A login with one rotation. */
function rotatedLogin(values: readonly Value[]): LinkLogin {
  const { oldKey, newKey, rotatedAt, oldSignature, newSignature, ...login } = recordOf<
    Omit<LinkLogin, "rotations"> & KeyRotation
  >(values);
  const rotation = { oldKey, newKey, rotatedAt, oldSignature, newSignature };
  return { ...login, rotations: [rotation] };
}

/** Has words for yes and no as numbers. */
function withFlags<Message>(
  type: string | undefined,
  flags: readonly string[],
  values: readonly Value[],
): Message {
  const record = recordOf<Record<string, unknown>>(values);
  const words = Object.fromEntries(flags.map((flag) => [flag, record[flag] === 1]));
  const flagged = { ...record, ...words };
  return (type === undefined ? flagged : { type, ...flagged }) as Message;
}

function introductionIn(values: readonly Value[]): PeerIntroduction {
  const { serverKey, certificate, ...rest } = withCertificate<Record<string, unknown>>(values);
  if (!(serverKey instanceof Uint8Array)) return rest as unknown as PeerIntroduction;
  return { ...rest, credential: { serverKey, certificate } } as unknown as PeerIntroduction;
}

function rotationIn(values: readonly Value[]): RotationMessage {
  const { id, ...rotation } = recordOf<Record<string, unknown>>(values);
  return { id, rotation } as unknown as RotationMessage;
}

function offerIn(bytes: Uint8Array) {
  const end = [...new GreetingDecoder().push(bytes)].at(-1);
  assert(end?.type === "welcome-end" && end.offer !== undefined);
  return end.offer;
}

/** A rotation's line stands before an announcement, whose key is the new one. */
const ANNOUNCEMENT: LinkAnnouncement = {
  serverKey: new Uint8Array(32).fill(1),
  staticKey: new Uint8Array(32).fill(2),
  signature: new Uint8Array(64).fill(3),
  isUncertified: false,
};

/** Epoch 1 with the secret <01*32>, whose first log record deletes the session <0102030405060708>. */
const SECRET = new Uint8Array(32).fill(1);
const SERVER = new Uint8Array(32).fill(2);
const GONE: LinkUpdate = { type: "delete", session: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8) };

function epochWithRecord(): { sealer: RecordSealer; block: Uint8Array } {
  const sealer = new RecordSealer(1, SECRET);
  const [block] = sealer.sealLog([encodeLinkUpdate(GONE)]);
  assert(block);
  return { sealer, block };
}

function openerOf(): RecordOpener {
  const sealer = new RecordSealer(1, SECRET);
  const opener = new RecordOpener(sealer, identityOf(SERVER));
  const { chain } = sealer;
  const tableHash = hashTable([]);
  opener.complete({ type: "complete", rows: 0, epoch: 1, number: 0, tableHash, chain });
  return opener;
}

/** All of them. */
export const LINK_KINDS: readonly (readonly [string, Kind])[] = [
  [
    "link-announcement",
    kind(
      (values) => withFlags<LinkAnnouncement>(undefined, ["isUncertified"], values),
      (announcement) => encodeWelcome(formatLinkAnnouncement(announcement)),
      (bytes) => offerIn(bytes).announcement,
    ),
  ],
  [
    "rotation-line",
    kind(
      (values) => ({ ...rotationIn(values).rotation, newKey: ANNOUNCEMENT.serverKey }),
      (rotation) => utf8(`${formatRotationLine(rotation)}\n`),
      (bytes) => {
        const lines = new TextDecoder().decode(bytes) + formatLinkAnnouncement(ANNOUNCEMENT);
        return offerIn(encodeWelcome(lines)).rotations[0];
      },
    ),
  ],
  [
    "prologue",
    {
      encode: (values) => linkPrologue(encodeWelcome(textOf(values))),
      messages: (values) => [linkPrologue(encodeWelcome(textOf(values)))],
      decode: (bytes) => bytes,
    },
  ],
  [
    "link-opening",
    kind(textOf, encodeLinkPreamble, (bytes) => [...new LinkOpeningDecoder().push(bytes)][0]),
  ],
  ["link-login-rotated", kind(rotatedLogin, encodeLinkLogin, decodeLinkLogin)],
  ["link-login", kind(recordOf<LinkLogin>, encodeLinkLogin, decodeLinkLogin)],
  [
    "link-watch",
    kind(
      (values): LinkClientMessage => {
        const { isOn, ...items } = recordOf<{ isOn: number } & Record<string, unknown>>(values);
        const watched = Object.entries(items).map(([type, value]) => ({ type, [type]: value }));
        return { type: "watch", isOn: isOn === 1, items: watched as unknown as WatchedItem[] };
      },
      encodeLinkClientMessage,
      decodeLinkClientMessage,
    ),
  ],
  [
    "link-order",
    kind(
      (values) => {
        const { key, ...order } = messageOf<Record<string, unknown>>("order", values);
        return { ...order, subject: { type: "key", key } } as unknown as LinkClientMessage;
      },
      encodeLinkClientMessage,
      decodeLinkClientMessage,
    ),
  ],
  [
    "link-found-row",
    kind(
      (values): LinkNotice => {
        const [query, ...entry] = values;
        const { query: number } = recordOf<{ query: number }>(query === undefined ? [] : [query]);
        const row: LinkEntry = { ...withCertificate(entry), certificate: undefined };
        return { type: "found", query: number, rows: [row] };
      },
      encodeLinkNotice,
      decodeLinkNotice,
    ),
  ],
  [
    "link-found",
    kind(
      (values): LinkNotice =>
        ({ ...messageOf<{ query: number }>("found", values), rows: [] }) as unknown as LinkNotice,
      encodeLinkNotice,
      decodeLinkNotice,
    ),
  ],
  ...(["status", "capabilities", "pong", "unreachable", "find"] as const).map((
    type,
  ): [string, Kind] => [
    `link-${type}`,
    kind(
      (values) => messageOf<LinkClientMessage>(type, values),
      encodeLinkClientMessage,
      decodeLinkClientMessage,
    ),
  ]),
  [
    "link-accepted",
    kind(
      (values) => withFlags<LinkNotice>("accepted", ["isWatching", "isAdmin"], values),
      encodeLinkNotice,
      decodeLinkNotice,
    ),
  ],
  ...(["complete", "ping", "epoch", "call-me", "outcome", "refusal"] as const).map((type): [
    string,
    Kind,
  ] => [
    `link-${type}`,
    kind((values) => messageOf<LinkNotice>(type, values), encodeLinkNotice, decodeLinkNotice),
  ]),
  [
    "link-add",
    kind(
      (values): LinkUpdate => ({ type: "add", entry: withCertificate<LinkEntry>(values) }),
      encodeLinkUpdate,
      decodeLinkUpdate,
    ),
  ],
  [
    "link-change",
    kind(
      (values) => {
        const { session, ...details } = withCertificate<LinkEntry>(values);
        return { type: "change", session, details } as LinkUpdate;
      },
      encodeLinkUpdate,
      decodeLinkUpdate,
    ),
  ],
  [
    "link-updates",
    kind(
      (values): LinkUpdate[] => values.map((value) => messageOf<LinkUpdate>("delete", [value])),
      (updates) => [...encodeLinkUpdates(updates.map(encodeLinkUpdate))][0] ?? new Uint8Array(),
      decodeLinkUpdates,
    ),
  ],
  [
    "link-delete",
    kind(
      (values) => messageOf<LinkUpdate>("delete", values),
      encodeLinkUpdate,
      decodeLinkUpdate,
    ),
  ],
  [
    "log-record",
    {
      encode: () => epochWithRecord().block,
      messages: (values) => [[messageOf("delete", values)]],
      decode: (bytes) => openerOf().open(bytes.subarray(2)),
    },
  ],
  [
    "chain-signature",
    {
      encode: () => epochWithRecord().sealer.sealChainSignature(SERVER),
      messages: () => [0],
      decode: (bytes) => {
        const opener = openerOf();
        opener.open(epochWithRecord().block.subarray(2));
        opener.open(bytes.subarray(2));
        return opener.unsignedRecords;
      },
    },
  ],
  ...([["2", "responder"], ["3", "initiator"]] as const).map(([number, role]): [string, Kind] => [
    `introduction-${number}`,
    kind(
      introductionIn,
      (introduction) => encodePeerIntroduction(role, introduction),
      (payload) => decodePeerIntroduction(role, payload),
    ),
  ]),
  ["key-rotation", kind(rotationIn, encodeRotationMessage, decodeRotationMessage)],
  ...(["name", "noise", "rotate", "log"] as const).map((type): [string, Kind] => [
    `signed-${type}`,
    {
      encode: (values) => encodeSignedStatement(messageOf<SignedStatement>(type, values)),
      messages: () => ["signed"],
      decode: () => "signed", // nobody reads these bytes
    },
  ]),
];
