import {
  type Chat,
  ClientError,
  type IgnoreTarget,
  type OnlineUser,
  type Trust,
} from "../core/mod.ts";
import { formatAddress, isIpAddress, keyTag, nameKey, sanitizeName } from "../../protocol/mod.ts";

/** A user as typed: WHO. */
export interface UserQuery {
  /** A name, `name@address`, `name@address:port`, `name#fingerprint`, or a number from the last /who. */
  readonly text: string;
  /** Whether all of it was in quotes: then it is a name, and nothing else. */
  readonly quoted: boolean;
}

/** WHO, or a text outside of a command that means the same. */
type Query = UserQuery | string;

/** Something that WHO can mean: an online user, a chat or a caller. */
export interface UserCandidate {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  /** The public key, of a chat or a caller. */
  readonly identity?: Uint8Array | undefined;
  /** The key that the table has for a user; empty for none. */
  readonly details?: { readonly identity: Uint8Array };
  /** Whether a caller has hung up. */
  readonly ended?: boolean;
}

export interface Owner {
  readonly name: string;
  readonly identity: Uint8Array;
}

/** All spellings of a candidate; a name that can't be shown as it is also has the spelling shown. */
function nameSpellings({ name, address, port }: UserCandidate): string[] {
  return [...new Set([name, sanitizeName(name)])]
    .flatMap((name) => [name, `${name}@${address}`, `${name}@${formatAddress(address, port)}`]);
}

/** The typed text, and the spellings of a candidate that it may mean. */
function reading(who: Query): readonly [text: string, spellings: typeof nameSpellings] {
  if (typeof who === "string") return [who, nameSpellings];
  return [who.text, who.quoted ? ({ name }) => [name, sanitizeName(name)] : nameSpellings];
}

/** The candidates with exactly this spelling: name, `name@address` or `name@address:port`. */
export function matchExact<One extends UserCandidate>(
  who: Query,
  candidates: readonly One[],
): One[] {
  const byKey = splitKey(who);
  if (byKey !== undefined) return matchExact(byKey.who, withKey(candidates, byKey.key));
  const [text, spellings] = reading(who);
  return candidates.filter((one) => spellings(one).includes(text));
}

/** The candidates with this spelling, ignoring what {@linkcode nameKey} does. */
export function matchFolded<One extends UserCandidate>(
  who: Query,
  candidates: readonly One[],
): One[] {
  const byKey = splitKey(who);
  if (byKey !== undefined) return matchFolded(byKey.who, withKey(candidates, byKey.key));
  const [text, spellings] = reading(who);
  const folded = nameKey(text);
  return candidates.filter((one) => spellings(one).some((each) => nameKey(each) === folded));
}

/** NAME and the key of `NAME#FINGERPRINT`, which has all 64 hexadecimal digits; no name is that long. */
function splitKey(who: Query): { readonly who: string; readonly key: string } | undefined {
  const [, name, key] = /^(.+)#([0-9a-f]{64})$/is.exec(reading(who)[0]) ?? [];
  return name === undefined || key === undefined
    ? undefined
    : { who: name, key: key.toLowerCase() };
}

/** The names that WHO may mean: the whole text, and what stands before an address or a key. */
export function namesIn(who: Query): string[] {
  const [text] = reading(who);
  const [, beforeAddress = text] = /^(.+)@[^@]+$/s.exec(text) ?? [];
  return [...new Set([text, beforeAddress, splitKey(who)?.who ?? text])];
}

function withKey<One extends UserCandidate>(candidates: readonly One[], key: string): One[] {
  return candidates.filter((one) => keyOf(one) === key);
}

/**
 * Whether a user has no key, and the server says that the name belongs to one. WHO with the address means
 * that user all the same.
 */
export function isNotOwner(who: Query, user: OnlineUser): boolean {
  const { identity, isNameClaimed } = user.details ?? {};
  return isNameClaimed === true && identity?.length === 0 &&
    nameKey(reading(who)[0]) === nameKey(user.name);
}

