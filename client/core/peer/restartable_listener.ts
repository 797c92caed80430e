import type { OwnListener } from "../components.ts";
import { ClientError, describeListenError } from "../errors.ts";
import type { PeerListener } from "./listener.ts";

interface ListenOptions {
  readonly hostname?: string;
  /** Default: the system picks one. */
  readonly port?: number;
  /** Whether another port will do if that one is taken. */
  readonly mayMove?: boolean;
  /** Called if nothing can listen there: then another port will do, or else the default address. */
  readonly onUnusable?: ((error: ClientError) => void) | undefined;
}

interface ListenFacts {
  readonly hostname?: string;
  readonly port: number;
  readonly isFixed: boolean;
  /** The port that it should have, but could not get. */
  readonly takenPort?: number;
}

type Listen = (hostname: string | undefined, port: number) => PeerListener;

/** The own listener over all logins: each start after a stop opens a new one at the same place. */
export class RestartableListener implements OwnListener {
  hostname: string | undefined;
  /** The port of the options; 0 if the system picks one. */
  readonly #port: number;
  readonly #mayMove: boolean;
  readonly #onUnusable: ((error: ClientError) => void) | undefined;
  readonly #listen: Listen;
  #listener: PeerListener | undefined;

  constructor(
    { hostname, port = 0, mayMove = false, onUnusable }: ListenOptions,
    listen: Listen,
  ) {
    this.hostname = hostname;
    this.#port = port;
    this.#mayMove = mayMove;
    this.#onUnusable = onUnusable;
    this.#listen = listen;
  }

  /** The address of the listener, for diagnostics; undefined if it does not listen. */
  get facts(): ListenFacts | undefined {
    if (this.#listener === undefined) return undefined;
    const { port } = this.#listener;
    return {
      ...this.hostname !== undefined && { hostname: this.hostname },
      port,
      isFixed: this.#port !== 0,
      ...this.#port !== 0 && port !== this.#port && { takenPort: this.#port },
    };
  }

  start(): number {
    this.#listener ??= this.#open();
    return this.#listener.port;
  }

  stop(): void {
    this.#listener?.close();
    this.#listener = undefined;
  }

  /** Listens at the port, or elsewhere if that does not work and another place will do. */
  #open(): PeerListener {
    const [hostname, port] = [this.hostname, this.#port];
    try {
      return this.#listen(hostname, port);
    } catch (cause) {
      const details = { hostname, port, reason: describeListenError(cause) };
      const error = new ClientError("cannot-listen", details, { cause });
      const isTaken = cause instanceof Deno.errors.AddrInUse;
      if (this.#mayMove && isTaken) return this.#listenAtAny(hostname, error);
      if (this.#onUnusable === undefined) throw error;
      // If the port is the trouble, the address stays: it may be this machine's own alone.
      const isPort = isTaken || cause instanceof Deno.errors.PermissionDenied;
      const otherHost = port !== 0 && isPort ? hostname : undefined;
      const listener = this.#listenAtAny(otherHost, error);
      this.hostname = otherHost;
      this.#onUnusable(error);
      return listener;
    }
  }

  /** @throws {ClientError} that of the port that was wanted, if no other one will do */
  #listenAtAny(hostname: string | undefined, error: ClientError): PeerListener {
    try {
      return this.#listen(hostname, 0);
    } catch {
      throw error;
    }
  }
}
