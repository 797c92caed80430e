/** A NATS server of a test, with JetStream. */

import { removeFolder } from "./disk.ts";
import { quietPort } from "./programs.ts";
import { TestProcess } from "./process.ts";
import { poll } from "./wait.ts";

/** The program. */
export const NATS_PROGRAM = "/usr/sbin/nats-server";

/** The reason why there is no NATS server here; undefined if there is one. */
export const missingNats: string | undefined = isFile(NATS_PROGRAM)
  ? undefined
  : `no ${NATS_PROGRAM}: apt-get install nats-server`;

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

/** A NATS server at a port of its own, which can go and come back. */
export class NatsServer implements AsyncDisposable {
  readonly port = quietPort();
  readonly #folder = Deno.makeTempDirSync();
  readonly #config: string;
  #process: TestProcess | undefined;

  /** @param config more lines for its configuration; `FOLDER` is a folder of its own */
  private constructor(config: string) {
    this.#config = `listen: "127.0.0.1:${this.port}"
jetstream: { store_dir: "${this.#folder}/js", max_mem: 64MB, max_file: 256MB }
${config.replaceAll("FOLDER", this.#folder)}
`;
  }

  /** Starts one; resolves once it listens. */
  static async start(
    config = "",
    prepare: (folder: string) => Promise<void> = () => Promise.resolve(),
  ): Promise<NatsServer> {
    const server = new NatsServer(config);
    await prepare(server.#folder);
    await server.start();
    return server;
  }

  /** The address for nodes. */
  get address(): string {
    return `nats://127.0.0.1:${this.port}`;
  }

  /** Starts it again, with what it has stored. */
  async start(): Promise<void> {
    const path = `${this.#folder}/nats.conf`;
    await Deno.writeTextFile(path, this.#config);
    this.#process = new TestProcess({ name: "nats", command: NATS_PROGRAM, args: ["-c", path] });
    await this.#process.waitForError(/Server is ready/);
  }

  /** Kills it; resolves once nobody listens at its port. */
  async stop(): Promise<void> {
    await this.#process?.[Symbol.asyncDispose]();
    this.#process = undefined;
    await poll(async () => {
      try {
        (await Deno.connect({ hostname: "127.0.0.1", port: this.port })).close();
        return false;
      } catch {
        return true;
      }
    }, "no NATS server");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    removeFolder(this.#folder);
  }
}
