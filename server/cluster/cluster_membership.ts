import type { LinkLogin } from "../../protocol/mod.ts";
import type { SharedBan } from "../admins/mod.ts";
import type { RemoteRequest } from "../mim2/mod.ts";
import type { ClusterOptions } from "../options.ts";
import type { UserSession } from "../session/mod.ts";
import type { ClusterStats } from "../stats.ts";
import type { ClusterNode, ClusterServer } from "./cluster_node.ts";

/** A server's place in a cluster, from before all of it is loaded. */
export class ClusterMembership {
  /** Resolves once the server is a node of the cluster, connected or not. */
  readonly joined: Promise<void>;
  #node: ClusterNode | undefined;

  /** Joins; `joined` rejects with a RangeError if an option does not fit. */
  constructor(options: ClusterOptions, server: ClusterServer) {
    this.joined = this.#join(options, server);
    this.joined.catch(() => {}); // whoever does not ask need not know
  }

  /** How the cluster is doing; undefined before this server is a node of it. */
  get stats(): ClusterStats | undefined {
    return this.#node?.stats;
  }

  /** The user of a session at another server. */
  find(session: string): UserSession | undefined {
    return this.#node?.find(session);
  }

  /** Asks the server that owns a session; nobody if none does. */
  askOwner(session: string, request: RemoteRequest): void {
    this.#node?.askOwner(session, request);
  }

  /** Tells the others who is banned, or not any more; resolves to whether that is done now, else it is later. */
  spread(ban: SharedBan): Promise<boolean> {
    return this.#node?.spread(ban) ?? Promise.resolve(false);
  }

  /**
   * Settles whose a name is before its key logs in.
   *
   * @returns undefined if that is known here; resolves to whether it is from now on, and never rejects
   */
  settle(name: string, { identity, rotations }: LinkLogin): Promise<boolean> | undefined {
    if (this.#node !== undefined) return this.#node.settle(name, identity, rotations);
    return this.joined.then(
      () => this.#node?.settle(name, identity, rotations) ?? this.#node !== undefined,
      () => false,
    );
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
