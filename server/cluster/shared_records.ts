import { getLogger } from "@logtape/logtape";
import { sanitizeText } from "../../protocol/mod.ts";
import type { SharedBan, SharedBans } from "../admins/mod.ts";
import type { ServerIdentity } from "../identity/mod.ts";
import { reasonOf } from "../platform/util/errors.ts";
import { throttle } from "../platform/util/throttle.ts";
import { isBanKey } from "./ban_record.ts";
import { ClusterBans } from "./cluster_bans.ts";
import type { RecordValue } from "./cluster_bus.ts";
import type { RecordStore } from "./record_store.ts";
import { ClusterClaims } from "./cluster_claims.ts";
import { clusterLimits } from "./cluster_limits.ts";
import { ImportMarker } from "./import_marker.ts";
import type { NameAnswer } from "./name_inquiries.ts";
import { WatchedStore } from "./watched_store.ts";

const logger = getLogger(["mim", "server"]);
const LOG_INTERVAL_MS = 60_000;
/** How often others are told that names are used, and which the operator has freed. */
const USE_INTERVAL_MS = 3_600_000;
const FREED_INTERVAL_MS = 10_000;
/** How often claims and bans are written back. */
const RESTORE_INTERVAL_MS = 1_000;
/** How often it is tried whether a store that has taken no value takes one now, and under which key. */
const PROBE_INTERVAL_MS = 5_000;
const PROBE_KEY = "probe";

/** The parts of a server that its records need. */
export interface RecordsServer {
  readonly identity: ServerIdentity;
  /** The server's data folder. */
  readonly folder: string;
  /** The copy of the cluster's bans. */
  readonly bans: SharedBans;
  /** Another server has changed who is banned; the copy has it already. */
  onBans(bans: readonly SharedBan[]): void;
  /** The names that are used here, and the keys that use them. */
  namesInUse(): Iterable<{ readonly name: string; readonly identity: Uint8Array }>;
}

/** The decisions that the servers of a cluster store for all: whose names are, and who is banned. */
export class SharedRecords {
  readonly #server: RecordsServer;
  /** Whose names are. */
  readonly claims: ClusterClaims;
  /** Who is banned. */
  readonly bans: ClusterBans;
  readonly #marker: ImportMarker;
  readonly #mayLogStore = throttle(LOG_INTERVAL_MS);
  readonly #mayLogWrite = throttle(LOG_INTERVAL_MS);
  readonly #mayLogFailure = throttle(LOG_INTERVAL_MS);
  readonly #mayProbe = throttle(PROBE_INTERVAL_MS);
  readonly #mayExportFreed = throttle(FREED_INTERVAL_MS);
  readonly #mayRestore = throttle(RESTORE_INTERVAL_MS);
  readonly #mayRecordUse = throttle(USE_INTERVAL_MS);
  /** Names that the store has, until it has all that this server knows. */
  #stored: Set<string> | undefined;
  /** Whether all values of before have come. */
  #isRead = false;
  /** Writes to the store, one after the other, and how many they are. */
  #writing: Promise<void> = Promise.resolve();
  #pendingWrites = 0;
  #store: RecordStore | undefined;
  /** Why the store could not be used the last time, until it has taken a value. */
  #failure: string | undefined;
  /** Why it can't be reached. */
  #lostBy: string | undefined;
  #isClosed = false;

  /**
   * @param bucket the store's name
   * @param ask asks the other servers about a key that has no value in the store
   */
  constructor(
    server: RecordsServer,
    bucket: string,
    ask: (key: string) => Promise<NameAnswer>,
  ) {
    this.#server = server;
    this.claims = new ClusterClaims(
      server.identity,
      clusterLimits.claimWaitMs,
      ask,
    );
    this.bans = new ClusterBans(server.bans, server.identity, {
      onAdopt: (bans) => server.onBans(bans),
      onSpread: ({ kind, who, isBanned }) =>
        logger.info("cluster: all servers can know that {kind} {who} {state}", {
          kind: `the ${kind.slice(0, -1)}`,
          who: sanitizeText(who),
          state: isBanned ? "is banned" : "is not banned any more",
        }),
    });
    this.#marker = new ImportMarker(server.folder, bucket);
  }

  /** Whether the store can be reached right now. */
  get isReachable(): boolean {
    return this.claims.isReachable;
  }

  /** Whether the store can be reached, and takes values as far as is known. */
  get canWrite(): boolean {
    return this.isReachable && this.#failure === undefined;
  }

