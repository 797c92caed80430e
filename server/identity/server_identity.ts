import { equals } from "@std/bytes/equals";
import { getLogger } from "@logtape/logtape";
import {
  type Certificate,
  ClusterOpener,
  ClusterSealer,
  confusableKey,
  createAnnouncement,
  createSignature,
  formatLinkAnnouncement,
  formatRotationLine,
  hasRotatedTo,
  identityOf,
  isSignatureValid,
  type KeyRotation,
  noisePublicKey,
  type RecordSealer,
  type SignedStatement,
} from "../../protocol/mod.ts";
import { reasonOf } from "../platform/util/errors.ts";
import { throttle } from "../platform/util/throttle.ts";
import {
  exposedParent,
  keepOthersFromWriting,
  keepStrangersFromWriting,
} from "../platform/storage/private_file.ts";
import { statOf } from "../platform/storage/regular_file.ts";
import { isBusy } from "../platform/storage/sqlite.ts";
import { NameRegistry, type SharedClaim } from "./name_registry.ts";
import { readRotations } from "./rotations.ts";
import { readServerKey } from "./server_key.ts";

const logger = getLogger(["mim", "server"]);

const KEY_LENGTH = 32;
/** Files that say who may do what; those of the key and the names are closed where they are opened. */
const OWN_FILES = [
  ...["access.json", "bans.json", "server.key.was", "clusters.txt"],
  ...["server.json", "limits.json", "welcome.txt"],
];
const FAILURE_LOG_INTERVAL_MS = 60_000;

/** The data folder can't be used; the message says why. */
export class DataDirError extends Error {
  /** The error's name. */
  override readonly name = "DataDirError";
}

/** How often a name registry that fails is tried again. */
const RETRY_INTERVAL_MS = 1_000;
/** How long another program may write in it before that is a problem. */
const MAX_BUSY_MS = 10_000;
/** How many claims may wait. */
const MAX_PENDING_CLAIMS = 10_000;
/** Claims of a cluster. */
const MAX_RECORDED_AT_ONCE = 500;

/** Which key of a server has signed: the one it has, or one before `key rotate`. */
export type ClaimSigner = "present-key" | "earlier-key";

type Ban = Omit<Extract<SignedStatement, { type: "ban" }>, "type">;

interface Claim {
  readonly name: string;
  readonly identity: Uint8Array;
  /** By which an owner's earlier key led to this one. */
  readonly rotations?: readonly KeyRotation[] | undefined;
}

/**
 * The contents of a server's data folder: its key, the keys before, and which name belongs to which key.
 * The static key of the server link is made anew at each start, and never stored.
 */
export class ServerIdentity implements Disposable {
  /** The server's public key. */
  readonly publicKey: Uint8Array;
  /** The first key that led to this one by rotations: all servers of a cluster have the same. */
  readonly firstKey: Uint8Array;
  /** The private static key of the server link, 32 bytes. */
  readonly staticKey = crypto.getRandomValues(new Uint8Array(KEY_LENGTH));
  /** The last lines of the welcome: earlier keys, and the announcement. */
  readonly welcomeLines: readonly string[];
  readonly #names: NameRegistry;
  readonly #privateKey: Uint8Array;
  /** Public keys that the server had before. */
  readonly #earlierKeys: readonly Uint8Array[];
  /** The same time when the clock of `performance.now` began. */
  #start: number | undefined;
  readonly #mayLog = throttle(FAILURE_LOG_INTERVAL_MS);
  readonly #mayRetry = throttle(RETRY_INTERVAL_MS);
  /** Since when the registry fails, in milliseconds of a steady clock. */
  #failingSince: number | undefined;
  #problem: string | undefined;
  /** The first claim of each name that can't be recorded now. */
  readonly #pending = new Map<string, Claim>();
  /** What the servers of a cluster have settled and can't be recorded now, by folded name: it counts all the same. */
  readonly #unrecorded = new Map<string, SharedClaim>();

