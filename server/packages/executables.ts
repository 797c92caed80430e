import config from "../../deno.json" with { type: "json" };
import { type ProgramName, PROGRAMS } from "./programs.ts";
import { runTool } from "./run_tool.ts";

/**
 * Makes the executable of a program for this machine, as its task does, from its bundle in a folder.
 *
 * @returns the path of the executable
 */
export async function buildExecutable(
  name: ProgramName,
  bundles: string,
  out: string,
): Promise<string> {
  const task = config.tasks[`compile:${PROGRAMS[name].task}`];
  const [, command = ""] = task.split(" && ");
  const suffix = Deno.build.os === "windows" ? ".exe" : "";
  const path = `${out}/${name}-${config.version}-${Deno.build.target}${suffix}`;
  const [, ...args] = command.split(" ");
  const places: Readonly<Record<string, string>> = {
    [`dist/${name}`]: path,
    [`dist/${name}.js`]: `${bundles}/${name}.js`,
  };
  await runTool([Deno.execPath(), ...args.map((word) => places[word] ?? word)]);
  return path;
}
