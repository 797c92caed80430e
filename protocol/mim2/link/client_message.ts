/** The messages of a client through a server link, after its login. */

import { QDataStreamReader, QDataStreamWriter } from "../../codec/mod.ts";
import { limits } from "../../limits.ts";
import {
  type Availability,
  readAvailability,
  readBytesField,
  SESSION_LENGTH,
  writeAvailability,
  writeBytesField,
  writeTextField,
} from "../fields.ts";
import { readStatusField, writeStatusField } from "./fields.ts";
import { type OrderAction, type OrderSubject, readOrder, writeOrder } from "./order.ts";
import { readWatched, type WatchedItem, writeWatched } from "./watched_item.ts";

const MOST_UNITS = limits.nameUnits;
const STATUS = 0x55;
const CAPABILITIES = 0x42;
const PING = 0x50;
const PONG = 0x70;
const CALL_ME = 0x43;
const UNREACHABLE = 0x58;
const WATCH = 0x57;
const FIND = 0x4a;
const ORDER = 0x41;

/** One thing that a client says after its login. See protocol/docs/mim2.md, "Messages of the client". */
export type LinkClientMessage =
  | {
    /** The user's availability or status has changed. */
    readonly type: "status";
    /** Whether the user is there. */
    readonly availability: Availability;
    /** The user's text about it, at most 256 bytes of UTF-8. */
    readonly status: string;
  }
  | {
    /** The client's capabilities have changed. */
    readonly type: "capabilities";
    /** As bits: see {@linkcode capabilities}. */
    readonly capabilities: number;
  }
  | {
    /** A ping, to be answered by a pong with its token; or that answer. */
    readonly type: "ping" | "pong";
    /** Any number of 32 bits. */
    readonly token: number;
  }
  | {
    /**
     * `call-me`: the server is asked to have this session dial the sender; `unreachable`: the sender
     * could not dial it, or hears nothing of it in a chat.
     */
    readonly type: "call-me" | "unreachable";
    /** The session, 8 bytes. */
    readonly session: Uint8Array;
  }
  | {
    /** A client that watches wants the rows of these, or no longer. */
    readonly type: "watch";
    /** Whether from now on, or no more. */
    readonly isOn: boolean;
    /** The items to watch. */
    readonly items: readonly WatchedItem[];
  }
  | {
    /** Asks who is online whose name begins like this. */
    readonly type: "find";
    /** Any number of 32 bits, which the answer repeats. */
    readonly query: number;
    /** The beginning of a name, at least two characters. */
    readonly start: string;
    /** How many rows the answer may have. */
    readonly most: number;
  }
  | {
    /** An admin of the server orders something. */
    readonly type: "order";
    /** Any number of 32 bits, which the answer repeats. */
    readonly token: number;
    /** The order. */
    readonly action: OrderAction;
    /** The subject of the order. */
    readonly subject: OrderSubject;
  };

/**
 * A message's bytes, to be encrypted.
 *
 * @throws {RangeError} if a field has a wrong length, is out of range or too long
 *
 * @example
 * ```ts
 * import { encodeLinkClientMessage } from "@mim/mim/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(encodeLinkClientMessage({ type: "pong", token: 7 }).toHex(), "70" + "00000007");
 * ```
 */
export function encodeLinkClientMessage(message: LinkClientMessage): Uint8Array<ArrayBuffer> {
  const writer = new QDataStreamWriter();
  switch (message.type) {
    case "status":
      writeAvailability(writer.quint8(STATUS), message.availability);
      writeStatusField(writer, message.status);
      break;
    case "capabilities":
      writer.quint8(CAPABILITIES).quint32(message.capabilities);
      break;
    case "ping":
    case "pong":
      writer.quint8(message.type === "ping" ? PING : PONG).quint32(message.token);
      break;
    case "call-me":
    case "unreachable":
      writer.quint8(message.type === "call-me" ? CALL_ME : UNREACHABLE);
      writeBytesField(writer, "a session", message.session, SESSION_LENGTH);
      break;
    case "watch":
      writer.quint8(WATCH).quint8(message.isOn ? 1 : 0).quint16(message.items.length);
      for (const item of message.items) writeWatched(writer, item);
      break;
    case "find":
      writeTextField(
        writer.quint8(FIND).quint32(message.query),
        "a name",
        message.start,
        MOST_UNITS,
      );
      writer.quint16(message.most);
      break;
    case "order":
      writeOrder(writer.quint8(ORDER).quint32(message.token), message.action, message.subject);
  }
  return writer.bytes();
}

/**
 * Reads a message.
 *
 * @returns undefined if its type is not known: it is to be skipped
 * @throws {ProtocolError} `overrun`, `odd-string`, `bad-field`
 */
export function decodeLinkClientMessage(body: Uint8Array): LinkClientMessage | undefined {
  const reader = new QDataStreamReader(body);
  const type = reader.quint8();
  switch (type) {
    case STATUS:
      return {
        type: "status",
        availability: readAvailability(reader),
        status: readStatusField(reader),
      };
    case CAPABILITIES:
      return { type: "capabilities", capabilities: reader.quint32() };
    case PING:
    case PONG:
      return { type: type === PING ? "ping" : "pong", token: reader.quint32() };
    case CALL_ME:
    case UNREACHABLE:
      return {
        type: type === CALL_ME ? "call-me" : "unreachable",
        session: readBytesField(reader, "a session", SESSION_LENGTH),
      };
    case WATCH: {
      const isOn = reader.quint8() === 1;
      const items: WatchedItem[] = [];
      for (let left = reader.quint16(); left > 0; left--) items.push(readWatched(reader));
      return { type: "watch", isOn, items };
    }
    case FIND:
      return {
        type: "find",
        query: reader.quint32(),
        start: reader.qstring(MOST_UNITS),
        most: reader.quint16(),
      };
    case ORDER:
      return { type: "order", token: reader.quint32(), ...readOrder(reader) };
    default:
      return undefined;
  }
}
