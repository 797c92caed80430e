/**
 * One online table over several servers: each owns the rows of its users, tells the others, and settles with them
 * whose a name is. Loads itself only for servers that have a cluster, and NATS last.
 *
 * @module
 */

export { ClusterMembership } from "./cluster_membership.ts";
