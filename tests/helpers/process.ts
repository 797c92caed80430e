/** Runs programs as real processes, and waits for what they say instead of sleeping. */

import { TextLineStream } from "@std/streams/text-line-stream";
import { beforeDeadline, Inbox } from "./wait.ts";

/** The top folder of the project, where every process starts. */
const ROOT = new URL("../../", import.meta.url);
/** How much of a line error messages show, in UTF-16 code units. */
const LONGEST = 300;

/**
 * What a wait is for: a line, or its first fields (readers ignore fields that they don't know); a
 * pattern in it; or a question to ask of it.
 */
export type ExpectedLine = string | RegExp | ((line: string) => boolean);

/** How a process is started. */
export interface ProcessOptions {
  /** What error messages call it. */
  readonly name: string;
  /** The program. */
  readonly command: string | URL;
  /** Its arguments. */
  readonly args?: readonly string[];
  /** Variables on top of the environment of the tests. */
  readonly env?: Readonly<Record<string, string>>;
}

interface LogEntry {
  readonly at: number;
  readonly mark: "<" | ">" | "!";
  readonly line: string;
}

/**
 * A process under test: what it prints, line by line, what it is told, and how it ends. It is
 * killed when it goes out of scope, so that none is left over. Where a wait fails, the error tells
 * what was waited for, and all that every process of the test has been told and has said by then.
 *
 * @example
 * ```ts ignore
 * await using server = TestProcess.deno("server/main.ts", ["--port", "0"]);
 * const line = await server.waitFor(/^listening on /);
 * server.kill("SIGTERM");
 * assertEquals(await server.exitCode(), 0);
 * ```
 */
export class TestProcess implements AsyncDisposable {
  static readonly #undisposed = new Set<TestProcess>();

  /** What error messages call it. */
  readonly name: string;
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #said = new Inbox<string>();
  readonly #complained = new Inbox<string>();
  readonly #log: LogEntry[] = [];
  readonly #end: Promise<number>;
  #ended = false;

  /** Starts it; all three of its streams are pipes. */
  constructor(options: ProcessOptions) {
    this.name = options.name;
    this.#child = new Deno.Command(options.command, {
      args: [...options.args ?? []],
      cwd: ROOT,
      env: { NO_COLOR: "1", ...options.env },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#input = this.#child.stdin.getWriter();
    this.#end = this.#follow();
    TestProcess.#undisposed.add(this);
  }

  /**
   * Starts a Deno program of the project.
   *
   * @param program its path in the project
   * @param args the program's own arguments
   * @param options `allow`: permissions, all where left out; name: the path where left out
   */
  static deno(
    program: string,
    args: readonly string[] = [],
    { name = program, env, allow }: {
      readonly name?: string;
      readonly env?: Readonly<Record<string, string>>;
      readonly allow?: readonly string[];
    } = {},
  ): TestProcess {
    const permissions = allow?.map((permission) => `--allow-${permission}`) ?? ["--allow-all"];
    return new TestProcess({
      name,
      command: Deno.execPath(),
      args: ["run", "--quiet", "--no-prompt", ...permissions, program, ...args],
      env,
    });
  }

  /** The system's number of the process. */
  get pid(): number {
    return this.#child.pid;
  }

  /** The lines of its stdout that no wait has taken, in order. */
  get unread(): readonly string[] {
    return this.#said.unread;
  }

  /**
   * Waits for a line on stdout and takes it: each line answers one wait only. Lines before it stay,
   * so events may come in any order.
   *
   * @param expected what the line is, or has in it
   * @param what the error's words for it, where `expected` itself doesn't tell
   * @throws {Error} where the process ends, or {@linkcode PATIENCE} does, without such a line
   */
  async waitFor(expected: ExpectedLine, what: string = inWords(expected)): Promise<string> {
    return await this.#wait(this.#said, expected, what);
  }

