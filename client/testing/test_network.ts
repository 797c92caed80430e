import { DEFAULT_PORT, formatAddress, parseAddress } from "../../protocol/mod.ts";
import { MimServer, type Network } from "../../server/mod.ts";
import { Identity, type MessengerOptions } from "../core/mod.ts";
import { FakeNetwork } from "./fake_network.ts";
import { TestUser } from "./test_user.ts";

/** Options of a {@linkcode TestNetwork}. */
export interface TestNetworkOptions {
  /** Whether the server and the users speak classic MIM only: nothing is encrypted. Default: false. */
  readonly classic?: boolean;
}

/**
 * A network in memory, with a server on it. Nothing of the machine's own network is used. Disposing it
 * closes the server and its users.
 */
export class TestNetwork implements AsyncDisposable {
  /** The server that users log in at. */
  readonly server: MimServer;
  /** The server's address, as `host:port`. */
  readonly address: string;
  readonly #network = new FakeNetwork();
  readonly #closing = new AsyncDisposableStack();
  readonly #isClassic: boolean;
  #machines = 0;

  /** {@linkcode createTestNetwork} makes one. */
  constructor({ classic = false }: TestNetworkOptions = {}) {
    this.#isClassic = classic;
    const hostname = this.#nextAddress();
    const data = classic ? undefined : Deno.makeTempDirSync({ prefix: "mim-test-" });
    if (data !== undefined) this.#closing.defer(() => Deno.remove(data, { recursive: true }));
    const network = this.#network.host(hostname);
    this.server = MimServer.listen({ hostname, port: 0, network, ...(data && { data }) });
    this.#closing.use(this.server);
    this.address = formatAddress(hostname, this.server.port);
  }

  /** Another machine on this network, for the option `network` of what you test. */
  machine(): Network {
    return this.#network.host(this.#nextAddress());
  }

  /**
   * A user who is logged in, on a machine of its own and with a new key.
   *
   * @param options what else the messenger is given
   */
  async login(name: string, options: Partial<MessengerOptions> = {}): Promise<TestUser> {
    const user = new TestUser({
      name,
      server: parseAddress(this.address, DEFAULT_PORT),
      network: this.machine(),
      ...(this.#isClassic ? {} : { identity: Identity.generate() }),
      ...options,
    });
    this.#closing.use(user);
    await user.login();
    return user;
  }

  /** Closes the users, the newest first, and the server. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#closing.disposeAsync();
  }

  #nextAddress(): string {
    this.#machines++;
    return `198.18.${this.#machines >> 8}.${this.#machines & 255}`;
  }
}

/**
 * Makes a network in memory, with a server on it. The server keeps its key in a temporary folder until
 * the network is disposed.
 *
 * @example A test of a bot that sends back what it is sent
 * ```ts
 * import { connect, type ConnectOptions, type Messenger } from "@mim/mim";
 * import { createTestNetwork } from "@mim/mim/testing";
 * import { assertEquals } from "@std/assert";
 *
 * async function startEcho(address: string, options?: Partial<ConnectOptions>): Promise<Messenger> {
 *   const bot = await connect(address, { name: "echo", ...options });
 *   bot.addEventListener("message", ({ chat, message }) => void chat.send(message.text));
 *   return bot;
 * }
 *
 * await using network = createTestNetwork();
 * await using _bot = await startEcho(network.address, { network: network.machine() });
 * const ada = await network.login("ada");
 * await ada.send("echo", "hello");
 * assertEquals((await ada.nextMessage()).text, "hello");
 * ```
 */
export function createTestNetwork(options?: TestNetworkOptions): TestNetwork {
  return new TestNetwork(options);
}
