/** Classic MIM on real Qt, as a process that tests drive: see qt_client.py. */

import { TestProcess } from "../helpers/process.ts";
import { requiringTest } from "../helpers/required.ts";

const INTERPRETERS = ["/usr/bin/python3", "python3"];
const DRIVER = "tests/qt/qt_client.py";

/** The integers that QDataStream.setVersion takes: of Qt 2.0, of Qt 2.1 and of Qt 5.13 to 5.15. */
export const STREAM_VERSIONS = [2, 3, 19] as const;

/** One of {@linkcode STREAM_VERSIONS}. */
export type StreamVersion = typeof STREAM_VERSIONS[number];

/** Fields of a command, or of an event. */
export type Fields = Readonly<Record<string, string | number | null>>;

/** What both programs on Qt can be told at their start. */
export interface QtOptions {
  /** What error messages call it. */
  readonly name: string;
  /** Its QDataStream's. */
  readonly version: StreamVersion;
  /** Where it listens; `any` is IPv4 and IPv6; 127.0.0.1 where left out. */
  readonly hostname?: string;
}

/** A classic program on Qt; it says on which port it listens before anything else. */
export class QtProcess implements AsyncDisposable {
  /** The port on which it listens. */
  readonly port: number;
  readonly #process: TestProcess;

  private constructor(process: TestProcess, port: number) {
    this.#process = process;
    this.port = port;
  }

  /** Starts a classic client; `codec` is what it encodes its lines with, UTF-8 where left out. */
  static client(options: QtOptions & { readonly codec?: string }): Promise<QtProcess> {
    return QtProcess.#start(options, options.codec === undefined ? [] : ["--codec", options.codec]);
  }

  /** Starts a classic central server; some don't send the `emptyLine` at their welcome's end. */
  static server(options: QtOptions & { readonly emptyLine?: boolean }): Promise<QtProcess> {
    const noEmptyLine = options.emptyLine === false ? ["--no-empty-line"] : [];
    return QtProcess.#start(options, ["--serve", ...noEmptyLine]);
  }

  static async #start(options: QtOptions, args: readonly string[]): Promise<QtProcess> {
    const { name, version, hostname = "127.0.0.1" } = options;
    const process = new TestProcess({
      name,
      command: interpreter ?? INTERPRETERS[0] ?? "",
      args: [DRIVER, "--stream-version", `${version}`, "--hostname", hostname, ...args],
    });
    try {
      const { port } = await eventOf(process, "listening");
      return new QtProcess(process, Number(port));
    } catch (error) {
      await process[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Tells it to do something: the commands are those of qt_client.py. */
  async do(command: string, fields: Fields = {}): Promise<void> {
    await this.#process.send(JSON.stringify({ do: command, ...fields }));
  }

  /** Waits for an event that has these fields, and takes it: each answers one wait only. */
  event(event: string, fields: Fields = {}): Promise<Fields> {
    return eventOf(this.#process, event, fields);
  }

  /** The events that no wait has taken, in order. */
  get unread(): readonly Fields[] {
    return this.#process.unread.map((line) => JSON.parse(line));
  }

  /** Logs a client in: connects, reads the welcome to its end, tells its name. */
  async logIn(serverPort: number, name: string, host: string = "127.0.0.1"): Promise<void> {
    await this.do("connect", { host, port: serverPort });
    await this.event("welcome-end");
    await this.do("login", { name });
    await this.event("update", { type: "A", name, port: this.port });
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

/**
 * A test that needs PyQt5. Where that is missing the test is ignored, or fails where the environment
 * variable MIM_TEST_REQUIRE (a list with commas) has "qt" in it.
 *
 * @param ignore whether something else that the test needs is missing
 */
export function qtTest(name: string, fn: () => Promise<void>, ignore = false): void {
  const missing = interpreter === undefined
    ? `expected a Python with PyQt5, got none from ${INTERPRETERS.join(" or ")}: ` +
      "install it (Debian: apt-get install python3-pyqt5)"
    : undefined;
  requiringTest("qt", missing, name, fn, ignore);
}

/** Whether the machine speaks IPv6. */
export const hasIpv6 = (() => {
  try {
    Deno.listen({ hostname: "::1", port: 0 }).close();
    return true;
  } catch {
    return false;
  }
})();

/** The first Python that has PyQt5. */
const interpreter = INTERPRETERS.find((command) => {
  try {
    return new Deno.Command(command, { args: ["-c", "import PyQt5.QtNetwork"] }).outputSync()
      .success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
});

async function eventOf(process: TestProcess, event: string, fields: Fields = {}): Promise<Fields> {
  const expected = Object.entries({ event, ...fields });
  const line = await process.waitFor((line) => {
    const got: Fields = JSON.parse(line);
    return expected.every(([key, value]) => got[key] === value);
  }, `the event ${JSON.stringify({ event, ...fields })}`);
  return JSON.parse(line);
}
