/** A server of a cluster as a process, with the permissions of its task. */

import { assertEquals } from "@std/assert";
import { newHome, quietPort, runArgs } from "./programs.ts";
import { TestProcess } from "./process.ts";

/** Starts a node's program at a port. */
type Spawn = (port: number) => TestProcess;

/** A node that runs. */
export class ClusterNodeProcess implements AsyncDisposable {
  /** The address for its clients. */
  readonly port: number;
  /** Its data folder. */
  readonly data: string;
  readonly #spawn: Spawn;
  #process: TestProcess;

  private constructor(process: TestProcess, port: number, data: string, spawn: Spawn) {
    this.#process = process;
    this.port = port;
    this.data = data;
    this.#spawn = spawn;
  }

  /**
   * Starts one, with a data folder of its own; resolves once it listens.
   *
   * @param key the server's private key
   * @param at where it finds NATS
   */
  static async start(
    name: string,
    key: Uint8Array,
    at: string,
    args: readonly string[] = [],
    env: Readonly<Record<string, string>> = {},
  ): Promise<ClusterNodeProcess> {
    const home = newHome();
    const data = await folderWith(key, `${home}/.local/state/mim/server`);
    return await ClusterNodeProcess.#run(name, runArgs("cluster", home), data, at, args, env);
  }

  /** The same with all permissions and no task, as `deno run -A server/main.ts`. */
  static async startPlain(name: string, key: Uint8Array, at: string): Promise<ClusterNodeProcess> {
    const data = await folderWith(key);
    const run = ["run", "--quiet", "--allow-all", "server/main.ts", "--data", data];
    return await ClusterNodeProcess.#run(name, run, data, at, [], {});
  }

  static async #run(
    name: string,
    run: readonly string[],
    data: string,
    at: string,
    args: readonly string[],
    env: Readonly<Record<string, string>>,
  ): Promise<ClusterNodeProcess> {
    const spawn = (port: number) =>
      new TestProcess({
        name,
        command: Deno.execPath(),
        args: [
          ...run,
          ...["--hostname", "127.0.0.1", "--port", String(port), "--cluster", at],
          ...args,
        ],
        env,
      });
    // One that others leave alone: it stops and comes back there.
    const port = quietPort();
    const process = spawn(port);
    await process.waitFor(/^listening on /);
    return new ClusterNodeProcess(process, port, data, spawn);
  }

  /** The program that runs now. */
  get process(): TestProcess {
    return this.#process;
  }

  /** Stops it as an operator does, and starts it again, as after an upgrade; resolves once it has met NATS. */
  async restart(): Promise<void> {
    this.#process.kill("SIGTERM");
    assertEquals(await this.#process.exitCode(), 0);
    await this.#process[Symbol.asyncDispose]();
    this.#process = this.#spawn(this.port);
    await this.#process.waitFor(/^listening on /);
    await this.joined();
  }

  /** Resolves once it has met NATS. */
  async joined(): Promise<void> {
    await this.process.waitForError(/cluster: joined /);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.process[Symbol.asyncDispose]();
  }
}

/** A server's data folder with a key. */
async function folderWith(key: Uint8Array, data = `${newHome()}/server`): Promise<string> {
  await Deno.mkdir(data, { recursive: true, mode: 0o700 });
  await Deno.writeTextFile(`${data}/server.key`, `${key.toHex()}\n`, { mode: 0o600 });
  return data;
}
