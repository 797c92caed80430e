import { setImmediate } from "node:timers";
import { getLogger } from "@logtape/logtape";
import type { ClusterOpener, ClusterSealer } from "../../protocol/mod.ts";
import { entryInAdd, type RemoteRequest } from "../mim2/mod.ts";
import { reasonOf } from "../platform/util/errors.ts";
import { TokenBucket } from "../platform/util/token_bucket.ts";
import { throttle } from "../platform/util/throttle.ts";
import type { ClusterOptions } from "../options.ts";
import type { ClusterStats } from "../stats.ts";
import type { ClusterBus, ClusterBusEvents } from "./cluster_bus.ts";
import { clusterLimits } from "./cluster_limits.ts";
import {
  type ClusterMessage,
  decodeClusterMessage,
  encodeClusterMessage,
  type NodeRequest,
  type RowChange,
} from "./cluster_message.ts";
import { ClusterTable } from "./cluster_table.ts";
import { FirstBans } from "./first_bans.ts";
import { MissingPermissions } from "./missing_permissions.ts";
import { NameInquiries } from "./name_inquiries.ts";
import { type LocalTables, RemoteUser, RemoteUsers, userIn } from "./remote_users.ts";
import { shownNode } from "./shown_node.ts";
import { type RecordsServer, SharedRecords } from "./shared_records.ts";

const logger = getLogger(["mim", "server"]);

const NODE_LENGTH = 32;
/** For so long at a time rows of others are put into the tables. */
const WORK_SLICE_MS = 5;
/** Longer than any message of a node. */
const MAX_MESSAGE_BYTES = 524_288;
/** Messages of nodes that were not heard before: so many are opened. */
const STRANGER_BURST = 1_000;
const STRANGERS_PER_SECOND = 200;
/** How many digits of the first key the bucket's name has. */
const CHAIN_DIGITS = 16;
/** Messages that go to all nodes. */
const WORDS_FOR_ALL: readonly string[] = ["log", "beat", "bye", "name"];
/** Stands in a question for the name's key, and asks for all bans. */
const ALL_BANS = "bans";
const LOG_INTERVAL_MS = 60_000;

const now = (): number => performance.now();

/** The parts of a server that a node needs. */
export interface ClusterServer extends RecordsServer {
  readonly tables: LocalTables;
  /** Does what another node asks for, about a session of this server. */
  onRequest(request: NodeRequest | RemoteRequest): void;
}

/** Makes what carries messages between nodes. */
export type CreateBus = (
  options: ClusterOptions,
  bucket: string,
  subjects: readonly string[],
  events: ClusterBusEvents,
) => ClusterBus;

/** A server as a node of a cluster: one online table over all of them. */
export class ClusterNode {
  readonly #server: ClusterServer;
  /** Changes with each start. */
  readonly #id = crypto.getRandomValues(new Uint8Array(NODE_LENGTH));
  readonly #prefix: string;
  readonly #cluster: string;
  /** Has the claims. */
  readonly #bucket: string;
  readonly #sealer: ClusterSealer;
  readonly #opener: ClusterOpener;
  readonly #table: ClusterTable;
  readonly #users: RemoteUsers;
  readonly records: SharedRecords;
  /** Whether it is known who is banned. */
  readonly firstBans: FirstBans;
  readonly #inquiries: NameInquiries;
  readonly #bus: ClusterBus;
  readonly #timer: ReturnType<typeof setInterval>;
  /** Limits messages of nodes that were not heard before: each costs a key. */
  readonly #strangers = new TokenBucket(STRANGER_BURST, STRANGERS_PER_SECOND);
  readonly #mayLogUnopened = throttle(LOG_INTERVAL_MS);
  readonly #mayLogBroken = throttle(LOG_INTERVAL_MS);
  readonly #mayLogFailure = throttle(LOG_INTERVAL_MS);
  readonly #mayLogSilence = throttle(LOG_INTERVAL_MS);
  /** Work for other nodes, in order. */
  readonly #work: (() => void)[] = [];
  #isWorking = false;
  /** Whether a user of this server is just ending a session at another one. */
  #isEnding = false;
  #isFlushDue = false;
  #isConnected = false;
  /** The reason of the last loss, until another one was logged. */
  #lostBy: string | undefined;
  readonly #missing = new MissingPermissions();
  #unopened = 0;
  #unopenedLogged = 0;

