import { formatAddress } from "../../protocol/mod.ts";
import { ClientError, type Messenger } from "../core/mod.ts";
import type { EmbeddedServer } from "./embedded_server.ts";

/**
 * Logs in; where no server was named and none answers here, runs one.
 *
 * @param local what to run then
 * @param login how to log in; as before where left out
 */
export async function loginOrHost(
  messenger: Messenger,
  mayHost: boolean,
  local: EmbeddedServer,
  login: () => Promise<void> = () => messenger.login(),
): Promise<void> {
  try {
    return await login();
  } catch (error) {
    const nobody = error instanceof ClientError && error.code === "server-unreachable";
    if (!mayHost || !nobody) throw error;
  }
  const hosted = await local.start();
  try {
    await login();
  } catch (error) {
    if (hosted || !(error instanceof ClientError)) throw error;
    if (error.code !== "server-unreachable") throw error;
    const { server } = messenger;
    const where = formatAddress(server.hostname, server.port);
    const text = `port ${server.port} of this machine is taken, but nothing answers at ${where}: ` +
      "a MIM server may listen at another address of it";
    throw new ClientError("server-unreachable", text, { cause: error });
  }
}
