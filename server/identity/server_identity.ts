import { getLogger } from "@logtape/logtape";
import { identityOf, keyTag, signStatement } from "../../protocol/mod.ts";
import { reasonOf } from "../platform/util/errors.ts";
import { readOrMakeKey } from "../platform/storage/key_file.ts";
import { NameRegistry } from "./name_registry.ts";

const logger = getLogger(["mim", "server"]);

/** How often a file of names that fails is complained of, in milliseconds. */
const COMPLAINT_INTERVAL_MS = 60_000;

/** A data folder can't be used: without one a server speaks classic MIM only. The message says why. */
export class DataDirError extends Error {
  /** What kind of error it is. */
  override readonly name = "DataDirError";
}

/** Who a server is, and whose names are whose there: what its data folder holds. */
export class ServerIdentity implements Disposable {
  /** The server's public key. */
  readonly publicKey: Uint8Array;
  readonly #claims: NameRegistry;
  readonly #privateKey: Uint8Array;
  #complained = -Infinity;

  /**
   * Opens the folder; makes it, the key and the file of names where they are not there.
   *
   * @param days after which a name that its key does not use is free again; 0 for never
   * @throws {DataDirError} where something of it can't be made or read
   */
  constructor(folder: string, days: number) {
    try {
      Deno.mkdirSync(folder, { recursive: true, mode: 0o700 });
      const path = `${folder}/server.key`;
      const { key, made } = readOrMakeKey(path);
      this.#privateKey = key;
      this.publicKey = identityOf(key);
      const record = { tag: keyTag(this.publicKey), path };
      if (made) logger.debug("made a key for this server, {tag}, in {path}", record);
      this.#claims = new NameRegistry(`${folder}/names.db`, days, (aside) => {
        logger.error(
          "the names were damaged and are set aside as {aside}: every name is free again",
          { aside },
        );
      });
    } catch (error) {
      throw new DataDirError(describeUnusable(folder, error), { cause: error });
    }
  }

  /**
   * Takes a name for a key, or uses it once more.
   *
   * @returns whether it is that key's own; undefined where the file of names fails, the disk being full
   *   say: then nothing is certain
   */
  take(name: string, identity: Uint8Array): boolean | undefined {
    return this.#ask((claims) => claims.take(name, identity, Date.now()));
  }

  /** Whether a name belongs to a key; no where the file of names fails. */
  isTaken(name: string): boolean {
    return this.#ask((claims) => claims.isTaken(name, Date.now())) ?? false;
  }

  /** Notes who still uses their names, and forgets the names that are free again. */
  keep(used: readonly { name: string; identity: Uint8Array }[]): void {
    this.#ask((claims) => claims.keep(used, Date.now()));
  }

  /** Signs that a client has reached this server. */
  welcome(nonce: Uint8Array, session: Uint8Array): Uint8Array {
    return signStatement({ type: "server", nonce, session }, this.#privateKey);
  }

  /** Signs that a name is a key's own here. */
  certify(name: string, identity: Uint8Array, issued: number): Uint8Array {
    return signStatement({ type: "name", issued, identity, name }, this.#privateKey);
  }

  /** Closes the files. */
  [Symbol.dispose](): void {
    this.#claims[Symbol.dispose]();
  }

  #ask<Answer>(question: (claims: NameRegistry) => Answer): Answer | undefined {
    try {
      return question(this.#claims);
    } catch (error) {
      if (performance.now() - this.#complained > COMPLAINT_INTERVAL_MS) {
        this.#complained = performance.now();
        logger.error("cannot look up whose a name is: {reason}", { reason: reasonOf(error) });
      }
      return undefined;
    }
  }
}

function describeUnusable(folder: string, error: unknown): string {
  const why = `cannot use the data folder ${folder}: `;
  if (error instanceof Deno.errors.NotCapable) {
    const reason = reasonOf(error).split(", run again")[0];
    return `${why}${reason}; allow it with --allow-read="${folder}" --allow-write="${folder}"`;
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return `${why}the system does not allow it; let the server's user write there, or name another ` +
      "with --data DIR";
  }
  return why + reasonOf(error);
}
