/**
 * One online table over several servers: each owns the rows of its users, tells the others, and settles with them
 * whose a name is. Loads itself only for servers that have a cluster, and NATS last.
 *
 * `ClusterMembership` loads `ClusterNode`, which puts three parts together: `ClusterTable`, with the rows of all nodes;
 * `SharedRecords`, with the names (`ClusterClaims`) and the bans (`ClusterBans`); and `NatsBus`, which alone knows NATS.
 *
 * @module
 */

export { ClusterMembership } from "./cluster_membership.ts";
