/**
 * The kinds of protocol errors. The codes are stable: logs, tests and programs may rely on them. See also
 * protocol/docs/errors.md.
 *
 * | code | meaning |
 * |---|---|
 * | `block-too-long` | a block's size field is over the limit |
 * | `overrun` | a field needs more bytes than its block has left |
 * | `odd-string` | a QString's length in bytes is odd |
 * | `unknown-type` | an update is neither an Add nor a Delete |
 * | `invalid-name` | a peer's name is empty, too long, or in a handshake one that nobody may have |
 * | `second-login` | a block follows the login |
 * | `truncated` | the bytes end in the middle of a block, line or welcome |
 * | `line-too-long` | a line is over the limit |
 * | `welcome-too-long` | a welcome has too many lines or bytes |
 * | `not-classic` | a peer opens with a byte that no line of text starts with |
 * | `bad-field` | a field has a size or a value that its message does not allow |
 * | `unknown-opening` | a caller opens with the byte 0xFF, and goes on as no MIM does |
 * | `not-authentic` | an encrypted message is not what the peer sent next |
 * | `table-too-large` | a server's table is larger than a client will keep, in users or in characters |
 */
export type ProtocolErrorCode =
  | "block-too-long"
  | "overrun"
  | "odd-string"
  | "unknown-type"
  | "invalid-name"
  | "second-login"
  | "truncated"
  | "line-too-long"
  | "welcome-too-long"
  | "not-classic"
  | "bad-field"
  | "unknown-opening"
  | "not-authentic"
  | "table-too-large";

/**
 * Bytes from outside break the protocol. The connection they came from cannot go on.
 *
 * @example
 * ```ts
 * import { FrameDecoder, ProtocolError } from "@mim/mim/protocol";
 * import { assert, assertEquals } from "@std/assert";
 *
 * try {
 *   [...new FrameDecoder(16).push(new Uint8Array([0xff, 0xff]))];
 * } catch (error) {
 *   assert(error instanceof ProtocolError);
 *   assertEquals(error.code, "block-too-long");
 * }
 * ```
 */
export class ProtocolError extends Error {
  /** The kind of error; it does not change between versions. */
  readonly code: ProtocolErrorCode;

  /** Expects a message about what was expected and what came. */
  constructor(code: ProtocolErrorCode, message: string) {
    super(message);
    this.name = "ProtocolError";
    this.code = code;
  }
}
