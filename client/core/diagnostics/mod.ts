/**
 * Looks at the server, the own listener and the peers, and finds what is wrong. Changes nothing, and
 * puts nothing into words.
 *
 * @module
 */

export { collectDiagnostics } from "./collect.ts";
export {
  diagnose,
  type Diagnostics,
  type DiagnosticsProblem,
  MAX_CLOCK_SKEW_MS,
  type PeerDiagnostics,
} from "./diagnose.ts";
