/** Which names files may have, so that no system takes one for something else. */

import { foldCase, sliceGraphemes } from "../../text/mod.ts";

const MAX_PART_BYTES = 255;
const MAX_PATH_BYTES = 2_048;
const MAX_PARTS = 64;
/** How much of a name may be its extension, in UTF-16 units. */
const MAX_EXTENSION_UNITS = 20;
const encoder = new TextEncoder();

/** Names of devices on Windows, with any extension. */
const DEVICE = /^(?:CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|(?:COM|LPT)[0-9¹²³])(?: *\..*)?$/iu;
/** The name of a file that is not complete yet. */
const PART_FILE = /^\.[0-9a-f]{16}\.part$/i;
const FORBIDDEN = /[\\/:\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]/u;
const ALL_FORBIDDEN = new RegExp(FORBIDDEN, "gu");

/**
 * Why a path can't be in an offer, in a few words; undefined if it can. Its parts stand between `/`; that
 * of an empty folder ends with one.
 *
 * @example
 * ```ts
 * import { describeInvalidPath } from "@mim/mim/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(describeInvalidPath("photos/2026/tree.jpg"), undefined);
 * assertEquals(describeInvalidPath("photos/2027/"), undefined);
 * assertEquals(describeInvalidPath("../.bashrc"), 'a name may not be ".."');
 * assertEquals(describeInvalidPath("nul.txt"), "it names a device");
 * ```
 */
export function describeInvalidPath(path: string): string | undefined {
  if (path.length > MAX_PATH_BYTES || byteLength(path) > MAX_PATH_BYTES) {
    return `a path may have ${MAX_PATH_BYTES} bytes`;
  }
  const parts = withoutSlash(path).split("/");
  if (parts.length > MAX_PARTS) return `a path may have ${MAX_PARTS} parts`;
  for (const part of parts) {
    const reason = describeInvalidPart(part);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

function describeInvalidPart(part: string): string | undefined {
  if (part === "") return "a name may not be empty";
  if (part === "." || part === "..") return `a name may not be "${part}"`;
  if (FORBIDDEN.test(part)) return "it has a character that no name may have";
  if (part.normalize("NFC") !== part) return "its letters are not composed";
  if (/[. ]$/.test(part)) return "a name may not end in a dot or a blank";
  if (byteLength(part) > MAX_PART_BYTES) return `a name may have ${MAX_PART_BYTES} bytes`;
  if (DEVICE.test(part)) return "it names a device";
  if (PART_FILE.test(part)) return "it is the name of an incomplete file";
  if (foldCase(part) === "") return "nothing of a name can be seen";
  return undefined;
}

/** The form in which paths are compared: no system takes two with different ones for the same file. */
export function pathKey(path: string): string {
  return path.split("/").map(foldCase).join("/");
}

/**
 * Why these paths can't be in one offer, in a few words; undefined if they can. No two files may be the
 * same without case, and none a folder of another one.
 */
export function describeInvalidPaths(paths: readonly string[]): string | undefined {
  const files = new Set<string>();
  const folders = new Set<string>();
  for (const path of paths) {
    const reason = describeInvalidPath(path);
    if (reason !== undefined) return reason;
    const key = pathKey(path);
    for (let at = key.indexOf("/"); at > 0; at = key.indexOf("/", at + 1)) {
      folders.add(key.slice(0, at));
    }
    if (isFolderPath(path)) continue;
    if (files.has(key)) return "two paths are the same but for their letters' case";
    files.add(key);
  }
  return files.isDisjointFrom(folders) ? undefined : "a path is both a file and a folder";
}

/**
 * A name like that one, which an offer may have.
 *
 * @example
 * ```ts
 * import { portableName } from "@mim/mim/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(portableName("10:30.txt"), "10_30.txt");
 * assertEquals(portableName("aux.c"), "_aux.c");
 * ```
 */
export function portableName(name: string): string {
  const plain = name.replaceAll(ALL_FORBIDDEN, "_").normalize("NFC").replace(/[. ]+$/, "");
  const whole = plain === "" || foldCase(plain) === "" ? "_" : plain;
  const short = shortened(whole);
  return DEVICE.test(short) || PART_FILE.test(short) ? `_${short}` : short;
}

/** The same for each part of a path. */
export function portablePath(path: string): string {
  const portable = withoutSlash(path).split("/").map(portableName).join("/");
  return isFolderPath(path) ? `${portable}/` : portable;
}

/** Whether a path in an offer is that of an empty folder. */
export function isFolderPath(path: string): boolean {
  return path.endsWith("/");
}

function withoutSlash(path: string): string {
  return isFolderPath(path) ? path.slice(0, -1) : path;
}

/**
 * Paths that can be in one offer: of files that are the same without case, all but the first get a number.
 * Such folders become one.
 */
export function uniquePaths(paths: readonly string[]): string[] {
  const keys = new Set<string>();
  return paths.map((path) => {
    if (isFolderPath(path)) return path;
    for (let number = 1;; number++) {
      const candidate = number === 1 ? path : numberedPath(path, number);
      const key = pathKey(candidate);
      if (keys.has(key)) continue;
      keys.add(key);
      return candidate;
    }
  });
}

/** `name (2).txt`: a path with a number before its extension, for a second file of that name. */
export function numberedPath(path: string, number: number): string {
  const [, stem = path, extension = ""] = /^(.*[^/])(\.[^./ ]{1,16})$/s.exec(path) ?? [];
  return `${stem} (${number})${extension}`;
}

/** Cuts a name in front of its extension so that it is short enough, also with a number. */
function shortened(name: string): string {
  const most = MAX_PART_BYTES - 16;
  if (byteLength(name) <= most) return name;
  const dot = name.lastIndexOf(".");
  const extension = dot > 0 && name.length - dot <= MAX_EXTENSION_UNITS ? name.slice(dot) : "";
  let stem = name.slice(0, name.length - extension.length);
  while (byteLength(stem) + byteLength(extension) > most) {
    stem = sliceGraphemes(stem, Math.max(1, Math.min(most, stem.length - 1)));
    if (stem.length <= 1) break;
  }
  return stem.replace(/[. ]+$/, "_") + extension;
}

function byteLength(text: string): number {
  return encoder.encode(text).length;
}
