import { displayName, quote } from "../../protocol/mod.ts";
import { type Context, formatQuery, type KnownPerson, parseQuery } from "../app/mod.ts";
import type { Command } from "./command.ts";

/** The longest name of one's own for someone, and the longest note, in UTF-16 units. */
const MAX_ALIAS_LENGTH = 64;
const MAX_NOTE_LENGTH = 4_000;

export const PEOPLE_COMMANDS: readonly Command[] = [
  {
    name: "people",
    args: "[PART]",
    help: "list everyone whose key you know, offline too: when they were seen, and what waits " +
      "for them; with PART, only names that contain it",
    example: "/people an",
    run: ({ people, emit, messenger }, args) => {
      const part = args.toLowerCase();
      const listed = people.listWithPeers().filter(({ contact, alias }) =>
        [contact.name, alias].some((name) => name.toLowerCase().includes(part))
      );
      for (const person of listed) {
        const { user } = person;
        const security = user === undefined ? person.security : messenger.trust.securityOf(user);
        emit({ type: "person", person, ...security !== undefined && { security } });
      }
      emit({ type: "people", count: listed.length });
    },
  },
  {
    name: "alias",
    args: "WHO [NAME]",
    help: "call WHO by a name of your own, which only you see; without NAME, no longer",
    example: "/alias bob Bobby",
    run: (context, args) => {
      const { person, rest: alias } = splitPerson(context, args, "/alias NAME ALIAS");
      const { name } = person.contact;
      if (alias.length > MAX_ALIAS_LENGTH) {
        throw new SyntaxError(`Expected a name of at most ${MAX_ALIAS_LENGTH} characters`);
      }
      if (alias !== "" && alias !== name && context.users.isKnown(alias)) {
        throw new SyntaxError(`Someone else is called ${quote(alias)}; choose another name`);
      }
      context.people.set(name, { alias });
      context.note(
        alias === ""
          ? `${displayName(name)} has no other name`
          : `You call ${displayName(name)} ${quote(alias)} from now on`,
      );
    },
  },
  {
    name: "note",
    args: "WHO [TEXT]",
    help: "note something about WHO, which only you see; without TEXT, show the note; - deletes it",
    example: "/note bob owes me lunch",
    run: (context, args) => {
      const { person, rest: text } = splitPerson(context, args, "/note NAME TEXT");
      const { contact: { name }, note } = person;
      if (text === "") {
        return context.note(
          note === ""
            ? `There is no note about ${displayName(name)}`
            : `${displayName(name)}: ${note}`,
        );
      }
      if (text.length > MAX_NOTE_LENGTH) {
        throw new SyntaxError(`Expected a note of at most ${MAX_NOTE_LENGTH} characters`);
      }
      context.people.set(name, { note: text === "-" ? "" : text });
      context.note(
        text === "-"
          ? `The note about ${displayName(name)} is deleted`
          : `Noted about ${displayName(name)}`,
      );
    },
  },
];

/** @throws {SyntaxError} if WHO is missing, or nobody whose key is known */
function splitPerson(
  context: Context,
  args: string,
  expected: string,
): { readonly person: KnownPerson; readonly rest: string } {
  if (args === "") throw new SyntaxError(`Expected a user: ${expected}`);
  const { who, rest } = context.users.splitLeading(args);
  const name = context.users.nameOf(parseQuery(who.quoted ? formatQuery(who.text) : who.text));
  const people = context.people.list();
  const person =
    people.find(({ contact, alias }) =>
      contact.name === name || alias !== "" && alias === who.text
    ) ?? people.find(({ contact }) => contact.name === context.archive?.threadOfOtherName(name));
  if (person !== undefined) return { person, rest };
  throw new SyntaxError(`You know nobody called ${quote(name)} by a key; /people lists them`);
}
