import {
  createRotation,
  formatRotationLine,
  identityOf,
  isRotationValid,
  type KeyRotation,
  parseRotationLine,
} from "../../protocol/mod.ts";
import { replaceKey } from "../platform/storage/key_file.ts";

/** So many earlier keys are told: clients take no more. */
const MAX_ROTATIONS = 8;

/**
 * Gives a server a new key. The old one's statement goes into the data folder first, and the old key is
 * nowhere any more: clients follow at the server's next start.
 *
 * @returns the public keys
 * @throws {Error} if there is no key, or the folder can't be written
 */
export function rotateKey(folder: string): { oldKey: Uint8Array; newKey: Uint8Array } {
  let oldKey = new Uint8Array(0);
  const newKey = replaceKey(`${folder}/server.key`, (before, after) => {
    oldKey = identityOf(before);
    const lines = [
      ...readRotations(folder, oldKey).map(formatRotationLine),
      formatRotationLine(createRotation(before, after, Date.now())),
    ];
    const half = `${pathIn(folder)}.new`;
    Deno.writeTextFileSync(half, lines.map((line) => `${line}\n`).join(""), { mode: 0o600 });
    Deno.renameSync(half, pathIn(folder));
  });
  return { oldKey, newKey: identityOf(newKey) };
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
  try {
    return Deno.readTextFileSync(path).split("\n");
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

function pathIn(folder: string): string {
  return `${folder}/server.key.was`;
}
