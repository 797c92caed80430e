import type { OwnListener } from "../components.ts";
import { ClientError, describeListenError } from "../errors.ts";
import type { PeerListener } from "./listener.ts";

interface ListenOptions {
  readonly hostname?: string;
  /** Default: the system picks one. */
  readonly port?: number;
  /** Whether another port will do if that one is taken. */
  readonly mayMove?: boolean;
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
  readonly hostname: string | undefined;
  /** The port of the options; 0 if the system picks one. */
  readonly #port: number;
  readonly #mayMove: boolean;
  readonly #listen: Listen;
  #listener: PeerListener | undefined;

  constructor(
    { hostname, port = 0, mayMove = false }: ListenOptions,
    listen: Listen,
  ) {
    this.hostname = hostname;
    this.#port = port;
    this.#mayMove = mayMove;
    this.#listen = listen;
  }

  /** Where it listens, for diagnostics; undefined if it does not. */
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
    try {
      this.#listener ??= this.#open();
      return this.#listener.port;
    } catch (error) {
      const { hostname } = this;
      const details = { hostname, port: this.#port, reason: describeListenError(error) };
      throw new ClientError("cannot-listen", details, { cause: error });
    }
  }

  stop(): void {
    this.#listener?.close();
    this.#listener = undefined;
  }

  /** Listens at the port, or at any other if that one is taken and another will do. */
  #open(): PeerListener {
    try {
      return this.#listen(this.hostname, this.#port);
    } catch (error) {
      if (!this.#mayMove || !(error instanceof Deno.errors.AddrInUse)) throw error;
      return this.#listen(this.hostname, 0);
    }
  }
}
