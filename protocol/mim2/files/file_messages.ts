/** Messages about files between peers, over the link of their chat. */

import { QDataStreamReader, QDataStreamWriter } from "../../codec/mod.ts";
import { ProtocolError } from "../../errors.ts";
import { limits } from "../../limits.ts";
import {
  ID_LENGTH,
  readBytesField,
  readTime,
  writeBytesField,
  writeTextField,
  writeTime,
} from "../fields.ts";
import { HASH_LENGTH } from "../signed_statement.ts";
import { endCodeOf, type FileEndCode, TOKEN_LENGTH } from "./file_link.ts";
import { decodeFileOffer } from "./offer.ts";

/** A message about files. See protocol/docs/mim2.md, "Files". */
export type FileMessage =
  | {
    /** Offers files. It is acknowledged. */
    readonly type: "file-offer";
    /** 8 bytes by which the offer is known. */
    readonly id: Uint8Array;
    /** When it was made, by the sender's clock, in milliseconds since 1970. */
    readonly sentAt: number;
    /** The offer: see {@linkcode decodeFileOffer}. */
    readonly offer: Uint8Array;
  }
  | {
    /** An offer that breaks the rules: it is acknowledged, and nothing more. */
    readonly type: "invalid-offer";
    /** 8 bytes. */
    readonly id: Uint8Array;
    /** The error, in a few words. */
    readonly reason: string;
  }
  | {
    /** Asks for a file link, or agrees to one. */
    readonly type: "file-link";
    /** 16 random bytes of the side that asks. */
    readonly token: Uint8Array;
    /** The offer's id of 8 bytes, or the hash of 32 of a room's entry. */
    readonly offer: Uint8Array;
    /** With which file it begins, counted from 0. */
    readonly file: number;
    /** Whether the sender of this message dials, or else its reader. */
    readonly isSenderDialing: boolean;
  }
  | {
    /** An offer ends, or has to wait. */
    readonly type: "file-end";
    /** The offer, as in `file-link`. */
    readonly offer: Uint8Array;
    /** Whether the sender of this message has made the offer. */
    readonly isOwn: boolean;
    /** Why. */
    readonly code: FileEndCode;
    /** More about it; not yet safe to print. */
    readonly text: string;
  };

const OFFER = 0x46;
const LINK = 0x4c;
const END = 0x5a;

/**
 * Encodes a message about files, which {@linkcode NoiseTransport} then encrypts.
 *
 * @throws {RangeError} if a field has a wrong length or is out of range, or it is `invalid-offer`
 */
export function encodeFileMessage(message: FileMessage): Uint8Array<ArrayBuffer> {
  const writer = new QDataStreamWriter();
  switch (message.type) {
    case "file-offer": {
      const { id, sentAt, offer } = message;
      writeBytesField(writer.quint8(OFFER), "an id", id, ID_LENGTH);
      writeTime(writer, sentAt);
      return writer.qbytearray(offer).bytes();
    }
    case "invalid-offer":
      throw new RangeError("expected an offer, got an invalid one");
    case "file-link": {
      const { token, offer, file, isSenderDialing } = message;
      writeBytesField(writer.quint8(LINK), "a token", token, TOKEN_LENGTH);
      writeOfferName(writer, offer);
      return writer.quint16(file).quint8(isSenderDialing ? 1 : 0).bytes();
    }
    case "file-end": {
      const { offer, isOwn, code, text } = message;
      writeOfferName(writer.quint8(END), offer);
      writer.quint8(isOwn ? 1 : 0).quint8(code);
      writeTextField(writer, "a text", text, limits.fileEndUnits);
      return writer.bytes();
    }
  }
}

/**
 * Reads a message about files.
 *
 * @returns undefined if its type is another one
 * @throws {ProtocolError} `overrun`, `odd-string`, `bad-field`
 */
export function decodeFileMessage(payload: Uint8Array): FileMessage | undefined {
  const reader = new QDataStreamReader(payload);
  switch (reader.quint8()) {
    case OFFER: {
      const id = readBytesField(reader, "an id", ID_LENGTH);
      const sentAt = readTime(reader);
      const offer = reader.qbytearray(limits.offerBytes);
      const reason = whyInvalid(offer);
      return reason === undefined
        ? { type: "file-offer", id, sentAt, offer }
        : { type: "invalid-offer", id, reason };
    }
    case LINK:
      return {
        type: "file-link",
        token: readBytesField(reader, "a token", TOKEN_LENGTH),
        offer: readOfferName(reader),
        file: reader.quint16(),
        isSenderDialing: reader.quint8() !== 0,
      };
    case END:
      return {
        type: "file-end",
        offer: readOfferName(reader),
        isOwn: reader.quint8() !== 0,
        code: endCodeOf(reader.quint8()),
        text: reader.qstring(limits.fileEndUnits),
      };
    default:
      return undefined;
  }
}

/** The chat goes on if an offer is wrong: what was said before and after it is not. */
function whyInvalid(offer: Uint8Array): string | undefined {
  try {
    decodeFileOffer(offer);
    return undefined;
  } catch (error) {
    if (error instanceof ProtocolError) return error.message;
    throw error;
  }
}

function writeOfferName(writer: QDataStreamWriter, offer: Uint8Array): void {
  writeBytesField(
    writer,
    "an offer",
    offer,
    offer.length === HASH_LENGTH ? HASH_LENGTH : ID_LENGTH,
  );
}

function readOfferName(reader: QDataStreamReader): Uint8Array<ArrayBuffer> {
  const offer = reader.qbytearray(HASH_LENGTH);
  if (offer.length === ID_LENGTH || offer.length === HASH_LENGTH) return offer;
  throw new ProtocolError("bad-field", `expected an offer's name, got ${offer.length} bytes`);
}
