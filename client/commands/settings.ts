import { DEFAULT_SETTINGS } from "../settings.ts";
import type { Command } from "./command.ts";
import { setSetting } from "./set.ts";

/** How it looks and sounds. */
export const SETTINGS: readonly Command[] = [
  {
    name: "joins",
    args: "on/off/smart",
    help: "whose coming and going is shown: everybody's, nobody's, that of people you chat with",
    example: "/joins on",
    run: (console, args) => {
      if (args !== "on" && args !== "off" && args !== "smart") {
        throw new SyntaxError(`expected on, off or smart: /joins ${DEFAULT_SETTINGS.joins}`);
      }
      return setSetting(console, "joins", args);
    },
  },
  {
    name: "bell",
    args: "on/off",
    help: "whether the terminal's bell tells of messages in other chats",
    example: "/bell off",
    run: (console, args) => {
      if (args !== "on" && args !== "off") throw new SyntaxError("expected on or off: /bell off");
      return setSetting(console, "bell", String(args === "on"));
    },
  },
];
