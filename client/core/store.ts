import { nameKey } from "../../protocol/mod.ts";

/** A key that was met under a name on one server. A user of that name with another key is someone else. */
export interface Pin {
  /** Which server's names: its public key in hex, or {@linkcode THIS_MACHINE}. */
  readonly server: string;
  /** The peer's name, as it came. */
  readonly name: string;
  /** The peer's public key, 32 bytes. */
  readonly identity: Uint8Array;
  /** Whether the user has compared the safety number. */
  readonly verified: boolean;
  /** When the key was first met, in milliseconds since 1970. */
  readonly since: number;
  /** The address at which the peer was last reached. */
  readonly address?: string;
}

/** Stands for the server that some client of this machine hosts: its key changes with the host. */
export const THIS_MACHINE = "this machine";

/** A message that has not been acknowledged. It is meant for a key, whatever name it comes under. */
export interface Outgoing {
  /** Names the message on both sides: 8 bytes in hex. */
  readonly id: string;
  /** The name under which its recipient is known. */
  readonly name: string;
  /** On which server: see {@linkcode Pin.server}. */
  readonly server: string;
  /** The recipient's public key, 32 bytes. */
  readonly identity: Uint8Array;
  /** What it says. */
  readonly text: string;
  /** When it was written, in milliseconds since 1970. */
  readonly at: number;
}

/** A message that came from a MIM/2 peer. */
export interface Incoming {
  /** Given by the sender: 8 bytes in hex. */
  readonly id: string;
  /** The sender's public key, 32 bytes. */
  readonly identity: Uint8Array;
  /** The sender's name, as it came. */
  readonly name: string;
  /** Its IP address. */
  readonly address: string;
  /** The port at which it can be called, or from which it called. */
  readonly port: number;
  /** What it says; as it came. */
  readonly text: string;
  /** When it was written, as the sender says, in milliseconds since 1970. */
  readonly at: number;
}

/**
 * What a messenger must not forget between two runs. What a call has taken is safe from the end of
 * the program once it returns, or has resolved. One that can't take it throws a {@linkcode ClientError},
 * `storage-failed`: the user's request is not carried out then, and the error reports that.
 */
export interface Store {
  /** The key that the server at this `host:port` had, 32 bytes; undefined for one never met. */
  serverKey(server: string): Uint8Array | undefined;
  /** From now on the server at this `host:port` is to have this key. */
  pinServer(server: string, key: Uint8Array): void;
  /** The pin of a name on a server; names are compared as for ignoring, without case. */
  pin(server: string, name: string): Pin | undefined;
  /** All pins of a server, the oldest first. */
  pins(server: string): Pin[];
  /**
   * The servers at which a name is pinned: each as its `host:port`, or, if none is known any more,
   * as {@linkcode Pin.server} has it; the oldest pin first.
   */
  serversKnowing(name: string): string[];
  /** Puts a pin in, in the place of one with the same server and name. */
  keepPin(pin: Pin): void;
  /** All that is not acknowledged, the oldest first. */
  outbox(): Outgoing[];
  /** Puts messages into the outbox: all of them, or none. */
  queue(messages: readonly Outgoing[]): void;
  /** Takes a message out of the outbox: it has arrived, or is given up. False if it is not there. */
  removeFromOutbox(id: string): boolean;
  /**
   * Keeps a message that came in, and remembers its id.
   *
   * @returns `again` if that key has sent this id before
   */
  receive(message: Incoming): Promise<"new" | "again">;
}

/** So many ids of received messages are remembered. */
const MAX_RECENT_IDS = 10_000;

/** A store that is forgotten with the program: for bots and tests. */
export class MemoryStore implements Store {
  readonly #servers = new Map<string, Uint8Array>();
  readonly #pins = new Map<string, Pin>();
  readonly #outbox = new Map<string, Outgoing>();
  readonly #received = new Set<string>();

  serverKey(server: string): Uint8Array | undefined {
    return this.#servers.get(server);
  }

  pinServer(server: string, key: Uint8Array): void {
    this.#servers.set(server, key);
  }

  pin(server: string, name: string): Pin | undefined {
    return this.#pins.get(pinKey(server, name));
  }

  pins(server: string): Pin[] {
    return [...this.#pins.values()].filter((pin) => pin.server === server);
  }

  serversKnowing(name: string): string[] {
    const pinned = [...this.#pins.values()].filter((pin) => nameKey(pin.name) === nameKey(name));
    return pinned.flatMap(({ server }) => {
      const places = [...this.#servers].filter(([, key]) => key.toHex() === server);
      return places.length === 0 ? [server] : places.map(([place]) => place);
    });
  }

  keepPin(pin: Pin): void {
    this.#pins.set(pinKey(pin.server, pin.name), pin);
  }

  outbox(): Outgoing[] {
    return [...this.#outbox.values()];
  }

  queue(messages: readonly Outgoing[]): void {
    for (const message of messages) this.#outbox.set(message.id, message);
  }

  removeFromOutbox(id: string): boolean {
    return this.#outbox.delete(id);
  }

  receive({ identity, id }: Incoming): Promise<"new" | "again"> {
    const key = `${identity.toHex()} ${id}`;
    if (this.#received.has(key)) return Promise.resolve("again");
    this.#received.add(key);
    const [oldest] = this.#received;
    if (this.#received.size > MAX_RECENT_IDS && oldest !== undefined) this.#received.delete(oldest);
    return Promise.resolve("new");
  }
}

function pinKey(server: string, name: string): string {
  return `${server} ${nameKey(name)}`;
}
