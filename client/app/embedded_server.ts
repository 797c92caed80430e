import type { Network } from "../../server/mod.ts";
import type { Emit } from "./events.ts";
import type { HostedServer } from "./hosting.ts";

/** The central server that this program may run, where no other answers on this machine. */
export class EmbeddedServer {
  readonly #port: number;
  readonly #emit: Emit;
  readonly #data: string | undefined;
  readonly #network: Network | undefined;
  #hosted: HostedServer | undefined;
  #closed = false;

  /**
   * @param port where it is to listen
   * @param emit is told that it runs, and how others join
   * @param folder the client's data folder, in which its key and names are kept
   * @param network the way to the network; the machine's own where left out
   */
  constructor(port: number, emit: Emit, folder: string | undefined, network?: Network) {
    this.#port = port;
    this.#emit = emit;
    this.#data = folder === undefined ? undefined : `${folder}/server`;
    this.#network = network;
  }

  /** Runs it, unless it does already; false where somebody was faster, who then is the server. */
  async start(): Promise<boolean> {
    if (this.#hosted !== undefined) return true;
    const { startHosting } = await import("./hosting.ts"); // and with it the server
    try {
      const hosted = await startHosting(this.#port, this.#data, this.#network);
      if (this.#closed) await hosted.close();
      else this.#hosted = hosted;
    } catch (error) {
      if (error instanceof Deno.errors.AddrInUse) return false;
      throw error;
    }
    if (this.#hosted === undefined) return true;
    this.#emit({ type: "hosting", address: this.#hosted.address });
    this.#emit({ type: "note", text: this.#hosted.joinLine });
    const { classic } = this.#hosted;
    if (classic !== undefined) {
      this.#emit({ type: "note", text: `it speaks classic MIM, without keys: ${classic}` });
    }
    return true;
  }

  /** Stops it where it runs; it does not start again. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#hosted?.close();
  }
}
