import { encodeLogin, type PresenceUpdate, ServerDecoder } from "../../protocol/mod.ts";
import {
  closeQuietly,
  type Connection,
  type Network,
  type SocketAddress,
  systemNetwork,
} from "../../server/mod.ts";
import { writeAll } from "../../server/platform/net/byte_stream.ts";
import { poll } from "./wait.ts";

/** Where a server is: a port of this machine, or an address in some network. */
export type ServerPlace = number | (SocketAddress & { readonly network?: Network });

/** A classic client that sends the bytes it is given, and records what the server says. */
export class RawClient implements Disposable {
  readonly connection: Connection;
  /** The lines of the welcome. */
  readonly welcome: string[] = [];
  /** Every update so far, as `A name` or `D name`. */
  readonly updates: string[] = [];
  /** The same, with all fields. */
  readonly entries: PresenceUpdate[] = [];
  /** How many bytes have come. */
  bytes = 0;
  /** Whether the connection has ended, in whatever way. */
  hasEnded = false;
  /** Resolves once it has. */
  readonly ended: Promise<void>;
  /** Why it could not make sense of the server's bytes. */
  #failure: unknown;
  /** How many users are online by each name. */
  readonly #table = new Map<string, number>();

  /** Connects, and sends nothing. */
  static async connect(server: ServerPlace): Promise<RawClient> {
    const { network = systemNetwork, hostname, port } = typeof server === "number"
      ? { hostname: "127.0.0.1", port: server }
      : server;
    return new RawClient(await network.connect({ hostname, port }));
  }

  /** Connects and logs in; resolves once its own entry is in the table. */
  static async login(server: ServerPlace, name: string, peerPort = 4000): Promise<RawClient> {
    const client = await RawClient.connect(server);
    await client.send(encodeLogin({ name, port: peerPort }));
    await client.until(() => {
      if (client.hasEnded) throw new Error(`Expected ${name} to be logged in, got the end`);
      return client.updates.includes(`A ${name}`);
    }, `the own entry of ${name}`);
    return client;
  }

  private constructor(connection: Connection) {
    this.connection = connection;
    this.ended = this.#read();
  }

  /** The names in the table, sorted; each as often as there are users of that name. */
  get names(): string[] {
    return [...this.#table].flatMap(([name, count]) => Array<string>(count).fill(name)).sort();
  }

  /** Sends all bytes. */
  async send(bytes: Uint8Array): Promise<void> {
    await writeAll(this.connection, bytes);
  }

  /** Waits for a condition. @throws if the server sends what no server may */
  async until(condition: () => boolean, what: string): Promise<void> {
    await poll(
      () => {
        if (this.#failure !== undefined) throw this.#failure;
        return condition();
      },
      what,
      () => JSON.stringify(this.updates.slice(-100)),
    );
  }

  /** Disconnects. */
  close(): void {
    this[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    closeQuietly(this.connection);
  }

  async #read(): Promise<void> {
    const decoder = new ServerDecoder();
    const buffer = new Uint8Array(4_096);
    try {
      for (;;) {
        const length = await this.connection.read(buffer).catch(() => null);
        if (length === null) break;
        this.bytes += length;
        for (const message of decoder.push(buffer.subarray(0, length))) {
          if (message.type === "welcome") this.welcome.push(message.text);
          if (message.type === "add" || message.type === "delete") this.#update(message);
        }
      }
    } catch (error) {
      this.#failure = error;
    }
    this.hasEnded = true;
  }

  #update(update: PresenceUpdate): void {
    const { name } = update.entry;
    this.entries.push(update);
    this.updates.push(`${update.type === "add" ? "A" : "D"} ${name}`);
    if (name === "") return; // a server's sign of life, which names nobody
    const count = (this.#table.get(name) ?? 0) + (update.type === "add" ? 1 : -1);
    if (count < 0) throw new Error(`expected no Delete of ${name}, who is not in the table`);
    if (count === 0) this.#table.delete(name);
    else this.#table.set(name, count);
  }
}
