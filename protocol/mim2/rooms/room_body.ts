/** The bodies of entries. */

import { QDataStreamReader, QDataStreamWriter } from "../../codec/mod.ts";
import { KEY_LENGTH } from "../../crypto/mod.ts";
import { ProtocolError } from "../../errors.ts";
import { limits } from "../../limits.ts";
import { checkUserName, type UserNameCheck } from "../../text/mod.ts";
import { readCertificate, writeCertificate } from "../certificate.ts";
import {
  readBytesField,
  readMessageText,
  writeBytesField,
  writeMessageText,
  writeTextField,
} from "../fields.ts";
import { decodeFileOffer } from "../files/mod.ts";
import type { Credential } from "../introduction.ts";
import type { ActionKind } from "../peer_messages.ts";
import { HASH_LENGTH } from "../signed_statement.ts";
import { DEVICE_LENGTH } from "./room_entry.ts";
import { roomKinds } from "./room_kinds.ts";
import { checkRoomName } from "./room_name.ts";

/** How many devices a removal lists. */
const MAX_DEVICES = 64;
const ACTIONS = ["edit", "delete", "react", "unreact"] as const;

/** The rules of a room. */
export interface RoomPolicy {
  /** Whether every member may invite; else only admins. */
  readonly membersInvite: boolean;
  /** Whether newcomers get the messages from before they joined. */
  readonly showsPast: boolean;
}

/** The content of an entry, by its kind. See protocol/docs/mim2.md, "Rooms". */
export type RoomBody =
  | ({
    /** The first entry of a room; its author is the owner. */
    readonly type: "create";
    /** The room's name, without `#`: see {@linkcode checkRoomName}. */
    readonly name: string;
  } & RoomPolicy)
  | {
    /** Somebody may join. */
    readonly type: "invite";
    /** The guest's public key, 32 bytes. */
    readonly identity: Uint8Array;
    /** The guest's name, as the author knows it. */
    readonly name: string;
  }
  | {
    /** The author is a member from here, or has another name or certificate. */
    readonly type: "join";
    /** The author's name. */
    readonly name: string;
    /** The server that certifies it; undefined if none does. */
    readonly credential?: Credential | undefined;
  }
  | {
    /** The author is a member no more, or declines an invitation. */
    readonly type: "leave";
  }
  | {
    /** Somebody is a member no more, and may not join. */
    readonly type: "remove";
    /** The public key of the one who is removed, 32 bytes. */
    readonly identity: Uint8Array;
    /** Their devices, which ascend; what they said on others is void. */
    readonly devices: readonly {
      /** 8 bytes. */
      readonly device: Uint8Array;
      /** The count of the last talk entry that stands. */
      readonly count: number;
    }[];
  }
  | ({
    /** The room has another name, topic or policy. */
    readonly type: "set";
    /** The room's name, without `#`. */
    readonly name: string;
    /** The topic, at most 256 UTF-16 units. */
    readonly topic: string;
  } & RoomPolicy)
  | {
    /** Somebody becomes an admin, or a mere member again. */
    readonly type: "role";
    /** Their public key, 32 bytes. */
    readonly identity: Uint8Array;
    /** Whether they are an admin from here. */
    readonly isAdmin: boolean;
  }
  | {
    /** A message. */
    readonly type: "text";
    /** The hash of the entry that it answers, 32 bytes; empty if it answers none. */
    readonly replyTo: Uint8Array;
    /** The text; not yet safe to print: see {@linkcode sanitizeText}. */
    readonly text: string;
  }
  | {
    /** An earlier entry is changed, or reacted to. */
    readonly type: "action";
    /** The type of the action. */
    readonly action: ActionKind;
    /** The hash of that entry, 32 bytes. */
    readonly target: Uint8Array;
    /** The new text, or the emoji; empty otherwise. */
    readonly text: string;
  }
  | {
    /** Files are offered. */
    readonly type: "file";
    /** The offer: see {@linkcode decodeFileOffer}. */
    readonly offer: Uint8Array;
  }
  | {
    /** Something of another or a later kind. */
    readonly type: "other";
    /** Its kind. */
    readonly kind: number;
    /** The bytes behind the random ones. */
    readonly content: Uint8Array;
  };

