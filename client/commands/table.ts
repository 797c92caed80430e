import { ADMIN_COMMANDS } from "./admin.ts";
import { PEOPLE_COMMANDS } from "./people.ts";
import { PRESENCE_COMMANDS } from "./presence.ts";
import { CALL_COMMANDS } from "./calls.ts";
import { CHAT_COMMANDS } from "./chats.ts";
import { FILE_COMMANDS } from "./files.ts";
import { KEY_COMMANDS } from "./keys.ts";
import { MESSAGE_COMMANDS } from "./messages.ts";
import { ROOM_COMMANDS } from "./rooms.ts";
import { HISTORY_COMMANDS } from "./history.ts";
import { OUTBOX_COMMANDS } from "./outbox.ts";
import { WHO_COMMANDS } from "./who.ts";
import { HELP_AND_QUIT_COMMANDS } from "./help_and_quit.ts";
import { DOCTOR_COMMANDS, SERVER_COMMANDS } from "./server.ts";
import { BELL_COMMANDS, JOINS_COMMANDS } from "./settings.ts";
import { CommandTable } from "./command.ts";

export const COMMAND_TABLE: CommandTable = new CommandTable([
  {
    title: "Chatting",
    about: "talk to people, and switch between chats",
    commands: [...CHAT_COMMANDS, ...OUTBOX_COMMANDS],
  },
  { title: "Sharing", about: "send and take files and folders", commands: FILE_COMMANDS },
  { title: "Groups", about: "rooms, in which several people talk", commands: ROOM_COMMANDS },
  {
    title: "Messages",
    about: "answer, change and find what was said",
    commands: [...MESSAGE_COMMANDS, ...HISTORY_COMMANDS],
  },
  {
    title: "Presence",
    about: "who is online, whom you know, and whether you are available",
    commands: [...WHO_COMMANDS, ...PEOPLE_COMMANDS, ...PRESENCE_COMMANDS],
  },
  { title: "Calls", about: "who may call, and who is ignored", commands: CALL_COMMANDS },
  {
    title: "Connection",
    about: "make sure who someone is, log in and out, see who comes and goes",
    commands: [...KEY_COMMANDS, ...SERVER_COMMANDS, ...JOINS_COMMANDS],
  },
  {
    title: "Admins",
    about: "keep others out, if the operator has named you an admin of the server",
    commands: ADMIN_COMMANDS,
    isListed: ({ messenger }) => messenger.serverAdmin.isAdmin,
  },
  {
    title: "Program",
    about: "the program itself",
    commands: [...DOCTOR_COMMANDS, ...BELL_COMMANDS, ...HELP_AND_QUIT_COMMANDS],
  },
]);
