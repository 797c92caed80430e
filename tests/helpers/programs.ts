/** The two programs as users run them: with the permissions that their tasks name, and no more. */

import config from "../../deno.json" with { type: "json" };
import { TestProcess } from "./process.ts";

/** What a program that ran to its end has left behind. */
export interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts the client; `name` is for error messages. */
export function startClient(name: string, ...args: string[]): TestProcess {
  return new TestProcess({ name, command: Deno.execPath(), args: [...runArgs("client"), ...args] });
}

/** Starts a server on this machine alone, at a port of the system's choosing. */
export async function startServer(
  ...args: string[]
): Promise<{ readonly process: TestProcess; readonly address: string; readonly port: number }> {
  const local = ["--hostname", "127.0.0.1", "--port", "0"];
  const process = new TestProcess({
    name: "server",
    command: Deno.execPath(),
    args: [...runArgs("server"), ...local, ...args],
  });
  const line = await process.waitFor(/^listening on /);
  const address = line.slice("listening on ".length);
  return { process, address, port: Number(address.split(":").at(-1)) };
}

/** Runs a program to its end, with nothing to read. */
export async function runToEnd(program: "client" | "server", ...args: string[]): Promise<Result> {
  const output = await new Deno.Command(Deno.execPath(), {
    args: [...runArgs(program), ...args],
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

/** The arguments of Deno that run a program with the permissions of its task. */
export function runArgs(program: "client" | "server"): string[] {
  const [, run = "", ...rest] = config.tasks[program].command.split(" ");
  return [run, "--no-prompt", ...rest];
}
