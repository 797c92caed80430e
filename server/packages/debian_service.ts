import { flagsIn, flagsOfTask } from "./programs.ts";
import { filled } from "./staged_tree.ts";

/** The folder of the program in the Debian package. */
export const PROGRAM_FOLDER = "/usr/lib/mim-server";
/** The data folder of its service. */
const DATA_FOLDER = "/var/lib/mim-server";
const CACHE_FOLDER = "/var/cache/mim-server";
const OPTIONS_FILE = "/etc/mim/server.json";
const BUNDLE = `${PROGRAM_FOLDER}/mim-server.js`;
/** The folder that the unit for a copy of the repository uses. */
const SOURCE_DATA_FOLDER = "/var/lib/mim";

/**
 * The unit of the Debian package: the one for a copy of the repository (`server/cli/mim-server.service`),
 * with the places of the package and a user that stays.
 */
export async function debianUnit(): Promise<string> {
  const url = new URL("../cli/mim-server.service", import.meta.url);
  const lines = (await Deno.readTextFile(url)).split("\n");
  const replaced: Readonly<Record<string, readonly string[]>> = {
    Documentation: ["Documentation=man:mim-server(8)"],
    // Nothing is fetched at a start.
    TimeoutStartSec: [],
    Environment: [`Environment=DENO_DIR=${CACHE_FOLDER} DENO_NO_UPDATE_CHECK=1 NO_COLOR=1`],
    WorkingDirectory: ["WorkingDirectory=/"],
    ExecStart: [`ExecStart=${startCommand(lines)}`],
    DynamicUser: ["User=mim-server", "Group=mim-server", "RemoveIPC=yes"],
    StateDirectory: ["StateDirectory=mim-server"],
    CacheDirectory: ["CacheDirectory=mim-server", "CacheDirectoryMode=0700"],
  };
  const missing = Object.keys(replaced).filter((key) =>
    !lines.some((line) => line.startsWith(`${key}=`))
  );
  if (missing.length > 0) throw new Error(`Expected the unit to set ${missing.join(", ")}`);
  return lines
    .filter((line) => !line.startsWith("#"))
    .flatMap((line) => replaced[line.split("=", 1)[0] ?? ""] ?? [line])
    .join("\n");
}

/** The command of the unit: the flags of the other unit, with the package's places. */
function startCommand(unit: readonly string[]): string {
  const command = unit.find((line) => line.startsWith("ExecStart="))?.split(" ") ?? [];
  const flags = flagsIn(command).map((flag) => {
    const [name, list] = flag.split("=");
    if (name !== "--allow-read" && name !== "--allow-write") return flag;
    const paths = (list ?? "").split(",").map((path) =>
      path === SOURCE_DATA_FOLDER ? DATA_FOLDER : path
    );
    if (name === "--allow-read") paths.push(PROGRAM_FOLDER, "/etc/mim");
    return `${name}=${paths.join(",")}`;
  });
  const words = [`${PROGRAM_FOLDER}/deno`, "run", ...flags, BUNDLE];
  const options = ["--config", OPTIONS_FILE, "--data", DATA_FOLDER];
  // SIGHUP must not end it before it listens for that.
  return `/bin/sh -c 'trap "" HUP; exec ${[...words, ...options].join(" ")}'`;
}

/** The command `mim-server`, a shell script: with the flags of the task, and its folders. */
export async function serverCommand(): Promise<string> {
  const flags = flagsOfTask("server:run");
  const writes = flags.find((flag) => flag.startsWith("--allow-write=")) ?? "";
  const folders = writes.slice("--allow-write=".length).replaceAll(/\$(\w+)/g, "${$1-}");
  return filled(await Deno.readTextFile(new URL("debian/mim-server", import.meta.url)), {
    FOLDERS: folders,
    FLAGS: flags.filter((flag) => flag !== writes).join(" "),
  });
}
