/** What a client says through a server link after its login. */

import { QDataStreamReader, QDataStreamWriter } from "../../codec/mod.ts";
import {
  type Availability,
  readAvailability,
  readBytesField,
  SESSION_LENGTH,
  writeAvailability,
  writeBytesField,
} from "../fields.ts";
import { readStatusField, writeStatusField } from "./fields.ts";

const STATUS = 0x55;
const PING = 0x50;
const PONG = 0x70;
const CALL_ME = 0x43;
const UNREACHABLE = 0x58;

/** One thing that a client says after its login. */
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
    case "ping":
    case "pong":
      writer.quint8(message.type === "ping" ? PING : PONG).quint32(message.token);
      break;
    case "call-me":
    case "unreachable":
      writer.quint8(message.type === "call-me" ? CALL_ME : UNREACHABLE);
      writeBytesField(writer, "a session", message.session, SESSION_LENGTH);
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
    case PING:
    case PONG:
      return { type: type === PING ? "ping" : "pong", token: reader.quint32() };
    case CALL_ME:
    case UNREACHABLE:
      return {
        type: type === CALL_ME ? "call-me" : "unreachable",
        session: readBytesField(reader, "a session", SESSION_LENGTH),
      };
    default:
      return undefined;
  }
}
