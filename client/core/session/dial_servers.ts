import { formatAddress, type ServerAddress } from "../../../protocol/mod.ts";
import type { Network } from "../../../server/platform/net/network.ts";
import { ClientError } from "../errors.ts";
import { ServerConnection } from "./server_connection.ts";

/**
 * Connects to the first of these servers that answers.
 *
 * @param hasIdentity whether this client has a key: without one, no server of a link is dialed
 * @param silent places, as `formatAddress` has them, that take connections and say nothing: they come last
 * @param onLast called when no other one is left to be tried
 * @throws {ClientError} `server-unreachable` if none answers; `invalid-state` for a link without a key
 */
export async function dialServers(
  network: Network,
  servers: readonly ServerAddress[],
  hasIdentity: boolean,
  silent: ReadonlySet<string>,
  signal: AbortSignal,
  onLast: () => void = () => {},
): Promise<ServerConnection> {
  if (!hasIdentity && servers.some(({ key }) => key !== undefined)) {
    throw new ClientError("invalid-state", { reason: "link-without-identity" });
  }
  const failures: ClientError[] = [];
  const isSilent = ({ hostname, port }: ServerAddress) => silent.has(formatAddress(hostname, port));
  const inTurn = servers.toSorted((one, other) => Number(isSilent(one)) - Number(isSilent(other)));
  for (const server of inTurn) {
    if (server === inTurn.at(-1)) onLast();
    try {
      return await ServerConnection.dial(network, server, signal, silent);
    } catch (error) {
      if (signal.aborted || !(error instanceof ClientError)) throw error;
      failures.push(error);
    }
  }
  const [first, ...others] = failures;
  if (others.length === 0 || !first?.is("server-unreachable")) throw first;
  const reason = [first.details.reason, ...others.map(({ message }) => message)].join("; ");
  throw new ClientError("server-unreachable", { ...first.details, reason }, { cause: first });
}
