import type { RejectionCode } from "./admission/rejection.ts";

/** How a server is doing, at one moment. Counters count from its start. */
export interface ServerStats {
  /** Users online. */
  readonly users: number;
  /** Those of them who speak MIM/2. */
  readonly mim2Users: number;
  /** Connections open, logged in or not. */
  readonly connections: number;
  /** Logins taken. */
  readonly logins: number;
  /** Those of them in MIM/2. */
  readonly mim2Logins: number;
  /** Users who went, however. */
  readonly logouts: number;
  /** Connections that the server closed, or did not take, by reason. */
  readonly refusals: ReadonlyMap<RejectionCode, number>;
  /** How often no connection could be accepted: there was no file descriptor left, say. */
  readonly acceptFailures: number;
  /** Bytes written to clients. */
  readonly bytesOut: number;
  /** Changes of the table that everybody was told of. */
  readonly updates: number;
  /** Bytes of memory held by the update log. */
  readonly logBytes: number;
  /** How many bytes of updates the slowest client is behind. */
  readonly slowestLag: number;
  /** Probes of MIM/2 clients' listeners, by what they found. */
  readonly probes: { readonly reachable: number; readonly unreachable: number };
}

/** The counters of {@linkcode ServerStats} while they count. */
export class Counters {
  logins = 0;
  mim2Logins = 0;
  logouts = 0;
  acceptFailures = 0;
  bytesOut = 0;
  readonly refusals = new Map<RejectionCode, number>();

  /** Counts a refusal. */
  refused(code: RejectionCode): void {
    this.refusals.set(code, (this.refusals.get(code) ?? 0) + 1);
  }
}
