import type { Listener, Network } from "../../server/mod.ts";

/**
 * A network where so many who dial reset again before anybody accepts them: each of those has the
 * listener's `accept` reject once, before all that is accepted.
 */
export function hastyNetwork(network: Network, many: number): Network {
  return {
    connect: (to) => network.connect(to),
    listen: (at) => hastyListener(network.listen(at), many),
  };
}

function hastyListener(listener: Listener, many: number): Listener {
  let left = many;
  return {
    get addr() {
      return listener.addr;
    },
    async accept() {
      if (left-- > 0) throw new Deno.errors.NotConnected("Transport endpoint is not connected");
      return await listener.accept();
    },
    close: () => listener.close(),
  };
}
