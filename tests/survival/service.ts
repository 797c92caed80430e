/** The server as a real process that serves metrics, and what those say. */

import { PATIENCE } from "../helpers/wait.ts";
import { TestProcess } from "../helpers/process.ts";
import { runArgs } from "../helpers/programs.ts";

/** How a {@linkcode Service} is started. */
export interface ServiceOptions {
  /** The server's own options. */
  readonly args?: readonly string[];
  /** The port to listen on; the system picks one where left out. */
  readonly port?: number;
  /** File descriptors that it may have; what the system allows where left out. */
  readonly files?: number;
  /** A folder below which its data folder is; one of its own where left out. */
  readonly home?: string;
}

/** A server in a process of its own, listening on this machine alone. */
export class Service implements AsyncDisposable {
  readonly process: TestProcess;
  readonly port: number;
  readonly pid: number;
  readonly #metrics: string;

  private constructor(process: TestProcess, pid: number, port: number, metrics: string) {
    this.process = process;
    this.pid = pid;
    this.port = port;
    this.#metrics = metrics;
  }

  /** Starts it with the permissions of its task; resolves once it listens. */
  static async start({ args = [], port = 0, files, home }: ServiceOptions = {}): Promise<Service> {
    const limit = files === undefined ? "" : `ulimit -n ${files}; `;
    const process = new TestProcess({
      name: "server",
      command: "sh",
      args: [
        "-c",
        `echo pid $$; ${limit}exec "$0" "$@"`,
        Deno.execPath(),
        ...runArgs("server", home),
      ]
        .concat(
          "--hostname",
          "127.0.0.1",
          "--port",
          `${port}`,
          "--metrics",
          "127.0.0.1:0",
          ...args,
        ),
    });
    try {
      const pid = await process.waitFor(/^pid /);
      const listening = await process.waitFor(/^listening on /);
      const metrics = await process.waitForError(/metrics at http/);
      return new Service(
        process,
        Number(pid.slice("pid ".length)),
        Number(listening.split(":").at(-1)),
        /http:[^"\s]*/.exec(metrics)?.[0] ?? "",
      );
    } catch (error) {
      await process[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Where to find it. */
  get address(): { readonly hostname: string; readonly port: number } {
    return { hostname: "127.0.0.1", port: this.port };
  }

  /** Its metrics by name, labels included; rejects where it does not answer. */
  async metrics(): Promise<Readonly<Record<string, number>>> {
    const lines = (await (await fetch(this.#metrics)).text()).split("\n");
    return Object.fromEntries(
      lines.filter((line) => /^\w/.test(line)).map((line) => {
        const space = line.lastIndexOf(" ");
        return [line.slice(0, space), Number(line.slice(space + 1))];
      }),
    );
  }

  /** Waits until it serves metrics, and they have these values. */
  async untilMetrics(expected: Readonly<Record<string, number>>): Promise<void> {
    const names = Object.keys(expected);
    let got: unknown;
    const until = performance.now() + PATIENCE;
    while (performance.now() < until) {
      try {
        const metrics = await this.metrics();
        if (names.every((name) => metrics[name] === expected[name])) return;
        got = Object.fromEntries(names.map((name) => [name, metrics[name]]));
      } catch (error) {
        got = error;
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error(`expected metrics ${JSON.stringify(expected)}, got ${Deno.inspect(got)}`);
  }

  /** Milliseconds of processor time so far, on Linux. */
  processorTime(): number {
    const stat = Deno.readTextFileSync(`/proc/${this.pid}/stat`);
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) * 10;
  }

  /** Kills it where it has not ended. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.process[Symbol.asyncDispose]();
  }
}
