/**
 * MIM, the mini instant messenger: what it takes to embed a central server, a client without a face,
 * and the protocol's codecs and streams.
 *
 * @example A bot that says back what one says to it
 * ```ts
 * import { Messenger, MimServer } from "@mim/mim";
 *
 * await using server = MimServer.listen({ hostname: "127.0.0.1", port: 0 });
 * await using bot = new Messenger({
 *   name: "echo",
 *   server: { hostname: "127.0.0.1", port: server.port },
 * });
 * bot.subscribe((event) => {
 *   if (event.kind === "message") bot.send(event.chat, event.text).catch(console.error);
 * });
 * await bot.login();
 * ```
 *
 * @module
 */

export * from "./client/core/mod.ts";
export * from "./protocol/mod.ts";
export {
  type Connection,
  DataFolderError,
  type InterfaceAddress,
  type Listener,
  MimServer,
  type Network,
  type RefusalCode,
  type ServerOptions,
  type ServerStats,
  type SocketAddress,
  systemNetwork,
} from "./server/mod.ts";
