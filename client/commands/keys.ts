import { displayName, nameKey, safetyNumber } from "../../protocol/mod.ts";
import type { OnlineUser } from "../core/mod.ts";
import { qrLines } from "../../server/platform/cli/qr_code.ts";
import { acceptKey, type Context, formatQuery, isKnownOnline, parseQuery } from "../app/mod.ts";
import type { Command } from "./command.ts";

export const KEY_COMMANDS: readonly Command[] = [
  {
    name: "whoami",
    args: "",
    help: "show your name, the key by which others know you, and the server's link",
    example: "/whoami",
    run: async (context) => {
      const { name, publicKey } = context.messenger;
      if (publicKey === undefined) {
        return context.note(`You are ${name}, without a key: ${context.whyNoKey ?? "classic MIM"}`);
      }
      const own = { key: publicKey };
      context.note(`You are ${name}; the tag of your key is ${publicKey.tag}`);
      context.note(`Your whole key, by which scripts can name you: ${publicKey}`);
      // In a safety number of the user alone, both halves are the user's own.
      context.note(`Your half of every safety number: ${halfOf(safetyNumber(own, own))}`);
      context.note("mim key export FILE writes a backup of your key, protected by a passphrase");
      await showServerLink(context);
    },
  },
  {
    name: "verify",
    args: "WHO [yes]",
    help:
      "show the safety number to compare with WHO by voice or in person; yes confirms that it matches",
    example: "/verify bob",
    run: async (context, args) => {
      if (args === "") throw new SyntaxError("Expected a user: /verify NAME");
      await context.users.lookUp(parseQuery(args.replace(/\s+yes$/i, "")));
      const { name, isCompared } = splitYes(context, args);
      const { messenger } = context;
      const shown = displayName(name);
      if (isCompared) {
        const before = pinnedKey(context, name);
        await messenger.trust.verify(name);
        const isOther = before !== undefined && before !== pinnedKey(context, name);
        const instead = isOther ? ", which replaces the one before" : "";
        return context.note(
          `${shown} is verified by the key that you have compared${instead}; any other key is refused`,
        );
      }
      const groups = messenger.trust.safetyNumber(name).split(" ");
      const changed = online(context, name).some((user) =>
        messenger.trust.securityOf(user) === "changed"
      );
      if (changed && !isKnownOnline(messenger, name)) {
        context.note(
          `${shown} has a different key than before, or none: this may be someone else, so first ` +
            `compare it with the ${shown} that you know`,
        );
      }
      context.note(`The safety number that you share with ${shown}:`);
      context.note(`  ${groups.slice(0, 6).join(" ")}`);
      context.note(`  ${groups.slice(6).join(" ")}`);
      context.note(
        `It is made of both your keys: if ${shown} sees the same, nobody reads along or answers in ` +
          `the place of ${shown}. Compare it by voice or in person, not here; if it is the same, ` +
          `/verify ${formatQuery(name)} yes`,
      );
    },
  },
  {
    name: "trust",
    args: "[WHO]",
    help: "accept the new key of WHO, or one classic chat with WHO; alone, the server's new key",
    example: "/trust bob",
    run: async (context, args) => {
      if (args === "") {
        await context.messenger.serverTrust.accept();
        return context.note(
          "The server is trusted as it is now, and so are the people whose keys you know there; " +
            "/login logs in",
        );
      }
      await context.users.lookUp(parseQuery(args));
      const name = context.users.nameOf(parseQuery(args));
      const { messenger } = context;
      const before = pinnedKey(context, name);
      await acceptKey(messenger, context.archive, name);
      context.people.reload();
      // A key that was taken is another one than before.
      const isClassic = before === pinnedKey(context, name);
      context.note(
        isClassic
          ? `The next chat with ${displayName(name)}, and only that one, may be unencrypted; ` +
            `/talk ${formatQuery(name)} calls`
          : `The current key of ${displayName(name)} is trusted; /talk ${formatQuery(name)} calls`,
      );
    },
  },
];

/** Shows how others join this server, for people with a QR code, too. */
async function showServerLink(context: Context): Promise<void> {
  const link = context.serverLink();
  if (link === undefined) return;
  context.note(`Others join this server, and know its key at once, with --server ${link}`);
  if (!context.activeChat.showsTarget) return; // a script
  for (const line of await qrLines(link)) context.note(line);
}

/** @throws {SyntaxError} if the `yes` behind WHO may be part of a name */
function splitYes(context: Context, args: string): { name: string; isCompared: boolean } {
  const { users } = context;
  const whole = parseQuery(args);
  const who = whole.quoted ? undefined : /^(.+?)\s+yes$/i.exec(args)?.[1];
  if (who === undefined) return { name: users.nameOf(whole), isCompared: false };
  if (users.wasKnown(args)) {
    throw new SyntaxError(`"${args}" or "${who}"? Quotes say which one you mean`);
  }
  return { name: users.nameOf(parseQuery(who)), isCompared: true };
}

/** The other users who are online under a name. */
function online({ messenger }: Context, name: string): OnlineUser[] {
  return [...messenger.users].filter((user) => !user.own && nameKey(user.name) === nameKey(name));
}

/** The key that a name is pinned to. */
function pinnedKey({ messenger }: Context, name: string): string | undefined {
  return messenger.trust.contacts.find((pin) => nameKey(pin.name) === nameKey(name))?.identity
    .toHex();
}

function halfOf(number: string): string {
  return number.split(" ").slice(0, 6).join(" ");
}
