import type { Connection, Network, SocketAddress } from "../../server/mod.ts";

/**
 * A network on which everything that is read takes as many turns of the event loop as a test says, so
 * that what happens at once happens in every order.
 *
 * @param turns how many turns the next read takes
 */
export function lateNetwork(network: Network, turns: () => number): Network {
  const late = (connection: Connection): Connection => ({
    remoteAddr: connection.remoteAddr,
    localAddr: connection.localAddr,
    async read(buffer) {
      for (let turn = turns(); turn > 0; turn--) {
        await new Promise((resolve) => setTimeout(resolve));
      }
      return await connection.read(buffer);
    },
    write: (bytes) => connection.write(bytes),
    closeWrite: () => connection.closeWrite(),
    close: () => connection.close(),
    setNoDelay: (noDelay) => connection.setNoDelay(noDelay),
  });
  return {
    listen(at: SocketAddress) {
      const listener = network.listen(at);
      return {
        addr: listener.addr,
        accept: async () => late(await listener.accept()),
        close: () => listener.close(),
      };
    },
    connect: async (to) => late(await network.connect(to)),
  };
}
