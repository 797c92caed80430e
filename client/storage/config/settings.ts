import type { Config } from "./config.ts";

/** What a user may change while chatting; the config file says how it starts. */
export type Settings = {
  -readonly [Key in "joins" | "bell" | "strangers" | "notify"]-?: NonNullable<Config[Key]>;
};

/** How it is where nothing is said. */
export const DEFAULT_SETTINGS: Readonly<Settings> = {
  joins: "smart",
  bell: true,
  strangers: "allow",
  notify: false,
};

/** Whether a key of the config file is one of these. */
export function isSetting(key: string): key is keyof Settings {
  return Object.hasOwn(DEFAULT_SETTINGS, key);
}

/** Those that a config sets. */
export function settingsOf(config: Config): Partial<Settings> {
  return Object.fromEntries(Object.entries(config).filter(([key]) => isSetting(key)));
}
