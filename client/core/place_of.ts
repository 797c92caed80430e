import { formatAddress, type HostPort } from "../../protocol/mod.ts";

/** The address of a server, to compare it with others and to look up its key: host names don't differ by case. */
export function placeOf({ hostname, port }: HostPort): string {
  return formatAddress(hostname.toLowerCase(), port);
}
