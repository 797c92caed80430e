import { keyTag, nameKey, safetyNumber } from "../../protocol/mod.ts";
import type { OnlineUser } from "../core/mod.ts";
import {
  type Context,
  formatQuery,
  isKnownOnline,
  keyOf,
  parseLeadingQuery,
  parseQuery,
} from "../app/mod.ts";
import type { Command } from "./command.ts";

/** Who is who: keys, and how sure they are. */
export const KEY_COMMANDS: readonly Command[] = [
  {
    name: "whoami",
    args: "",
    help: "your name, and the key that others know you by",
    example: "/whoami",
    run: (context) => {
      const { name, identity } = context.messenger;
      if (identity === undefined) {
        return context.note(`you are ${name}, without a key: ${context.whyNoKey ?? "classic MIM"}`);
      }
      const own = { key: identity };
      context.note(`you are ${name}; the tag of your key is ${keyTag(identity)}`);
      // Of a number made with oneself, both halves are one's own.
      context.note(`your half of every safety number: ${halfOf(safetyNumber(own, own))}`);
      context.note("mim key export FILE makes a copy of your key, under a passphrase");
    },
  },
  {
    name: "verify",
    args: "WHO [yes]",
    help: "the number to compare with somebody, by another way than this; yes: it was the same",
    example: "/verify bob",
    run: (context, args) => {
      if (args === "") throw new SyntaxError("expected somebody to verify: /verify NAME");
      const compared = /^(.+?)\s+yes$/i.exec(args)?.[1];
      const name = nameOf(context, compared ?? args);
      const { messenger } = context;
      if (compared !== undefined) {
        const before = pinnedKey(context, name);
        messenger.verify(name);
        const isOther = before !== undefined && before !== pinnedKey(context, name);
        const instead = isOther ? ", in the place of the one before" : "";
        return context.note(
          `${name} is verified, by the key whose number you have compared${instead}: any other is refused`,
        );
      }
      const changed = online(context, name).some((user) =>
        messenger.securityOf(user) === "changed"
      );
      if (changed && !isKnownOnline(messenger, name)) {
        context.note(
          `${name} has another key than before, or none: this may be somebody else, so compare it ` +
            `with the ${name} that you know before anything else`,
        );
      }
      const groups = messenger.safetyNumber(name).split(" ");
      context.note(`the safety number of you and ${name}:`);
      context.note(`  ${groups.slice(0, 6).join(" ")}`);
      context.note(`  ${groups.slice(6).join(" ")}`);
      context.note(
        `compare it where you know ${name} by voice or face, not here; where ${name} has the ` +
          `same, /verify ${formatQuery(name)} yes`,
      );
    },
  },
  {
    name: "trust",
    args: "[WHO]",
    help: "take the other key that somebody has now, or one classic chat; alone, the server's",
    example: "/trust bob",
    run: (context, args) => {
      if (args === "") {
        context.messenger.trustServer();
        return context.note(
          "the server is trusted as it is now, and whom you know there by their keys stays known; " +
            "/login logs in",
        );
      }
      const name = nameOf(context, args);
      const { messenger } = context;
      messenger.trust(name);
      // Where there was a key, that was taken.
      const isClassic = online(context, name).every((user) => keyOf(user) === "");
      context.note(
        isClassic
          ? `the next chat with ${name} may be a classic one, that one alone, which nothing encrypts; ` +
            `/talk ${formatQuery(name)} calls`
          : `${name} is trusted with the key of now; /talk ${formatQuery(name)} calls`,
      );
    },
  },
];

/** The name of whoever is meant: also of somebody who is not online. */
function nameOf(context: Context, text: string): string {
  const who = parseQuery(text);
  return context.users.numbered(who)?.name ?? firstName(who.text);
}

/** A name without the address that may stand behind it. */
function firstName(text: string): string {
  return parseLeadingQuery(formatQuery(text.replace(/(.)@.*$/s, "$1"))).who.text;
}

/** Who else is online under a name. */
function online({ messenger }: Context, name: string): OnlineUser[] {
  return [...messenger.users].filter((user) => !user.own && nameKey(user.name) === nameKey(name));
}

/** The key that a name is pinned to. */
function pinnedKey({ messenger }: Context, name: string): string | undefined {
  return messenger.contacts.find((pin) => nameKey(pin.name) === nameKey(name))?.identity.toHex();
}

function halfOf(number: string): string {
  return number.split(" ").slice(0, 6).join(" ");
}
