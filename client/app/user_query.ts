import { type Chat, ClientError, type OnlineUser } from "../core/mod.ts";
import { formatAddress, keyTag, nameKey, sanitizeName } from "../../protocol/mod.ts";

/** Who is meant, as it was typed. */
export interface UserQuery {
  /** A name, `name@address`, `name@address:port`, or a number of the last /who. */
  readonly text: string;
  /** Whether it stood in quotes: then it is no number, whatever it looks like. */
  readonly quoted: boolean;
}

/** What can be meant by WHO: a user who is online, or a chat. */
export interface UserCandidate {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  /** The public key, of a chat or a caller. */
  readonly identity?: Uint8Array | undefined;
  /** With the key that the table has for a user; empty for none. */
  readonly details?: { readonly identity: Uint8Array };
  /** Whether a caller has hung up. */
  readonly ended?: boolean;
}

/** A name, and the key that whoever is meant by it has. */
export interface Owner {
  readonly name: string;
  readonly identity: Uint8Array;
}

/** The ways to write who is meant; a name that can't be shown as it is also as it is shown. */
function nameSpellings({ name, address, port }: UserCandidate): string[] {
  return [...new Set([name, sanitizeName(name)])]
    .flatMap((name) => [name, `${name}@${address}`, `${name}@${formatAddress(address, port)}`]);
}

/** Those who are called just so: by name, `name@address` or `name@address:port`. */
export function matchExact<One extends UserCandidate>(
  who: string,
  candidates: readonly One[],
): One[] {
  return candidates.filter((one) => nameSpellings(one).includes(who));
}

/** Those who are called so but for upper and lower case. */
export function matchFolded<One extends UserCandidate>(
  who: string,
  candidates: readonly One[],
): One[] {
  const folded = who.toLowerCase();
  return candidates.filter((one) =>
    nameSpellings(one).some((text) => text.toLowerCase() === folded)
  );
}

/**
 * Everybody whom a text can go to: the open chats, and the users who are online and not in one of
 * them. A caller under a name that somebody else has makes that name mean two.
 */
export function isReachable(
  chats: readonly Chat[],
  users: readonly OnlineUser[],
): (Chat | OnlineUser)[] {
  const open = chats.filter(({ state }) => state === "open");
  return [...open, ...users.filter((user) => !open.some((chat) => isWith(chat, user, users)))];
}

/**
 * Everybody whose name Tab completes: also who waits for an answer, for whose name the user's keyboard
 * may have no letters.
 */
export function isNameable(
  there: readonly UserCandidate[],
  callers: readonly UserCandidate[],
): UserCandidate[] {
  return [...there, ...callers.filter(({ name }) => there.every((one) => one.name !== name))];
}

/** Whether a chat is with that user: at the same port, or where nobody else of that name is there. */
export function isWith(
  chat: UserCandidate,
  user: OnlineUser,
  users: readonly OnlineUser[],
): boolean {
  if (chat.name !== user.name || chat.address !== user.address) return false;
  if (chat.port === user.port) return true;
  return users.filter(({ name, address }) => name === user.name && address === user.address)
    .length === 1;
}

/**
 * Nobody talks to oneself; to a namesake one does.
 *
 * @throws {ClientError} `not-online`
 */
export function assertNotSelf(
  who: string,
  users: readonly OnlineUser[],
  others: readonly UserCandidate[],
): void {
  const own = matchFolded(who, users).some((user) => user.own);
  if (own && matchFolded(who, others).length === 0) {
    throw new ClientError("not-online", { reason: "self", name: who });
  }
}

/**
 * The one who is meant: whoever has the key that the name goes with, in a chat or where that user
 * logged in last; else a name as it is written comes before one that differs in case.
 *
 * @param where where was looked, to end the sentence "… is not"
 * @param owners whose names are
 * @throws {ClientError} `not-online` where nobody fits, or more than one
 */