  /** The same for a line on stderr. */
  async waitForError(expected: ExpectedLine, what: string = inWords(expected)): Promise<string> {
    return await this.#wait(this.#complained, expected, what);
  }

  /** Writes a line to its stdin. @throws {Error} where it no longer reads */
  async send(line: string): Promise<void> {
    this.#note("<", line);
    try {
      await this.#input.write(new TextEncoder().encode(line + "\n"));
    } catch {
      throw this.#failure(`expected ${this.name} to read ${JSON.stringify(line)}`);
    }
  }

  /** Ends its stdin. */
  async closeInput(): Promise<void> {
    this.#note("<", "(end)");
    // It may have closed its own end already.
    await this.#input.close().catch(() => {});
  }

  /** Sends it a signal; nothing happens where it has ended. */
  kill(signal: Deno.Signal = "SIGKILL"): void {
    this.#note("<", `(${signal})`);
    try {
      this.#child.kill(signal);
    } catch (error) {
      if (!(error instanceof TypeError || error instanceof Deno.errors.NotFound)) throw error;
    }
  }

  /**
   * Waits for its end; stdout is complete then.
   *
   * @returns its exit code, or 128 and the signal's number
   * @throws {Error} where it takes longer than {@linkcode PATIENCE}
   */
  async exitCode(): Promise<number> {
    const code = await beforeDeadline(this.#end);
    if (code === "late") throw this.#failure(`expected ${this.name} to end`);
    return code;
  }

  /** Kills it where it has not ended, and waits for its end. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#ended) this.kill();
    await this.closeInput();
    await this.#end;
    TestProcess.#undisposed.delete(this);
  }

  /** Reads both outputs to their ends. */
  async #follow(): Promise<number> {
    const [status] = await Promise.all([
      this.#child.status,
      this.#readLines(this.#child.stdout, this.#said, ">"),
      this.#readLines(this.#child.stderr, this.#complained, "!"),
    ]);
    this.#ended = true;
    this.#note(">", `(ended, exit code ${status.code})`);
    this.#said.end();
    this.#complained.end();
    return status.code;
  }

  async #readLines(
    output: ReadableStream<BufferSource>,
    to: Inbox<string>,
    mark: LogEntry["mark"],
  ) {
    const lines = output.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream());
    for await (const line of lines) {
      this.#note(mark, line);
      to.add(line);
    }
  }

  async #wait(lines: Inbox<string>, expected: ExpectedLine, what: string): Promise<string> {
    const line = await lines.take(
      typeof expected === "function"
        ? expected
        : typeof expected === "string"
        ? (line) => line === expected || line.startsWith(`${expected}\t`)
        : (line) => expected.test(line),
    );
    if (line === undefined) throw this.#failure(`expected ${what} from ${this.name}`);
    return line;
  }

  #note(mark: LogEntry["mark"], line: string): void {
    this.#log.push({ at: performance.now(), mark, line });
  }

  #failure(message: string): Error {
    const processes = [...TestProcess.#undisposed];
    const width = Math.max(...processes.map((process) => process.name.length));
    const log = processes
      .flatMap((process) => process.#log.map((entry) => ({ ...entry, name: process.name })))
      .sort((a, b) => a.at - b.at)
      .map(({ at, name, mark, line }) =>
        `${(at / 1000).toFixed(3).padStart(8)} ${name.padEnd(width)} ${mark} ${shortened(line)}`
      );
    return new Error(
      [
        message,
        `What ${this.name} said and no wait has taken:`,
        ...this.#said.unread.map((line) => `  ${shortened(line)}`),
        "All processes, times in seconds (< it was told, > it said, ! it complained):",
        ...log,
      ].join("\n"),
    );
  }
}

function shortened(line: string): string {
  return line.length <= LONGEST ? line : `${line.slice(0, LONGEST)}… (${line.length} characters)`;
}

function inWords(expected: ExpectedLine): string {
  return typeof expected === "string"
    ? `the line ${JSON.stringify(expected)}`
    : `a line ${expected}`;
}
