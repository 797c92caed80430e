import type { Network } from "../../../server/platform/net/network.ts";
import type { ServerAddress } from "../../../protocol/mod.ts";
import { ClientError } from "../errors.ts";
import { checkLink } from "../trust/mod.ts";
import { ServerConnection } from "./server_connection.ts";
import { ServerLink } from "./server_link.ts";
import { ServerReader } from "./server_reader.ts";

/**
 * Has a server prove the key of its link, on a connection for that alone: anybody can repeat what a
 * server announces, and answer sooner than it does.
 *
 * @throws {ClientError} `server-unreachable`, `server-key-mismatch`
 * @throws {ProtocolError} if it is no MIM server, or does not prove the key
 */
export async function proveServer(
  network: Network,
  server: ServerAddress,
  signal: AbortSignal,
): Promise<void> {
  const connection = await ServerConnection.dial(network, server, signal);
  const close = () => connection.close();
  signal.addEventListener("abort", close);
  const reader = new ServerReader();
  try {
    signal.throwIfAborted(); // perhaps just as the connection was made
    for await (const chunk of connection.chunks()) {
      for (const message of reader.push(chunk)) {
        if (message.type === "secured") return;
        if (message.type !== "welcome-end") continue;
        checkLink(server, message.offer);
        if (message.offer === undefined) break;
        reader.link = new ServerLink(connection, message.offer, close);
        reader.link.open();
      }
    }
    throw new ClientError("server-unreachable", { server, reason: "it has closed the connection" });
  } finally {
    signal.removeEventListener("abort", close);
    reader.link?.close();
    close();
  }
}
