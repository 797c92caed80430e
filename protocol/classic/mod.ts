/**
 * Classic MIM: welcome, login and updates of a server, lines of chat between peers.
 *
 * @module
 */

export * from "./chat.ts";
export * from "./presence.ts";
export * from "./welcome.ts";
