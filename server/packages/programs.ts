import config from "../../deno.json" with { type: "json" };

/** The version of Deno that the packages bring or ask for. */
export const DENO_VERSION = "2.9.6";

/** The programs, by the names of their executables. */
export const PROGRAMS = {
  "mim": { task: "client", main: "client/main.ts" },
  "mim-server": { task: "server", main: "server/main.ts" },
} as const;

/** The name of a program's executable. */
export type ProgramName = keyof typeof PROGRAMS;

/** A program in the package for npm: what Deno's arguments are made of. */
interface NpmProgram {
  readonly flags: readonly string[];
  /** Those for the command `window`, if they are others. */
  readonly windowFlags?: readonly string[];
  /** The folders in which `install` and `uninstall` write, if they come first on the command line. */
  readonly serviceFolders?: readonly string[];
  /** The options whose folder is written to. */
  readonly folderOptions: readonly string[];
  /** The commands whose first argument is a file that is written. */
  readonly fileCommands: readonly string[];
}

/**
 * Deno's flags for a bundled program: those with which a task runs it from its sources, without the lock
 * file, and without looking for other people's settings around the bundle.
 *
 * @param task the task's name, such as `server:run`
 */
export function flagsOfTask(task: "client:run" | "window:run" | "server:run"): string[] {
  return flagsIn(config.tasks[task].match(/"[^"]*"|\S+/g) ?? []);
}

/** The same for the words of a command that has `deno run` in it, in quotes or not. */
export function flagsIn(command: readonly string[]): string[] {
  const words = command.map((word) => word.replaceAll('"', ""));
  const start = words.indexOf("run") + 1;
  const end = words.findIndex((word) => word.endsWith("/main.ts"));
  const flags = words.slice(start, end).filter((flag) => !/^--(lock=|frozen$)/.test(flag));
  const added = ["--no-config", "--no-lock", "--cached-only"];
  const unstable = config.unstable.map((feature) => `--unstable-${feature}`);
  return [...new Set([...flags, ...added, ...unstable])];
}

/** The content of `programs.json`, which the launcher of the package for npm reads. */
export function npmPrograms(): Readonly<Record<ProgramName, NpmProgram>> {
  return {
    "mim": {
      flags: ["run", ...flagsOfTask("client:run")],
      windowFlags: ["run", ...flagsOfTask("window:run")],
      serviceFolders: [
        "$HOME/.config/systemd",
        "$XDG_CONFIG_HOME/systemd",
        "$HOME/Library/LaunchAgents",
      ],
      folderOptions: ["--data", "--downloads", "--into"],
      fileCommands: ["key export"],
    },
    "mim-server": {
      flags: ["run", ...flagsOfTask("server:run")],
      folderOptions: ["--data"],
      fileCommands: ["backup"],
    },
  };
}
