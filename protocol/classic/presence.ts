/** Messages between client and central server: login, Add and Delete. */

import {
  type Decoder,
  encodeFrame,
  FrameDecoder,
  QDataStreamReader,
  QDataStreamWriter,
} from "../codec/mod.ts";
import { ProtocolError } from "../errors.ts";
import { limits } from "../limits.ts";
import { WelcomeDecoder } from "./welcome.ts";

/**
 * A client's request to be put into the online table: protocol/docs/classic.md, "Client and server".
 */
export interface Login {
  /** The user's name, as sent: see {@linkcode checkUserName}. */
  readonly name: string;
  /** The port of the client's own simple server, 0 to 65,535. */
  readonly port: number;
}

/**
 * A row of the online table, as an Add or a Delete carries it. The same name, address, or both, may
 * stand in the table many times.
 */
export interface PresenceEntry {
  /** The user's name. */
  readonly name: string;
  /**
   * The user's IP address in text, IPv6 without brackets, as the server sees the connection. A server
   * may send anything: {@linkcode isHostAddress} tells whether it can be dialed.
   */
  readonly address: string;
  /** The port of the user's simple server, 0 to 65,535. */
  readonly port: number;
}

/** A change of the online table. See protocol/docs/classic.md, "Updates". */
export interface PresenceUpdate {
  /** `add`: the entry is in the table now; `delete`: one such entry is gone. */
  readonly type: "add" | "delete";
  /** The row that came or went. */
  readonly entry: PresenceEntry;
}

/** A message of a server to a client. */
export type ServerMessage =
  | {
    /** A line of the welcome. */
    readonly type: "welcome";
    /** The line, without its end; not yet safe to print: see {@linkcode sanitizeText}. */
    readonly text: string;
  }
  | {
    /** The welcome is complete: only blocks follow. */
    readonly type: "welcome-end";
  }
  | PresenceUpdate;

const ADD = 0x41;
const DELETE = 0x44;
const TYPE_AT = 2;

/**
 * A login's bytes, including its frame length. A server may reject the name: see
 * {@linkcode checkUserName}.
 *
 * @throws {RangeError} if the port is not 0 to 65,535, or the name doesn't fit into a frame
 *
 * @example
 * ```ts
 * import { encodeLogin } from "@mim/mim/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(encodeLogin({ name: "b", port: 4242 }).toHex(), "0008" + "1092" + "00000002" + "0062");
 * ```
 */
export function encodeLogin(login: Login): Uint8Array<ArrayBuffer> {
  return encodeFrame(new QDataStreamWriter().quint16(login.port).qstring(login.name).bytes());
}

/**
 * Reads a login from the body of its frame. Unknown fields at its end are skipped.
 *
 * @param body the frame without its length, as {@linkcode FrameDecoder} yields it
 * @returns the name and port as they were sent; no rule for names has been applied
 * @throws {ProtocolError} `overrun`, `odd-string`
 *
 * @example
 * ```ts
 * import { decodeLogin } from "@mim/mim/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * const body = Uint8Array.fromHex("1092" + "00000002" + "0062");
 * assertEquals(decodeLogin(body), { name: "b", port: 4242 });
 * ```
 */
export function decodeLogin(body: Uint8Array): Login {
  const reader = new QDataStreamReader(body);
  const port = reader.quint16();
  return { name: reader.qstring(), port };
}

/**
 * An Add's bytes, including its frame length.
 *
 * @throws {RangeError} if the port is not 0 to 65,535, or name and address don't fit into a frame
 *
 * @example
 * ```ts
 * import { encodeAdd } from "@mim/mim/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(
 *   encodeAdd({ name: "b", address: "::1", port: 4242 }).toHex(),
 *   "0013" + "41" + "000000020062" + "00000006003a003a0031" + "1092",
 * );
 * ```
 */
export function encodeAdd(entry: PresenceEntry): Uint8Array<ArrayBuffer> {
  const { name, address, port } = entry;
  return encodeFrame(
    new QDataStreamWriter().quint8(ADD).qstring(name).qstring(address).quint16(port).bytes(),
  );
}

/**
 * The bytes of the Delete that takes back an Add.
 *
 * @param add the Add's bytes, as {@linkcode encodeAdd} made them
 *
 * @example
 * ```ts
 * import { deleteOfAdd, encodeAdd } from "@mim/mim/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * const add = encodeAdd({ name: "", address: "", port: 0 });
 * assertEquals(deleteOfAdd(add).toHex(), "000b" + "44" + "00000000" + "00000000" + "0000");
 * ```
 */
