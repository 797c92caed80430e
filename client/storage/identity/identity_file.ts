import { identityOf } from "../../../protocol/mod.ts";
import { lockFile } from "../../../server/platform/storage/file_lock.ts";
import { replaceFile } from "../config/mod.ts";
import { createDataDir } from "../data_dir.ts";
import { UsageError } from "../../../server/platform/cli/flags.ts";

/** What is said in a file of the data folder that holds a key. */
const WARNING = "Whoever has this file can be you. mim key export makes a copy with a passphrase.";
/** What the private key of Ed25519 has, in bytes. */
const LENGTH = 32;

/**
 * The file that holds a user's private key of Ed25519, `identity.key` in a folder that is for its owner
 * alone; made once, and never replaced in silence.
 *
 * @example A bot that has the same key in each run
 * ```ts
 * import { IdentityFile, Messenger } from "@mim/mim";
 * import { assertEquals } from "@std/assert";
 *
 * const folder = await Deno.makeTempDir(); // a bot's own stays
 * const identity = await new IdentityFile(folder).readOrMake();
 * const server = { hostname: "192.0.2.7", port: 4242 };
 * const bot = new Messenger({ name: "bot", server, identity });
 * assertEquals(await new IdentityFile(folder).readOrMake(), identity);
 * assertEquals(bot.identity?.length, 32); // the public key; undefined where there is no identity
 * ```
 */
export class IdentityFile {
  readonly #folder: string;
  /** Keeps other clients from making one. */
  readonly #lock: string;
  /** Where it is. */
  readonly path: string;

  /**
   * Looks at nothing yet.
   *
   * @param folder the data folder, made along with the first key where there is none
   */
  constructor(folder: string) {
    this.#folder = folder;
    this.path = `${folder}/identity.key`;
    this.#lock = `${folder}/identity.lock`;
  }

  /**
   * The key in the file; undefined where there is no file.
   *
   * @throws {UsageError} where the file can't be read or is damaged; the message says what to do
   */
  async read(): Promise<Uint8Array | undefined> {
    let text: string;
    try {
      text = await Deno.readTextFile(this.path);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw new UsageError(`cannot read ${this.path}: ${reason(error)}`);
    }
    await this.#keepOthersOut();
    try {
      return parseIdentity(text);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      throw new UsageError(
        `${this.path} is damaged: ${error.message}; mim key import FILE brings back an exported ` +
          `key, --classic starts without one, and with that file moved away you are somebody new`,
      );
    }
  }

  /**
   * The key in the file, or a new one where there is none. Two clients that start at once have the same.
   *
   * @throws {UsageError} where the file is damaged, or none can be made
   */
  async readOrMake(): Promise<Uint8Array> {
    const there = await this.read();
    if (there !== undefined) return there;
    await createDataDir(this.#folder);
    using _ = lockFile(this.#lock);
    const meanwhile = await this.read();
    if (meanwhile !== undefined) return meanwhile;
    const made = crypto.getRandomValues(new Uint8Array(LENGTH));
    await replaceFile(this.path, textOf(made));
    return made;
  }

  /**
   * Puts a key in. One that is there, or what there is of it, gets another name first.
   *
   * @returns where the one before is now; undefined where there was none, or the same
   * @throws {UsageError} where that can't be done
   */
  async replace(key: Uint8Array): Promise<string | undefined> {
    await createDataDir(this.#folder);
    using _ = lockFile(this.#lock);
    const before = await this.#textBefore();
    if (before === textOf(key)) return undefined;
    const aside = before === undefined ? undefined : await this.#copy();
    await replaceFile(this.path, textOf(key));
    return aside;
  }

  async #textBefore(): Promise<string | undefined> {
    try {
      return await Deno.readTextFile(this.path);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw new UsageError(`cannot read ${this.path}: ${reason(error)}`);
    }
  }

  /** A copy under a name of its own: at no moment is there no key. */
  async #copy(): Promise<string> {
    const bytes = await Deno.readFile(this.path);
    const day = new Date().toISOString().slice(0, 10);
    for (let count = 1;; count++) {
      const name = `${this.#folder}/identity.${day}${count === 1 ? "" : `-${count}`}.key`;
      try {
        await Deno.writeFile(name, bytes, { createNew: true, mode: 0o600 });
        return name;
      } catch (error) {
        if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
      }
    }
  }

  /** What was copied here by hand may be readable for everybody. */
  async #keepOthersOut(): Promise<void> {
    const { mode } = await Deno.stat(this.path);
    if (mode === null || (mode & 0o077) === 0) return;
    // Where it can't be changed it is no worse than before.
    await Deno.chmod(this.path, 0o600).catch(() => {});
  }
}

/** The public key stands beside the private one: a changed bit would make somebody else of the user. */
function textOf(key: Uint8Array): string {
  const content = {
    mim: "identity",
    version: 1,
    warning: WARNING,
    private: key.toHex(),
    public: identityOf(key).toHex(),
  };
  return `${JSON.stringify(content, undefined, 2)}\n`;
}

/**
 * The private key in the text of an identity file.
 *
 * @throws {SyntaxError} where it is none
 *
 * @example
 * ```ts
 * import { parseIdentity } from "./identity_file.ts";
 * import { assertThrows } from "@std/assert";
 *
 * assertThrows(() => parseIdentity(""), SyntaxError, "expected a key of MIM");
 * ```
 */
export function parseIdentity(text: string): Uint8Array {
  const { mim, version, private: hex, public: publicHex } = parseObject(text);
  if (mim !== "identity" || version !== 1) {
    throw new SyntaxError("expected a key of MIM, version 1, got something else");
  }
  const isHex = typeof hex === "string" && /^[0-9a-f]{64}$/.test(hex);
  if (!isHex) throw new SyntaxError("expected a private key of 64 hexadecimal digits");
  const key = Uint8Array.fromHex(hex);
  if (identityOf(key).toHex() === publicHex) return key;
  throw new SyntaxError("expected the public key that belongs to the private one, got another");
}

/** @throws {SyntaxError} where the text is no object of JSON */
export function parseObject(text: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // What stands in the file must not stand in an error message.
    throw new SyntaxError("expected a key of MIM, got no JSON");
  }
  if (typeof value === "object" && value !== null) return { ...value };
  throw new SyntaxError("expected a key of MIM, got no object");
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
