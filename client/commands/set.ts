import type { Config } from "../config.ts";
import type { Console } from "../console.ts";
import { isSetting, settingsOf } from "../settings.ts";

/** What it is where neither the config file nor the user says anything. */
const DEFAULTS: Readonly<Record<string, string>> = {
  server: "localhost",
  name: "asked for at the start",
  listen: "every address, any port",
  history: "true",
};

/** Shows what may be set, and how it is. */
export async function listSettings(console: Console): Promise<void> {
  const { CONFIG_KEYS } = await import("../config.ts");
  const config = console.memory?.profile.config ?? {};
  for (const key of CONFIG_KEYS) {
    const value = isSetting(key) ? console.settings[key] : config[key] ?? DEFAULTS[key];
    console.note(`${key}: ${value}`);
  }
  const folder = console.memory?.profile.folder;
  if (folder !== undefined) console.note(`/set KEY VALUE writes it to ${folder}/config.json`);
}

/**
 * Sets a value and writes it to the config file; what may be changed while chatting changes at once.
 *
 * @throws {SyntaxError} where there is no such key, or it takes no such value
 */
export async function setSetting(console: Console, key: string, text: string): Promise<void> {
  const { CONFIG_KEYS, configValue, isConfigKey } = await import("../config.ts");
  if (!isConfigKey(key)) {
    throw new SyntaxError(`expected one of ${CONFIG_KEYS.join(", ")} after /set, got "${key}"`);
  }
  const value = configValue(key, text);
  const config: Config = { [key]: value };
  console.apply(settingsOf(config));
  const when = isSetting(key) ? "" : ", from the next start on";
  const { memory } = console;
  const whyNot = memory === undefined ? "there is no data folder" : memory.profile.whyNot;
  if (whyNot && isSetting(key)) return console.note(`${key} is ${value}, for this run: ${whyNot}`);
  try {
    if (memory === undefined) throw new Error("there is no data folder");
    await memory.profile.set(config);
    console.note(`${key} is ${value}${when}`);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const now = isSetting(key) ? `${key} is ${value} for now, but ` : "";
    console.emit({ kind: "error", text: `${now}${key} can't be remembered: ${reason}` });
  }
}
