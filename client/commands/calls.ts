import { checkUserName, displayName, isIpAddress, nameKey } from "../../protocol/mod.ts";
import {
  assertNotSelf,
  type Context,
  describeCandidate,
  formatDate,
  formatQuery,
  ignoreTargetOf,
  isNumber,
  matchFolded,
  parseQuery,
  resolveOne,
  type UserCandidate,
} from "../app/mod.ts";
import type { Caller, Calls, IgnoreEntry, IgnoreTarget } from "../core/mod.ts";
import type { Command } from "./command.ts";
import { setSetting } from "./settings.ts";

const POLICIES = ["allow", "ask", "refuse", "allow-unconfirmed"] as const;
const WAITING = "waiting for an answer; /strangers shows who is";

export const CALL_COMMANDS: readonly Command[] = [
  {
    name: "strangers",
    args: "[HOW]",
    help: "set what happens when someone you don't know calls: allow, ask or refuse; " +
      "without HOW, show the setting and the waiting callers",
    example: "/strangers ask",
    run: (context, args) => {
      const { messenger } = context;
      if (args === "") return context.note(howItIs(messenger.calls));
      const policy = POLICIES.find((policy) => policy === args.toLowerCase());
      if (policy === undefined) {
        throw new SyntaxError(
          `Expected allow, ask, refuse or allow-unconfirmed after /strangers, got "${args}"`,
        );
      }
      return setSetting(context, "strangers", policy);
    },
  },
  {
    name: "accept",
    args: "WHO",
    help: "accept the waiting call of someone you don't know, and go to that chat",
    example: "/accept eve",
    placeOf: (args) => args,
    run: (context, args) => context.activeChat.accept(theCaller(context, args, "/accept")),
  },
  {
    name: "refuse",
    args: "WHO",
    help: "refuse the waiting call of someone you don't know",
    example: "/refuse eve",
    run: (context, args) => {
      const caller = theCaller(context, args, "/refuse");
      caller.reject();
      context.note(
        `Refused ${named(caller)}; /ignore ${formatQuery(caller.name)} refuses all calls`,
      );
    },
  },
  {
    name: "ignore",
    args: "WHO",
    help: "refuse calls and messages from WHO: NAME at its current address, " +
      "@ADDRESS for everybody there, NAME@* for that name everywhere",
    example: "/ignore eve",
    run: async (context, args) => {
      await context.users.lookUp(parseQuery(args));
      const who = toIgnore(context, args);
      const size = context.messenger.calls.ignored.length;
      await context.messenger.calls.ignore(who);
      await context.archive?.ignored?.write(context.messenger.calls.ignored);
      const again = context.messenger.calls.ignored.length === size ? "Still i" : "I";
      const nobody = isNobody(context, who) ? "; nobody with that name is there now" : "";
      context.note(`${again}gnoring ${describePolicy(who)}${nobody}; ${wider(who)}`);
    },
  },
  {
    name: "unignore",
    args: "WHO",
    help: "stop ignoring WHO: NAME, NAME@ADDRESS, or @ADDRESS for everything ignored there",
    example: "/unignore eve",
    run: async (context, args) => {
      if (args === "") {
        throw new SyntaxError("Expected a user: /unignore NAME or /unignore @ADDRESS");
      }
      const query = parseQuery(args);
      const { text, quoted } = query;
      const ignored = context.messenger.calls.ignored.flatMap(({ name }) =>
        name === undefined ? [] : { name }
      );
      const name = context.users.numbered(query, ignored)?.name;
      const who = name === undefined ? quoted ? { name: text } : spelled(text) : { name };
      const removed = context.messenger.calls.unignore(who ?? { name: text });
      if (removed.length === 0) {
        throw new SyntaxError(`${args} is not ignored; /ignored shows who is`);
      }
      await context.archive?.ignored?.write(context.messenger.calls.ignored);
      for (const one of removed) context.note(`No longer ignoring ${describePolicy(one)}`);
    },
  },
  {
    name: "ignored",
    args: "",
    help: "list who is ignored, since when, and how many of their calls were refused",
    example: "/ignored",
    run: (context) => {
      const { ignored } = context.messenger.calls;
      if (ignored.length === 0) context.note("Nobody is ignored; /ignore NAME ignores someone");
      for (const one of ignored) context.note(`${describePolicy(one)}: ${refusals(one)}`);
    },
  },
];