  /**
   * Opens the folder; creates the folder, the key and the name registry if they are missing.
   *
   * @param days after which a name that its key does not use is free again; 0 for never
   * @param isShared whether other machines use the folder, too, one at a time
   * @param version of the program, for clients
   * @param hasNoLobby whether nobody is to be in the lobby
   * @throws {DataDirError} if any of them can't be created or read, or other users can change them
   */
  constructor(
    folder: string,
    days: number,
    isShared = false,
    version?: string,
    readonly hasNoLobby = false,
  ) {
    try {
      Deno.mkdirSync(folder, { recursive: true, mode: 0o700 });
      if (keepOthersFromWriting(folder)) {
        logger.warning("other users could write in {folder}; now they can't", { folder });
      }
      const parent = exposedParent(folder);
      if (parent !== undefined) {
        logger.warning(
          "other users can put another folder in the place of {folder}, since {parent} is open to them",
          { folder, parent },
        );
      }
      for (const name of OWN_FILES) {
        const path = `${folder}/${name}`;
        if (keepStrangersFromWriting(path)) {
          logger.warning("other users could change {path}; now they can't, but one may have", {
            path,
          });
        }
      }
      const path = `${folder}/server.key`;
      const hadNames = statOf(`${folder}/names.db`) !== undefined;
      this.#privateKey = readServerKey(path, hadNames);
      this.publicKey = identityOf(this.#privateKey);
      const staticKey = noisePublicKey(this.staticKey);
      const rotations = readRotations(folder, this.publicKey);
      this.#earlierKeys = rotations.map(({ oldKey }) => oldKey);
      this.firstKey = this.#earlierKeys[0] ?? this.publicKey;
      this.welcomeLines = [
        ...rotations.map(formatRotationLine),
        formatLinkAnnouncement(
          createAnnouncement(this.#privateKey, staticKey, false, version, hasNoLobby),
        ),
      ];
      this.#names = new NameRegistry(`${folder}/names.db`, days, (quarantined) => {
        logger.error(
          "the name registry was damaged and is now {quarantined}: every name is free again",
          { quarantined },
        );
      }, isShared);
    } catch (error) {
      throw new DataDirError(describeUnusable(folder, error), { cause: error });
    }
  }

  /**
   * The time by which names expire: it goes on from the last use of any name, and only while a server
   * runs. A wall clock that jumps frees no name.
   */
  #now(): number {
    this.#start ??= (this.#names.lastUse ?? Date.now()) - performance.now();
    return Math.round(this.#start + performance.now());
  }

