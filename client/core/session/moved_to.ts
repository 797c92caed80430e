import {
  addressBlock,
  isIpAddress,
  limits,
  parseServerAddress,
  plainAddress,
  refusalCodes,
  type ServerAddress,
} from "../../../protocol/mod.ts";
import type { DisconnectCause } from "../error_details.ts";

/**
 * The server that goes on in a server's place, as it says: a link to an IP address in the block of one
 * of these addresses, so that no server can make this client dial elsewhere. Undefined for anything else.
 */
export function movedTo(
  end: DisconnectCause,
  near: readonly string[],
): (ServerAddress & { readonly key: Uint8Array }) | undefined {
  if (end.type !== "rejected" || end.code !== refusalCodes.moved) return undefined;
  const server = linkIn(end.text);
  if (server?.key === undefined || server.port < limits.firstUserPort) return undefined;
  if (!isIpAddress(server.hostname)) return undefined;
  const block = addressBlock(plainAddress(server.hostname));
  const isNear = near.some((address) => addressBlock(plainAddress(address)) === block);
  return isNear ? { ...server, key: server.key } : undefined;
}

function linkIn(text: string): ServerAddress | undefined {
  try {
    return parseServerAddress(text);
  } catch {
    return undefined;
  }
}
