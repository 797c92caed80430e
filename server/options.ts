import type { Network } from "./platform/net/network.ts";

/** How a {@linkcode MimServer} is to run. Everything has a default. */
export interface ServerOptions {
  /** The address to listen at; every address of the machine where it is left out. */
  readonly hostname?: string;
  /** The TCP port; 0 lets the system pick. Default: 4242. */
  readonly port?: number;
  /** The text that clients are shown on connect: at most 64 lines and 8 KiB. */
  readonly welcome?: string;
  /** Users online at once; 0, the default, lifts the limit. */
  readonly maxUsers?: number;
  /** Connections at once from one address, loopback exempt; 0 lifts the limit. Default: 1,024. */
  readonly maxPerAddress?: number;
  /** New connections a minute from one address, loopback exempt; 0 lifts the limit. Default: 1,200. */
  readonly maxRate?: number;
  /** Milliseconds from a connection to its login, and from there for the table. Default: 30,000. */
  readonly loginTimeoutMs?: number;
  /** Milliseconds of silence after which clients are sent a keep-alive. Default: 120,000. */
  readonly keepAliveIntervalMs?: number;
  /**
   * A folder for the server's key and for whose name is whose; made where it is not there. Without it
   * the server speaks classic MIM only.
   */
  readonly data?: string;
  /** Days after which a name that its key does not use is free again; 0 for never. Default: 90. */
  readonly claimDays?: number;
  /** Whether a classic client is refused a name that belongs to a key. Default: false. */
  readonly strictNames?: boolean;
  /** Milliseconds between two pings of a MIM/2 client. Default: 30,000. */
  readonly pingIntervalMs?: number;
  /** Is handed now and then how long it took until everybody was told of a change, in ms. */
  readonly onBroadcast?: (milliseconds: number) => void;
  /** The network to listen on. Default: the machine's own. */
  readonly network?: Network;
}
