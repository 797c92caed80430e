/** Messages of a MIM/2 client to its server: the login with more fields, and commands after it. */

import {
  type Decoder,
  encodeFrame,
  FrameDecoder,
  QDataStreamReader,
  QDataStreamWriter,
} from "../codec/mod.ts";
import { ProtocolError } from "../errors.ts";
import { limits } from "../limits.ts";
import {
  type Availability,
  NONCE_LENGTH,
  readAddresses,
  readBytesField,
  readStatus,
  SESSION_LENGTH,
  writeAddresses,
  writeBytesField,
  writeStatus,
} from "./fields.ts";
import type { Login } from "../classic/mod.ts";
import { KEY_LENGTH, SIGNATURE_LENGTH } from "../crypto/mod.ts";

const VERSION = 2;

/** A login with what MIM/2 appends. The signature is not checked: see {@linkcode verifyStatement}. */
export interface Mim2Login extends Login {
  /** The user's public key of Ed25519, 32 bytes. */
  readonly identity: Uint8Array;
  /** Over the statement of kind `login`, 64 bytes. */
  readonly signature: Uint8Array;
  /** 32 random bytes for the server to sign. */
  readonly clientNonce: Uint8Array;
  /** The client's capabilities, as bits; none is defined. */
  readonly capabilities: number;
  /** Whether the user is there. */
  readonly availability: Availability;
  /** The user's status text; as sent, may be empty. */
  readonly status: string;
  /** Further addresses at which the client can be reached; as sent. */
  readonly addresses: readonly string[];
}

/** A message of a client to a server. */
export type ClientMessage =
  | {
    /** The first block. */
    readonly type: "login";
    /** A {@linkcode Mim2Login} if it has an `identity`, else a classic one. */
    readonly login: Login | Mim2Login;
  }
  | {
    /** The user's availability or status has changed. */
    readonly type: "status";
    /** Whether the user is there. */
    readonly availability: Availability;
    /** The user's status text. */
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
    /** Whose, 8 bytes. */
    readonly session: Uint8Array;
  };

const STATUS = 0x55;
const PING = 0x50;
const PONG = 0x70;
const CALL_ME = 0x43;
const UNREACHABLE = 0x58;

/**
 * A MIM/2 login's bytes, including its frame length. Only a server that announced MIM/2 is sent it.
 *
 * @throws {RangeError} if a field has a wrong length, is out of range or too long
 */
export function encodeMim2Login(login: Mim2Login): Uint8Array<ArrayBuffer> {
  const writer = new QDataStreamWriter().quint16(login.port).qstring(login.name).quint8(VERSION);
  writeBytesField(writer, "an identity", login.identity, KEY_LENGTH);
  writeBytesField(writer, "a signature", login.signature, SIGNATURE_LENGTH);
  writeBytesField(writer, "a client nonce", login.clientNonce, NONCE_LENGTH);
  writer.quint32(login.capabilities);
  writeStatus(writer, login.availability, login.status);
  writeAddresses(writer, login.addresses);
  return shortBlock(writer);
}

/**
 * Reads a login of either version from the body of its frame. A classic one ends with the name, or
 * goes on with something else than version 2 or later.
 *
 * @throws {ProtocolError} `overrun`, `odd-string`, `bad-field`
 */
export function decodeAnyLogin(body: Uint8Array): Login | Mim2Login {
  const reader = new QDataStreamReader(body);
  const port = reader.quint16();
  const name = reader.qstring();
  if (reader.remaining === 0 || reader.quint8() < VERSION) return { name, port };
  return {
    name,
    port,
    identity: readBytesField(reader, "an identity", KEY_LENGTH),
    signature: readBytesField(reader, "a signature", SIGNATURE_LENGTH),
    clientNonce: readBytesField(reader, "a client nonce", NONCE_LENGTH),
    capabilities: reader.quint32(),
    ...readStatus(reader),
    addresses: readAddresses(reader),
  };
}

/** Whether a login's body is MIM/2's as far as its version. */
function saysMim2(body: Uint8Array): boolean {
  const reader = new QDataStreamReader(body);
  reader.quint16();
  reader.qstring();
  return reader.remaining > 0 && reader.quint8() >= VERSION;
}

/**
 * The bytes of a MIM/2 client's message, including its frame length.
 *
 * @throws {RangeError} if a field has a wrong length, is out of range or too long
 *
 * @example
 * ```ts
 * import { encodeClientMessage } from "@mim/mim/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(encodeClientMessage({ type: "ping", token: 7 }).toHex(), "0005" + "50" + "00000007");
 * ```
 */
export function encodeClientMessage(
  message: Exclude<ClientMessage, { type: "login" }>,
): Uint8Array<ArrayBuffer> {
  const writer = new QDataStreamWriter();
  switch (message.type) {
    case "status":
      writeStatus(writer.quint8(STATUS), message.availability, message.status);
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
  return shortBlock(writer);
}

/** A block that the server's reader takes. */
function shortBlock(writer: QDataStreamWriter): Uint8Array<ArrayBuffer> {
  const body = writer.bytes();
  if (body.length > limits.loginFrameBytes) {
    throw new RangeError(
      `expected a block of at most ${limits.loginFrameBytes} bytes, got ${body.length}`,
    );
  }
  return encodeFrame(body);
}

/**
 * Reads a MIM/2 client's message from the body of its frame.
 *
 * @returns undefined if its type is not known: it is to be skipped
 * @throws {ProtocolError} `overrun`, `odd-string`, `bad-field`
 */
export function decodeClientMessage(
  body: Uint8Array,
): Exclude<ClientMessage, { type: "login" }> | undefined {
  const reader = new QDataStreamReader(body);
  const type = reader.quint8();
  switch (type) {
    case STATUS:
      return { type: "status", ...readStatus(reader) };
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

/**
 * The server's side: bytes of a client of either version in, its login and what follows out. A
 * classic client sends nothing after its login; of a MIM/2 client, messages of unknown types are
 * skipped.
 *
 * @example
 * ```ts
 * import { ClientDecoder, encodeLogin } from "@mim/mim/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * const login = { name: "bob", port: 4000 };
 * assertEquals([...new ClientDecoder().push(encodeLogin(login))], [{ type: "login", login }]);
 * ```
 */
export class ClientDecoder implements Decoder<ClientMessage> {
  readonly #blocks = new FrameDecoder(limits.loginFrameBytes);
  #login: Login | Mim2Login | undefined;
  #isMim2 = false;

  /**
   * Whether the client speaks MIM/2, by its login, even if the rest of that can't be read. False until
   * then.
   */
  get isMim2(): boolean {
    return this.#isMim2;
  }

  /**
   * Yields the login, then each message that the chunk completes.
   *
   * @throws {ProtocolError} `block-too-long`, `overrun`, `odd-string`, `bad-field`, `second-login`
   */
  *push(chunk: Uint8Array): Generator<ClientMessage, void> {
    for (const body of this.#blocks.push(chunk)) {
      if (this.#login === undefined) {
        this.#isMim2 = saysMim2(body);
        this.#login = decodeAnyLogin(body);
        yield { type: "login", login: this.#login };
        continue;
      }
      if (!("identity" in this.#login)) {
        throw new ProtocolError(
          "second-login",
          "expected nothing after the login, got another block",
        );
      }
      const message = decodeClientMessage(body);
      if (message !== undefined) yield message;
    }
  }

  /**
   * Signals the end of the bytes.
   *
   * @throws {ProtocolError} `truncated` in the middle of a block
   */
  end(): void {
    this.#blocks.end();
  }
}