  /** @param createBus connects to the engine */
  constructor(options: ClusterOptions, server: ClusterServer, createBus: CreateBus) {
    const { name = "mim" } = options;
    this.#server = server;
    this.#cluster = name;
    this.#prefix = `mim.${name}.`;
    // Of the first key, which a rotation keeps: servers with other keys have claims of their own.
    const chain = server.identity.firstKey.toHex().slice(0, CHAIN_DIGITS);
    this.#bucket = `mim_${name}_claims_${chain}`;
    // A server without the earlier keys must not seem to be there: the claims are elsewhere.
    const { sealer, opener } = server.identity.clusterKeys(this.#id, `${name}.${chain}`);
    this.#sealer = sealer;
    this.#opener = opener;
    this.#inquiries = new NameInquiries(
      this.#id.toHex(),
      (message) => this.#send(message, undefined),
      () => this.#table.present(now()),
    );
    this.records = new SharedRecords(
      server,
      this.#bucket,
      (key) => this.#inquiries.ask(key, now()),
    );
    this.#users = new RemoteUsers(server.tables, (session, reason) => {
      this.askOwner(session, { type: "kick", session, reason });
    });
    this.#table = new ClusterTable(this.#id.toHex(), {
      send: (message, to) => this.#send(message, to),
      onChange: (change) => this.#change(change),
      onEnded: ({ session, identity }) =>
        this.#queue(() => {
          server.onRequest({ type: "end", session, identity: Uint8Array.fromHex(identity) });
        }),
      userOf: userIn,
      onRequest: (_, request) => this.#queue(() => server.onRequest(request)),
      onNode: (node) => {
        logger.info("cluster: node {node} is there", { node: shownNode(node) });
        this.#bus.checkStore(); // it may know less than this one
      },
      onGone: (node, users, why) =>
        logger.warning("cluster: node {node} is gone ({why}), and its {users} users with it", {
          node: shownNode(node),
          users,
          why: why === "bye" ? "it stopped" : "it was silent",
        }),
    });
    // It may throw; nothing comes from it before this turn ends.
    this.#bus = createBus(options, this.#bucket, this.#subjects(), {
      onMessage: (subject, message) => this.#receive(subject, message),
      onConnected: (at) => this.#connect(at),
      onDisconnected: (reason) => this.#disconnect(reason),
      onForbidden: (operation, subject) => this.#missing.note(operation, subject),
      onStore: (store, reason) => this.records.connect(store, reason),
      onErased: () => this.records.claims.noteErased(),
      onRecords: (values) => this.records.take(values),
      onBansRead: () => this.firstBans.read(),
      onRecordsComplete: () => this.records.complete(),
    });
    this.firstBans = new FirstBans(() => this.#inquiries.ask(ALL_BANS, now()));
    this.#watchTable();
    this.#timer = setInterval(() => this.#tick(), clusterLimits.tickMs);
  }

  /** How it is doing. */
  get stats(): ClusterStats {
    return {
      ...this.#table.counts(now()),
      remoteUsers: this.#users.size,
      isConnected: this.#isConnected,
      canClaim: this.records.canWrite && this.#inquiries.isAnswered,
      unopened: this.#unopened,
    };
  }

  /** The user of a session at another server. */
  find(session: string): RemoteUser | undefined {
    return this.#users.find(session);
  }

  /** Asks the server that owns a session; nobody if none does. An end is told to all: that server may be gone. */
  askOwner(session: string, request: RemoteRequest | NodeRequest): void {
    if (request.type === "end") return this.#end(session, request.identity);
    const owner = this.#table.ownerOf(session);
    if (owner !== undefined) this.#table.request(owner, request);
  }

  /** Tells the others that this server stops, and disconnects. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#server.tables.presence.onChange = () => {};
    this.#table.leave();
    const written = this.records.close();
    this.#inquiries.close();
    this.firstBans.end();
    this.#work.length = 0;
    await Promise.all([this.#bus.close(), written]);
  }

  #subjects(): string[] {
    const id = this.#id.toHex();
    const own = ["snap", "rows", "to", "known", "bans"].map((word) =>
      `${this.#prefix}${word}.${id}`
    );
    return [...WORDS_FOR_ALL.map((word) => `${this.#prefix}${word}.*`), ...own];
  }

  /** Tells the others of what changes here, and of all that is here already. */
  #watchTable(): void {
    const { presence } = this.#server.tables;
    for (const add of presence.rows) this.#table.put(sessionIn(add), add);
    presence.onChange = (owner, update) => {
      if (owner instanceof RemoteUser) return;
      if ("add" in update) this.#table.put(sessionIn(update.add), update.add);
      else this.#table.delete(update.session.toHex());
      if (this.#isFlushDue) return;
      this.#isFlushDue = true;
      setImmediate(() => {
        this.#isFlushDue = false;
        this.#table.flush();
      });
    };
  }

  /** The row of the session before goes at once, so that nobody sees both. */
  #end(session: string, identity: Uint8Array): void {
    this.#isEnding = true;
    this.#table.end(session, identity.toHex());
    this.#isEnding = false;
  }

  #change(change: RowChange): void {
    const work = () => this.#users.apply(change);
    if (this.#isEnding && this.#work.length === 0) this.#guard(work);
    else this.#queue(work);
  }

  #send(message: ClusterMessage, to: string | undefined): void {
    const subject = this.#subjectOf(message, to ?? this.#id.toHex());
    this.#bus.publish(subject, this.#sealer.seal(subject, encodeClusterMessage(message)));
  }

  /** @param node whom it goes to; if it goes to all, who it comes from */
  #subjectOf({ type }: ClusterMessage, node: string): string {
    return `${this.#prefix}${type === "ask" ? "snap" : type}.${node}`;
  }

  #receive(subject: string, bytes: Uint8Array): void {
    const isLimited = bytes.length > MAX_MESSAGE_BYTES ||
      !this.#opener.isFromKnown(bytes) && !this.#strangers.take(now());
    const opened = isLimited ? undefined : this.#opener.open(subject, bytes);
    if (opened === undefined) {
      const isRepeated = !isLimited && this.#opener.isSealed(subject, bytes);
      return isRepeated ? undefined : this.#noteUnopened();
    }
    this.#guard(() => {
      const message = decodeClusterMessage(opened.body);
      if (message === undefined) return; // of a later version
      const isForAll = WORDS_FOR_ALL.includes(message.type);
      const node = isForAll ? opened.node : this.#id.toHex();
      if (subject === this.#subjectOf(message, node)) {
        this.#take(opened.node, message);
      }
    });
  }

  #take(from: string, message: ClusterMessage): void {
    switch (message.type) {
      case "name": {
        if (from !== this.#id.toHex()) return void this.#answer(from, message);
        return this.#inquiries.take(from, { ...message, type: "known", isKnown: false });
      }
      case "known":
        return this.#inquiries.take(from, message);
      case "bans":
        return this.records.bans.hear(message.bans);
      default:
        return this.#table.receive(from, message, now());
    }
  }

  /** Never rejects. */
  async #answer(
    from: string,
    { request, key }: Extract<ClusterMessage, { type: "name" }>,
  ): Promise<void> {
    const isAboutBans = key === ALL_BANS;
    if (isAboutBans) {
      for (const bans of this.records.bans.inParts()) this.#send({ type: "bans", bans }, from);
    }
    const isKnown = isAboutBans ? false : await this.records.claims.recall(key);
    this.#send({ type: "known", request, isKnown }, from);
  }

  /** Adds work, which is done a little at a time: many rows lead to much of it. */
  #queue(work: () => void): void {
    this.#work.push(work);
    if (this.#isWorking) return;
    this.#isWorking = true;
    setImmediate(() => this.#doWork());
  }

  #doWork(): void {
    const start = now();
    let at = 0;
    for (; at < this.#work.length && now() - start < WORK_SLICE_MS; at++) {
      const work = this.#work[at];
      if (work !== undefined) this.#guard(work);
    }
    this.#work.splice(0, at);
    this.#isWorking = this.#work.length > 0;
    if (this.#isWorking) setImmediate(() => this.#doWork());
  }

  /** Does work that a message of another node asks for, which must not end this one. */
  #guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!this.#mayLogBroken()) return;
      logger.error("cluster: a message of another node can't be read: {reason}", {
        reason: reasonOf(error),
      });
    }
  }

  #noteUnopened(): void {
    this.#unopened++;
    if (!this.#mayLogUnopened()) return;
    logger.warning(
      "cluster: dropped {count} messages on mim.{cluster} that this server's key has not sealed: " +
        "another server there has another server.key or server.key.was, or somebody without it publishes there",
      { count: this.#unopened - this.#unopenedLogged, cluster: this.#cluster },
    );
    this.#unopenedLogged = this.#unopened;
  }

  #connect(at: string): void {
    this.#isConnected = true;
    this.#inquiries.connect(now());
    void this.firstBans.connect();
    logger.info(
      "cluster: joined {cluster} at {at} as node {node}, with the names in {bucket}",
      {
        cluster: this.#cluster,
        at,
        bucket: this.#bucket,
        node: shownNode(this.#id.toHex()),
      },
    );
    this.#table.beat(now()); // so that others notice at once what they have missed
  }

  #disconnect(reason: string): void {
    const wasConnected = this.#isConnected;
    this.#isConnected = false;
    this.#inquiries.disconnect();
    this.firstBans.end();
    // After a loss it is said once why there is no connection since then: a login was refused, perhaps.
    const isWhy = this.#lostBy !== undefined && reason !== this.#lostBy;
    if (!this.#mayLogFailure() && !wasConnected && !isWhy) return;
    this.#lostBy = wasConnected ? reason : undefined;
    logger.error(
      "cluster: no connection to NATS ({reason}): this server serves its own users, and shows those of " +
        "others as it last knew them, ten minutes at most",
      { reason },
    );
  }

  #tick(): void {
    const time = now();
    this.#table.tick(time);
    this.#noteSilence(time);
    if (this.#isConnected) this.#inquiries.tick(time);
    this.records.tick();
  }

  #noteSilence(time: number): void {
    for (const { node, silenceMs } of this.#table.nodes(time)) {
      if (silenceMs < clusterLimits.silenceMs || !this.#mayLogSilence()) continue;
      const seconds = Math.round(silenceMs / 1000);
      logger.warning("cluster: not heard of node {node} for {seconds} s", {
        node: shownNode(node),
        seconds,
      });
    }
  }
}

function sessionIn(add: Uint8Array): string {
  return entryInAdd(add).session.toHex();
}