  /** Why the name registry can't be used now, for operators; undefined if it can. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /**
   * Claims a name for a key, or uses it once more, and certifies that it belongs to the key. A claim that
   * can't be recorded now is recorded later.
   *
   * @param rotations by which an owner's earlier key led to this one: the name goes with it
   * @returns "taken" if the name belongs to another key; undefined if the registry fails, for example
   *   because the disk is full, or another program writes
   */
  certify(
    name: string,
    identity: Uint8Array,
    rotations?: readonly KeyRotation[],
  ): Certificate | "taken" | undefined {
    const key = confusableKey(name);
    const unrecorded = this.#unrecorded.get(key);
    if (unrecorded !== undefined && !this.isClaimFree(unrecorded)) {
      const isOwner = equals(unrecorded.identity, identity) ||
        hasRotatedTo(unrecorded.identity, identity, rotations ?? []);
      if (!isOwner) return "taken";
    }
    if (this.#pending.has(key) || unrecorded !== undefined) return undefined; // nothing is certain
    const answer = this.#claim({ name, identity, rotations });
    if (answer === undefined) {
      if (this.#pending.size < MAX_PENDING_CLAIMS) {
        this.#pending.set(key, { name, identity, rotations });
      }
      return undefined;
    }
    const { claimed } = answer;
    if (claimed === undefined) return "taken";
    const issued = Date.now();
    const statement = { type: "name", claimed, issued, identity, name } as const;
    return { claimed, issued, signature: createSignature(statement, this.#privateKey) };
  }

  /** Whether a name belongs to a key; false if the registry fails. */
  isTaken(name: string): boolean {
    const unrecorded = this.#unrecorded.get(confusableKey(name));
    if (unrecorded !== undefined) return !this.isClaimFree(unrecorded);
    return this.#ask((names) => names.isTaken(name, this.#now())) ?? false;
  }

  /** Records that these names are in use, and frees those that have not been used for too long. */
  recordUse(used: readonly { name: string; identity: Uint8Array }[]): void {
    this.#ask((names) => names.recordUse(used, this.#now()));
  }

  /** The owner of a name by the registry; undefined if that fails. */
  claimOf(name: string): { readonly claim: SharedClaim | undefined } | undefined {
    const claim = this.#unrecorded.get(confusableKey(name));
    if (claim !== undefined) return { claim };
    return this.#ask((names) => ({ claim: names.ownerOf(name) }));
  }

  /** All names of the registry, or those that were freed; none if it fails. */
  claims(which: "all" | "freed"): SharedClaim[] {
    const recorded = this.#ask((names) => names.all(which)) ?? [];
    if (this.#unrecorded.size === 0) return recorded;
    return [
      ...recorded.filter(({ name }) => !this.#unrecorded.has(confusableKey(name))),
      ...this.#unrecorded.values().filter(({ identity }) =>
        which === "all" || identity.length === 0
      ),
    ];
  }

  /**
   * Records what the servers of a cluster have settled about names; false if the registry fails. Then it counts all the
   * same and is recorded later, and nobody gets a certificate of these names until then.
   */
  adoptClaims(claims: readonly SharedClaim[]): boolean {
    // In order: an earlier one must not be recorded after a later one.
    if (this.#unrecorded.size === 0 && this.#record(claims)) return true;
    for (const claim of claims) this.#unrecorded.set(confusableKey(claim.name), claim);
    return false;
  }

  /** Whether another key may take a name that stands so. */
  isClaimFree(claim: SharedClaim): boolean {
    return this.#ask((names) => names.isFree(claim, this.#now())) ?? false;
  }

  /** A claim of a free name that begins now, later than any before. */
  newClaim(name: string, identity: Uint8Array, before: number): SharedClaim {
    const now = this.#ask(() => this.#now()) ?? Date.now();
    return { name, identity, claimed: Math.max(now, before + 1), used: now };
  }

  /** Signs a claim for the other servers of a cluster. */
  signClaim(claim: SharedClaim): Uint8Array {
    return createSignature({ type: "claim", ...claim }, this.#privateKey);
  }

  /** Which of this server's keys has signed a claim; undefined if none has. */
  claimSigner(claim: SharedClaim, signature: Uint8Array): ClaimSigner | undefined {
    return this.#signerOf({ type: "claim", ...claim }, signature);
  }

  /** Signs a ban for the other servers of a cluster. */
  signBan(ban: Ban): Uint8Array {
    return createSignature({ type: "ban", ...ban }, this.#privateKey);
  }

  /** Which of this server's keys has signed a ban; undefined if none has. */
  banSigner(ban: Ban, signature: Uint8Array): ClaimSigner | undefined {
    return this.#signerOf({ type: "ban", ...ban }, signature);
  }

  /** The sealer and the opener of the messages of a cluster's node. */
  clusterKeys(
    node: Uint8Array,
    cluster: string,
  ): { readonly sealer: ClusterSealer; readonly opener: ClusterOpener } {
    return {
      sealer: new ClusterSealer(this.#privateKey, node, cluster),
      opener: new ClusterOpener(this.#privateKey, cluster),
    };
  }

  /** Tries a registry that failed again, every second. To be called every second or so. */
  tick(): void {
    if (this.#failingSince !== undefined && this.#mayRetry()) this.retry();
  }

  /** Tries a registry that failed again, now. */
  retry(): void {
    if (this.#failingSince === undefined) return;
    this.#names.endPause();
    while (this.#unrecorded.size > 0) {
      const some = [...this.#unrecorded].slice(0, MAX_RECORDED_AT_ONCE);
      if (!this.#record(some.map(([, claim]) => claim))) return;
      for (const [key] of some) this.#unrecorded.delete(key);
    }
    for (const [key, claim] of this.#pending) {
      if (this.#claim(claim) === undefined) return;
      this.#pending.delete(key);
    }
    // Nothing but writing shows that it can be written.
    const isWritten = this.#ask((names) => {
      names.checkWritable();
      return true;
    });
    if (!isWritten) return;
    this.#failingSince = undefined;
    if (this.#problem !== undefined) logger.info("the name registry can be used again");
    this.#problem = undefined;
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

  #record(claims: readonly SharedClaim[]): boolean {
    return this.#ask((names) => {
      names.adopt(claims, this.#now());
      return true;
    }) ?? false;
  }

  #signerOf(statement: SignedStatement, signature: Uint8Array): ClaimSigner | undefined {
    const isBy = (key: Uint8Array) => isSignatureValid(statement, signature, key);
    if (isBy(this.publicKey)) return "present-key";
    return this.#earlierKeys.some(isBy) ? "earlier-key" : undefined;
  }

  #claim(
    { name, identity, rotations }: Claim,
  ): { readonly claimed: number | undefined } | undefined {
    return this.#ask((names) => ({ claimed: names.claim(name, identity, this.#now(), rotations) }));
  }

  #ask<Answer>(question: (names: NameRegistry) => Answer): Answer | undefined {
    try {
      return question(this.#names);
    } catch (error) {
      const now = performance.now();
      this.#failingSince ??= now;
      if (isBusy(error) && now - this.#failingSince < MAX_BUSY_MS) return undefined;
      this.#problem = `cannot look up who owns a name: ${reasonOf(error)}`;
      if (this.#mayLog()) logger.error("{reason}", { reason: this.#problem });
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
