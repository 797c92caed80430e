import { reasonOf } from "../../server/platform/util/errors.ts";

/**
 * What can go wrong for a client. The codes are stable: exit codes and programs rely on them.
 *
 * | code | meaning |
 * |---|---|
 * | `server-unreachable` | nothing answers at the server's address |
 * | `server-refused` | the server answered, but did not log this client in |
 * | `protocol-error` | what answered is no MIM server |
 * | `cannot-listen` | the client's own simple server cannot listen |
 * | `invalid-name` | the own name breaks the rules |
 * | `invalid-state` | not now: already logged in, or not logged in |
 * | `not-online` | nobody, or more than one, is meant by what was given |
 * | `peer-unreachable` | a user is online, but nothing answers there, or it is no IP address |
 * | `chat-closed` | the chat is inactive: nothing can be sent into it |
 * | `ignored` | a user is not called, being ignored |
 * | `server-key-mismatch` | the server has another key than before, or none: somebody else may have answered |
 * | `peer-key-mismatch` | a peer has another key than before, or none: somebody else may be there |
 * | `send-failed` | a text is too long, or too much is waiting to be sent |
 * | `storage-failed` | what must outlive the program can't be kept, the disk being full say: nothing was done |
 */
export type ClientErrorCode =
  | "server-unreachable"
  | "server-refused"
  | "protocol-error"
  | "cannot-listen"
  | "invalid-name"
  | "invalid-state"
  | "not-online"
  | "peer-unreachable"
  | "chat-closed"
  | "ignored"
  | "server-key-mismatch"
  | "peer-key-mismatch"
  | "send-failed"
  | "storage-failed";

/**
 * What a client was asked to do cannot be done; the message says what happened, for users. Names from
 * others stand in it as they came: pass it through {@linkcode sanitizeText} before printing.
 *
 * @example
 * ```ts
 * import { ClientError, Messenger } from "@mim/mim";
 * import { assert, assertEquals } from "@std/assert";
 *
 * const server = { hostname: "127.0.0.1", port: 4242 };
 * await using messenger = new Messenger({ name: " ", server });
 * try {
 *   await messenger.login();
 * } catch (error) {
 *   assert(error instanceof ClientError);
 *   assertEquals(error.code, "invalid-name");
 * }
 * ```
 */
export class ClientError extends Error {
  /** What went wrong, as a word that does not change between versions. */
  readonly code: ClientErrorCode;
  /** Of `server-refused` by a MIM/2 server: which of {@linkcode refusalCodes} it gave. */
  readonly refusal: number | undefined;

  /**
   * An error of that kind.
   *
   * @param code what went wrong
   * @param message what happened, and where it can be said, what to do
   * @param options the error behind it, as `cause`; a MIM/2 server's code, as `refusal`
   */
  constructor(
    code: ClientErrorCode,
    message: string,
    options: ErrorOptions & { readonly refusal?: number } = {},
  ) {
    super(message, options);
    this.refusal = options.refusal;
    this.name = "ClientError";
    this.code = code;
  }
}

/** Why nothing can listen at an address of this machine, in words for users. */
export function describeListenError(error: unknown): string {
  if (error instanceof Deno.errors.AddrInUse) return "it is in use";
  if (error instanceof Deno.errors.AddrNotAvailable) return "this machine has no such address";
  if (error instanceof Deno.errors.PermissionDenied) return "the system does not allow it";
  return describeConnectionError(error);
}

/** Why a connection could not be made, in words for users. */
export function describeConnectionError(error: unknown): string {
  if (error instanceof Deno.errors.ConnectionRefused) return "nothing listens there";
  if (error instanceof DOMException && error.name === "TimeoutError") return "no answer in time";
  const reason = reasonOf(error);
  return /lookup|resolve|not known/i.test(reason) ? "no such host name" : reason;
}
