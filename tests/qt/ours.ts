/** Our own server and client, as the processes that users start. */

import { TestProcess } from "../helpers/process.ts";
import { runArgs } from "../helpers/programs.ts";

/** Starts one with the permissions of its task. */
function start(program: "client" | "server", args: readonly string[], name: string): TestProcess {
  return new TestProcess({
    name,
    command: Deno.execPath(),
    args: [...runArgs(program), ...args],
  });
}

/** Our server, listening. */
export class OurServer implements AsyncDisposable {
  /** The port on which it listens. */
  readonly port: number;
  readonly #process: TestProcess;

  private constructor(process: TestProcess, port: number) {
    this.#process = process;
    this.port = port;
  }

  /** Starts it; `title` is the name it tells in its welcome. */
  static async start(title: string, hostname = "127.0.0.1"): Promise<OurServer> {
    const args = ["--hostname", hostname, "--port", "0", "--title", title];
    const process = start("server", args, "server");
    try {
      const line = await process.waitFor(/^listening on .+:\d+$/);
      return new OurServer(process, Number(line.slice(line.lastIndexOf(":") + 1)));
    } catch (error) {
      await process[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Stops it the way an operator does, and waits for its end. */
  async stop(): Promise<number> {
    this.#process.kill("SIGTERM");
    return await this.#process.exitCode();
  }

  /** Kills it where it has not ended. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process[Symbol.asyncDispose]();
  }
}

/** Our client, with one event a line. */
export class OurClient implements AsyncDisposable {
  /** Its user. */
  readonly name: string;
  readonly #process: TestProcess;

  /** Starts it; it logs in by itself. */
  constructor(name: string, serverPort: number, serverHost = "127.0.0.1") {
    this.name = name;
    const host = serverHost.includes(":") ? `[${serverHost}]` : serverHost;
    const args = ["--plain", "--classic", "--server", `${host}:${serverPort}`, "--name", name];
    this.#process = start("client", args, name);
  }

  /** Types a line: a command, or what to say. */
  async type(line: string): Promise<void> {
    await this.#process.send(line);
  }

  /**
   * Waits for an event, and takes it.
   *
   * @param word the event
   * @param fields what its first fields must be; undefined is anything
   * @returns all of its fields
   */
  async event(word: string, ...fields: readonly (string | undefined)[]): Promise<string[]> {
    const line = await this.#process.waitFor((line) => {
      const [gotWord, ...got] = fieldsOf(line);
      return gotWord === word &&
        fields.every((field, i) => field === undefined || field === got[i]);
    }, `the event ${word} ${JSON.stringify(fields)}`);
    return fieldsOf(line).slice(1);
  }

  /** The events that no wait has taken, each as its word and fields. */
  get unread(): readonly string[][] {
    return this.#process.unread.map(fieldsOf);
  }

  /** Types /quit and waits for its end. */
  async quit(): Promise<number> {
    await this.type("/quit");
    return await this.#process.exitCode();
  }

  /** Ends it as a crash would: without a word to anyone. */
  kill(): void {
    this.#process.kill();
  }

  /** Kills it where it has not ended. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process[Symbol.asyncDispose]();
  }
}

function fieldsOf(line: string): string[] {
  const written: Readonly<Record<string, string>> = { t: "\t", n: "\n", r: "\r", "\\": "\\" };
  return line.split("\t").map((field) =>
    field.replace(/\\([tnr\\])/g, (_, letter: string) => written[letter] ?? letter)
  );
}
