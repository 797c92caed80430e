import { parseAddress } from "../../protocol/mod.ts";
import { diagnoseHere } from "../app/mod.ts";
import type { Command } from "./command.ts";

/** Being online. */
export const SERVER_COMMANDS: readonly Command[] = [
  {
    name: "login",
    args: "[NAME]",
    help: "log in at the server, under a new name if you like",
    example: "/login ada",
    run: (context, args) =>
      context.login(() => context.messenger.login(args === "" ? undefined : args)),
  },
  {
    name: "logout",
    args: "",
    help: "leave the server; open chats go on",
    example: "/logout",
    run: (context) => context.messenger.logout(),
  },
  {
    name: "server",
    args: "HOST[:PORT]",
    help: "log in at another server",
    example: "/server 192.0.2.7",
    run: async (context, args) => {
      if (args === "") {
        throw new SyntaxError("expected a server: /server HOST or /server HOST:PORT");
      }
      const server = parseAddress(args, 4242);
      await context.login(() => context.messenger.switchServer(server));
    },
  },
  {
    name: "doctor",
    args: "",
    help: "look at the server, your listener and who is online: what is wrong",
    example: "/doctor",
    run: (context) => diagnoseHere(context.messenger, context.emit),
  },
];