  /** Why the store does not take values, or can't be reached; undefined if nothing is known against it. */
  get failure(): string | undefined {
    return this.isReachable ? this.#failure : this.#lostBy ?? this.#failure;
  }

  /** Records are in that store from now on; nowhere if it is undefined. */
  connect(opened: RecordStore | undefined, reason: string): void {
    if (this.#isClosed) return;
    const wasReachable = this.isReachable;
    const store = opened &&
      new WatchedStore(opened, (use, failure) => {
        if (store === this.#store) this.#note(use, failure);
      });
    this.#store = store;
    this.#lostBy = store === undefined ? reason : undefined;
    this.claims.connect(store);
    this.bans.connect(store);
    this.#stored = store && new Set();
    this.#isRead = false;
    if (store !== undefined || (!wasReachable && !this.#mayLogStore())) return;
    logger.error("cluster: names that are new can't be claimed right now: {reason}", { reason });
  }

  /** Takes values of the store. */
  take(values: readonly RecordValue[]): void {
    const isFirst = !this.#isRead && !this.#marker.isSet;
    const claims = values.filter(({ key }) => !isBanKey(key));
    for (const key of this.claims.take(claims, isFirst)) this.#stored?.add(key);
    this.bans.take(values.filter(({ key }) => isBanKey(key)));
  }

  /** All values of before have come. */
  complete(): void {
    this.#isRead = true;
    this.#export(this.#stored);
  }

  /** Writes what others have to know. To be called often. */
  tick(): void {
    // A store without a quorum lets each wait for seconds.
    if (!this.isReachable || this.#pendingWrites > 0) return;
    if (this.#mayRestore()) {
      if (this.#isRead) this.#export(this.#stored); // once more, if it has failed
      this.#do(() => this.bans.write(performance.now()));
      if (this.#marker.isSet) this.#do(() => this.claims.restore(performance.now()));
    }
    if (this.#mayExportFreed()) this.#do(() => this.claims.exportFreed());
    if (this.#mayRecordUse()) {
      this.#do(() => this.claims.recordUse(this.#server.namesInUse()));
    }
    if (this.#failure !== undefined && this.#mayProbe()) this.#do(() => this.#probe());
  }

  /** Nobody waits any longer; resolves once nothing is being written. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.claims.close();
    await this.#writing;
  }

  #note(use: "read" | "write", failure: string | undefined): void {
    if (failure === undefined) {
      if (use === "read" || this.#failure === undefined) return;
      this.#failure = undefined;
      logger.info("cluster: NATS takes claims and bans again");
      return;
    }
    this.#failure = failure;
    if (this.#isClosed || !this.#mayLogFailure()) return;
    logger.warning(
      "cluster: NATS is there, but has not {done} a claim or a ban ({reason}), and new names are refused until it does: " +
        "look whether its JetStream has room, a quorum, and the permissions for this server",
      { done: use === "read" ? "given" : "taken", reason: sanitizeText(failure) },
    );
  }

  /** Nothing but writing shows that the store takes values again. */
  async #probe(): Promise<void> {
    const store = this.#store;
    if (store === undefined || this.#failure === undefined) return; // another write has shown it
    const stored = await store.get(PROBE_KEY);
    const value = new Uint8Array(0);
    if (stored === undefined) await store.create(PROBE_KEY, value);
    else await store.update(PROBE_KEY, value, stored.revision);
  }

  /** Writes what this server knows and the store does not; nothing if that is done. */
  #export(stored: Set<string> | undefined): void {
    if (stored === undefined) return;
    this.#do(async () => {
      if (stored !== this.#stored) return; // another store has come meanwhile, or it is done
      this.bans.complete();
      await this.bans.write(performance.now());
      await this.claims.export(stored, !this.#marker.isSet);
      if (!this.#marker.isSet) await this.#marker.set();
      if (stored === this.#stored) this.#stored = undefined;
    });
  }

  /** Adds a write to the store; one that fails is tried again with the next connection, or later. */
  #do(work: () => Promise<void>): void {
    this.#pendingWrites++;
    this.#writing = this.#writing.then(work).catch((error) => {
      if (this.#isClosed || !this.#mayLogWrite()) return;
      logger.warning("cluster: claims and bans could not be told to the others: {reason}", {
        reason: reasonOf(error),
      });
    }).finally(() => this.#pendingWrites--);
  }
}
