/**
 * MIM, the mini instant messenger: a client without a user interface, and a central server to embed.
 * The wire format is in `@mim/mim/protocol`, and the server with its types in `@mim/mim/server`.
 *
 * **Without an `identity` a messenger speaks classic MIM only**, and nothing is encrypted. So does a
 * server without `data`.
 *
 * @example A bot that repeats what you write to it, encrypted, and has the same key in each run
 * ```ts
 * import { connect, loadIdentity, MimServer } from "@mim/mim";
 *
 * const folder = await Deno.makeTempDir(); // use a folder that stays
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
  type ServerAddress,
} from "./protocol/mod.ts";
export { MimServer, type Network, type ServerOptions } from "./server/mod.ts";
