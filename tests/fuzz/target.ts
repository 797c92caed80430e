/** What is fuzzed, and how a decoder becomes such a target. */

import type fc from "fast-check";
import { type Decoder, ProtocolError } from "../../protocol/mod.ts";
import { decode } from "../fixtures/decoding.ts";

/** Something that reads bytes from outside. */
export interface Target {
  readonly name: string;
  /** Valid bytes, which are tampered with. */
  readonly valid: fc.Arbitrary<Uint8Array>;
  /**
   * Has the bytes read.
   *
   * @throws {Error} anything but the errors that its readers are promised: a fault
   */
  read(bytes: Uint8Array): unknown;
  /** The same where bytes come in pieces; what comes out as text is the same however they are cut. */
  readonly readPieces?: (pieces: readonly Uint8Array[]) => string;
  /** How many runs make up for one of the others: X25519 is slow. */
  readonly weight?: number;
}

/** One that takes bytes as they come. */
export function stream<Message>(
  name: string,
  fresh: () => Decoder<Message>,
  valid: fc.Arbitrary<Uint8Array>,
): Target {
  const readPieces = (pieces: readonly Uint8Array[]) => JSON.stringify(decode(fresh(), pieces));
  return { name, valid, read: (bytes) => readPieces([bytes]), readPieces };
}

/** One that takes bytes as they come up to some place, and leaves the rest. */
export function head<Message>(
  name: string,
  fresh: () => Decoder<Message> & { readonly rest: Uint8Array | undefined },
  valid: fc.Arbitrary<Uint8Array>,
): Target {
  const readPieces = (pieces: readonly Uint8Array[]) => {
    const decoder = fresh();
    const taken = function* () {
      for (const piece of pieces) if (decoder.rest === undefined) yield piece;
    };
    return JSON.stringify(decode(decoder, taken()));
  };
  return { name, valid, read: (bytes) => readPieces([bytes]), readPieces };
}

/** One that takes all of it at once. */
export function whole(
  name: string,
  read: (bytes: Uint8Array) => unknown,
  valid: fc.Arbitrary<Uint8Array>,
): Target {
  return {
    name,
    valid,
    read(bytes) {
      try {
        read(bytes);
      } catch (error) {
        if (!(error instanceof ProtocolError || error instanceof SyntaxError)) throw error;
      }
    },
  };
}
