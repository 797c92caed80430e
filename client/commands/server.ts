import { chosenOffer, diagnoseHere, parseServers } from "../app/mod.ts";
import type { Command } from "./command.ts";

export const SERVER_COMMANDS: readonly Command[] = [
  {
    name: "login",
    args: "[NAME]",
    help: "log in at the server, under a new name if you give one",
    example: "/login ada",
    run: (context, args) => {
      if (args !== "" && args !== context.messenger.name) context.assertUnlocked("name");
      context.isOfferPending = false;
      return context.login(() => context.logIn(args === "" ? undefined : args));
    },
  },
  {
    name: "classic",
    args: "",
    help: "log in at a server that proves nothing, without encryption; this is remembered for it",
    example: "/classic",
    run: async (context) => {
      const { messenger } = context;
      await messenger.serverTrust.allowClassic();
      await context.login(() => messenger.login());
    },
  },
  {
    name: "logout",
    args: "",
    help: "log out; open chats continue",
    example: "/logout",
    run: (context) => context.messenger.logout(),
  },
  {
    name: "server",
    args: "HOST[:PORT]",
    help: "log in at another server: HOST, a link mim://HOST#KEY, several with commas, or the " +
      "number of one that was found",
    example: "/server 192.0.2.7",
    run: async (context, args) => {
      if (args === "") {
        throw new SyntaxError("Expected a server: /server HOST, /server HOST:PORT or a link");
      }
      context.assertUnlocked("server");
      const servers = chosenOffer(context.offers, args)?.servers ?? parseServers(args);
      context.isOfferPending = false;
      await context.login(() => context.messenger.switchServer(servers));
    },
  },
];

export const DOCTOR_COMMANDS: readonly Command[] = [
  {
    name: "doctor",
    args: "",
    help: "check the server, your listener and the people online, and say what is wrong",
    example: "/doctor",
    run: (context) => diagnoseHere(context.messenger, context.emit, context.whyNoKey),
  },
];