export function deleteOfAdd(add: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(add);
  bytes[TYPE_AT] = DELETE;
  return bytes;
}

/**
 * Reads an Add or a Delete from the body of its frame. Unknown fields at its end are skipped.
 *
 * @param body the frame without its length, as {@linkcode FrameDecoder} yields it
 * @returns the update, its name and address as they were sent
 * @throws {ProtocolError} `overrun`, `odd-string`, `unknown-type`
 *
 * @example
 * ```ts
 * import { decodeUpdate } from "@mim/mim/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * const body = Uint8Array.fromHex("44" + "000000020062" + "00000006003a003a0031" + "1092");
 * assertEquals(decodeUpdate(body), {
 *   type: "delete",
 *   entry: { name: "b", address: "::1", port: 4242 },
 * });
 * ```
 */
export function decodeUpdate(body: Uint8Array): PresenceUpdate {
  const reader = new QDataStreamReader(body);
  const type = reader.quint8();
  if (type !== ADD && type !== DELETE) {
    throw new ProtocolError(
      "unknown-type",
      `expected an update of type 65 (A) or 68 (D), got ${type}`,
    );
  }
  const name = reader.qstring();
  const address = reader.qstring();
  return {
    type: type === ADD ? "add" : "delete",
    entry: { name, address, port: reader.quint16() },
  };
}

/**
 * The server's side: bytes of a client in, its login out, and nothing after it.
 *
 * @example
 * ```ts
 * import { encodeLogin, LoginDecoder } from "@mim/mim/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * const decoder = new LoginDecoder();
 * assertEquals([...decoder.push(encodeLogin({ name: "bob", port: 4000 }))], [{ name: "bob", port: 4000 }]);
 * ```
 */
export class LoginDecoder implements Decoder<Login> {
  readonly #blocks = new FrameDecoder(limits.loginFrameBytes);
  #loggedIn = false;

  /**
   * Yields the login once its block is complete.
   *
   * @throws {ProtocolError} `block-too-long`, `overrun`, `odd-string`, `second-login`
   */
  *push(chunk: Uint8Array): Generator<Login, void> {
    for (const body of this.#blocks.push(chunk)) {
      if (this.#loggedIn) {
        throw new ProtocolError(
          "second-login",
          "expected nothing after the login, got another block",
        );
      }
      const login = decodeLogin(body);
      this.#loggedIn = true;
      yield login;
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

/**
 * The client's side: bytes of a server in, its messages out.
 *
 * @example
 * ```ts
 * import { encodeAdd, encodeWelcome, ServerDecoder } from "@mim/mim/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * const entry = { name: "bob", address: "192.0.2.7", port: 4000 };
 * const decoder = new ServerDecoder();
 * assertEquals([...decoder.push(encodeWelcome("Hello")), ...decoder.push(encodeAdd(entry))], [
 *   { type: "welcome", text: "Hello" },
 *   { type: "welcome-end" },
 *   { type: "add", entry },
 * ]);
 * ```
 */
export class ServerDecoder implements Decoder<ServerMessage> {
  readonly #welcome = new WelcomeDecoder();
  readonly #blocks = new FrameDecoder();
  #welcomed = false;

  /**
   * Yields each message that the chunk completes.
   *
   * @throws {ProtocolError} `welcome-too-long`, `block-too-long`, `overrun`, `odd-string`,
   *   `unknown-type`
   */
  *push(chunk: Uint8Array): Generator<ServerMessage, void> {
    let blocks = chunk;
    if (!this.#welcomed) {
      for (const text of this.#welcome.push(chunk)) yield { type: "welcome", text };
      if (this.#welcome.rest === undefined) return;
      blocks = this.#welcome.rest;
      this.#welcomed = true;
      yield { type: "welcome-end" };
    }
    for (const body of this.#blocks.push(blocks)) yield decodeUpdate(body);
  }

  /**
   * Signals the end of the bytes.
   *
   * @throws {ProtocolError} `truncated` in the middle of the welcome or of a block
   */
  end(): void {
    if (this.#welcomed) this.#blocks.end();
    else this.#welcome.end();
  }
}
