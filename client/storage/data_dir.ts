import { type System, systemEnv } from "../../server/platform/cli/env.ts";
import {
  exposedParent,
  isReadableByOthers,
  isWritableByOthers,
  keepPrivate,
} from "../../server/platform/storage/private_file.ts";
import { reasonOf } from "../../server/platform/util/errors.ts";

/** MIM's own files, those that were set aside or left half-written included. */
const OWN_FILE =
  /^(?:config\.json|input\.history|window\.address|(?:identity|contacts|history|rooms|files|ignored|running)\.(?:(?:damaged-)?\d{4}-\d\d-\d\d(?:-\d+)?\.)?(?:key|db|json|lock))(?:[.-].*)?$/;

/**
 * The folder for everything that the client keeps.
 *
 * @param option the value of `--data`
 * @returns undefined if the system names no folder; then nothing can be saved
 *
 * @example
 * ```ts
 * import { dataDir } from "./data_dir.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const env = (variable: string) => ({ HOME: "/home/ada" })[variable];
 * assertEquals(dataDir(undefined, { os: "linux", env }), "/home/ada/.local/share/mim");
 * ```
 */
export function dataDir(
  option: string | undefined,
  { os, env }: System = systemEnv,
): string | undefined {
  if (option !== undefined) return option;
  if (os === "windows") {
    const roaming = env("APPDATA");
    return roaming ? `${roaming}\\mim` : undefined;
  }
  const home = absolute(env("HOME"));
  if (os === "darwin") return home ? `${home}/Library/Application Support/mim` : undefined;
  const data = env("XDG_DATA_HOME");
  // The XDG Base Directory Specification says that relative paths are to be ignored.
  if (absolute(data) !== undefined) return `${data}/mim`;
  return home ? `${home}/.local/share/mim` : undefined;
}

/**
 * The folder for files that come in.
 *
 * @param option the value of `--downloads`
 * @returns undefined if the system names no home
 */
export function downloadsDir(
  option: string | undefined,
  { os, env }: System = systemEnv,
): string | undefined {
  if (option !== undefined) return option;
  if (os === "windows") {
    const home = env("USERPROFILE");
    return home ? `${home}\\Downloads\\MIM` : undefined;
  }
  const home = absolute(env("HOME"));
  return home && `${home}/Downloads/MIM`;
}

function absolute(path: string | undefined): string | undefined {
  return path?.startsWith("/") ? path : undefined;
}

/**
 * Takes the usual folder away from other users, and says so if they can look into another one.
 *
 * @param isUsual whether it is MIM's alone; others may be shared on purpose
 */
export function closeDataDir(
  folder: string,
  isUsual: boolean,
  alarm: (text: string) => void,
): void {
  try {
    const parent = exposedParent(folder);
    if (parent !== undefined) {
      alarm(
        `Other users can put another folder in the place of ${folder}, and so replace your key, since ` +
          `${parent} is open to them`,
      );
    }
    if (isUsual) keepPrivate(folder);
    else if (isWritableByOthers(folder)) {
      alarm(
        `Other users can write in ${folder}, and so replace your key; chmod go-w prevents that`,
      );
    } else if (isReadableByOthers(folder)) {
      alarm(
        `Other users can look into ${folder}, where your key and your messages are; ` +
          "chmod go-rwx prevents that",
      );
    }
  } catch (error) {
    alarm(reasonOf(error));
  }
}

/**
 * Takes MIM's files in the folder away from other users, if they can read or write them: some may have been
 * copied by hand. Others that are there stay as they are.
 */
export function closeFiles(folder: string, alarm: (text: string) => void): void {
  for (const { name, isSymlink } of filesIn(folder)) {
    if (!OWN_FILE.test(name)) continue;
    try {
      keepPrivate(`${folder}/${name}`);
    } catch (error) {
      // A link may lead to a file of somebody else, as one that the system manages.
      if (!isSymlink) alarm(reasonOf(error));
    }
  }
}

function filesIn(folder: string): Deno.DirEntry[] {
  try {
    return [...Deno.readDirSync(folder)].filter(({ isDirectory }) => !isDirectory);
  } catch {
    return []; // the first file that is opened there says why
  }
}

/**
 * Creates the folder if there is none, for its owner only.
 *
 * @throws {Error} if that fails; the message names the reason and a remedy
 */
export async function createDataDir(path: string): Promise<void> {
  try {
    await Deno.mkdir(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    const advice = error instanceof Deno.errors.NotCapable
      ? `; allow it with --allow-read="${path}" --allow-write="${path}"`
      : "; choose another";
    const reason = error instanceof Error
      ? error.message.split(/, run again| \(os error/)[0]
      : error;
    throw new Error(`Cannot create the data folder ${path}: ${reason}${advice}`, { cause: error });
  }
}
