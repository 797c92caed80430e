import type { Context } from "../app/context.ts";
import type { Settings } from "../storage/config/settings.ts";
import type { Command } from "./command.ts";
import { inForce, setSetting } from "./set.ts";

/** How it looks and sounds. */
export const SETTINGS_COMMANDS: readonly Command[] = [
  {
    name: "joins",
    args: "[on/off/smart]",
    help: "whose coming and going is shown: everybody's, nobody's, that of people you chat with; " +
      "alone, how it is",
    example: "/joins on",
    run: (console, args) => change(console, "joins", ["on", "off", "smart"], args),
  },
  {
    name: "bell",
    args: "[on/off]",
    help: "whether the terminal's bell tells of messages in other chats; alone, how it is",
    example: "/bell off",
    run: (console, args) => change(console, "bell", ["on", "off"], args),
  },
];

function change(
  console: Context,
  key: keyof Settings,
  words: readonly string[],
  args: string,
): void | Promise<void> {
  if (args === "") return console.note(`${key} is ${inForce(console, key)}`);
  const word = args.toLowerCase();
  if (words.includes(word)) return setSetting(console, key, word);
  const last = words.at(-1);
  throw new SyntaxError(
    `expected ${words.slice(0, -1).join(", ")} or ${last} after /${key}, got "${args}"`,
  );
}
