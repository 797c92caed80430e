import type { Connection, Network } from "../../server/mod.ts";
import { wrapConnection } from "./faults.ts";

/** How long a byte takes between a far machine and the others, in milliseconds. */
const FAR_MS = 100;

/** A machine in a network of its own, from which bytes take a tenth of a second each way. */
export function farAway(network: Network): Network {
  const late = () => new Promise((resolve) => setTimeout(resolve, FAR_MS));
  return {
    listen: (at) => network.listen(at),
    async connect(to): Promise<Connection> {
      await late();
      const connection = await network.connect(to);
      await late();
      return wrapConnection(connection, {
        async read(buffer) {
          const length = await connection.read(buffer);
          await late();
          return length;
        },
        async write(bytes) {
          await late();
          return await connection.write(bytes);
        },
      });
    },
  };
}
