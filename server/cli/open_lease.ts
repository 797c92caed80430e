import { getLogger } from "@logtape/logtape";
import { UsageError } from "../platform/cli/flags.ts";
import { holderOf } from "../platform/storage/lease.ts";
import { LeaseFile } from "../platform/storage/lease_file.ts";
import { throttle } from "../platform/util/throttle.ts";

const FAILURE_LOG_INTERVAL_MS = 60_000;

const logger = getLogger(["mim", "server"]);

/** The path of a data folder's lease, which says which server serves with it. */
export function leasePathIn(folder: string): string {
  return `${folder}/lease`;
}

/** The name of the server that has had the lease of a data folder last; undefined if it was given up. */
export function leaseHolderIn(folder: string): string | undefined {
  try {
    return holderOf(Deno.readTextFileSync(leasePathIn(folder)));
  } catch {
    return undefined; // a folder without a lease
  }
}

/**
 * Starts to want the lease of a data folder that several servers share.
 *
 * @param folder undefined if there is none
 * @throws {UsageError} if there is no folder to share
 */
export function openLease(
  seconds: number,
  folder: string | undefined,
): LeaseFile {
  if (folder === undefined) {
    throw new UsageError("--failover needs a data folder; name it with --data DIR");
  }
  Deno.mkdirSync(folder, { recursive: true, mode: 0o700 });
  const mayLog = throttle(FAILURE_LOG_INTERVAL_MS);
  return new LeaseFile(leasePathIn(folder), ownName(), seconds * 1000, {
    onWaiting: (holder = "another server") =>
      logger.info("standing by: {holder} holds the lease of {folder}", { holder, folder }),
    onFailure: (reason) => {
      if (mayLog()) logger.error("cannot use the lease: {reason}", { reason });
    },
  });
}

function ownName(): string {
  const { state } = Deno.permissions.querySync({ name: "sys", kind: "hostname" });
  return `${state === "granted" ? Deno.hostname() : "a server"}, process ${Deno.pid}`;
}
