import { formatAddress } from "../../protocol/mod.ts";
import {
  type Config,
  CONFIG_KEYS,
  type ConfigKey,
  configValue,
  isConfigKey,
} from "../storage/config/config.ts";
import type { Context } from "../app/context.ts";
import { serverAddress } from "../cli/options.ts";
import { isSetting, settingsOf } from "../storage/config/settings.ts";

/** Shows what may be set, and how it is now: options count for more than the config file. */
export function listSettings(console: Context): void {
  const config = console.memory?.profile.config ?? {};
  for (const key of CONFIG_KEYS) {
    const now = inForce(console, key);
    const kept = config[key];
    const other = kept === undefined || isSame(key, now, kept) ? "" : ` (kept: ${spoken(kept)})`;
    console.note(`${key}: ${now}${other}`);
  }
  const folder = console.memory?.profile.folder;
  if (folder !== undefined) console.note(`/set KEY VALUE writes it to ${folder}/config.json`);
}

/**
 * Sets a value and writes it to the config file; what may be changed while chatting changes at once,
 * and is answered at once.
 *
 * @throws {SyntaxError} where there is no such key, or it takes no such value
 */
export async function setSetting(console: Context, key: string, text: string): Promise<void> {
  if (!isConfigKey(key)) {
    throw new SyntaxError(`expected one of ${CONFIG_KEYS.join(", ")} after /set, got "${key}"`);
  }
  const value = configValue(key, text);
  const config: Config = { [key]: value };
  console.apply(settingsOf(config));
  const { memory } = console;
  const whyNot = memory === undefined ? "there is no data folder" : memory.profile.whyNot;
  const isNow = isSetting(key);
  if (isNow) console.note(`${key} is ${spoken(value)}${whyNot && `, for this run: ${whyNot}`}`);
  else if (!whyNot) console.note(`${key} is ${spoken(value)}, from the next start on`);
  if (isNow && whyNot) return;
  try {
    if (memory === undefined) throw new Error(whyNot);
    await memory.profile.set(config);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    console.emit({ type: "error", text: `${key} can't be remembered: ${reason}` });
  }
}

/** How something is set, as one would type it. */
export function inForce(console: Context, key: ConfigKey): string {
  if (isSetting(key)) return spoken(console.settings[key]);
  const { messenger, memory, listen } = console;
  switch (key) {
    case "server":
      return formatAddress(messenger.server.hostname, messenger.server.port);
    case "name":
      return messenger.name;
    case "listen":
      return listen;
    case "history":
      if (memory === undefined) return "off: there is no data folder";
      if (memory.whyNot !== undefined) return `off: ${memory.whyNot}`;
      return spoken(memory.profile.config.history || true);
  }
}

/** Whether what is kept is what is in force. */
function isSame(key: ConfigKey, now: string, kept: string | boolean | number): boolean {
  if (key === "history") return now === spoken(kept) || (kept === false && now.startsWith("off"));
  if (key !== "server") return now === spoken(kept);
  const { hostname, port } = serverAddress(String(kept));
  return now === formatAddress(hostname, port);
}

/** A value as one would type it. */
function spoken(value: string | boolean | number): string {
  return typeof value === "boolean" ? (value ? "on" : "off") : String(value);
}
