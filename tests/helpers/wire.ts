import type { Connection, Network } from "../../server/mod.ts";
import { beforeDeadline } from "./deadline.ts";
import { FakeConnection } from "./fake_connection.ts";

const encoder = new TextEncoder();

/**
 * One end of a connection that says and hears plain bytes: a server or a peer that does what no MIM
 * program would.
 *
 * @example
 * ```ts ignore
 * await using mallory = await Wire.dial(network, "192.0.2.7", port);
 * await mallory.say("mallory\n", [0xff]);
 * await mallory.hung();
 * ```
 */
export class Wire implements AsyncDisposable {
  /** The connection under it. */
  readonly connection: Connection;
  #heard = new Uint8Array(0);
  #ended = false;

  /** Connects. */
  static async dial(network: Network, hostname: string, port: number): Promise<Wire> {
    return new Wire(await network.connect({ hostname, port }));
  }

  constructor(connection: Connection) {
    this.connection = connection;
  }

  /** All bytes that came and were not taken by a wait. */
  get unread(): Uint8Array {
    return this.#heard;
  }

  /** Sends texts as UTF-8 and bytes as they are; resolves once all is written. */
  async say(...parts: readonly (string | Iterable<number>)[]): Promise<void> {
    for (const part of parts) {
      const bytes = typeof part === "string" ? encoder.encode(part) : Uint8Array.from(part);
      for (let at = 0; at < bytes.length;) at += await this.connection.write(bytes.subarray(at));
    }
  }

  /** Reads on until so many bytes are there, and takes them. */
  async bytes(length: number): Promise<Uint8Array> {
    await this.#until(() => this.#heard.length >= length, `${length} bytes`);
    return this.#take(length);
  }

  /** Reads on to the end of a line and takes it. */
  async line(): Promise<string> {
    await this.#until(() => this.#heard.includes(0x0a), "a line");
    return new TextDecoder().decode(this.#take(this.#heard.indexOf(0x0a) + 1).slice(0, -1));
  }

  /** Reads on until the other end has closed, in good order or not. */
  async hung(): Promise<void> {
    await this.#until(() => this.#ended, "the end");
  }

  /** Says that nothing more will be said. */
  async end(): Promise<void> {
    await this.connection.closeWrite();
  }

  /** Breaks it, as a machine that crashes does; in memory only. */
  reset(): void {
    if (!(this.connection instanceof FakeConnection)) {
      throw new TypeError("expected a connection in memory");
    }
    this.connection.reset();
  }

  /** Closes it. */
  close(): void {
    try {
      this.connection.close();
    } catch {
      // It was closed before.
    }
  }

  // deno-lint-ignore require-await -- so that `await using` can hold it among others
  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  async #until(condition: () => boolean, what: string): Promise<void> {
    const buffer = new Uint8Array(16_384);
    while (!condition()) {
      const heard = () => JSON.stringify(new TextDecoder().decode(this.#heard.slice(0, 300)));
      if (this.#ended) {
        throw new Deno.errors.UnexpectedEof(`expected ${what}, got ${heard()} and the end`);
      }
      const length = await beforeDeadline(this.connection.read(buffer).catch(() => null));
      if (length === "late") throw new Error(`expected ${what}, got ${heard()}`);
      if (length === null) this.#ended = true;
      else this.#keep(buffer.subarray(0, length));
    }
  }

  #keep(bytes: Uint8Array): void {
    const heard = new Uint8Array(this.#heard.length + bytes.length);
    heard.set(this.#heard);
    heard.set(bytes, this.#heard.length);
    this.#heard = heard;
  }

  #take(length: number): Uint8Array {
    const taken = this.#heard.slice(0, length);
    this.#heard = this.#heard.slice(length);
    return taken;
  }
}
