import { PEOPLE_COMMANDS } from "./people.ts";
import { PRESENCE_COMMANDS } from "./presence.ts";
import { CALL_COMMANDS } from "./calls.ts";
import { CHAT_COMMANDS } from "./chats.ts";
import { FILE_COMMANDS } from "./files.ts";
import { KEY_COMMANDS } from "./keys.ts";
import { HISTORY_COMMANDS } from "./history.ts";
import { OUTBOX_COMMANDS } from "./outbox.ts";
import { WHO_COMMANDS } from "./who.ts";
import { HELP_AND_QUIT_COMMANDS } from "./help_and_quit.ts";
import { SERVER_COMMANDS } from "./server.ts";
import { SETTINGS_COMMANDS } from "./settings.ts";
import { CommandTable } from "./command.ts";

export const COMMAND_TABLE: CommandTable = new CommandTable([
  {
    title: "Chatting",
    about: "talk to people, and switch between chats",
    commands: [...CHAT_COMMANDS, ...OUTBOX_COMMANDS],
  },
  { title: "Sharing", about: "send and take files and folders", commands: FILE_COMMANDS },
  {
    title: "Presence",
    about: "who is online, whom you know, and whether you are available",
    commands: [...WHO_COMMANDS, ...PEOPLE_COMMANDS, ...PRESENCE_COMMANDS],
  },
  { title: "Keys", about: "make sure who someone is", commands: KEY_COMMANDS },
  { title: "Calls", about: "who may call, and who is ignored", commands: CALL_COMMANDS },
  { title: "Memory", about: "earlier messages", commands: HISTORY_COMMANDS },
  { title: "Connection", about: "log in and out", commands: SERVER_COMMANDS },
  { title: "Settings", about: "how it looks and sounds", commands: SETTINGS_COMMANDS },
  { title: "Program", about: "the program itself", commands: HELP_AND_QUIT_COMMANDS },
]);
