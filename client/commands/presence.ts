import type { Context } from "../app/context.ts";
import type { Command } from "./command.ts";

/** Whether one is there. */
export const PRESENCE_COMMANDS: readonly Command[] = [
  {
    name: "away",
    args: "[TEXT]",
    help: "tell others that you are not there; calls get through",
    example: "/away back at two",
    run: (console, args) => tell(console, "away", args || console.status),
  },
  {
    name: "busy",
    args: "[TEXT]",
    help: "tell others that you are busy; calls get through",
    example: "/busy writing",
    run: (console, args) => tell(console, "busy", args || console.status),
  },
  {
    name: "back",
    args: "",
    help: "tell others that you are there",
    example: "/back",
    run: (console) => tell(console, "online", console.status),
  },
  {
    name: "status",
    args: "[TEXT]",
    help: "what others see beside your name, also through /away, /busy and /back; alone, nothing",
    example: "/status in the office",
    run: (console, args) => {
      tell(console, console.messenger.availability, args);
      console.status = args;
    },
  },
];

function tell(console: Context, availability: "online" | "away" | "busy", text: string): void {
  const { messenger } = console;
  messenger.setStatus(availability, text);
  const words = availability === "online" ? "there" : availability;
  const said = text === "" ? "" : `: ${text}`;
  const { serverId, state } = messenger;
  const unheard = state === "online" && serverId === undefined
    ? "; this server speaks classic MIM and tells nobody"
    : "";
  console.note(`you are ${words}${said}${unheard}`);
}
