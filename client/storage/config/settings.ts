import type { Config } from "./config.ts";

/** The keys of the config file that can be changed while chatting. */
export type Settings = {
  -readonly [Key in "joins" | "bell" | "strangers" | "notify" | "seen" | "rooms" | "autofiles"]-?:
    NonNullable<
      Config[Key]
    >;
};

/** The values of the settings if the config file has none. */
export const DEFAULT_SETTINGS: Readonly<Settings> = {
  joins: "smart",
  bell: true,
  strangers: "allow",
  notify: false,
  seen: false,
  autofiles: false,
  rooms: "mentions",
};

/** Whether a key of the config file is one of these. */
export function isSetting(key: string): key is keyof Settings {
  return Object.hasOwn(DEFAULT_SETTINGS, key);
}

export function settingsOf(config: Config): Partial<Settings> {
  return Object.fromEntries(Object.entries(config).filter(([key]) => isSetting(key)));
}
