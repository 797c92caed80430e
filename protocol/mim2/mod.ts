/**
 * MIM/2: what it adds to the login and to updates, and what peers say inside of Noise.
 *
 * @module
 */

export * from "./announcement.ts";
export { type Availability, NONCE_LENGTH, type Reachability, SESSION_LENGTH } from "./fields.ts";
export * from "./login.ts";
export * from "./peer_messages.ts";
export * from "./preamble.ts";
export * from "./server_decoder.ts";
export * from "./server_messages.ts";
export * from "./statements.ts";
