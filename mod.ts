/**
 * MIM, the mini instant messenger: what it takes to embed a central server, and a client without a face.
 * The wire format is in `@mim/mim/protocol`, and the server with its types in `@mim/mim/server`.
 *
 * **Without an `identity` a messenger speaks classic MIM alone**, and nothing is encrypted; a server
 * without `data` does, too.
 *
 * @example A bot that says back what one says to it, encrypted, and has the same key in each run
 * ```ts
 * import { connect, loadIdentity, MimServer } from "@mim/mim";
 *
 * const folder = await Deno.makeTempDir(); // a bot's own stays
 * await using server = MimServer.listen({ hostname: "127.0.0.1", port: 0, data: `${folder}/server` });
 * await using bot = await connect(`127.0.0.1:${server.port}`, {
 *   name: "echo",
 *   identity: await loadIdentity(`${folder}/bot`),
 * });
 * bot.addEventListener("message", ({ chat, message }) => {
 *   chat.send(message.text).catch(console.error);
 * });
 * ```
 *
 * @module
 */

export * from "./client/mod.ts";
export {
  type ActionKind,
  type Availability,
  type Capability,
  type HostPort,
  parseAddress,
  type RoomEntry,
  type RoomPolicy,
  sanitizeName,
  sanitizeText,
} from "./protocol/mod.ts";
export { MimServer, type Network, type ServerOptions } from "./server/mod.ts";
