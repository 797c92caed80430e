import type { ServerAddress } from "../../protocol/mod.ts";

/** A server, or several that are tried in turn. */
export type Servers = ServerAddress | readonly ServerAddress[];

export function listOf(servers: Servers): readonly ServerAddress[] {
  return "hostname" in servers ? [servers] : servers;
}

/** @throws {RangeError} if there is none */
export function firstOf(servers: Servers): ServerAddress {
  const [first] = listOf(servers);
  if (first === undefined) throw new RangeError("expected a server, got an empty list");
  return first;
}
