import type { AccessKind, AccessRules } from "./admission/mod.ts";
import type { Network } from "./platform/net/network.ts";

/** The result of a ban, or of lifting one. */
export interface BanResult {
  /** How many sessions are known to have ended by it, those at other servers of the cluster too. */
  readonly ended: number;
  /** The reach of the change: this server, its whole cluster, or this server now and the cluster once that is reached. */
  readonly reach: "server" | "cluster" | "cluster-later";
  /** Why the cluster has not taken it yet, if it can be reached. */
  readonly reason?: string;
}

/** How a server joins others. */
export interface ClusterOptions {
  /** The engine's servers, as `nats://HOST:PORT`. */
  readonly servers: readonly string[];
  /** The cluster's name: letters, digits, `-` and `_`. Default: `mim`. */
  readonly name?: string;
  /**
   * A file with credentials for NATS: of the operator's mode, the seed of an nkey, or `USER:PASSWORD`. Without it
   * only servers on this machine are joined.
   */
  readonly credentials?: string;
  /** Whether to talk to NATS through TLS, and no other way. Default: false. */
  readonly tls?: boolean;
}

/** Options of a {@linkcode MimServer}. All have a default. */
export interface ServerOptions {
  /** The address to listen on. Default: every address of the machine. */
  readonly hostname?: string;
  /** The TCP port; 0 lets the system pick. Default: 4242. */
  readonly port?: number;
  /** The text that clients show on connect: at most 64 lines, and 8 KiB with the server's own line. */
  readonly welcome?: string;
  /** The version of the program, three numbers, which the welcome tells MIM/2 clients. Default: it tells none. */
  readonly version?: string;
  /** Users online at once; 0, the default, lifts the limit. */
  readonly maxUsers?: number;
  /** Connections at once from one address, loopback exempt; 0 lifts the limit. Default: 1,024. */
  readonly maxPerAddress?: number;
  /** New connections a minute from one address, loopback exempt; 0 lifts the limit. Default: 600. */
  readonly maxRate?: number;
  /** Time from a connection to its login, and then to take the table. Default: 30,000. */
  readonly loginTimeoutMs?: number;
  /** Silence after which clients get a keep-alive. Default: 120,000. */
  readonly keepAliveIntervalMs?: number;
  /** Time between two dials of a classic client's listener. Default: 300,000. */
  readonly classicDialIntervalMs?: number;
  /**
   * A folder for the server's key and the names that belong to keys; created if it is missing. Without
   * it the server speaks classic MIM only.
   */
  readonly data?: string;
  /** Days after which a name that its key does not use is free again; 0 for never. Default: 90. */
  readonly claimDays?: number;
  /** Whether to reject classic clients whose name belongs to a key. Default: false. */
  readonly strictNames?: boolean;
  /** Whether to let no classic client log in. Default: false. */
  readonly keysOnly?: boolean;
  /** Whether users can be in the lobby. Default: true. */
  readonly lobby?: boolean;
  /** The rules for logins. Default: everybody. */
  readonly access?: AccessRules;
  /**
   * Stores a ban that an admin orders, or lifts it, and returns the rules from then on; undefined if they are so
   * already. Without it, admins can only kick. In a cluster, bans are its own, and this only lifts earlier ones.
   */
  readonly onBan?: (
    kind: AccessKind,
    who: string,
    isBanned: boolean,
  ) => Promise<AccessRules | undefined>;
  /**
   * Whether the server may serve at this moment, if several share its data folder: it is looked at before each
   * connection and login, and while it may not, it writes no names. Default: always.
   */
  readonly mayServe?: () => boolean;
  /** Time between two pings of a MIM/2 client. Default: 30,000. */
  readonly pingIntervalMs?: number;
  /** Called now and then with the time that a change took to reach everyone, in milliseconds. */
  readonly onBroadcast?: (milliseconds: number) => void;
  /**
   * Up to how many users every client gets the whole table. Above that, MIM/2 clients that can do without get
   * only the rows that they watch. Default: 20,000.
   */
  readonly fullTable?: number;
  /**
   * Up to how many users online a classic client, which gets the whole table, is let in; 0 lifts the limit.
   * Those who are in stay. Default: 20,000.
   */
  readonly classicTable?: number;
  /** The network to listen on. Default: the machine's own. */
  readonly network?: Network;
  /**
   * How many threads serve clients, at the machine's own network; await `ready` then. With 1, the default, the
   * thread that starts the server does that, too.
   */
  readonly workers?: number;
  /** The module that such a thread runs, if the program is bundled: it calls `serveClients`. */
  readonly workerModule?: string | URL;
  /** The cluster whose online table it shares; it needs the data folder. Await `ready` then. Default: none. */
  readonly cluster?: ClusterOptions;
}
