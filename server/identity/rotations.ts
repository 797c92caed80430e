import {
  createRotation,
  formatRotationLine,
  identityOf,
  isRotationValid,
  type KeyRotation,
  MAX_ROTATIONS,
  parseRotationLine,
} from "../../protocol/mod.ts";
import { removeQuietly, replaceKey } from "../platform/storage/key_file.ts";
import { readTextSync } from "../platform/storage/regular_file.ts";
import { giveToOwnerOf } from "../platform/storage/private_file.ts";

/** A key that was replaced so recently may be the one that clients and links have. */
const MIN_FOLLOW_DAYS = 30;
const DAY_MS = 24 * 60 * 60 * 1000;

/** The result of a rotation of a server's key. */
export interface RotatedServerKey {
  /** The public key before. */
  readonly oldKey: Uint8Array;
  /** The public key from now on. */
  readonly newKey: Uint8Array;
  /** Clients and links of before this time can't follow any more; undefined if all can. */
  readonly cutOff: Date | undefined;
}

/**
 * Gives a server a new key. The old one's statement goes into the data folder first, and the old key is
 * nowhere any more: clients follow at the server's next start.
 *
 * @throws {Error} if there is no key, the folder can't be written, or many clients could not follow
 */
export function rotateKey(folder: string, now = Date.now()): RotatedServerKey {
  let oldKey = new Uint8Array(0);
  let cutOff: Date | undefined;
  const newKey = replaceKey(`${folder}/server.key`, (before, after) => {
    oldKey = identityOf(before);
    const earlier = readRotations(folder, oldKey);
    if (earlier.length === MAX_ROTATIONS) cutOff = new Date(earlier[0]?.rotatedAt ?? 0);
    assertFollowed(cutOff, now);
    const lines = [
      ...earlier.map(formatRotationLine),
      formatRotationLine(createRotation(before, after, now)),
    ];
    const half = `${pathIn(folder)}.new`;
    try {
      Deno.writeTextFileSync(half, lines.map((line) => `${line}\n`).join(""), { mode: 0o600 });
      giveToOwnerOf(half, folder);
      Deno.renameSync(half, pathIn(folder));
    } catch (error) {
      removeQuietly(half);
      throw error;
    }
  });
  return { oldKey, newKey: identityOf(newKey), cutOff };
}

/** @throws {Error} if the oldest rotation is too recent to be dropped */
function assertFollowed(cutOff: Date | undefined, now: number): void {
  const until = (cutOff?.getTime() ?? -Infinity) + MIN_FOLLOW_DAYS * DAY_MS;
  if (until <= now) return;
  throw new Error(
    `it has changed ${MAX_ROTATIONS} times in the last ${MIN_FOLLOW_DAYS} days, and clients follow no ` +
      `more than that: one more would leave some behind. Wait until ${dayOf(new Date(until))}`,
  );
}

/** A day in UTC, as in `2026-01-31`. */
export function dayOf(date: Date): string {
  return date.toISOString().slice(0, 10);
}

/**
 * How a server's key has changed, the oldest first: the valid statements that lead to its key. A rotation
 * that was cut short leaves one behind that does not.
 */
export function readRotations(folder: string, publicKey: Uint8Array): KeyRotation[] {
  const rotations: KeyRotation[] = [];
  for (const line of readLines(pathIn(folder)).toReversed()) {
    const rotation = parseRotationLine(line, rotations[0]?.oldKey ?? publicKey);
    if (rotation === undefined || !isRotationValid(rotation)) continue;
    rotations.unshift(rotation);
    if (rotations.length === MAX_ROTATIONS) break;
  }
  return rotations;
}

function readLines(path: string): string[] {
  return readTextSync(path)?.split("\n") ?? [];
}

function pathIn(folder: string): string {
  return `${folder}/server.key.was`;
}
