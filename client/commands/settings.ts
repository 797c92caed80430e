import { reasonOf } from "../../server/platform/util/errors.ts";
import { formatAddress } from "../../protocol/mod.ts";
import {
  type Config,
  CONFIG_KEYS,
  type ConfigKey,
  configValue,
  describeValues,
  isConfigKey,
  isSetting,
  type Settings,
  settingsOf,
} from "../storage/mod.ts";
import { type Context, serverAddresses } from "../app/mod.ts";
import type { Command } from "./command.ts";

export const JOINS_COMMANDS: readonly Command[] = [
  {
    name: "joins",
    args: "[on/off/smart]",
    help:
      "show who comes and goes: everybody (on), nobody (off) or people you chat with (smart); " +
      "alone, show the setting",
    example: "/joins on",
    run: (context, args) => change(context, "joins", ["on", "off", "smart"], args),
  },
];

export const BELL_COMMANDS: readonly Command[] = [
  {
    name: "bell",
    args: "[on/off]",
    help: "ring the terminal's bell for messages in other chats; alone, show the setting",
    example: "/bell off",
    run: (context, args) => change(context, "bell", ["on", "off"], args),
  },
];

function change(
  context: Context,
  key: keyof Settings,
  words: readonly string[],
  args: string,
): void | Promise<void> {
  if (args === "") return context.note(`${key} is ${inForce(context, key)}`);
  const word = args.toLowerCase();
  if (words.includes(word)) return setSetting(context, key, word);
  const last = words.at(-1);
  throw new SyntaxError(
    `Expected ${words.slice(0, -1).join(", ")} or ${last} after /${key}, got "${args}"`,
  );
}

/** Shows all settings and their current values, which options may have overridden. */
export function listSettings(context: Context): void {
  const config = context.archive?.profile.config ?? {};
  for (const key of CONFIG_KEYS) {
    const now = inForce(context, key);
    const kept = config[key];
    const other = kept === undefined || isSame(key, now, kept)
      ? ""
      : ` (config file: ${spoken(kept)})`;
    context.note(`${key}: ${now}${other}`);
  }
  const values = CONFIG_KEYS.map((key) => `${key} ${describeValues(key)}`).join("; ");
  context.note(`Values: ${values}`);
  const folder = context.archive?.profile.folder;
  if (folder !== undefined) context.note(`/set KEY VALUE writes to ${folder}/config.json`);
}

/** @throws {SyntaxError} for an unknown key or an invalid value */
export async function setSetting(context: Context, key: string, text: string): Promise<void> {
  if (!isConfigKey(key)) {
    throw new SyntaxError(`Expected one of ${CONFIG_KEYS.join(", ")} after /set, got "${key}"`);
  }
  const value = configValue(key, text);
  context.assertUnlocked(key);
  const config: Config = { [key]: value };
  context.apply(settingsOf(config));
  const { archive } = context;
  const whyNot = archive === undefined ? "there is no data folder" : archive.profile.whyNot;
  const isNow = isSetting(key);
  if (isNow) context.note(`${key} is ${spoken(value)}${whyNot && `, for this run: ${whyNot}`}`);
  else if (!whyNot) context.note(`${key} will be ${spoken(value)} from the next start`);
  if (isNow && whyNot) return;
  try {
    if (archive === undefined) throw new Error(whyNot);
    await archive.profile.set(config);
  } catch (error) {
    const reason = reasonOf(error);
    context.emit({ type: "error", text: `${key} could not be saved: ${reason}` });
  }
}

/** The current value of a setting, as a user would type it. */
export function inForce(context: Context, key: ConfigKey): string {
  if (isSetting(key)) return spoken(context.settings[key]);
  const { messenger, archive, listen } = context;
  switch (key) {
    case "server":
      return formatAddress(messenger.server.hostname, messenger.server.port);
    case "name":
      return messenger.name;
    case "listen":
      return listen;
    case "autologin":
      return spoken(archive?.profile.config.autologin ?? true);
    case "updates":
      return spoken(archive?.profile.config.updates ?? false);
    case "history":
      if (archive === undefined) return "off: there is no data folder";
      if (archive.whyNot !== undefined) return `off: ${archive.whyNot}`;
      return spoken(archive.profile.config.history || true);
  }
}

/** Whether the value in the config file is the current one. */
function isSame(key: ConfigKey, now: string, kept: string | boolean | number): boolean {
  if (key === "history") return now === spoken(kept) || (kept === false && now.startsWith("off"));
  if (key !== "server") return now === spoken(kept);
  return serverAddresses(String(kept)).some(({ hostname, port }) =>
    now === formatAddress(hostname, port)
  );
}

/** A value as a user would type it. */
function spoken(value: string | boolean | number): string {
  return typeof value === "boolean" ? (value ? "on" : "off") : String(value);
}