/**
 * For what is sent without anybody looking: whoever is meant must be known, certified, or named with the
 * whole key, and a name that belongs to a key means its owner.
 *
 * @throws {ClientError} `peer-unconfirmed`
 */
export function assertConfirmed(
  who: Query,
  user: OnlineUser,
  { trust }: { readonly trust: Pick<Trust, "securityOf"> },
): void {
  if (isNotOwner(who, user)) {
    throw new ClientError("peer-unconfirmed", { name: user.name, isNotOwner: true });
  }
  if (trust.securityOf(user) !== "unconfirmed" || splitKey(who) !== undefined) return;
  throw new ClientError("peer-unconfirmed", { name: user.name });
}

/** Whether an error says that nobody of a name is online. */
export function isOffline(error: unknown): error is ClientError<"not-online"> {
  return error instanceof ClientError && error.is("not-online") &&
    error.details.reason === "offline";
}

/** Whether WHO is a number from the last /who, and no name. */
export function isNumber({ text, quoted }: UserQuery): boolean {
  return !quoted && /^\d+$/.test(text);
}

/**
 * All that a text can be sent to: the open chats, and the online users who are not in one of them. If a
 * caller uses the name of another user, that name means both.
 */
export function isReachable(
  chats: readonly Chat[],
  users: readonly OnlineUser[],
): (Chat | OnlineUser)[] {
  const open = chats.filter(({ state }) => state === "open");
  return [...open, ...users.filter((user) => !open.some((chat) => isWith(chat, user, users)))];
}

/** All whose names Tab completes: keyboards may lack the letters of a waiting caller's name. */
export function isNameable(
  there: readonly UserCandidate[],
  callers: readonly UserCandidate[],
): UserCandidate[] {
  return [...there, ...callers.filter(({ name }) => there.every((one) => one.name !== name))];
}

/**
 * Whether a chat is with that user: with the same key or both without one, and at the same port, or nobody
 * else has that name and address.
 */
export function isWith(
  chat: UserCandidate,
  user: OnlineUser,
  users: readonly OnlineUser[],
): boolean {
  if (chat.name !== user.name || chat.address !== user.address) return false;
  if (keyOf(chat) !== keyOf(user)) return false; // two may share an address, one of them an impostor
  if (chat.port === user.port) return true;
  return users.filter(({ name, address }) => name === user.name && address === user.address)
    .length === 1;
}

/** @throws {ClientError} `not-online` if WHO means the user alone */
export function assertNotSelf(
  who: Query,
  users: readonly OnlineUser[],
  others: readonly UserCandidate[],
): void {
  const own = matchFolded(who, users).some((user) => user.own);
  if (own && matchFolded(who, others).length === 0) {
    throw new ClientError("not-online", { reason: "self", name: reading(who)[0] });
  }
}

/**
 * Finds the one candidate that WHO means. The owner of the name comes first, in a chat or else where the
 * owner logged in last; then an exact spelling; then one that differs in case.
 *
 * @param where ends the sentence "… is not" in the error
 * @throws {ClientError} `not-online` if there is none, or more than one
 */
export function resolveOne<One extends UserCandidate>(
  who: Query,
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
  const [name] = reading(who);
  if (one === undefined) {
    const message = `${name} is not ${where}`;
    throw new ClientError("not-online", { reason: "offline", name }, { message });
  }
  // A server may list the same user more than once.
  if (found.every((other) => isAt(one, other) && keyOf(one) === keyOf(other))) return one;
  const list = found.slice(0, 5).map((each) => describeCandidate(each, found));
  const more = found.length > list.length ? `, and ${found.length - list.length} more` : "";
  const message = `${name} could mean ${list.join(", ")}${more}; say which one`;
  throw new ClientError("not-online", { reason: "ambiguous", name }, { message });
}

