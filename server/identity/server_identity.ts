import { getLogger } from "@logtape/logtape";
import {
  type Certificate,
  createAnnouncement,
  createSignature,
  formatLinkAnnouncement,
  formatRotationLine,
  identityOf,
  keyTag,
  noisePublicKey,
  type RecordSealer,
} from "../../protocol/mod.ts";
import { reasonOf } from "../platform/util/errors.ts";
import { throttle } from "../platform/util/throttle.ts";
import { readOrCreateKey } from "../platform/storage/key_file.ts";
import { NameRegistry } from "./name_registry.ts";
import { readRotations } from "./rotations.ts";

const logger = getLogger(["mim", "server"]);

const KEY_LENGTH = 32;
const FAILURE_LOG_INTERVAL_MS = 60_000;

/** The data folder can't be used: without one a server speaks classic MIM only. The message says why. */
export class DataDirError extends Error {
  /** The error's name. */
  override readonly name = "DataDirError";
}

/**
 * The contents of a server's data folder: its key, the keys before, and which name belongs to which key.
 * The static key of the server link is made anew at each start, and never stored.
 */
export class ServerIdentity implements Disposable {
  /** The server's public key. */
  readonly publicKey: Uint8Array;
  /** The private static key of the server link, 32 bytes. */
  readonly staticKey = crypto.getRandomValues(new Uint8Array(KEY_LENGTH));
  /** The last lines of the welcome: earlier keys, and the announcement. */
  readonly welcomeLines: readonly string[];
  readonly #names: NameRegistry;
  readonly #privateKey: Uint8Array;
  readonly #mayLog = throttle(FAILURE_LOG_INTERVAL_MS);

  /**
   * Opens the folder; creates the folder, the key and the name registry if they are missing.
   *
   * @param days after which a name that its key does not use is free again; 0 for never
   * @throws {DataDirError} if any of them can't be created or read
   */
  constructor(folder: string, days: number) {
    try {
      Deno.mkdirSync(folder, { recursive: true, mode: 0o700 });
      const path = `${folder}/server.key`;
      const { key, isNew } = readOrCreateKey(path);
      this.#privateKey = key;
      this.publicKey = identityOf(key);
      const record = { tag: keyTag(this.publicKey), path };
      const announcement = createAnnouncement(key, noisePublicKey(this.staticKey), false);
      this.welcomeLines = [
        ...readRotations(folder, this.publicKey).map(formatRotationLine),
        formatLinkAnnouncement(announcement),
      ];
      if (isNew) logger.debug("created a key for this server, {tag}, in {path}", record);
      this.#names = new NameRegistry(`${folder}/names.db`, days, (quarantined) => {
        logger.error(
          "the name registry was damaged and is now {quarantined}: every name is free again",
          { quarantined },
        );
      });
    } catch (error) {
      throw new DataDirError(describeUnusable(folder, error), { cause: error });
    }
  }

  /**
   * Claims a name for a key, or uses it once more, and certifies that it belongs to the key.
   *
   * @returns "taken" if the name belongs to another key; undefined if the registry fails, for example
   *   because the disk is full
   */
  certify(name: string, identity: Uint8Array): Certificate | "taken" | undefined {
    const issued = Date.now();
    const answer = this.#ask((names) => ({ claimed: names.claim(name, identity, issued) }));
    if (answer === undefined) return undefined;
    const { claimed } = answer;
    if (claimed === undefined) return "taken";
    const statement = { type: "name", claimed, issued, identity, name } as const;
    return { claimed, issued, signature: createSignature(statement, this.#privateKey) };
  }

  /** Whether a name belongs to a key; false if the registry fails. */
  isTaken(name: string): boolean {
    return this.#ask((names) => names.isTaken(name, Date.now())) ?? false;
  }

  /** Records that these names are in use, and frees those that have not been used for too long. */
  recordUse(used: readonly { name: string; identity: Uint8Array }[]): void {
    this.#ask((names) => names.recordUse(used, Date.now()));
  }

  /** Signs that a client has reached this server. */
  signSession(handshakeHash: Uint8Array, session: Uint8Array): Uint8Array {
    return createSignature({ type: "server", handshakeHash, session }, this.#privateKey);
  }

  /** Signs the log of changes, in a record of its own. */
  signLog(sealer: RecordSealer): Uint8Array {
    return sealer.sealChainSignature(this.#privateKey);
  }

  /** Closes the files. */
  [Symbol.dispose](): void {
    this.#names[Symbol.dispose]();
  }

  #ask<Answer>(question: (names: NameRegistry) => Answer): Answer | undefined {
    try {
      return question(this.#names);
    } catch (error) {
      if (this.#mayLog()) {
        logger.error("cannot look up who owns a name: {reason}", { reason: reasonOf(error) });
      }
      return undefined;
    }
  }
}

function describeUnusable(folder: string, error: unknown): string {
  const failure = `cannot use the data folder ${folder}: `;
  if (error instanceof Deno.errors.NotCapable) {
    const reason = reasonOf(error).split(", run again")[0];
    return `${failure}${reason}; allow it with --allow-read="${folder}" --allow-write="${folder}"`;
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return `${failure}permission denied; allow the server's user to write there, or name another ` +
      "with --data DIR";
  }
  return failure + reasonOf(error);
}