/**
 * A body's bytes.
 *
 * @param salt 16 random bytes: see {@linkcode roomBodySalt}
 * @throws {RangeError} if a field has a wrong length, is too long or out of range
 *
 * @example
 * ```ts
 * import { decodeRoomBody, encodeRoomBody, roomKinds } from "@mim/mim/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * const said = { type: "text", replyTo: new Uint8Array(), text: "hi" } as const;
 * const bytes = encodeRoomBody(said, new Uint8Array(16));
 * assertEquals(decodeRoomBody(roomKinds.text, bytes), said);
 * ```
 */
export function encodeRoomBody(body: RoomBody, salt: Uint8Array): Uint8Array<ArrayBuffer> {
  const writer = new QDataStreamWriter();
  if (salt.length !== limits.roomSaltBytes) {
    throw new RangeError(`expected ${limits.roomSaltBytes} random bytes, got ${salt.length}`);
  }
  for (const byte of salt) writer.quint8(byte);
  switch (body.type) {
    case "create":
      assertName(body.name, checkRoomName(body.name));
      writer.qstring(body.name);
      writePolicy(writer, body);
      break;
    case "invite":
      assertName(body.name, checkUserName(body.name));
      writeBytesField(writer, "an identity", body.identity, KEY_LENGTH);
      writer.qstring(body.name);
      break;
    case "join": {
      assertName(body.name, checkUserName(body.name));
      writer.qstring(body.name);
      const { serverKey = new Uint8Array(), certificate } = body.credential ?? {};
      writeBytesField(writer, "a server's key", serverKey, KEY_LENGTH, !body.credential);
      writeCertificate(writer, certificate);
      break;
    }
    case "leave":
      break;
    case "remove":
      writeBytesField(writer, "an identity", body.identity, KEY_LENGTH);
      if (body.devices.length > MAX_DEVICES) throw new RangeError(tooMany(body.devices.length));
      writer.quint8(body.devices.length);
      for (const { device, count } of body.devices) {
        writeBytesField(writer, "a device", device, DEVICE_LENGTH);
        writer.quint32(count);
      }
      break;
    case "set":
      assertName(body.name, checkRoomName(body.name));
      writer.qstring(body.name);
      writeTextField(writer, "a topic", body.topic, limits.roomTopicUnits);
      writePolicy(writer, body);
      break;
    case "role":
      writeBytesField(writer, "an identity", body.identity, KEY_LENGTH);
      writer.quint8(body.isAdmin ? 1 : 0);
      break;
    case "text":
      writeBytesField(writer, "a reply's target", body.replyTo, HASH_LENGTH, true);
      writeMessageText(writer, body.text);
      break;
    case "action":
      writer.quint8(ACTIONS.indexOf(body.action) + 1);
      writeBytesField(writer, "a target", body.target, HASH_LENGTH);
      writeMessageText(writer, body.text);
      break;
    case "file":
      if (body.offer.length > limits.offerBytes) throw new RangeError(tooLong(body.offer.length));
      writer.qbytearray(body.offer);
      break;
    case "other":
      for (const byte of body.content) writer.quint8(byte);
  }
  return writer.bytes();
}

/**
 * Reads a body of that kind. Further fields are skipped.
 *
 * @throws {ProtocolError} `overrun`, `odd-string`, `bad-field`, `invalid-name`
 */
