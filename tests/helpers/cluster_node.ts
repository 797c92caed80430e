/** A server of a cluster as a process, with the permissions of its task. */

import { newHome, runArgs } from "./programs.ts";
import { TestProcess } from "./process.ts";

/** A node that runs. */
export class ClusterNodeProcess implements AsyncDisposable {
  readonly process: TestProcess;
  /** The address for its clients. */
  readonly port: number;

  private constructor(process: TestProcess, port: number) {
    this.process = process;
    this.port = port;
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
    await folderWith(key, `${home}/.local/state/mim/server`);
    return await ClusterNodeProcess.#run(name, runArgs("cluster", home), at, args, env);
  }

  /** The same with all permissions and no task, as `deno run -A server/main.ts`. */
  static async startPlain(name: string, key: Uint8Array, at: string): Promise<ClusterNodeProcess> {
    const data = await folderWith(key);
    const run = ["run", "--quiet", "--allow-all", "server/main.ts", "--data", data];
    return await ClusterNodeProcess.#run(name, run, at, [], {});
  }

  static async #run(
    name: string,
    run: readonly string[],
    at: string,
    args: readonly string[],
    env: Readonly<Record<string, string>>,
  ): Promise<ClusterNodeProcess> {
    const process = new TestProcess({
      name,
      command: Deno.execPath(),
      args: [...run, ...["--hostname", "127.0.0.1", "--port", "0", "--cluster", at], ...args],
      env,
    });
    const line = await process.waitFor(/^listening on /);
    return new ClusterNodeProcess(process, Number(line.split(":").at(-1)));
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