function howItIs({ unknownCallers, pending, rejectedCount }: Calls): string {
  const what = {
    allow: "open a chat, or wait for you if nothing confirms their name",
    "allow-unconfirmed": "open a chat, even if nothing confirms their name",
    ask: "wait until you /accept or /refuse them",
    refuse: "are refused",
  }[unknownCallers];
  const waiting = pending.length === 0 ? "" : `; waiting: ${pending.map(whoWaits).join(", ")}`;
  const refused = rejectedCount === 0 ? "" : `; ${rejectedCount} refused so far`;
  return `Calls from people you don't know ${what} (${unknownCallers})${waiting}${refused}`;
}

function theCaller(context: Context, args: string, command: string): Caller {
  if (args === "") throw new SyntaxError(`Expected a caller: ${command} NAME`);
  const { pending } = context.messenger.calls;
  const who = parseQuery(args);
  const user = context.users.numbered(who);
  if (user !== undefined) return resolveOne(`${user.name}@${user.address}`, WAITING, pending);
  return resolveOne(who, WAITING, pending);
}

/** A user who is there comes first; a mere name is ignored at every address. */
function toIgnore(context: Context, args: string): IgnoreTarget {
  if (args === "") throw new SyntaxError("Expected a user: /ignore NAME or /ignore @ADDRESS");
  const who = parseQuery(args);
  const { text, quoted } = who;
  const { chats, calls } = context.messenger;
  const online = [...context.messenger.users];
  const user = context.users.numbered(who);
  if (user !== undefined) {
    assertNotSelf(user.name, [user], []);
    return ignoreTargetOf(user);
  }
  if (/^@[^@]*$/.test(text) && !quoted) return checked(spelled(text), text);
  const peers = once([...calls.pending, ...chats, ...online.filter(({ own }) => !own)]);
  assertNotSelf(who, online, peers);
  if (matchFolded(who, peers).length > 0) return ignoreTargetOf(resolveOne(who, "there", peers));
  if (isNumber(who)) throw new SyntaxError(`${text} is not a number from the last /who`);
  const target = quoted ? undefined : spelled(text);
  const contact = context.messenger.trust.contacts.find(({ name }) =>
    nameKey(name) === nameKey(text)
  );
  if (target !== undefined || contact === undefined) {
    return checked(target ?? { name: text }, text);
  }
  return { name: contact.name, key: contact.identity.toHex() };
}

/** Whether a name is ignored that nobody has, who is online, in a chat, waits or is known. */
function isNobody({ users }: Context, { name }: IgnoreTarget): boolean {
  return name !== undefined && !users.isKnown(name);
}

/** Each name at each address once: ports can't be told apart when they call. */
function once(peers: readonly UserCandidate[]): UserCandidate[] {
  return [...new Map(peers.map((peer) => [`${peer.name}@${peer.address}`, peer])).values()];
}

/** Reads `@ADDRESS`, `NAME@ADDRESS` and `NAME@*`; undefined for a mere name. */
function spelled(text: string): IgnoreTarget | undefined {
  const [, name = "", address = ""] = /^(.*)@([^@]+)$/s.exec(text) ?? [];
  if (name !== "" && address === "*") return { name };
  if (!isIpAddress(address)) return undefined;
  return name === "" ? { address } : { name, address };
}

function checked(who: IgnoreTarget | undefined, text: string): IgnoreTarget {
  if (who === undefined) throw new SyntaxError(`Expected an IP address after the @, got "${text}"`);
  if (who.name === undefined) return who;
  const check = checkUserName(who.name);
  if (!check.ok) throw new SyntaxError(`Nobody can have this name: ${check.reason}`);
  return { ...who, name: check.name };
}

/** A hint about callers that still get through, and how to refuse them too. */
function wider({ name, address, key }: IgnoreTarget): string {
  if (name === undefined) return `/unignore @${address} undoes this`;
  return address === undefined
    ? key === undefined
      ? "other names still get through"
      : `and ${displayName(name)}'s key under every name`
    : `other names from there still get through: /ignore @${address} stops them all`;
}

function refusals({ refused, since }: IgnoreEntry): string {
  return `${refused === 1 ? "1 call" : `${refused} calls`} refused since ${formatDate(since)}`;
}

/** A waiting caller; with an address if several have that name. */
function whoWaits(caller: Caller, _: number, callers: readonly Caller[]): string {
  const namesakes = matchFolded(caller.name, callers);
  return namesakes.length === 1 ? named(caller) : describeCandidate(caller, namesakes);
}

function describePolicy({ name, address }: IgnoreTarget): string {
  if (name === undefined) return `everybody at ${address}`;
  return address === undefined
    ? `${displayName(name)} at every address`
    : `${displayName(name)} at ${address}`;
}

function named({ name, address }: Caller): string {
  return `${displayName(name)} (${address})`;
}
