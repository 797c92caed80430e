import { encodeLogin, type PresenceUpdate, ServerStream } from "../../protocol/mod.ts";
import { Arrivals } from "./wait.ts";

/** A classic client that is nothing but its bytes: what a server says to it, and what it sends. */
export class RawClient implements Disposable {
  readonly connection: Deno.TcpConn;
  /** The lines of the welcome. */
  readonly welcome: string[] = [];
  /** Every update so far, as `A name` or `D name`. */
  readonly updates: string[] = [];
  /** The same, whole. */
  readonly entries: PresenceUpdate[] = [];
  /** Resolves once the server has closed, however. */
  readonly ended: Promise<void>;
  /** Whether it has. */
  hasEnded = false;
  readonly #arrivals = new Arrivals();

  /** Connects to a server on this machine. */
  static async connect(port: number, hostname = "127.0.0.1"): Promise<RawClient> {
    return new RawClient(await Deno.connect({ hostname, port }));
  }

  /** Connects and logs in; resolves once the own entry is in the table. */
  static async login(port: number, name: string, peerPort = 4000): Promise<RawClient> {
    const client = await RawClient.connect(port);
    await client.send(encodeLogin({ name, port: peerPort }));
    await client.until(() => client.updates.includes(`A ${name}`), `the own entry of ${name}`);
    return client;
  }

  private constructor(connection: Deno.TcpConn) {
    this.connection = connection;
    this.ended = this.#read();
  }

  /** Sends all bytes. */
  async send(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) at += await this.connection.write(bytes.subarray(at));
  }

  /** Waits for a condition, looked at whenever something arrives. */
  until(condition: () => boolean, what: string): Promise<void> {
    return this.#arrivals.until(condition, what, () => JSON.stringify(this.updates));
  }

  /** Hangs up. */
  close(): void {
    this[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    try {
      this.connection.close();
    } catch {
      // Closed already.
    }
  }

  async #read(): Promise<void> {
    try {
      for await (const message of this.connection.readable.pipeThrough(new ServerStream())) {
        if (message.type === "welcome") this.welcome.push(message.text);
        if (message.type === "add" || message.type === "delete") {
          this.entries.push(message);
          this.updates.push(`${message.type === "add" ? "A" : "D"} ${message.entry.name}`);
        }
        this.#arrivals.wake();
      }
    } catch {
      // A reset is an end too.
    }
    this.hasEnded = true;
    this.#arrivals.wake();
  }
}
