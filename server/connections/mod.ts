/**
 * The connections of one thread: accepts them, has each keep to its deadlines, and closes them. Does not
 * know who is online; it asks whoever does.
 *
 * @module
 */

export { ConnectionAdmission } from "./connection_admission.ts";
export { Connections } from "./connections.ts";
export type { SessionOwner } from "./session_owner.ts";
