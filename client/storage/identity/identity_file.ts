import {
  createRotation,
  decodeRotation,
  encodeRotation,
  identityOf,
  type KeyRotation,
  MAX_ROTATIONS,
  rotationsTo,
} from "../../../protocol/mod.ts";
import { writeAll } from "../../../server/platform/net/byte_stream.ts";
import { lockFile } from "../../../server/platform/storage/file_lock.ts";
import { parseEditedJson } from "../../../server/platform/storage/text_file.ts";
import { keepPrivate } from "../../../server/platform/storage/private_file.ts";
import {
  readText,
  removeLeftOvers,
  replaceFile,
} from "../../../server/platform/storage/atomic_file.ts";
import { createDataDir } from "../data_dir.ts";
import { reasonOf } from "../../../server/platform/util/errors.ts";
import { UsageError } from "../../../server/platform/cli/flags.ts";

const WARNING =
  "Anyone who has this file can impersonate you. mim key export makes a backup with a passphrase.";
/** The length of a private key of Ed25519, in bytes. */
const KEY_LENGTH = 32;

/**
 * A user's private key of Ed25519, in `identity.key`. It is created once, and never replaced
 * without a copy.
 */
export class IdentityFile {
  readonly #folder: string;
  readonly #lock: string;
  readonly path: string;

  constructor(folder: string) {
    this.#folder = folder;
    this.path = `${folder}/identity.key`;
    this.#lock = `${folder}/identity.lock`;
  }

  /**
   * The key in the file; undefined if there is no file.
   *
   * @throws {UsageError} if the file can't be read or is damaged
   */
  async read(): Promise<Uint8Array | undefined> {
    const text = await readText(this.path);
    if (text === undefined) return undefined;
    this.#keepOthersOut();
    try {
      return parseIdentity(text);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      throw new UsageError(
        `${this.path} is damaged: ${error.message}; restore a backup, or move the file away to get a ` +
          "new key",
      );
    }
  }

