import type { Place } from "./world.ts";

/** Somebody who calls a client on this machine and says whatever bytes make up. */
export class HostilePeer implements Disposable {
  readonly #connection: Deno.TcpConn;

  private constructor(connection: Deno.TcpConn) {
    this.#connection = connection;
  }

  /** Calls, and tells a name. */
  static async call({ hostname, port }: Place, name: string): Promise<HostilePeer> {
    const peer = new HostilePeer(await Deno.connect({ hostname, port }));
    await peer.say(name);
    return peer;
  }

  /** Says lines, all of them at once. */
  async say(...lines: readonly string[]): Promise<void> {
    const bytes = new TextEncoder().encode(lines.map((line) => `${line}\n`).join(""));
    for (let at = 0; at < bytes.length;) at += await this.#connection.write(bytes.subarray(at));
  }

  [Symbol.dispose](): void {
    this.#connection.close();
  }
}
