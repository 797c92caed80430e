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
