import {
  displayName,
  isIpAddress,
  nameKey,
  type OrderSubject,
  sanitizeText,
} from "../../protocol/mod.ts";
import {
  assertNotSelf,
  type Context,
  describeReach,
  keyTarget,
  kickTargetOf,
  matchFolded,
  type OrderTarget,
  orderTargetOf,
  parseQuery,
  resolveOne,
  type UserQuery,
} from "../app/mod.ts";
import { ClientError, type OnlineUser } from "../core/mod.ts";
import type { Command } from "./command.ts";

const ONLINE = "online; /who shows who is";
const KEY = /^[\da-f]{64}$/i;
const NETWORK = /^([\da-f.:]+)(\/\d{1,3})?$/i;

export const ADMIN_COMMANDS: readonly Command[] = [
  {
    name: "kick",
    args: "WHO",
    help: "as an admin of the server, end the sessions of WHO, who may log in again",
    example: "/kick mallory",
    run: async (context, args) => {
      const user = userIn(context, assertTarget(args, "/kick"));
      const { label, subject } = kickTargetOf(user);
      const { ended } = await context.messenger.serverAdmin.order("kick", subject);
      context.note(`Kicked ${label}; ${sessions(ended)}`);
    },
  },
  {
    name: "ban",
    args: "WHO",
    help: "as an admin of the server, keep WHO out: the key of someone online or known, or else " +
      "a name, a key, an address or a network",
    example: "/ban mallory",
    run: async (context, args) => {
      const [{ subject, label }] = targetsIn(context, assertTarget(args, "/ban"));
      const { ended, reach } = await context.messenger.serverAdmin.order("ban", subject);
      const undo = `/unban ${wordOf(subject)} lifts the ban`;
      context.note(`Banned ${label}${describeReach(reach)}; ${sessions(ended)}; ${undo}`);
      if (subject.type === "name") {
        context.note("Anyone can take another name; /ban ADDRESS keeps out an address or network");
      }
    },
  },
  {
    name: "unban",
    args: "WHO",
    help: "as an admin of the server, let WHO in again: a key, a name, an address or a network",
    example: "/unban mallory",
    run: async (context, args) => {
      const targets = targetsIn(context, assertTarget(args, "/unban"));
      for (const [place, { subject, label }] of targets.entries()) {
        try {
          const { reach } = await context.messenger.serverAdmin.order("unban", subject);
          return context.note(`${label} may log in again${describeReach(reach)}`);
        } catch (error) {
          const isUnchanged = error instanceof ClientError && error.is("order-refused") &&
            error.details.reason === "unchanged";
          if (!isUnchanged || place === targets.length - 1) throw error;
        }
      }
    },
  },
];

/** @throws {SyntaxError} if there is none */
function assertTarget(args: string, command: string): UserQuery {
  if (args === "") throw new SyntaxError(`Expected a user: ${command} NAME`);
  return parseQuery(args);
}

/** @throws {ClientError} `not-online` unless one user is meant */
function userIn(context: Context, who: UserQuery): OnlineUser {
  const users = [...context.messenger.users];
  const others = users.filter(({ own }) => !own);
  const user = context.users.numbered(who);
  if (user !== undefined) {
    assertNotSelf(user.name, [user], []);
    return user;
  }
  assertNotSelf(who, users, others);
  return resolveOne(who, ONLINE, others);
}

/** All that WHO may mean for a ban, the likeliest first: someone online or known comes before what WHO spells. */
function targetsIn(context: Context, who: UserQuery): readonly [OrderTarget, ...OrderTarget[]] {
  const { text, quoted } = who;
  const others = [...context.messenger.users].filter(({ own }) => !own);
  const name: OrderTarget = {
    subject: { type: "name", name: text },
    label: `the name ${displayName(text)}`,
  };
  const isOnline = context.users.numbered(who) !== undefined ||
    matchFolded(who, others).length > 0;
  if (isOnline) {
    const user = userIn(context, who);
    const nameOfUser: OrderSubject = { type: "name", name: user.name };
    return [orderTargetOf(user, nameOfUser), {
      subject: nameOfUser,
      label: `the name ${displayName(user.name)}`,
    }];
  }
  const known = context.messenger.trust.contacts.find((one) => nameKey(one.name) === nameKey(text));
  if (known !== undefined) return [keyTarget(known.name, known.identity), name];
  const isNetwork = !quoted && isIpAddress(NETWORK.exec(text)?.[1] ?? "");
  if (isNetwork) {
    return [{
      subject: { type: "network", network: text },
      label: `the network ${text}`,
    }];
  }
  if (quoted || !KEY.test(text)) return [name];
  const key = Uint8Array.fromHex(text);
  return [{ subject: { type: "key", key }, label: `the key ${text.toLowerCase()}` }];
}

/** As it can be typed. */
function wordOf(subject: OrderSubject): string {
  if (subject.type === "key") return subject.key.toHex();
  if (subject.type === "session") return "";
  return sanitizeText(subject.type === "name" ? `"${subject.name}"` : subject.network);
}

function sessions(count: number): string {
  return count === 1 ? "1 session has ended" : `${count} sessions have ended`;
}
