import { type Network, systemNetwork } from "./network.ts";

/** Each thread has a queue of its own, as long as that of a program without threads. */
const BACKLOG = 4_096;

/** The machine's own network, where threads of the program listen at one port, and share what comes. */
export const sharedPortNetwork: Network = {
  ...systemNetwork,
  listen: ({ hostname, port }) =>
    Deno.listen({ hostname, port, tcpBacklog: BACKLOG, reusePort: true }),
};
