import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import config from "../../deno.json" with { type: "json" };
import { runTool } from "./run_tool.ts";

/** The bundles of the server: the program, and what it loads for `--cluster` from the same folder. */
export const SERVER_BUNDLES = ["mim-server.js", "nats_bus.js"] as const;
/** The bundles of both programs. */
export const ALL_BUNDLES = ["mim.js", ...SERVER_BUNDLES] as const;

const TASKS = {
  "mim.js": "bundle:client",
  "mim-server.js": "bundle:server",
  "nats_bus.js": "bundle:cluster",
} as const;

/** Makes bundles in a folder, as their tasks do in `dist`. */
export async function buildBundles(folder: string): Promise<void> {
  // One after the other: the first one puts the bundler into Deno's cache, and two would disturb each other.
  for (const name of ALL_BUNDLES) await buildBundle(name, folder);
}

async function buildBundle(name: keyof typeof TASKS, folder: string): Promise<void> {
  const file = `${folder}/${name}`;
  const [, ...args] = config.tasks[TASKS[name]].split(" ");
  await runTool([Deno.execPath(), ...args.map((word) => word.replace(/^dist\/.*/, file))]);
  await Deno.writeTextFile(file, withoutPlaces(await Deno.readTextFile(file), await npmCache()));
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
