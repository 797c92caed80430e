import { formatAddress } from "../../protocol/mod.ts";
import {
  type Config,
  CONFIG_KEYS,
  type ConfigKey,
  configValue,
  isConfigKey,
  isSetting,
  type Settings,
  settingsOf,
} from "../storage/mod.ts";
import { type Context, serverAddress } from "../app/mod.ts";
import type { Command } from "./command.ts";

/** How it looks and sounds. */
export const SETTINGS_COMMANDS: readonly Command[] = [
  {
    name: "joins",
    args: "[on/off/smart]",
    help: "whose coming and going is shown: everybody's, nobody's, that of people you chat with; " +
      "alone, how it is",
    example: "/joins on",
    run: (context, args) => change(context, "joins", ["on", "off", "smart"], args),
  },
  {
    name: "bell",
    args: "[on/off]",
    help: "whether the terminal's bell tells of messages in other chats; alone, how it is",
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
    `expected ${words.slice(0, -1).join(", ")} or ${last} after /${key}, got "${args}"`,
  );
}

/** Shows what may be set, and how it is now: options count for more than the config file. */
export function listSettings(context: Context): void {
  const config = context.archive?.profile.config ?? {};
  for (const key of CONFIG_KEYS) {
    const now = inForce(context, key);
    const kept = config[key];
    const other = kept === undefined || isSame(key, now, kept) ? "" : ` (kept: ${spoken(kept)})`;
    context.note(`${key}: ${now}${other}`);
  }
  const folder = context.archive?.profile.folder;
  if (folder !== undefined) context.note(`/set KEY VALUE writes it to ${folder}/config.json`);
}

/**
 * Sets a value and writes it to the config file; what may be changed while chatting changes at once,
 * and is answered at once.
 *
 * @throws {SyntaxError} where there is no such key, or it takes no such value
 */
export async function setSetting(context: Context, key: string, text: string): Promise<void> {
  if (!isConfigKey(key)) {
    throw new SyntaxError(`expected one of ${CONFIG_KEYS.join(", ")} after /set, got "${key}"`);
  }
  const value = configValue(key, text);
  const config: Config = { [key]: value };
  context.apply(settingsOf(config));
  const { archive } = context;
  const whyNot = archive === undefined ? "there is no data folder" : archive.profile.whyNot;
  const isNow = isSetting(key);
  if (isNow) context.note(`${key} is ${spoken(value)}${whyNot && `, for this run: ${whyNot}`}`);
  else if (!whyNot) context.note(`${key} is ${spoken(value)}, from the next start on`);
  if (isNow && whyNot) return;
  try {
    if (archive === undefined) throw new Error(whyNot);
    await archive.profile.set(config);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    context.emit({ type: "error", text: `${key} can't be remembered: ${reason}` });
  }
}

/** How something is set, as one would type it. */
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
    case "history":
      if (archive === undefined) return "off: there is no data folder";
      if (archive.whyNot !== undefined) return `off: ${archive.whyNot}`;
      return spoken(archive.profile.config.history || true);
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
