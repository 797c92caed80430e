import { DataDirError, joinAddress, joinHint, MimServer, type Network } from "../../server/mod.ts";
import { Messenger } from "../core/mod.ts";
import { localInterfaces } from "../../server/platform/net/interfaces.ts";

/** A central server inside the client's own process, and a user to try it with. */
export interface HostedServer {
  readonly server: MimServer;
  /** The address that others reach it at. */
  readonly address: string;
  /** The line that says how others join. */
  readonly joinLine: string;
  /** Why it speaks classic MIM alone, in words for users; undefined where it has a key. */
  readonly classic: string | undefined;
  /** Sends echo away and stops the server. */
  close(): Promise<void>;
}

/**
 * Starts a central server here, and brings a user named `echo` online who says back what one says.
 *
 * @param port the port to listen at
 * @param data where its key and names are kept; undefined where nothing can be
 * @throws {Deno.errors.AddrInUse} where somebody was faster
 */
export async function startHosting(
  port: number,
  data: string | undefined,
  network?: Network,
): Promise<HostedServer> {
  const { server, classic } = listen(port, data, network);
  const address = { hostname: "127.0.0.1", port: server.port };
  const echo = new Messenger({ name: "echo", server: address, network });
  echo.subscribe((event) => {
    if (event.type !== "message") return;
    // Whoever is gone before the answer has nothing to hear.
    echo.send(event.chat, event.message.text).catch(() => {});
  });
  try {
    await echo.login();
  } catch (error) {
    await server.close();
    throw error;
  }
  const interfaces = localInterfaces();
  return {
    server,
    classic,
    address: joinAddress(server.hostname, server.port, interfaces),
    joinLine: joinHint(server.hostname, server.port, interfaces),
    async close() {
      await echo.quit();
      await server.close();
    },
  };
}

/** A server with a key of its own, or without one where there is no place for it. */
function listen(
  port: number,
  data: string | undefined,
  network: Network | undefined,
): Pick<HostedServer, "server" | "classic"> {
  const welcome = "Welcome to MIM.\nThis server runs inside a client, and ends with it.";
  let classic = data === undefined ? "nothing can be kept here" : undefined;
  if (data !== undefined) {
    try {
      return { server: MimServer.listen({ port, welcome, network, data }), classic };
    } catch (error) {
      if (!(error instanceof DataDirError)) throw error;
      classic = error.message;
    }
  }
  return { server: MimServer.listen({ port, welcome, network }), classic };
}
