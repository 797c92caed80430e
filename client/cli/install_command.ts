import { delimiter, dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { allowedEnv } from "../../server/platform/cli/env.ts";
import { UsageError } from "../../server/platform/cli/flags.ts";
import { readText, replaceFile } from "../../server/platform/storage/atomic_file.ts";
import { reasonOf } from "../../server/platform/util/errors.ts";
import { EXIT } from "../app/mod.ts";
import { isYes } from "./no_key_question.ts";
import {
  isOwnService,
  type ServiceCommand,
  type ServiceFile,
  type UserService,
  userService,
} from "./user_service.ts";

/** The commands `install` and `uninstall`. */
export interface InstallTask {
  readonly type: "install";
  /** Whether the service is removed, and not written. */
  readonly isRemoval: boolean;
  /** The options with which the service starts MIM. */
  readonly options: readonly string[];
  /** Whether to write or remove the files without asking. */
  readonly isSure: boolean;
}

/**
 * `install [options] [--yes]` and `uninstall [--yes]`: a service of the user's own that runs
 * `window --no-open --keep` from login on, so that the user is online and `mim window` opens a page of it.
 *
 * @param ask asks at the terminal; undefined if there is none
 * @throws {UsageError} if that is not possible here, or nobody can be asked
 */
export async function installCommand(
  { isRemoval, options, isSure }: InstallTask,
  print: (line: string) => void,
  ask: ((question: string) => Promise<string | undefined>) | undefined,
): Promise<number> {
  const command = commandOf(["window", "--no-open", "--keep", ...options]);
  const service = userService(Deno.build.os, allowedEnv, command);
  if (service === undefined) {
    throw new UsageError(
      "MIM knows no services of users on this system; have the system start " +
        "mim window --no-open --keep at login instead",
    );
  }
  const { files } = service;
  assertWritable(files);
  const present = await installedFiles(files);
  const [{ path }] = files;
  if (isRemoval && present.length === 0) {
    print(`nothing is installed: there is no ${path}`);
    return EXIT.done;
  }
  const shown = isRemoval ? present : files;
  for (const each of shown) {
    print(isRemoval ? `to be removed: ${each.path}` : `to be written: ${each.path}`);
    for (const line of each.text.trimEnd().split("\n")) print(`  ${line}`);
  }
  if (!isSure) {
    if (ask === undefined) throw new UsageError("Add --yes to the command; nothing was done");
    const these = shown.length === 1 ? "this file" : "these files";
    const question = isRemoval
      ? `Remove ${these}? (yes or no) [no]: `
      : `Write ${these}, so that MIM starts whenever you log in? (yes or no) [no]: `;
    if (!isYes(await ask(question) ?? "")) {
      print("nothing was done");
      return EXIT.done;
    }
  }
  if (isRemoval) await removeFiles(present);
  else await write(files, present);
  for (const line of isRemoval ? afterRemoval(service) : afterInstallation(service)) print(line);
  return EXIT.done;
}

function afterInstallation({ files: [{ path }], start }: UserService): string[] {
  return [
    `wrote ${path}: MIM starts whenever you log in, and mim window opens a page of it`,
    hasServices()
      ? `start it now with: ${start}`
      : "systemd runs no services of yours in this session, as under su, over cron or in a container: " +
        "log in anew where it does, and MIM starts by itself",
    "log in there once under your name, and it does so by itself from then on",
  ];
}

function afterRemoval({ files: [{ path }], stop }: UserService): string[] {
  return [hasServices() ? `removed ${path}; stop MIM now with: ${stop}` : `removed ${path}`];
}

/** Whether the system runs services of the user now, as far as that can be known. */
function hasServices(): boolean {
  if (Deno.build.os !== "linux") return true;
  const folder = allowedEnv("XDG_RUNTIME_DIR"); // systemctl looks there
  try {
    return folder !== undefined && Deno.statSync(`${folder}/systemd`).isDirectory;
  } catch (error) {
    return !(error instanceof Deno.errors.NotFound);
  }
}

/** The words with which this program is started again. */
function commandOf(args: readonly string[]): ServiceCommand {
  const deno = Deno.execPath();
  const env = { DENO_NO_UPDATE_CHECK: "1" };
  const words = (() => {
    if (Deno.build.standalone) return [deno, ...args];
    const launcher = allowedEnv("MIM_LAUNCHER")?.split(delimiter);
    if (launcher !== undefined) return [...launcher, ...args];
    const config = fileURLToPath(new URL("../../deno.json", import.meta.url));
    if (import.meta.url.endsWith("/client/cli/install_command.ts")) {
      const folder = args.find((word) => /^--(data|downloads)=/.test(word));
      if (folder !== undefined) {
        throw new UsageError(`Leave ${folder} out: the tasks may not use other folders`);
      }
      return [deno, "task", "--quiet", "--config", config, ...args];
    }
    throw new UsageError("This program does not know how it was started; install a package of MIM");
  })();
  // deno may be in a folder that services do not look into.
  const path = [dirname(deno), "/usr/local/bin", "/usr/bin", "/bin"].join(":");
  // deno-lint-ignore no-control-regex
  const odd = words.find((word) => /[\x00-\x1f\x7f]/.test(word));
  if (odd !== undefined) throw new UsageError(`${JSON.stringify(odd)} can't stand in a service`);
  return { words, env: { ...env, PATH: path } };
}

/** @throws {UsageError} if this program may not write there */
function assertWritable(files: readonly ServiceFile[]): void {
  const refused = files.find(({ path }) =>
    Deno.permissions.querySync({ name: "write", path: dirname(path) }).state !== "granted"
  );
  if (refused === undefined) return;
  throw new UsageError(
    `This program may not write ${refused.path}: run deno run -A client/main.ts install instead, ` +
      "or the command install of a package, before any options",
  );
}

/**
 * Those of the files that are there, as they are.
 *
 * @throws {UsageError} if one of them is somebody else's
 */
async function installedFiles(files: readonly ServiceFile[]): Promise<ServiceFile[]> {
  const present: ServiceFile[] = [];
  for (const { path } of files) {
    const text = await readText(path);
    if (text === undefined) continue;
    if (!isOwnService(text)) {
      throw new UsageError(`${path} is not of mim install, so it stays; move it away`);
    }
    present.push({ path, text });
  }
  return present;
}

/** Writes all of the files, or leaves what was there before. */
async function write(
  files: readonly ServiceFile[],
  before: readonly ServiceFile[],
): Promise<void> {
  const written: ServiceFile[] = [];
  for (const file of files) {
    try {
      await Deno.mkdir(dirname(file.path), { recursive: true });
      await replaceFile(file.path, file.text);
      written.push(file);
    } catch (error) {
      const added = written.filter(({ path }) => !before.some((each) => each.path === path));
      await removeFiles(added);
      for (const { path, text } of before) await replaceFile(path, text).catch(() => {});
      throw new UsageError(`Cannot write ${file.path}: ${reasonOf(error)}; nothing was installed`);
    }
  }
}

/** Removes them, the one that starts the service first. */
async function removeFiles(files: readonly ServiceFile[]): Promise<void> {
  for (const { path } of files.toReversed()) {
    try {
      await Deno.remove(path);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) continue;
      throw new UsageError(`Cannot remove ${path}: ${reasonOf(error)}`);
    }
    if (path.endsWith(".d/mim.conf")) await Deno.remove(dirname(path)).catch(() => {}); // unless others use it
  }
}
