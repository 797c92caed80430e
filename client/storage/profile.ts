import { isPathAllowed, missingHomeOf, splitPathList } from "../../server/platform/cli/env.ts";
import {
  type Config,
  CONFIG_KEYS,
  type ConfigKey,
  readConfig,
  readSystemConfig,
  setConfig,
  type SystemConfig,
  systemConfigPath,
} from "./config/mod.ts";
import { createDataDir, dataDir } from "./data_dir.ts";
import { UsageError } from "../../server/platform/cli/flags.ts";

/** The variables of the environment that the tasks put into lists of permitted folders. */
const PATH_VARIABLES = ["HOME", "XDG_DATA_HOME", "APPDATA"];

/** The data folder and its config file. */
export class Profile {
  /** The data folder; undefined if nothing can be saved. */
  readonly folder: string | undefined;
  /** Why nothing can be saved, and what to do; empty otherwise. */
  readonly whyNot: string;
  /** Whether it is the usual folder, and so MIM's alone. */
  readonly isUsual: boolean;
  /** The machine's own; undefined if it has none. */
  readonly #system: SystemConfig | undefined;
  #config: Config;
  #problems: readonly string[];
  /** Pending writes to the config file, one after the other; never rejects. */
  #setting: Promise<void> = Promise.resolve();

  /** @param whyNot why there is no folder */
  constructor(
    folder: string | undefined,
    config: Config = {},
    whyNot = "",
    isUsual = false,
    system?: SystemConfig,
    problems: readonly string[] = [],
  ) {
    this.#problems = problems;
    this.#system = system;
    this.folder = folder;
    this.isUsual = isUsual;
    this.#config = config;
    this.whyNot = whyNot;
  }

  /**
   * Finds the data folder and reads its config file. Creates nothing and asks for no permission: if
   * the default folder is not allowed, nothing is saved.
   *
   * @param option the value of `--data`
   * @param systemPath the machine's config file
   * @throws {UsageError} if that folder is not allowed, its config file can't be read, or something in the
   *   machine's is wrong
   */
  static async read(
    option: string | undefined,
    systemPath: string | undefined = systemConfigPath(),
  ): Promise<Profile> {
    const system = await readSystemConfig(systemPath);
    const split = splitPathList(PATH_VARIABLES);
    if (split !== undefined) {
      throw new UsageError(
        `The comma in ${split} splits the list of folders that this program may use, so it would use ` +
          "others. Run deno run -A client/main.ts instead, or the compiled program",
      );
    }
    const folder = dataDir(option);
    if (folder === undefined) {
      const reason = "no home folder is set, so there is no data folder; name one with --data DIR";
      return new Profile(undefined, {}, reason, false, system);
    }
    const home = option === undefined ? missingHomeOf(folder) : undefined;
    if (home !== undefined) {
      const reason = `there is no home folder ${home}; name a data folder with --data DIR`;
      return new Profile(undefined, {}, reason, false, system);
    }
    if (!isPathAllowed(folder)) {
      const advice = `run client/main.ts with --allow-read="${folder}" --allow-write="${folder}"`;
      if (option === undefined) {
        return new Profile(
          undefined,
          {},
          `Deno does not let this program use ${folder}; ${advice}`,
          false,
          system,
        );
      }
      throw new UsageError(
        `Deno does not let this program use --data ${folder}; ${advice} ` +
          "(see Permissions in client/docs/configuration.md)",
      );
    }
    const { config, problems } = await readConfig(configPath(folder));
    return new Profile(folder, config, "", option === undefined, system, problems);
  }

  /** The values in force: the user's own come before the machine's, unless it locks them. */
  get config(): Config {
    const { config = {} } = this.#system ?? {};
    const locked = Object.entries(config).filter(([key]) => this.#locks(key));
    return { ...config, ...this.#config, ...Object.fromEntries(locked) };
  }

  /** The mistakes in the config file, which are left out, each with file, line and column. */
  get problems(): readonly string[] {
    return this.#problems;
  }

  /** The keys that the machine's config locks and the user's own sets to something else. */
  get overridden(): ConfigKey[] {
    const { config = {} } = this.#system ?? {};
    return CONFIG_KEYS.filter((key) =>
      this.#locks(key) && this.#config[key] !== undefined && this.#config[key] !== config[key]
    );
  }

  /** The machine's config file, and the keys that it locks; undefined if it locks none. */
  get locked(): Pick<SystemConfig, "path" | "locked"> | undefined {
    return this.#system?.locked.length ? this.#system : undefined;
  }

  /** Why a key can't be changed; undefined if it can. */
  whyLocked(key: ConfigKey): string | undefined {
    if (this.#system === undefined || !this.#locks(key)) return undefined;
    return `${this.#system.path} sets ${key} for everybody on this machine`;
  }

  /** @throws {SyntaxError} if a key can't be changed */
  assertUnlocked(key: ConfigKey): void {
    const whyLocked = this.whyLocked(key);
    if (whyLocked === undefined) return;
    throw new SyntaxError(`You can't change ${key}: ${whyLocked}; ask its administrator`);
  }

  /**
   * Sets values in the config file, after pending writes.
   *
   * @throws {Error} if that fails; the message names the reason and a remedy
   */
  async set(values: Config): Promise<void> {
    for (const key of CONFIG_KEYS) if (values[key] !== undefined) this.assertUnlocked(key);
    const given = Object.entries(values).filter(([, value]) => value !== undefined);
    await this.#edit(Object.fromEntries(given));
  }

  /**
   * Removes a value from the config file, after pending writes: then the default holds.
   *
   * @throws {Error} as {@linkcode Profile.set}
   */
  async reset(key: ConfigKey): Promise<void> {
    this.assertUnlocked(key);
    await this.#edit({ [key]: undefined });
  }

  /** Resolves when pending writes are done or have failed. */
  async written(): Promise<void> {
    await this.#setting;
  }

  #locks(key: string): boolean {
    return this.#system?.locked.some((locked) => locked === key) ?? false;
  }

  /** Edits the file after pending writes; undefined removes a value. */
  async #edit(values: Readonly<Record<string, Config[ConfigKey]>>): Promise<void> {
    const setting = this.#setting.then(() => this.#write(values));
    this.#setting = setting.catch(() => {});
    await setting;
  }

  async #write(values: Readonly<Record<string, Config[ConfigKey]>>): Promise<void> {
    const { folder } = this;
    if (folder === undefined) throw new Error(`Nothing can be saved: ${this.whyNot}`);
    await createDataDir(folder);
    const { isConfigKey } = await import("./config/mod.ts");
    for (const [key, value] of Object.entries(values)) {
      if (!isConfigKey(key)) continue;
      const { config, problems } = await setConfig(configPath(folder), key, value);
      this.#config = config;
      this.#problems = problems;
    }
  }
}

function configPath(folder: string): string {
  return `${folder}/config.json`;
}
