import { limits, parseServerAddress, type ServerAddress } from "../../../protocol/mod.ts";

/** Further records are left out. */
const MAX_SERVERS = 8;
/** The search domain is added by the system. */
const SERVICE = "_mim._tcp";

/** Looks up the SRV records of a name; that of this machine by default. */
export type LookUp = (name: string, signal: AbortSignal) => Promise<readonly Deno.SrvRecord[]>;

/**
 * The servers that DNS names for the search domain of this machine (SRV `_mim._tcp`), the preferred
 * first; none if there are no such records. A target is only an address: it is never asked for records
 * of its own, so that records in a circle lead nowhere.
 */
export async function findByDns(
  signal: AbortSignal,
  lookUp: LookUp = systemLookUp,
): Promise<ServerAddress[]> {
  const records = await lookUp(SERVICE, signal).catch(() => []);
  const sorted = records.toSorted((one, other) =>
    one.priority - other.priority || other.weight - one.weight
  );
  return sorted.flatMap(placeOf).slice(0, MAX_SERVERS);
}

function placeOf({ target, port }: Deno.SrvRecord): ServerAddress[] {
  if (port < limits.firstUserPort) return [];
  try {
    return [parseServerAddress(`${target.replace(/\.$/, "")}:${port}`)];
  } catch {
    return []; // "." means that there is none
  }
}

async function systemLookUp(name: string, signal: AbortSignal): Promise<Deno.SrvRecord[]> {
  return await Deno.resolveDns(name, "SRV", { signal });
}
