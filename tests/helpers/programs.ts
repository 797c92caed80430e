/** The two programs as users run them: with the permissions that their tasks name, and no more. */

import config from "../../deno.json" with { type: "json" };

import { TestProcess } from "./process.ts";
import { removeFolder } from "./disk.ts";

/** What a program that ran to its end has left behind. */
export interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts the client; `name` is for error messages. */
export function startClient(name: string, ...args: string[]): TestProcess {
  return startClientIn(newHome(), name, ...args);
}

/** The same with its key below `home`: the user who was there before, to those who know the name. */
export function startClientIn(home: string, name: string, ...args: string[]): TestProcess {
  const all = [...runArgs("client", home), ...args];
  return new TestProcess({ name, command: Deno.execPath(), args: all });
}

/** A server on this machine alone, and where it is. */
export interface StartedServer {
  readonly process: TestProcess;
  readonly address: string;
  readonly port: number;
}

/** Starts a server on this machine alone, at a port of the system's choosing. */
export function startServer(...args: string[]): Promise<StartedServer> {
  return startServerIn(newHome(), ...args);
}

/** The same with its key below `home`: the server that was there before, to those who know it. */
export async function startServerIn(home: string, ...args: string[]): Promise<StartedServer> {
  const local = ["--hostname", "127.0.0.1", "--port", "0"];
  const process = new TestProcess({
    name: "server",
    command: Deno.execPath(),
    args: [...runArgs("server", home), ...local, ...args],
  });
  const line = await process.waitFor(/^listening on /);
  const address = line.slice("listening on ".length);
  return { process, address, port: Number(address.split(":").at(-1)) };
}

/** Runs a program to its end, with nothing to read. */
export function runToEnd(program: "client" | "server", ...args: string[]): Promise<Result> {
  return runToEndIn(newHome(), program, ...args);
}

/** The same with what it keeps below `home`. */
export async function runToEndIn(
  home: string,
  program: "client" | "server",
  ...args: string[]
): Promise<Result> {
  const output = await new Deno.Command(Deno.execPath(), {
    args: [...runArgs(program, home), ...args],
    cwd: new URL("../../", import.meta.url),
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return {
    code: output.code,
    stdout: decoder.decode(output.stdout),
    stderr: decoder.decode(output.stderr),
  };
}

/**
 * The arguments of Deno that run a program with the permissions of its task. It keeps what it keeps
 * below `home`, a folder of its own where none is named: never where the user's own things are. (Of two
 * `--data` the later one counts, so a test may name another.)
 */
export function runArgs(program: "client" | "server" | "cluster", home?: string): string[] {
  const folder = home ?? newHome();
  const data = program === "client" ? dataFolderIn(folder) : `${folder}/.local/state/mim/server`;
  // HOME itself stays: Deno's own cache is there.
  // Tests send nothing to the network that this machine is in.
  const silent = program === "client" ? ["--no-discover"] : [];
  return [...commandOf(program, { HOME: folder }), ...silent, "--data", data];
}

/** Where a client keeps its things, as its task allows it, whatever the system. */
export function dataFolderIn(home: string): string {
  return `${home}/.local/share/mim`;
}

/** The variables under which a client finds its data folder in `home`, and Deno still its cache. */
export function environmentOf(home: string): Readonly<Record<string, string>> {
  const { stdout } = new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).outputSync();
  const { denoDir } = JSON.parse(new TextDecoder().decode(stdout));
  return { HOME: home, XDG_DATA_HOME: "", APPDATA: home, DENO_DIR: String(denoDir) };
}

/** A new folder for a client to keep things in; removed when the tests of this file are done. */
export function newHome(): string {
  if (homes === undefined) {
    const folder = homes = Deno.makeTempDirSync();
    addEventListener("unload", () => removeFolder(folder));
  }
  return Deno.makeTempDirSync({ dir: homes });
}

let homes: string | undefined;

/** A task's arguments, its variables and quotes understood as the shell of `deno task` does. */
function commandOf(
  program: "client" | "server" | "cluster",
  variables: Readonly<Record<string, string>>,
): string[] {
  const words: readonly string[] = config.tasks[`${program}:run`].match(/"[^"]*"|\S+/g) ?? [];
  const [run = "", ...rest] = words.slice(words.indexOf("deno") + 1).map((word) =>
    word.replaceAll('"', "").replace(/\$(\w+)/g, (_, name) => variables[name] ?? "")
  );
  return [run, ...rest.includes("--no-prompt") ? [] : ["--no-prompt"], ...rest];
}

/** Below those that Linux picks from, where it is not told otherwise. */
const [FIRST, COUNT] = [20_000, 10_000];

/**
 * A port of this machine where nobody listens: for a server that comes later, or goes and comes back.
 * It is none of those that the system gives to whoever asks for any, so no other test gets it meanwhile.
 */
export function quietPort(): number {
  for (;;) {
    const port = FIRST + Math.floor(Math.random() * COUNT);
    try {
      Deno.listen({ hostname: "127.0.0.1", port }).close();
      return port;
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
}
