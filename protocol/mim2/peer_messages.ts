/** Messages of two MIM/2 peers inside Noise, behind their introductions. */

import { ProtocolError } from "../errors.ts";
import { limits } from "../limits.ts";
import {
  ID_LENGTH,
  isTooLong,
  readBytesField,
  readMessageText,
  readTime,
  writeBytesField,
  writeMessageText,
  writeTime,
} from "./fields.ts";
import { type MessageTarget, readTarget, writeTarget } from "./message_target.ts";
import { QDataStreamReader, QDataStreamWriter } from "../codec/mod.ts";

/** A message of a peer after the handshake. See protocol/docs/mim2.md, "Messages". */
export type PeerMessage =
  | {
    /** A message. */
    readonly type: "text";
    /** 8 bytes by which it is known again. */
    readonly id: Uint8Array;
    /** When it was sent, by the sender's clock, in milliseconds since 1970. */
    readonly sentAt: number;
    /** The text, including line breaks; not yet safe to print: see {@linkcode sanitizeText}. */
    readonly text: string;
    /** The message that it answers. */
    readonly reply?: MessageTarget | undefined;
  }
  | {
    /** Something done with an earlier message. */
    readonly type: "action";
    /** 8 bytes by which it is known again, among texts and actions. */
    readonly id: Uint8Array;
    /** When it was done, by the sender's clock, in milliseconds since 1970. */
    readonly sentAt: number;
    /** The type of the action. */
    readonly action: ActionKind;
    /** The message. */
    readonly target: MessageTarget;
    /** The new text of an edit, the emoji of a reaction; empty for a delete. Not yet safe to print. */
    readonly body: string;
  }
  | {
    /** The user has seen the reader's messages up to the one of this id. */
    readonly type: "seen";
    /** 8 bytes. */
    readonly id: Uint8Array;
  }
  | {
    /** The text or action of this id has arrived. */
    readonly type: "received";
    /** 8 bytes. */
    readonly id: Uint8Array;
  }
  | {
    /** The peer has begun or stopped typing. */
    readonly type: "typing";
    /** Whether it types now. */
    readonly typing: boolean;
  }
  | {
    /** The peer's user has compared safety numbers, and they match: news, which proves nothing. */
    readonly type: "verified";
  }
  | {
    /** The peer closes the chat on purpose, or refuses the call. */
    readonly type: "bye";
    /** Why; one that is not known is read as `closed`. */
    readonly reason: ByeReason;
  };

/**
 * An action on an earlier message: its author edits or deletes it, either side reacts with an
 * emoji, or takes that back.
 */
export type ActionKind = "edit" | "delete" | "react" | "unreact";

const ACTION_KINDS = ["edit", "delete", "react", "unreact"] as const;

/**
 * Why a chat is closed on purpose. A refusal that is the user's will has no other reason than a closed
 * chat: callers do not learn that they are ignored.
 *
 * @example
 * ```ts
 * import { byeReasons, encodePeerMessage } from "@mim/mim/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * const bye = encodePeerMessage({ type: "bye", reason: byeReasons["other key"] });
 * assertEquals(bye.toHex(), "42" + "01");
 * ```
 */
export const byeReasons = {
  /** Closed or refused, because the user wants it so. */
  "closed": 0,
  /** The name belongs to another key there. */
  "other key": 1,
  /** The proven key belongs to another name there. */
  "other name": 2,
  /** Too many chats are open. */
  "no room": 3,
  /** The program ends: its user has not closed this chat. */
  "leaving": 4,
} as const;

/** One of {@linkcode byeReasons}. */
export type ByeReason = typeof byeReasons[keyof typeof byeReasons];

const TEXT = 0x54;
const ACTION = 0x4d;
const SEEN = 0x4e;
const RECEIVED = 0x4b;
const TYPING = 0x59;
const VERIFIED = 0x56;
const BYE = 0x42;
const encoder = new TextEncoder();

/**
 * Encodes a message, which {@linkcode NoiseTransport} then encrypts.
 *
 * @throws {RangeError} if a text has over 16 KiB as UTF-8, an id not 8 bytes, or a number doesn't fit
 *
 * @example
 * ```ts
 * import { decodePeerMessage, encodePeerMessage } from "@mim/mim/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * const message = { type: "text", id: new Uint8Array(8), sentAt: 1, text: "two\nlines" } as const;
 * assertEquals(decodePeerMessage(encodePeerMessage(message)), message);
 * ```
 */
