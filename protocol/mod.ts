/**
 * The wire: bytes to messages and back. Knows nothing of sockets, timers, the clock or Deno.
 *
 * @module
 */

export * from "./address.ts";
export * from "./any_server.ts";
export * from "./block.ts";
export * from "./chat.ts";
export * from "./decoder.ts";
export * from "./display_text.ts";
export * from "./errors.ts";
export * from "./identity.ts";
export * from "./ip_address.ts";
export * from "./limits.ts";
export * from "./line.ts";
export * from "./mim2_announcement.ts";
export * from "./mim2_chat.ts";
export type { Availability, Reachability } from "./mim2_fields.ts";
export * from "./mim2_login.ts";
export * from "./mim2_opening.ts";
export * from "./mim2_server.ts";
export * from "./noise.ts";
export * from "./presence.ts";
export * from "./qt.ts";
export * from "./safety_number.ts";
export * from "./user_name.ts";
export * from "./welcome.ts";
