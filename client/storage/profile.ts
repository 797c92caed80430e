import { type Config, readConfig, setConfig } from "./config/mod.ts";
import { createDataDir, dataDir } from "./data_dir.ts";
import { UsageError } from "../../server/platform/cli/flags.ts";

/** The data folder and what its config file says. */
export class Profile {
  /** Where history and config are; undefined where nothing can be kept. */
  readonly folder: string | undefined;
  /** Why nothing can be kept, and what to do; empty where it can. */
  readonly whyNot: string;
  #config: Config;
  /** What is being written to the config file, one after the other; never rejects. */
  #setting: Promise<void> = Promise.resolve();

  /** @param whyNot why there is no folder */
  constructor(folder: string | undefined, config: Config = {}, whyNot = "") {
    this.folder = folder;
    this.#config = config;
    this.whyNot = whyNot;
  }

  /**
   * Finds the data folder and reads its config file. Nothing is made yet, and nobody is asked for a
   * permission: where the usual folder may not be used, nothing is kept.
   *
   * @param option what `--data` says
   * @throws {UsageError} where the folder that `--data` names may not be used, or something is wrong
   *   in the file
   */
  static async read(option: string | undefined): Promise<Profile> {
    const folder = dataDir(option);
    if (folder === undefined) {
      return new Profile(undefined, {}, "this system names no folder for it; --data DIR does");
    }
    if (!mayUse(folder)) {
      const advice = `run client/main.ts with --allow-read="${folder}" --allow-write="${folder}"`;
      if (option === undefined) return new Profile(undefined, {}, advice);
      throw new UsageError(
        `expected --data to be a folder that Deno lets this program use, got ${folder}; ` +
          `${advice} (README.md, Permissions, has all of the command)`,
      );
    }
    return new Profile(folder, await readConfig(configPath(folder)));
  }

  /** What the config file says, as far as it is known here. */
  get config(): Config {
    return this.#config;
  }

  /**
   * Sets values in the config file, after those that are being set.
   *
   * @throws {Error} where that can't be; the message says why and what to do
   */
  async set(values: Config): Promise<void> {
    const setting = this.#setting.then(() => this.#write(values));
    this.#setting = setting.catch(() => {});
    await setting;
  }

  /** Resolves once all that was set is written, or can't be. */
  async written(): Promise<void> {
    await this.#setting;
  }

  async #write(values: Config): Promise<void> {
    const { folder } = this;
    if (folder === undefined) throw new Error(`nothing can be kept: ${this.whyNot}`);
    await createDataDir(folder);
    const { isConfigKey } = await import("./config/mod.ts");
    for (const [key, value] of Object.entries(values)) {
      if (!isConfigKey(key) || value === undefined) continue;
      this.#config = await setConfig(configPath(folder), key, value);
    }
  }
}

function configPath(folder: string): string {
  return `${folder}/config.json`;
}

/** Whether that folder may be read and written without a question. */
function mayUse(path: string): boolean {
  return (["read", "write"] as const).every((name) =>
    Deno.permissions.querySync({ name, path }).state === "granted"
  );
}
