/**
 * What MIM/2 adds to the server: keys and names, status, reachability, pings and callbacks.
 *
 * @module
 */

export { entryInAdd } from "./row_index.ts";
export { encodeChange, SealedPresence } from "./sealed_presence.ts";
export { Mim2Service, type Probes } from "./service.ts";
export type { RemoteRequest } from "./session_requests.ts";
