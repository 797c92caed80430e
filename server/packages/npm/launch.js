/**
 * Starts a program of this package with Deno, which npm has installed beside it. Signals, the exit code
 * and the terminal are those of the program.
 *
 * @module
 */

import { spawn } from "node:child_process";
import { accessSync, closeSync, existsSync, openSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { constants } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const FOLDER = dirname(fileURLToPath(import.meta.url));

/** Signals that a terminal sends to every program in its foreground, so also to the one started here. */
const TERMINAL_SIGNALS = ["SIGINT", "SIGQUIT", "SIGHUP"];
/** When such a signal is passed on all the same: the program takes the second one to mean "at once". */
const FOREGROUND_DELAY_MS = 5_000;
/** Signals that are passed on in any case. */
const OTHER_SIGNALS = [
  "SIGTERM",
  "SIGABRT",
  "SIGUSR1",
  "SIGUSR2",
  "SIGALRM",
  "SIGXCPU",
  "SIGVTALRM",
  "SIGIO",
  "SIGPWR",
];

/**
 * Deno's arguments: the flags of the program's task, its file, and the arguments of the user. A folder or
 * file that the user names to be written to may be written to.
 *
 * @param {{ readonly flags: readonly string[], readonly windowFlags?: readonly string[],
 *   readonly serviceFolders?: readonly string[], readonly folderOptions: readonly string[],
 *   readonly fileCommands: readonly string[] }} program its entry in programs.json
 * @param {string} file the bundled program
 * @param {readonly string[]} args what the user typed
 * @param {Readonly<Record<string, string | undefined>>} env the environment
 * @returns {string[]}
 * @throws {Error} if such a path has a comma, with which Deno separates paths
 */
export function denoArgs(program, file, args, env) {
  const isWindow = program.windowFlags !== undefined && args.includes("window");
  const flags = isWindow ? program.windowFlags : program.flags;
  const service = ["install", "uninstall"].includes(args[0]) ? program.serviceFolders ?? [] : [];
  const named = [
    ...writtenPaths(program, args).map((path) => resolve(path)),
    ...service.flatMap((path) => expandPath(path, env)),
  ];
  return [...flags.map((flag) => expand(flag, env, named)), file, ...args];
}

/** The paths on a command line that the program is to write to. */
function writtenPaths({ folderOptions, fileCommands }, args) {
  const end = args.includes("--") ? args.indexOf("--") : args.length;
  const found = [];
  for (const [index, word] of args.slice(0, end).entries()) {
    const [option, value] = word.split(/=(.*)/s);
    if (folderOptions.includes(option)) found.push(value ?? args[index + 1]);
  }
  for (const command of fileCommands) {
    const words = command.split(" ");
    if (words.every((word, index) => args[index] === word)) found.push(args[words.length]);
  }
  return found.filter((path) => path !== undefined && path !== "" && path !== "-");
}

/** A path with its variable replaced; nothing if that has no value. */
function expandPath(path, env) {
  const variable = /\$(\w+)/.exec(path)?.[1];
  if (variable === undefined) return [path];
  const value = env[variable];
  return value ? [path.replace(`$${variable}`, () => value)] : [];
}

/** The folders that may be written to, in this environment: those of variables without a value are left out. */
function expand(flag, env, named) {
  const [name, list] = flag.split(/=(.*)/s);
  if (list === undefined || name !== "--allow-write") return flag;
  const paths = list.split(",").flatMap((path) => expandPath(path, env));
  const divided = named.find((path) => path.includes(","));
  if (divided !== undefined) {
    throw new Error(`Deno can't be allowed to write to ${divided}, because of the comma in it`);
  }
  const all = [...paths, ...named];
  return `${name}=${all.length > 0 ? all.join(",") : join(FOLDER, "nowhere")}`;
}

/**
 * Runs a program to its end.
 *
 * @param {"mim" | "mim-server"} name its entry in programs.json
 */
export function launch(name) {
  const deno = findDeno();
  if (deno === undefined) {
    fail(
      name,
      "Deno is missing beside this package, or does not run on this system " +
        `(${process.platform}, ${process.arch}). Install the package again, with optional dependencies`,
    );
  }
  const program = JSON.parse(readFileSync(join(FOLDER, "programs.json"), "utf8"))[name];
  const file = join(FOLDER, "programs", `${name}.js`);
  let args = [];
  try {
    args = denoArgs(program, file, process.argv.slice(2), process.env);
  } catch (error) {
    fail(name, error.message, 2);
  }
  const own = [process.execPath, process.argv[1]].join(delimiter);
  const env = { ...process.env, DENO_NO_UPDATE_CHECK: "1", MIM_LAUNCHER: own };
  // Newer versions of Node can become another program.
  if (process.execve !== undefined && process.platform !== "win32") {
    process.removeAllListeners("warning"); // that this is an experiment of Node's
    process.execve(deno, [deno, ...args], env);
  }
  follow(spawn(deno, args, { stdio: "inherit", env }), name);
}

function fail(name, reason, code = 1) {
  console.error(`${name}: ${reason}`);
  process.exit(code);
}

/** Deno's executable for this system, if it was installed. */
function findDeno() {
  const require = createRequire(import.meta.url);
  const { platform, arch } = process;
  const target = `${platform}-${arch}${platform === "linux" ? "-glibc" : ""}`;
  try {
    const folder = dirname(require.resolve(`@deno/${target}/package.json`));
    const path = join(folder, platform === "win32" ? "deno.exe" : "deno");
    accessSync(path, constants.X_OK);
    return path;
  } catch {
    return undefined;
  }
}

/** Passes signals on, and ends as the program ends. */
function follow(child, name) {
  for (const signal of TERMINAL_SIGNALS) {
    process.on(signal, () => {
      if (!isInForeground()) child.kill(signal);
      // Else the program has it, too, unless it came from elsewhere: then it is still running.
      else setTimeout(() => child.kill(signal), FOREGROUND_DELAY_MS).unref();
    });
  }
  for (const signal of OTHER_SIGNALS) {
    try {
      process.on(signal, () => child.kill(signal));
    } catch {
      // This system does not have it.
    }
  }
  child.on("error", (error) => fail(name, `Cannot start Deno: ${error.message}`));
  child.on("exit", (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
    // The signal may be one that ends nothing here.
    setTimeout(() => process.exit(128 + (constants.signals[signal] ?? 0)), 1_000);
  });
}

/** Whether a terminal's Ctrl-C reaches this program, and so the one that it has started, too. */
function isInForeground() {
  if (existsSync("/proc/self/stat")) {
    const stat = readFileSync("/proc/self/stat", "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[2] === fields[5]; // its process group, and the terminal's foreground group
  }
  try {
    closeSync(openSync("/dev/tty", "r"));
    return true;
  } catch {
    return process.platform === "win32";
  }
}
