import type { Context } from "../app/mod.ts";
import type { Command } from "./command.ts";

/** Whether one is there. */
export const PRESENCE_COMMANDS: readonly Command[] = [
  {
    name: "away",
    args: "[TEXT]",
    help: "tell others that you are not there; calls get through",
    example: "/away back at two",
    run: (context, args) => tell(context, "away", args || context.usualStatus),
  },
  {
    name: "busy",
    args: "[TEXT]",
    help: "tell others that you are busy; calls get through",
    example: "/busy writing",
    run: (context, args) => tell(context, "busy", args || context.usualStatus),
  },
  {
    name: "back",
    args: "",
    help: "tell others that you are there",
    example: "/back",
    run: (context) => tell(context, "online", context.usualStatus),
  },
  {
    name: "status",
    args: "[TEXT]",
    help: "what others see beside your name, also through /away, /busy and /back; alone, nothing",
    example: "/status in the office",
    run: (context, args) => {
      tell(context, context.messenger.availability, args);
      context.usualStatus = args;
    },
  },
];

function tell(context: Context, availability: "online" | "away" | "busy", text: string): void {
  const { messenger } = context;
  messenger.setStatus(availability, text);
  const words = availability === "online" ? "there" : availability;
  const said = text === "" ? "" : `: ${text}`;
  const { serverId, state } = messenger;
  const unheard = state === "online" && serverId === undefined
    ? "; this server speaks classic MIM and tells nobody"
    : "";
  context.note(`you are ${words}${said}${unheard}`);
}