/** One of several candidates, as WHO names only that one; with its key if the others have a different one. */
export function describeCandidate(one: UserCandidate, found: readonly UserCandidate[]): string {
  const words = "state" in one ? ["a chat"] : [];
  const key = keyOf(one);
  if (found.some((other) => keyOf(other) !== key)) {
    words.push(key === "" ? "classic" : `key ${keyTag(Uint8Array.fromHex(key))}`);
  }
  if (one.ended === true) words.push("has hung up");
  const about = words.length === 0 ? "" : ` (${words.join(", ")})`;
  return `${formatQuery(one.name, formatAddress(one.address, one.port))}${about}`;
}

export function isOwner(one: UserCandidate, owners: readonly Owner[]): boolean {
  return owners.some(({ name, identity }) =>
    nameKey(name) === nameKey(one.name) && identity.toHex() === keyOf(one)
  );
}

function isAt(one: UserCandidate, other: UserCandidate): boolean {
  return one.name === other.name && one.address === other.address && one.port === other.port;
}

/** The key of a candidate in hex; empty in classic MIM. */
export function keyOf(
  { identity, details }: Pick<UserCandidate, "identity" | "details">,
): string {
  return (identity ?? details?.identity)?.toHex() ?? "";
}

/** Somebody to ignore: a name at its address, or the name alone if no valid address is known; and the key. */
export function ignoreTargetOf(
  user: Pick<UserCandidate, "name" | "address" | "identity" | "details">,
): IgnoreTarget {
  const { name, address } = user;
  const key = keyOf(user);
  return { name, ...isIpAddress(address) && { address }, ...key !== "" && { key } };
}

/**
 * Splits WHO from the front of a line: its first word, or a name in double quotes (in which `\"` and
 * `\\` stand for themselves), behind which an address may stand.
 */
export function parseLeadingQuery(
  line: string,
): { readonly who: UserQuery; readonly rest: string } {
  const text = line.trimStart();
  const [whole, inQuotes, address = ""] = /^"((?:[^"\\]|\\.)*)"([@#]\S+)?(?:\s+|$)/.exec(text) ??
    /^\S*\s*/.exec(text) ?? [""];
  const name = inQuotes?.replace(/\\(.)/g, "$1") ?? whole.trimEnd();
  const quoted = inQuotes !== undefined && address === "";
  return { who: { text: name + address, quoted }, rest: text.slice(whole.length) };
}

/** The name in front of an IP address; undefined if there is none. */
export function beforeAddress(text: string): string | undefined {
  const [, name, address = ""] = /^(.+)@([^@]+)$/s.exec(text) ?? [];
  const host = address.replace(/^\[(.+)\](:\d+)?$|^([\d.]+):\d+$/, "$1$3");
  return isIpAddress(host) ? name : undefined;
}

/** A name as a user would type it, in quotes if need be; `address` tells namesakes apart. */
export function formatQuery(raw: string, address?: string): string {
  const name = sanitizeName(raw);
  const isOdd = /^["@#]|^\d+$|\s|@[\d.:a-f[\]]*$|@\*$/i.test(name);
  const word = isOdd ? `"${name.replace(/["\\]/g, "\\$&")}"` : name;
  return address === undefined ? word : `${word}@${address}`;
}

/** WHO once more, as it was typed. */
export function formatTyped({ text, quoted }: UserQuery): string {
  return quoted ? formatQuery(text) : text;
}

/** A hint for a name that no keyboard can type; empty for others. */
export function typingHint(name: string): string {
  return sanitizeName(name) === name
    ? ""
    : " (type the name with Tab, or use its number from /who)";
}

/** Reads a whole line as WHO; a name with spaces needs no quotes here. */
export function parseQuery(line: string): UserQuery {
  const { who, rest } = parseLeadingQuery(line);
  return rest === "" ? who : { text: line, quoted: false };
}
