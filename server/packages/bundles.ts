import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import config from "../../deno.json" with { type: "json" };
import { type ProgramName, PROGRAMS } from "./programs.ts";
import { runTool } from "./run_tool.ts";

/** Bundles a program into one file, `NAME.js` in a folder, as its task does into `dist`. */
export async function buildBundle(name: ProgramName, folder: string): Promise<string> {
  const file = `${folder}/${name}.js`;
  const [, ...args] = config.tasks[`bundle:${PROGRAMS[name].task}`].split(" ");
  await runTool([Deno.execPath(), ...args.map((word) => word.replace(/^dist\/.*/, file))]);
  await Deno.writeTextFile(file, withoutPlaces(await Deno.readTextFile(file), await npmCache()));
  return file;
}

/** Deno's folder for packages of npm. */
export async function npmCache(): Promise<string> {
  return String(JSON.parse(await runTool([Deno.execPath(), "info", "--json"])).npmCache);
}

/** A bundle without the path of this machine's cache, so that each machine makes the same. */
function withoutPlaces(text: string, cache: string): string {
  const place = relative(fileURLToPath(new URL("../../", import.meta.url)), cache);
  const [first = "", ...parts] = text.split(`${place.replaceAll("\\", "/")}/`);
  return first + parts.map((part) => part.replace(/^[^/]+/, "npm")).join("");
}