export function decodeRoomBody(kind: number, bytes: Uint8Array): RoomBody {
  if (bytes.length < limits.roomSaltBytes) {
    throw new ProtocolError("overrun", `expected a body with random bytes, got ${bytes.length}`);
  }
  const content = bytes.subarray(limits.roomSaltBytes);
  const reader = new QDataStreamReader(content);
  switch (kind) {
    case roomKinds.create:
      return { type: "create", name: readName(reader, checkRoomName), ...readPolicy(reader) };
    case roomKinds.invite: {
      const identity = readBytesField(reader, "an identity", KEY_LENGTH);
      return { type: "invite", identity, name: readName(reader, checkUserName) };
    }
    case roomKinds.join:
      return { type: "join", name: readName(reader, checkUserName), ...readCredential(reader) };
    case roomKinds.leave:
      return { type: "leave" };
    case roomKinds.remove:
      return {
        type: "remove",
        identity: readBytesField(reader, "an identity", KEY_LENGTH),
        devices: readDevices(reader),
      };
    case roomKinds.set: {
      const name = readName(reader, checkRoomName);
      const topic = reader.qstring(limits.roomTopicUnits);
      return { type: "set", name, topic, ...readPolicy(reader) };
    }
    case roomKinds.role: {
      const identity = readBytesField(reader, "an identity", KEY_LENGTH);
      return { type: "role", identity, isAdmin: readFlag(reader) };
    }
    case roomKinds.text:
      return {
        type: "text",
        replyTo: readBytesField(reader, "a reply's target", HASH_LENGTH, true),
        text: readMessageText(reader),
      };
    case roomKinds.action: {
      const number = reader.quint8();
      const action = ACTIONS[number - 1];
      if (action === undefined) return { type: "other", kind, content: content.slice() };
      const target = readBytesField(reader, "a target", HASH_LENGTH);
      return { type: "action", action, target, text: readMessageText(reader) };
    }
    case roomKinds.file: {
      const offer = reader.qbytearray(limits.offerBytes);
      // Rules may change: an offer that breaks those of today is passed on, and not shown.
      return isFileOffer(offer)
        ? { type: "file", offer }
        : { type: "other", kind, content: content.slice() };
    }
    default:
      return { type: "other", kind, content: content.slice() };
  }
}

/** The random bytes that a body begins with: nobody can guess a withheld body from its hash. */
export function roomBodySalt(body: Uint8Array): Uint8Array {
  return body.subarray(0, limits.roomSaltBytes);
}

function isFileOffer(offer: Uint8Array): boolean {
  try {
    decodeFileOffer(offer);
    return true;
  } catch (error) {
    if (error instanceof ProtocolError) return false;
    throw error;
  }
}

function tooLong(length: number): string {
  return `expected an offer of at most ${limits.offerBytes} bytes, got ${length}`;
}

function assertName(name: string, check: UserNameCheck): void {
  if (!check.ok) throw new RangeError(check.reason);
  if (check.name !== name) throw new RangeError("expected a name without blanks around it");
}

/** Reads a name, which has to stand there as the rules want it. */
function readName(reader: QDataStreamReader, rules: (text: string) => UserNameCheck): string {
  const text = reader.qstring(limits.nameUnits);
  const check = rules(text);
  if (!check.ok) throw new ProtocolError("invalid-name", check.reason);
  if (check.name === text) return text;
  throw new ProtocolError("invalid-name", "expected a name without blanks around it, got some");
}

function writePolicy(writer: QDataStreamWriter, policy: RoomPolicy): void {
  writer.quint8(policy.membersInvite ? 1 : 0).quint8(policy.showsPast ? 1 : 0);
}

function readPolicy(reader: QDataStreamReader): RoomPolicy {
  return { membersInvite: readFlag(reader), showsPast: readFlag(reader) };
}

function readFlag(reader: QDataStreamReader): boolean {
  const value = reader.quint8();
  if (value > 1) throw new ProtocolError("bad-field", `expected 0 or 1, got ${value}`);
  return value === 1;
}

function readCredential(reader: QDataStreamReader): { readonly credential?: Credential } {
  const serverKey = readBytesField(reader, "a server's key", KEY_LENGTH, true);
  const certificate = readCertificate(reader);
  if (serverKey.length > 0) return { credential: { serverKey, certificate } };
  if (certificate === undefined) return {};
  throw new ProtocolError("bad-field", "expected a certificate beside a server's key, got no key");
}

function readDevices(reader: QDataStreamReader): { device: Uint8Array; count: number }[] {
  const count = reader.quint8();
  if (count > MAX_DEVICES) throw new ProtocolError("bad-field", tooMany(count));
  const devices = Array.from({ length: count }, () => ({
    device: readBytesField(reader, "a device", DEVICE_LENGTH),
    count: reader.quint32(),
  }));
  const names = devices.map(({ device }) => device.toHex());
  const ascend = names.every((name, at) => at === 0 || (names[at - 1] ?? "") < name);
  if (ascend) return devices;
  throw new ProtocolError("bad-field", "expected devices that ascend");
}

function tooMany(count: number): string {
  return `expected at most ${MAX_DEVICES} devices, got ${count}`;
}
