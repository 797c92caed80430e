/** The kinds of examples of rooms. */

import {
  decodeLobbyText,
  decodeRoomBody,
  decodeRoomHeader,
  decodeRoomMessage,
  encodeFileOffer,
  encodeLobbyText,
  encodeRoomBody,
  encodeRoomHeader,
  encodeRoomMessage,
  type FileOffer,
  type FileRow,
  type LobbyText,
  type RoomBody,
  type RoomHeader,
  roomKinds,
  type RoomPeerMessage,
} from "../../protocol/mod.ts";
import { type Kind, kind, recordOf, type Value } from "./example_kinds.ts";

type Fields = Record<string, unknown>;
const SALT = new Uint8Array(16).fill(0xaa);
const FLAGS = new Set(["membersInvite", "showsPast", "isAdmin"]);

/** Hashes that stand one behind the other. */
function split(hashes: unknown): Uint8Array[] {
  const bytes = hashes instanceof Uint8Array ? hashes : new Uint8Array();
  return Array.from({ length: bytes.length / 32 }, (_, at) => bytes.slice(at * 32, at * 32 + 32));
}

function headerIn(values: readonly Value[]): RoomHeader {
  const { membership, talk, ...rest } = recordOf<Fields>(values);
  return { ...rest, membership: split(membership), talk: split(talk) } as unknown as RoomHeader;
}

function bodyIn(type: keyof typeof roomKinds, values: readonly Value[]): RoomBody {
  const fields = Object.fromEntries(
    values.map(([word, value]) => [word, FLAGS.has(word) ? value === 1 : value]),
  );
  const { serverKey, claimed, issued, certificate, device, count, ...rest } = fields;
  const credential = serverKey && {
    credential: { serverKey, certificate: { claimed, issued, signature: certificate } },
  };
  const devices = device && { devices: [{ device, count }] };
  return { type, ...rest, ...credential, ...devices } as unknown as RoomBody;
}

function body(type: keyof typeof roomKinds): [string, Kind] {
  return [`room-body-${type}`, {
    encode: (values) => encodeRoomBody(bodyIn(type, values), SALT),
    messages: (values) => [bodyIn(type, values)],
    decode: (bytes) => decodeRoomBody(roomKinds[type], bytes),
  }];
}

function fileBodyIn(values: readonly Value[]): RoomBody {
  const { mime, thumbnail, ...row } = recordOf<FileRow & Pick<FileOffer, "mime" | "thumbnail">>(
    values,
  );
  return { type: "file", offer: encodeFileOffer({ rows: [row], mime, thumbnail }) };
}

function messageIn(type: RoomPeerMessage["type"], values: readonly Value[]): RoomPeerMessage {
  const { header, signature, body, hashes, author, device, ...rest } = recordOf<Fields>(values);
  if (type === "room-entry") {
    const withBody = body instanceof Uint8Array && body.length > 0 ? { body } : {};
    return { type, entry: { header, signature, ...withBody } } as unknown as RoomPeerMessage;
  }
  if (type === "room-query") {
    return { type, ...rest, hashes: split(hashes) } as unknown as RoomPeerMessage;
  }
  const { nextMembership, oldestTalk, nextTalk, ...summary } = rest;
  const rows = [{ author, device, nextMembership, oldestTalk, nextTalk }];
  return { type, ...summary, rows } as unknown as RoomPeerMessage;
}

function message(type: RoomPeerMessage["type"]): [string, Kind] {
  return [type, kind((values) => messageIn(type, values), encodeRoomMessage, decodeRoomMessage)];
}

/** By the word in the examples. */
export const ROOM_KINDS: readonly (readonly [string, Kind])[] = [
  ["lobby-text", {
    encode: (values) => encodeLobbyText(bodyIn("text", values) as unknown as LobbyText, SALT),
    messages: (values) => {
      const { type: _, ...text } = bodyIn("text", values);
      return [text];
    },
    decode: decodeLobbyText,
  }],
  ["room-body-file", {
    encode: (values) => encodeRoomBody(fileBodyIn(values), SALT),
    messages: (values) => [fileBodyIn(values)],
    decode: (bytes) => decodeRoomBody(roomKinds.file, bytes),
  }],
  ["room-header", kind(headerIn, encodeRoomHeader, decodeRoomHeader)],
  ...(["create", "invite", "join", "leave", "remove", "set", "text", "action", "role"] as const)
    .map(body),
  ...(["room-entry", "room-summary", "room-query"] as const).map(message),
];
