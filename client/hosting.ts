import { joinAddress, joinLine, localInterfaces } from "../server/join_command.ts";
import { MimServer, type Network } from "../server/mod.ts";
import { Messenger } from "./core/mod.ts";

/** A central server inside the client's own process, and a user to try it with. */
export interface Hosted {
  readonly server: MimServer;
  /** The address that others reach it at. */
  readonly address: string;
  /** The line that says how others join. */
  readonly joinLine: string;
  /** Sends echo away and stops the server. */
  close(): Promise<void>;
}

/**
 * Starts a central server here, and brings a user named `echo` online who says back what one says.
 *
 * @param port the port to listen at
 * @throws {Deno.errors.AddrInUse} where somebody was faster
 */
export async function host(port: number, network?: Network): Promise<Hosted> {
  const welcome = "Welcome to MIM.\nThis server runs inside a client, and ends with it.";
  const server = MimServer.listen({ port, welcome, network });
  const address = { hostname: "127.0.0.1", port: server.port };
  const echo = new Messenger({ name: "echo", server: address, network });
  echo.subscribe((event) => {
    if (event.kind !== "message") return;
    // Whoever is gone before the answer has nothing to hear.
    echo.send(event.chat, event.text).catch(() => {});
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
    address: joinAddress(server.hostname, server.port, interfaces),
    joinLine: joinLine(server.hostname, server.port, interfaces),
    async close() {
      await echo.quit();
      await server.close();
    },
  };
}