  /**
   * The key in the file, or a new one. Two clients that start at once get the same.
   *
   * @param onMade called if it is a new one
   * @throws {UsageError} if the file is damaged, or can't be created
   */
  async readOrMake(onMade: () => void = () => {}): Promise<Uint8Array> {
    const there = await this.read();
    if (there !== undefined) return there;
    await createDataDir(this.#folder);
    using _ = await lockFile(this.#lock);
    await removeLeftOvers(this.path, -Infinity).catch(() => {}); // nobody else has the lock
    const meanwhile = await this.read();
    if (meanwhile !== undefined) return meanwhile;
    const made = crypto.getRandomValues(new Uint8Array(KEY_LENGTH));
    await replaceFile(this.path, textOf(made));
    onMade();
    return made;
  }

  /** The rotations in the file by which earlier keys led to its key; none if it is damaged. */
  async readRotations(): Promise<KeyRotation[]> {
    return rotationsIn(await readText(this.path));
  }

  /**
   * Makes a new key that the one in the file signs, and returns the path of a copy of the previous file.
   *
   * @param keep stores the rotation for the contacts, before the old key is gone; it gets all rotations
   *   that the new key can show, the oldest first, and the key that no rotation leads from any more
   * @throws {UsageError} if there is no key or that fails; then the key is the old one
   */
  async rotate(
    keep: (rotations: readonly KeyRotation[], dropped: Uint8Array | undefined) => Promise<void>,
  ): Promise<{ readonly aside: string; readonly rotation: KeyRotation }> {
    const missing = new UsageError(`There is no key at ${this.path} yet`);
    if (await this.read() === undefined) throw missing; // there may be no folder either
    using _ = await lockFile(this.#lock);
    await removeLeftOvers(this.path, -Infinity).catch(() => {});
    const before = await this.read();
    if (before === undefined) throw missing;
    const made = crypto.getRandomValues(new Uint8Array(KEY_LENGTH));
    const rotation = createRotation(before, made, Date.now());
    const earlier = rotationsTo(rotation.oldKey, await this.readRotations());
    const rotations = rotationsTo(rotation.newKey, [...earlier, rotation]);
    const aside = await this.#copy();
    try {
      await keep(rotations, earlier.length < MAX_ROTATIONS ? undefined : earlier[0]?.oldKey);
      await replaceFile(this.path, textOf(made, rotations));
    } catch (error) {
      const there = await this.read().catch(() => undefined);
      if (there?.toHex() === before.toHex()) await Deno.remove(aside).catch(() => {});
      throw error;
    }
    return { aside, rotation };
  }

  /**
   * Replaces the key, and returns the path of a copy of the previous file, if there was another
   * key.
   *
   * @throws {UsageError} if that fails
   */
  async replace(key: Uint8Array): Promise<string | undefined> {
    await createDataDir(this.#folder);
    using _ = await lockFile(this.#lock);
    await removeLeftOvers(this.path, -Infinity).catch(() => {});
    const before = await readText(this.path);
    if (before !== undefined && isKeyIn(before, key)) return undefined;
    const aside = before === undefined ? undefined : await this.#copy();
    await replaceFile(this.path, textOf(key));
    return aside;
  }

  /** Copies the file, rather than moving it: there is always a key. */
  async #copy(): Promise<string> {
    const bytes = await Deno.readFile(this.path);
    const day = new Date().toISOString().slice(0, 10);
    for (let count = 1;; count++) {
      const name = `${this.#folder}/identity.${day}${count === 1 ? "" : `-${count}`}.key`;
      try {
        await writeNew(name, bytes);
        return name;
      } catch (error) {
        if (error instanceof Deno.errors.AlreadyExists) continue;
        throw new UsageError(`Cannot write ${name}: ${reasonOf(error)}; your key is as it was`);
      }
    }
  }

  /** Makes the file private: one that was copied by hand may be readable for everyone. */
  #keepOthersOut(): void {
    try {
      keepPrivate(this.path);
    } catch {
      // It is no worse than before, and the folder is said to be open.
    }
  }
}

/** Writes a new file, to the disk as well, or none. */
async function writeNew(path: string, bytes: Uint8Array): Promise<void> {
  using file = await Deno.open(path, { write: true, createNew: true, mode: 0o600 });
  try {
    await writeAll(file, bytes);
    await file.sync();
  } catch (error) {
    await Deno.remove(path).catch(() => {});
    throw error;
  }
}

/** The public key beside the private one shows damage: a changed bit would be another identity. */
function textOf(key: Uint8Array, rotations: readonly KeyRotation[] = []): string {
  const content = {
    mim: "identity",
    version: 1,
    warning: WARNING,
    private: key.toHex(),
    public: identityOf(key).toHex(),
    ...rotations.length > 0 && {
      rotations: rotations.map((rotation) => encodeRotation(rotation).toHex()),
    },
  };
  return `${JSON.stringify(content, undefined, 2)}\n`;
}

function isKeyIn(text: string, key: Uint8Array): boolean {
  try {
    return parseIdentity(text).toHex() === key.toHex();
  } catch {
    return false; // it is damaged
  }
}

/** Without them the key is as good: only who knew an earlier one does not follow. */
function rotationsIn(text: string | undefined): KeyRotation[] {
  try {
    const { rotations } = parseObject(text ?? "{}");
    if (!Array.isArray(rotations)) return [];
    return rotations.map((hex) => decodeRotation(Uint8Array.fromHex(String(hex))));
  } catch {
    return [];
  }
}

/**
 * The private key in the text of an identity file.
 *
 * @throws {SyntaxError} if it is none
 *
 * @example
 * ```ts
 * import { parseIdentity } from "./identity_file.ts";
 * import { assertThrows } from "@std/assert";
 *
 * assertThrows(() => parseIdentity(""), SyntaxError, "expected a MIM key");
 * ```
 */
export function parseIdentity(text: string): Uint8Array {
  const { mim, version, private: hex, public: publicHex } = parseObject(text);
  if (mim !== "identity" || version !== 1) {
    throw new SyntaxError("expected a MIM key of version 1, got something else");
  }
  const isHex = typeof hex === "string" && /^[0-9a-f]{64}$/.test(hex);
  if (!isHex) throw new SyntaxError("expected a private key of 64 hexadecimal digits");
  const key = Uint8Array.fromHex(hex);
  if (identityOf(key).toHex() === publicHex) return key;
  throw new SyntaxError("expected the public key that belongs to the private one, got another");
}

/** @throws {SyntaxError} if the text is no JSON object */
export function parseObject(text: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = parseEditedJson(text);
  } catch {
    // An error message must not contain what is in the file.
    throw new SyntaxError("expected a MIM key, got no JSON");
  }
  if (typeof value === "object" && value !== null) return { ...value };
  throw new SyntaxError("expected a MIM key, got no object");
}
