import { formatAddress, parseAddress } from "../protocol/mod.ts";
import type { Console } from "./console.ts";
import { firstWho, onlyWho } from "./who.ts";

/** A command that users type. /help and every face read this table, so that neither can lie. */
export interface Command {
  /** Its name, without the slash. */
  readonly name: string;
  /** What stands behind the name. */
  readonly args: string;
  /** What it does, in one line. */
  readonly help: string;
  /** A line as one would type it. */
  readonly example: string;
  /** Does it; what is thrown is shown. */
  run(console: Console, args: string): void | Promise<void>;
}

/** The commands, in the order of /help. */
export const COMMANDS: readonly Command[] = [
  {
    name: "who",
    args: "",
    help: "list who is online, numbered",
    example: "/who",
    run: (console) => {
      console.listUsers();
      if (console.messenger.state !== "online") {
        console.note("not connected: this is who was online then; /login connects again");
      }
    },
  },
  {
    name: "talk",
    args: "WHO",
    help:
      "call somebody, or go to a chat; WHO is a name, name@address, name@address:port or a number of /who",
    example: "/talk bob",
    run: async (console, args) => {
      if (args === "") throw new SyntaxError("expected somebody to talk to: /talk NAME");
      await console.talk(onlyWho(args));
    },
  },
  {
    name: "msg",
    args: "WHO TEXT",
    help: 'say something to somebody, staying in this chat; "quotes" around a name with spaces',
    example: "/msg bob lunch at noon?",
    run: async (console, args) => {
      const { who, rest } = firstWho(args);
      if (rest === "") throw new SyntaxError("expected somebody and a text: /msg NAME TEXT");
      await console.message(who, rest);
    },
  },
  {
    name: "close",
    args: "[WHO]",
    help: "end this chat, or the one with WHO; gives up a call under way",
    example: "/close bob",
    run: (console, args) => console.close(args === "" ? undefined : onlyWho(args)),
  },
  {
    name: "chats",
    args: "",
    help: "list your chats",
    example: "/chats",
    run: (console) => {
      const { chats } = console.messenger;
      if (chats.length === 0) console.note("no chats; /talk NAME starts one");
      for (const chat of chats) {
        const where = formatAddress(chat.address, chat.port);
        const state = (chat.open ? "" : ", inactive") +
          (chat === console.current ? ", current" : "");
        console.note(`chat with ${chat.name} at ${where}${state}`);
      }
    },
  },
  {
    name: "login",
    args: "[NAME]",
    help: "log in at the server, under a new name if you like",
    example: "/login ada",
    run: (console, args) =>
      console.enter(() => console.messenger.login(args === "" ? undefined : args)),
  },
  {
    name: "logout",
    args: "",
    help: "leave the server; open chats go on",
    example: "/logout",
    run: (console) => console.messenger.logout(),
  },
  {
    name: "server",
    args: "HOST[:PORT]",
    help: "log in at another server",
    example: "/server 192.0.2.7",
    run: async (console, args) => {
      if (args === "") {
        throw new SyntaxError("expected a server: /server HOST or /server HOST:PORT");
      }
      const server = parseAddress(args, 4242);
      await console.enter(() => console.messenger.moveTo(server));
    },
  },
  {
    name: "help",
    args: "[COMMAND]",
    help: "explain the commands, or one of them",
    example: "/help talk",
    run: (console, args) => {
      const commands = args === "" ? COMMANDS : [findCommand(args.replace(/^\//, ""))];
      for (const { name, args, help } of commands) {
        console.note(`${`/${name} ${args}`.trim()}: ${help}`);
      }
      if (commands.length === 1) return console.note(`for example: ${commands[0]?.example}`);
      console.note(
        "Any other line goes to the current chat; //text says a text that starts with /",
      );
    },
  },
  {
    name: "quit",
    args: "",
    help: "close every chat, log out and leave",
    example: "/quit",
    run: (console) => console.quit(),
  },
];

/**
 * The command of that name.
 *
 * @throws {SyntaxError} where there is none
 */
export function findCommand(name: string): Command {
  const command = COMMANDS.find((command) => command.name === name.toLowerCase());
  if (command !== undefined) return command;
  const close = COMMANDS.find((command) =>
    name !== "" && command.name.startsWith(name.toLowerCase())
  );
  const hint = close === undefined ? "/help lists them" : `did you mean /${close.name}?`;
  throw new SyntaxError(`there is no command /${name}; ${hint}`);
}