export function encodePeerMessage(message: PeerMessage): Uint8Array<ArrayBuffer> {
  const writer = new QDataStreamWriter();
  switch (message.type) {
    case "text":
      writeBytesField(writer.quint8(TEXT), "an id", message.id, ID_LENGTH);
      writeTime(writer, message.sentAt);
      writeTarget(writeMessageText(writer, message.text), message.reply);
      return writer.bytes();
    case "action":
      if (isBodyTooLong(message.action, message.body)) {
        throw new RangeError(wrongBody(message.action, message.body));
      }
      writeBytesField(writer.quint8(ACTION), "an id", message.id, ID_LENGTH);
      writeTime(writer, message.sentAt);
      writeTarget(writer.quint8(ACTION_KINDS.indexOf(message.action) + 1), message.target);
      return writer.qstring(message.body).bytes();
    case "seen":
      writeBytesField(writer.quint8(SEEN), "an id", message.id, ID_LENGTH);
      return writer.bytes();
    case "received":
      writeBytesField(writer.quint8(RECEIVED), "an id", message.id, ID_LENGTH);
      return writer.bytes();
    case "typing":
      return writer.quint8(TYPING).quint8(message.typing ? 1 : 0).bytes();
    case "verified":
      return writer.quint8(VERIFIED).bytes();
    case "bye":
      return writer.quint8(BYE).quint8(message.reason).bytes();
  }
}

/**
 * Reads a message that {@linkcode NoiseTransport} has decrypted.
 *
 * @returns undefined if its type is not known: it is to be skipped
 * @throws {ProtocolError} `overrun`, `odd-string`, `bad-field`
 */
export function decodePeerMessage(payload: Uint8Array): PeerMessage | undefined {
  const reader = new QDataStreamReader(payload);
  switch (reader.quint8()) {
    case TEXT: {
      const id = readBytesField(reader, "an id", ID_LENGTH);
      const sentAt = readTime(reader);
      const text = readMessageText(reader);
      const reply = reader.remaining === 0 ? undefined : readTarget(reader); // absent in older clients
      return { type: "text", id, sentAt, text, ...reply !== undefined && { reply } };
    }
    case ACTION:
      return readAction(reader);
    case SEEN:
      return { type: "seen", id: readBytesField(reader, "an id", ID_LENGTH) };
    case RECEIVED:
      return { type: "received", id: readBytesField(reader, "an id", ID_LENGTH) };
    case TYPING:
      return { type: "typing", typing: reader.quint8() !== 0 };
    case VERIFIED:
      return { type: "verified" };
    case BYE:
      return { type: "bye", reason: reasonIn(reader.quint8()) };
    default:
      return undefined;
  }
}

/** Undefined if the kind is of a later version. */
function readAction(reader: QDataStreamReader): PeerMessage | undefined {
  const id = readBytesField(reader, "an id", ID_LENGTH);
  const sentAt = readTime(reader);
  const action = ACTION_KINDS[reader.quint8() - 1];
  const target = readTarget(reader);
  const body = reader.qstring(limits.textBytes);
  if (action === undefined) return undefined;
  if (target === undefined) {
    throw new ProtocolError("bad-field", "expected an action's target, got none");
  }
  if (isBodyTooLong(action, body)) throw new ProtocolError("bad-field", wrongBody(action, body));
  return { type: "action", id, sentAt, action, target, body };
}

function reasonIn(code: number): ByeReason {
  return Object.values(byeReasons).find((reason) => reason === code) ?? byeReasons.closed;
}

/** How long the body of an action may be, as UTF-8. */
function maxBodyBytes(action: ActionKind): number {
  return action === "edit" ? limits.textBytes : action === "delete" ? 0 : limits.emojiBytes;
}

function isBodyTooLong(action: ActionKind, body: string): boolean {
  return isTooLong(body, maxBodyBytes(action));
}

function wrongBody(action: ActionKind, body: string): string {
  const length = encoder.encode(body).length;
  return `expected a body of at most ${maxBodyBytes(action)} bytes, got ${length}`;
}
