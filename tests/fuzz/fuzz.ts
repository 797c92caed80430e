import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { cutAt } from "../fixtures/decoding.ts";
import type { Target } from "./target.ts";

/** Valid bytes are made up once: tampering with them is what there has to be much of. */
const SAMPLES = 200;

/**
 * Has a target read tampered bytes, whole and in pieces: nothing may come out but what its readers are
 * promised, and the cuts may make no difference.
 *
 * @throws {Error} at the first bytes with which it is otherwise; they and the seed stand in the message
 */
export function fuzz({ name, valid, read, readPieces }: Target, seed: number, runs: number): void {
  const samples = fc.sample(valid, { seed, numRuns: SAMPLES });
  const edits = fc.array(fc.tuple(fc.nat(0xffff), fc.nat(0xff)), { maxLength: 4 });
  const bytes = fc.tuple(fc.nat(SAMPLES - 1), edits, fc.nat(0xffff), fc.nat(3)).map(
    ([which, edits, end, how]) => tampered(samples[which] ?? new Uint8Array(), edits, end, how),
  );
  const places = fc.array(fc.nat(0xffff), { maxLength: 3 });
  const property = readPieces === undefined
    ? fc.property(bytes, (bytes) => void read(bytes))
    : fc.property(bytes, places, (bytes, places) => {
      assertEquals(readPieces(cutAt(bytes, places)), readPieces([bytes]));
    });
  try {
    fc.assert<unknown>(property, { seed, numRuns: runs });
  } catch (error) {
    throw new Error(`${name}, seed ${seed}: ${error instanceof Error ? error.message : error}`);
  }
}

/** Some bytes are others, and now and then the end is missing or comes twice. */
function tampered(
  valid: Uint8Array,
  edits: readonly (readonly [at: number, byte: number])[],
  end: number,
  how: number,
): Uint8Array {
  const half = valid.subarray(0, end % (valid.length + 1));
  const bytes = how === 0 ? half.slice() : how === 1 ? twice(valid, half) : valid.slice();
  for (const [at, byte] of edits) if (bytes.length > 0) bytes[at % bytes.length] = byte;
  return bytes;
}

function twice(one: Uint8Array, other: Uint8Array): Uint8Array {
  const both = new Uint8Array(one.length + other.length);
  both.set(one);
  both.set(other, one.length);
  return both;
}
