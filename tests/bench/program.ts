import { TextLineStream } from "@std/streams/text-line-stream";
import { newHome } from "../helpers/programs.ts";

/** The top folder of the project, where every process starts. */
const ROOT = new URL("../../", import.meta.url);
/** How long a line is waited for, in milliseconds. */
const LINE_TIMEOUT_MS = 120_000;
/** The flags that the tasks give Deno for the client, as people start it. */
const CLIENT_FLAGS = ["--v8-flags=--max-semi-space-size=2"];

/**
 * A Deno program of the project in a process of its own, told and heard line by line. It is killed
 * when it goes out of scope.
 */
export class Program implements AsyncDisposable {
  static readonly #running = new Set<Program>();

  readonly #name: string;
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #lines: ReadableStreamDefaultReader<string>;
  readonly #complaints: Promise<void>;
  #complaint = "";

  /**
   * Starts it.
   *
   * @param program its path in the project
   * @param args its arguments
   * @param root the top folder of another copy of the project
   * @param cores those that it may use, as `taskset` wants them; all if they are left out
   */
  constructor(program: string, args: readonly string[] = [], root: URL = ROOT, cores?: string) {
    this.#name = program;
    const [command = "", ...before] = [
      ...cores === undefined ? [] : ["taskset", "-c", cores],
      Deno.execPath(),
    ];
    // With NATS in its own configuration the server starts no other process, so this one can be measured.
    const flags = program === "client/main.ts"
      ? CLIENT_FLAGS
      : args.includes("--cluster")
      ? ["--config", "server/cluster/deno.json"]
      : [];
    this.#child = new Deno.Command(command, {
      args: [...before, "run", "--quiet", "--no-prompt", ...flags, "--allow-all", program, ...args],
      cwd: root,
      env: { NO_COLOR: "1" },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#input = this.#child.stdin.getWriter();
    this.#lines = linesOf(this.#child.stdout).getReader();
    this.#complaints = this.#hearComplaints();
    Program.#running.add(this);
  }

  /** The server, listening on this machine only, at a port that the system picks. */
  static mimServer(
    root: URL = ROOT,
    { args = [], cores }: { readonly args?: readonly string[]; readonly cores?: string } = {},
  ): Program {
    const quiet = ["--hostname", "127.0.0.1", "--port", "0", "--log", "warning"];
    return new Program("server/main.ts", [...quiet, "--data", newHome(), ...args], root, cores);
  }

  /** The plain server, listening likewise. */
  static plainServer(): Program {
    return new Program("tests/bench/plain_server.ts");
  }

  /** Kills every process that still runs, for when this one is about to end. */
  static killAll(): void {
    for (const program of Program.#running) program.#kill();
  }

  /** The process's number. */
  get pid(): number {
    return this.#child.pid;
  }

  /** What it said last on stderr, in brackets; empty where it said nothing. */
  get complaint(): string {
    return this.#complaint === "" ? "" : ` (its last words: ${this.#complaint})`;
  }

  /**
   * Takes lines off its stdout up to the first one that starts like this.
   *
   * @param start how the line starts; any line where it is left out
   * @throws {Error} where it ends, or is silent for too long, before that
   */
  async line(start = ""): Promise<string> {
    const { promise: late, resolve } = Promise.withResolvers<"late">();
    const timer = setTimeout(() => resolve("late"), LINE_TIMEOUT_MS);
    try {
      for (;;) {
        const next = await Promise.race([this.#lines.read(), late]);
        if (next === "late") {
          throw new Error(`${this.#name} did not answer in time${this.complaint}`);
        }
        if (next.done) {
          await this.#complaints;
          throw new Error(`${this.#name} ended too early${this.complaint}`);
        }
        if (next.value.startsWith(start)) return next.value;
      }
    } finally {
      clearTimeout(timer);
    }
  }

  /** Takes the line that says where it listens, and returns the port. */
  async port(): Promise<number> {
    return Number((await this.line("listening on ")).split(":").at(-1));
  }

  /** Writes a line to its stdin. */
  async send(line: string): Promise<void> {
    await this.#input.write(new TextEncoder().encode(line + "\n"));
  }

  /** Kills it and waits for its end. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#kill();
    await this.#child.status;
    await this.#lines.cancel();
    await this.#complaints;
    await this.#input.abort().catch(() => {});
    Program.#running.delete(this);
  }

  #kill(): void {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended by itself.
    }
  }

  async #hearComplaints(): Promise<void> {
    for await (const line of linesOf(this.#child.stderr)) {
      if (line.trim() !== "") this.#complaint = line.trim();
    }
  }
}

function linesOf(output: ReadableStream<BufferSource>): ReadableStream<string> {
  return output.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream());
}
