import type { Socket } from "node:net";
import {
  type ConnectionOptions,
  type NatsConnection,
  NatsConnectionImpl,
  setTransportFactory,
} from "@nats-io/transport-node";
import { nodeResolveHost, NodeTransport } from "@nats-io/transport-node/node_transport";

type Address = Parameters<NodeTransport["tlsFirst"]>[0];

/** Connects to NATS as `connect` of the library does, but no error of a socket ends the program. */
export function connectNats(options: ConnectionOptions): Promise<NatsConnection> {
  setTransportFactory({ factory: () => new Transport(), dnsResolveFn: nodeResolveHost });
  return NatsConnectionImpl.connect(options);
}

/**
 * The library's transport removes all listeners of a socket and only then closes it. If the other end resets the
 * connection in between, as it may after it has refused a login, nobody would handle that error.
 */
class Transport extends NodeTransport {
  override async dial(address: Address) {
    return withErrorListener(await super.dial(address));
  }

  override async tlsFirst(address: Address) {
    return withErrorListener(await super.tlsFirst(address));
  }

  override async startTLS() {
    return withErrorListener(await super.startTLS());
  }
}

/** Has a socket keep a listener for errors when all are removed. The library notices the end of it by itself. */
function withErrorListener<Kind extends Socket>(socket: Kind): Kind {
  const remove = socket.removeAllListeners.bind(socket);
  const ignore = () => {};
  socket.removeAllListeners = (...events) => {
    remove(...events);
    socket.on("error", ignore);
    return socket;
  };
  return socket.on("error", ignore);
}
