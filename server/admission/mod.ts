/**
 * Which connections the server takes, and the reasons for which it closes one.
 *
 * @module
 */

export { ConnectionLimits } from "./connection_limits.ts";
export {
  type Rejection,
  type RejectionCode,
  rejectionNotice,
  shutdownNotice,
} from "./rejection.ts";
