import type { LinkLogin } from "../../protocol/mod.ts";
import type { Bans } from "../admins/mod.ts";
import type { ClassicService } from "../classic/mod.ts";
import type { ServerIdentity } from "../identity/mod.ts";
import type { Mim2Service } from "../mim2/mod.ts";
import type { ClusterOptions } from "../options.ts";
import type { ClusterStats } from "../stats.ts";
import type { ClusterNode, ClusterServer } from "./cluster_node.ts";

/**
 * A server's place in a cluster, from before all of it is loaded: does what other servers ask for, and has the
 * server's bans and requests reach them.
 */
export class ClusterMembership {
  /** Resolves once the server is a node of the cluster, connected or not. */
  readonly joined: Promise<void>;
  #node: ClusterNode | undefined;

  /**
   * Joins; `joined` rejects with a RangeError if an option does not fit.
   *
   * @param folder the server's data folder
   * @param bans with those that servers of a cluster share
   */
  constructor(
    options: ClusterOptions,
    folder: string,
    identity: ServerIdentity,
    bans: Bans,
    { table, broadcast }: ClassicService,
    mim2: Mim2Service,
  ) {
    if (bans.shared === undefined) throw new TypeError("expected bans to share");
    this.joined = this.#join(options, {
      identity,
      folder,
      tables: { classic: table, classicBroadcast: broadcast, presence: mim2.presence },
      onRequest: (request) => {
        if (request.type !== "kick") return mim2.requests.handleRemote(request, performance.now());
        const { session, reason } = request;
        mim2.sessionOf(session)?.end({ by: "rejected", code: "kicked", reason });
      },
      bans: bans.shared,
      onBans: (changed) => bans.takeShared(changed),
      namesInUse: () => mim2.namesInUse(),
    });
    this.joined.catch(() => {}); // whoever does not ask need not know
    bans.spread = (ban) => this.#node?.records.bans.spread(ban) ?? Promise.resolve(false);
    bans.whyNotSpread = () =>
      this.#node?.stats.isConnected === true ? this.#node.records.failure : undefined;
    mim2.requests.askOwner = (session, request) => this.#node?.askOwner(session, request);
    mim2.requests.findElsewhere = (session) => this.#node?.find(session);
    mim2.classicRows.finish(); // others are told of classic clients, too
  }

  /** How the cluster is doing; undefined before this server is a node of it. */
  get stats(): ClusterStats | undefined {
    return this.#node?.stats;
  }

  /** Resolves once this server knows who is banned, and may let others in; undefined from then on. */
  get bansKnown(): Promise<void> | undefined {
    if (this.#node !== undefined) return this.#node.firstBans.known;
    return this.joined.then(() => this.#node?.firstBans.known, () => {});
  }

  /**
   * Settles whose a name is before its key logs in.
   *
   * @returns undefined if that is known here; resolves to whether it is from now on, and never rejects
   */
  settle(name: string, { identity, rotations }: LinkLogin): Promise<boolean> | undefined {
    const settle = () => this.#node?.records.claims.settle(name, identity, rotations);
    if (this.#node !== undefined) return settle();
    return this.joined.then(() => settle() ?? this.#node !== undefined, () => false);
  }

  /** Tells the others that this server stops, and disconnects. */
  async close(): Promise<void> {
    if (this.#node === undefined) await this.joined.catch(() => {});
    await this.#node?.close();
  }

  async #join(options: ClusterOptions, server: ClusterServer): Promise<void> {
    const { joinCluster } = await import("./join_cluster.ts");
    this.#node = await joinCluster(options, server);
  }
}
