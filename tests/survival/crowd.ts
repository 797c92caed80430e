import { encodeLogin } from "../../protocol/mod.ts";
import type { Network, SocketAddress } from "../../server/mod.ts";
import { RawClient } from "../helpers/raw_client.ts";

/** Too long to come to its end in time, however late the server looks. */
const login = encodeLogin({ name: "n".repeat(64), port: 1 });

/** Connections of which every second one sends a byte of a login now and then, the others nothing. */
export class Crowd implements Disposable {
  readonly users: readonly RawClient[];
  readonly #dripping: ReturnType<typeof setInterval>;

  /**
   * They connect.
   *
   * @param drip milliseconds between two bytes
   */
  static async come(
    network: Network,
    at: SocketAddress,
    many: number,
    drip: number,
  ): Promise<Crowd> {
    const users = await Promise.all(
      Array.from({ length: many }, () => RawClient.connect({ ...at, network: network })),
    );
    return new Crowd(users, drip);
  }

  private constructor(users: readonly RawClient[], drip: number) {
    this.users = users;
    let next = 0;
    this.#dripping = setInterval(() => {
      const byte = login.subarray(next, ++next);
      for (const client of users.filter((_, i) => i % 2 === 0)) {
        if (!client.hasEnded) client.send(byte).catch(() => {});
      }
    }, drip);
  }

  /** Resolves once the server has closed all of them. */
  async gone(): Promise<void> {
    await Promise.all(this.users.map(({ ended }) => ended));
  }

  /** Hangs up. */
  [Symbol.dispose](): void {
    clearInterval(this.#dripping);
    for (const user of this.users) user[Symbol.dispose]();
  }
}
