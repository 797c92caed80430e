/**
 * The wire: bytes to messages and back. Knows nothing of sockets, timers, the clock or Deno.
 *
 * @module
 */

export * from "./text/address.ts";
export * from "./mim2/server_decoder.ts";
export * from "./codec/frame.ts";
export * from "./classic/chat.ts";
export * from "./codec/decoder.ts";
export * from "./text/sanitize.ts";
export * from "./errors.ts";
export * from "./mim2/statements.ts";
export * from "./text/ip_address.ts";
export * from "./limits.ts";
export * from "./codec/line.ts";
export * from "./mim2/announcement.ts";
export * from "./mim2/peer_messages.ts";
export type { Availability, Reachability } from "./mim2/fields.ts";
export * from "./mim2/login.ts";
export * from "./mim2/preamble.ts";
export * from "./mim2/server_messages.ts";
export * from "./crypto/noise.ts";
export * from "./classic/presence.ts";
export * from "./codec/qdatastream.ts";
export * from "./crypto/safety_number.ts";
export * from "./text/name_key.ts";
export * from "./text/user_name.ts";
export * from "./classic/welcome.ts";
