import { type Chat, ConfusableContacts, type Messenger, THIS_MACHINE } from "../core/mod.ts";

/**
 * What the user is to be warned of as a chat opens: somebody who only looks like another, or who may
 * be somebody known elsewhere, where nothing can be proven. Not yet safe to print.
 */
export function chatWarning(messenger: Messenger, chat: Chat): string | undefined {
  const { name, identity } = chat;
  const why = new ConfusableContacts(messenger.contacts).why(chat);
  if (why !== undefined) return `${name} ${why}`;
  const [place] = identity === undefined ? messenger.knownElsewhere(name) : [];
  if (place === undefined) return undefined;
  return `${name} is known by a key at ${
    describeWarning(place)
  }; this server speaks classic MIM only: ` +
    `nobody can tell whether this is the same ${name}`;
}

/** A server, as {@linkcode Messenger.knownElsewhere} has it. */
function describeWarning(place: string): string {
  if (place === THIS_MACHINE) return "a server on this machine";
  return place.includes(":") ? place : "another server";
}