export function resolveOne<One extends UserCandidate>(
  who: string,
  where: string,
  candidates: readonly One[],
  owners: readonly Owner[] = [],
): One {
  const owning = matchFolded(who, candidates).filter((one) => isOwner(one, owners));
  const owner = owning.find((one) => "state" in one) ?? owning.at(-1);
  if (owner !== undefined) return owner;
  const exact = matchExact(who, candidates);
  const found = exact.length > 0 ? exact : matchFolded(who, candidates);
  const [one] = found;
  if (one === undefined) {
    const message = `${who} is not ${where}`;
    throw new ClientError("not-online", { reason: "offline", name: who }, { message });
  }
  // A server may list the same place many times.
  if (found.every((other) => isAt(one, other) && keyOf(one) === keyOf(other))) return one;
  const list = found.slice(0, 5).map((each) => describeCandidate(each, found));
  const more = found.length > list.length ? `, and ${found.length - list.length} more` : "";
  const message = `${who} may mean ${list.join(", ")}${more}; say which`;
  throw new ClientError("not-online", { reason: "ambiguous", name: who }, { message });
}

/** One of several, as WHO names just that one; its key tells it apart where others have another, or none. */
export function describeCandidate(one: UserCandidate, found: readonly UserCandidate[]): string {
  const words = "state" in one ? ["a chat"] : [];
  const key = keyOf(one);
  if (found.some((other) => keyOf(other) !== key)) {
    words.push(key === "" ? "classic" : `key ${keyTag(Uint8Array.fromHex(key))}`);
  }
  if (one.ended === true) words.push("has hung up");
  const about = words.length === 0 ? "" : ` (${words.join(", ")})`;
  return `${one.name}@${formatAddress(one.address, one.port)}${about}`;
}

/** Whether somebody has the key that the name goes with. */
export function isOwner(one: UserCandidate, owners: readonly Owner[]): boolean {
  return owners.some(({ name, identity }) =>
    nameKey(name) === nameKey(one.name) && identity.toHex() === keyOf(one)
  );
}

function isAt(one: UserCandidate, other: UserCandidate): boolean {
  return one.name === other.name && one.address === other.address && one.port === other.port;
}

/** Somebody's key in hex; empty in classic MIM. */
export function keyOf({ identity, details }: UserCandidate): string {
  return (identity ?? details?.identity)?.toHex() ?? "";
}

/**
 * Takes who is meant off the front of a line: its first word, or what stands in double quotes, with
 * spaces as it may be (`\"` and `\\` stand for themselves).
 *
 * @returns who, and what follows
 */
export function parseLeadingQuery(
  line: string,
): { readonly who: UserQuery; readonly rest: string } {
  const text = line.trimStart();
  const quoted = /^"((?:[^"\\]|\\.)*)"(?:\s+|$)/.exec(text);
  const plain = /^(\S*)\s*/.exec(text);
  const word = quoted?.[1]?.replace(/\\(.)/g, "$1") ?? plain?.[1] ?? "";
  const rest = text.slice((quoted ?? plain)?.[0].length ?? 0);
  return { who: { text: word, quoted: quoted !== null }, rest };
}

/**
 * A name as it is to be typed where all of the line is one: as it is shown, and in quotes where it
 * needs them.
 */
export function formatQuery(raw: string): string {
  const name = sanitizeName(raw);
  if (!/^["@\d]|^\s|\s$/.test(name)) return name;
  return `"${name.replace(/["\\]/g, "\\$&")}"`;
}

/** What helps with a name that no keyboard types; nothing for others. */
export function typingHint(name: string): string {
  return sanitizeName(name) === name
    ? ""
    : " (Tab types that name, its number in /who stands for it)";
}

/** Who is meant by all of a line: a name with spaces needs no quotes here, but may have them. */
export function parseQuery(line: string): UserQuery {
  const { who, rest } = parseLeadingQuery(line);
  return rest === "" ? who : { text: line, quoted: false };
}
