import { decodeUpdate } from "../protocol/mod.ts";
import type { RejectionCode } from "./admission/mod.ts";

/** Bytes of a frame's length. */
const FRAME_LENGTH_BYTES = 2;

/** How the cluster of a server is doing, as the server sees it. */
export interface ClusterStats {
  /** Whether the server is connected to NATS. */
  readonly isConnected: boolean;
  /** Whether names that are new can be claimed. */
  readonly canClaim: boolean;
  /** Other servers. */
  readonly nodes: number;
  /** Users at other servers. */
  readonly remoteUsers: number;
  /** Messages with changes of others that have not come yet. */
  readonly lag: number;
  /** The silence of the server that is silent for longest, in milliseconds. */
  readonly silenceMs: number;
  /** How often something of another server's changes was missing, from the start on. */
  readonly gaps: number;
  /** Messages that no server with this key has sealed, from the start on. */
  readonly unopened: number;
}

/** How a server is doing at one moment. Counters count from its start. */
export interface ServerStats {
  /** Users online at this server. */
  readonly users: number;
  /** Users online with MIM/2. */
  readonly mim2Users: number;
  /** The number of these that get only the rows that they watch. */
  readonly watchingUsers: number;
  /** Open connections, logged in or not. */
  readonly connections: number;
  /** Logins accepted. */
  readonly logins: number;
  /** Logins accepted in MIM/2. */
  readonly mim2Logins: number;
  /** Users who left, for any reason. */
  readonly logouts: number;
  /** Connections that the server rejected or closed, by reason. */
  readonly rejections: ReadonlyMap<RejectionCode, number>;
  /** Failures to accept a connection, for example for want of file descriptors. */
  readonly acceptFailures: number;
  /** Bytes written to clients. */
  readonly bytesOut: number;
  /** Changes of the online table that were broadcast. */
  readonly updates: number;
  /** Bytes of memory held by the update log. */
  readonly logBytes: number;
  /** How many bytes of updates the slowest client is behind. */
  readonly slowestLag: number;
  /** Probes of MIM/2 clients' listeners, by result. */
  readonly probes: { readonly reachable: number; readonly unreachable: number };
  /** Why the data folder can't be used right now; undefined if it can, or there is none. */
  readonly dataProblem: string | undefined;
  /** The cluster with whose servers it shares a table; undefined if there is none. */
  readonly cluster: ClusterStats | undefined;
}

/** The counters from the start on. */
type CounterValues = Pick<
  ServerStats,
  "logins" | "mim2Logins" | "logouts" | "rejections" | "acceptFailures" | "bytesOut"
>;

/** The counters of {@linkcode ServerStats}. */
export class Counters {
  logins = 0;
  mim2Logins = 0;
  logouts = 0;
  acceptFailures = 0;
  bytesOut = 0;
  readonly rejections = new Map<RejectionCode, number>();

  /** All of them, as they are now. */
  get values(): CounterValues {
    const { logins, mim2Logins, logouts, rejections, acceptFailures, bytesOut } = this;
    return { logins, mim2Logins, logouts, rejections, acceptFailures, bytesOut };
  }

  /** Counts a rejection. */
  rejected(code: RejectionCode): void {
    this.rejections.set(code, (this.rejections.get(code) ?? 0) + 1);
  }
}

/** Somebody who is online. */
export interface LoggedInUser {
  /** As others see it. */
  readonly name: string;
  /** The IP address as the server sees it. */
  readonly address: string;
  /** The port at which peers reach the user. */
  readonly port: number;
  /** The public key, 32 bytes; undefined for a classic client. */
  readonly key: Uint8Array | undefined;
}

/** @param add the bytes of the user's Add */
export function loggedInUser(
  address: string,
  add: Uint8Array,
  key: Uint8Array | undefined,
): LoggedInUser {
  const { name, port } = decodeUpdate(add.subarray(FRAME_LENGTH_BYTES)).entry;
  return { name, address, port, key };
}
