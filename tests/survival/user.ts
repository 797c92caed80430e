import { encodeLogin, ServerDecoder } from "../../protocol/mod.ts";
import type { Connection, Network, SocketAddress } from "../../server/mod.ts";
import { poll } from "../helpers/wait.ts";

/** An ordinary user, on any network, who keeps the online table as it is told. */
export class User implements Disposable {
  readonly connection: Connection;
  /** Bytes that have come. */
  bytes = 0;
  /** Adds and Deletes so far. */
  told = 0;
  /** Whether the welcome has come. */
  greeted = false;
  /** Resolves once the connection has ended, however. */
  readonly ended: Promise<void>;
  /** Why it could not make sense of what it was told. */
  #failure: unknown;
  #open = true;
  /** How many are online by each name. */
  readonly #table = new Map<string, number>();

  /** Connects and logs in; resolves once the own entry is in the table. */
  static async login(network: Network, server: SocketAddress, name: string): Promise<User> {
    const user = new User(await network.connect(server));
    await writeAll(user.connection, encodeLogin({ name, port: 4000 }));
    await user.until(() => user.names.includes(name) || !user.#open, `the own entry of ${name}`);
    return user;
  }

  /** Connects, and sends nothing. */
  static async connect(network: Network, server: SocketAddress): Promise<User> {
    return new User(await network.connect(server));
  }

  private constructor(connection: Connection) {
    this.connection = connection;
    this.ended = this.#read();
  }

  /** Whether the connection has not ended. */
  get open(): boolean {
    return this.#open;
  }

  /** Who is online, as far as this user knows, in the order of the alphabet. */
  get names(): string[] {
    return [...this.#table].flatMap(([name, many]) => Array<string>(many).fill(name)).sort();
  }

  /** Waits for a condition. */
  async until(condition: () => boolean, what: string): Promise<void> {
    await poll(() => {
      if (this.#failure !== undefined) throw this.#failure;
      return condition();
    }, what);
  }

  /** Hangs up. */
  [Symbol.dispose](): void {
    try {
      this.connection.close();
    } catch {
      // Closed already.
    }
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
          this.greeted = true;
          if (message.type !== "add" && message.type !== "delete") continue;
          this.told++;
          const { name } = message.entry;
          const many = (this.#table.get(name) ?? 0) + (message.type === "add" ? 1 : -1);
          if (many < 0) throw new Error(`expected no Delete of ${name}: it is not in the table`);
          if (many === 0) this.#table.delete(name);
          else this.#table.set(name, many);
        }
      }
    } catch (error) {
      this.#failure = error;
    }
    this.#open = false;
  }
}

/** Writes all bytes. */
export async function writeAll(connection: Connection, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
}
