/**
 * Connections with peers, in both dialects: dialed, taken, and with the keys proven. Decides nothing
 * about whom to talk to.
 *
 * @module
 */

export { ClassicConnection } from "./classic_connection.ts";
export { dialUser, whyNotDialed } from "./dial.ts";
export { FileLink } from "./file_link.ts";
export { PeerListener, type PeerListenerHandlers } from "./listener.ts";
export { RestartableListener } from "./restartable_listener.ts";
export { SecureConnection, type SecureMessage } from "./secure_connection.ts";
export { type Callee, dialFileLink, dialSecure } from "./secure_dialer.ts";
