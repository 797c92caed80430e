import type { PresenceEntry } from "../../protocol/mod.ts";
import { errorCode, reasonOf } from "../../server/platform/util/errors.ts";
import type { ClientErrorCode, ErrorDetails, StoredThing } from "./error_details.ts";
import { errorMessage } from "./error_messages.ts";

/**
 * Something that a client was asked to do cannot be done. The message is a neutral sentence for people.
 * Names of others stand in it as they came: pass it through {@linkcode sanitizeText} before printing.
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
 *   assert(error instanceof ClientError && error.is("invalid-name"));
 *   assertEquals(error.details.reason, "expected a name of 1 to 64 characters, got 0");
 * }
 * ```
 */
export class ClientError<Code extends ClientErrorCode = ClientErrorCode> extends Error {
  /** The code of the error: a word that does not change between versions. */
  readonly code: Code;
  /** The details of the error. */
  readonly details: ErrorDetails[Code];

  /**
   * An error of that kind.
   *
   * @param code what went wrong
   * @param details what is known about it
   * @param options the error behind it, as `cause`; a message of the caller's own
   */
  constructor(
    code: Code,
    details: ErrorDetails[Code],
    options: ErrorOptions & { readonly message?: string } = {},
  ) {
    super(options.message ?? errorMessage(code, details), options);
    this.name = "ClientError";
    this.code = code;
    this.details = details;
  }

  /** Whether it has that code; its details are known then, too. */
  is<Other extends ClientErrorCode>(code: Other): this is ClientError<Other> {
    return (this.code as ClientErrorCode) === code;
  }
}

/** A store could not keep something: its own error as it is, any other as the cause of a new one. */
export function storageError(thing: StoredThing, error: unknown): ClientError {
  if (error instanceof ClientError) return error;
  return new ClientError("storage-failed", { ...thing, reason: reasonOf(error) }, { cause: error });
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
  if (error instanceof URIError) return "no such host name can exist";
  if (error instanceof RangeError) return "no such port can be dialed";
  if (errorCode(error) === "EINVAL") return "the system can't use such an address";
  const reason = reasonOf(error);
  if (!/lookup|resolve|not known|no such host|name resolution/i.test(reason)) return reason;
  // 11002 is Windows' number for it.
  return /temporary|try again|non-recoverable|11002/i.test(messageOf(error))
    ? "the name server does not answer"
    : "no such host name";
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : "";
}

/**
 * A user cannot be reached.
 *
 * @param why a few words, or the error behind it
 * @param answered whether something took the connection
 */
export function unreachableError(
  { name, address, port }: PresenceEntry,
  why: unknown,
  answered = false,
): ClientError<"peer-unreachable"> {
  const reason = typeof why === "string" ? why : describeConnectionError(why);
  const details = { name, address, port, reason, ...answered && { answered } };
  return new ClientError("peer-unreachable", details, { cause: why });
}
