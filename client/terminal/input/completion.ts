import { formatAddress, nameKey, sanitizeName, sanitizeText } from "../../../protocol/mod.ts";
import { COMMAND_TABLE } from "../../commands/mod.ts";
import {
  formatQuery,
  keyOf,
  parseLeadingQuery,
  type UserCandidate,
  type UserQuery,
} from "../../app/mod.ts";

export interface CompletionSource {
  /** Everyone who can be meant. */
  readonly people: readonly UserCandidate[];
  /** The names used last, newest first. */
  readonly recent: readonly string[];
  /** The user whom a command would mean by WHO; undefined for nobody, or more than one. */
  readonly whom?: (who: UserQuery) => UserCandidate | undefined;
  /** The paths that begin as what is typed, as a command reads them. Default: none. */
  readonly pathsFrom?: (typed: string) => readonly string[];
  /** The messages that numbers mean from now on, as a list shows them: 1 is the first. */
  readonly messages?: () => readonly string[];
}

/** The replacements for the part of the line before the cursor. */
export interface Completion {
  /** The start of that part. */
  readonly from: number;
  /** Best first. */
  readonly candidates: readonly string[];
  /** The lines to list instead of the candidates, one for each. */
  readonly labels?: readonly string[];
  /** The beginning of a name that is completed; undefined if it is none. */
  readonly name?: string;
}

/**
 * Completes a line at the cursor: commands, names with the quotes that a command needs, and names in a
 * text at its start and after `@`. Ignores case. What is typed in full is among the candidates: another
 * may be longer. Names that are not safe to show come as they are shown.
 */
export function complete(line: string, cursor: number, known: CompletionSource): Completion {
  const before = line.slice(0, cursor);
  if (!before.startsWith("/") || before.startsWith("//")) return inText(before, known);
  const [, word = "", space, rest = ""] = /^\/(\S*)(\s*)(.*)$/s.exec(before) ?? [];
  if (space === "") {
    const commands = COMMAND_TABLE.commands.map(({ name, args }) => `/${name}${args && " "}`);
    return matching(0, before, commands);
  }
  const command = COMMAND_TABLE.commands.find(({ name }) => name === word.toLowerCase());
  const from = cursor - rest.length;
  if (command?.args.includes("COMMAND")) {
    const groups = COMMAND_TABLE.groups.map(({ title }) => title.toLowerCase());
    return matching(from, rest, [...COMMAND_TABLE.commands.map(({ name }) => name), ...groups]);
  }
  if (command?.args.startsWith("PATH")) {
    const typed = /(?:"[^"]*|'[^']*|(?:\\.|[^\s"'\\])*)$/.exec(rest)?.[0] ?? "";
    return { from: cursor - typed.length, candidates: known.pathsFrom?.(typed) ?? [] };
  }
  if (command?.args.startsWith("[N] ") || command?.args === "[N]" && command.name !== "history") {
    return numbers(from, rest, known.messages?.() ?? []);
  }
  const [, after] = /^\[?WHO\]?(.*)$/.exec(command?.args ?? "") ?? [];
  if (after === undefined || /^\d+$/.test(rest)) return { from, candidates: [] };
  const name = rest.replace(/^"/, "").replace(/\\(.)/g, "$1");
  return { from, candidates: written(rest, known).map((name) => after ? `${name} ` : name), name };
}

/**
 * The replacement for the typed part: the only candidate, or as much as all candidates have in
 * common. The part itself if they differ there: then the user has to choose.
 */
export function extend(part: string, candidates: readonly string[]): string {
  const [first = part, ...others] = candidates;
  if (others.length === 0) return first;
  // A name must not become another one that differs only in case.
  if (new Set(candidates.map((each) => each.toLowerCase())).size < candidates.length) return part;
  const low = part.toLowerCase();
  if (!candidates.every((each) => each.toLowerCase().startsWith(low))) return part;
  let length = part.length;
  while (length < first.length && others.every((each) => each[length] === first[length])) length++;
  return part + first.slice(part.length, length).trimEnd().replace(/[\uD800-\uDBFF]$/, "");
}

/** The numbers of messages, listed with what they say. */
function numbers(from: number, part: string, messages: readonly string[]): Completion {
  if (!/^\d{0,2}$/.test(part)) return { from, candidates: [] };
  const all = messages.map((label, index) => ({ label, number: `${index + 1} ` }));
  const fitting = all.filter(({ number }) => number.startsWith(part));
  return {
    from,
    candidates: fitting.map(({ number }) => number),
    labels: fitting.map(({ label }) => label),
  };
}

function inText(before: string, known: CompletionSource): Completion {
  const at = before.search(/(?<=^|\s)@\S*$/);
  const from = at < 0 ? 0 : at + 1;
  const part = before.slice(from);
  if (part === "" && at < 0) return { from, candidates: [] };
  const names = [...new Set(sorted(known).map(({ name }) => name))];
  return { ...matching(from, part, names.map((name) => `${name} `)), name: part };
}

function matching(from: number, part: string, candidates: readonly string[]): Completion {
  return { from, candidates: candidates.filter((each) => begins(each, part)) };
}

/** Whether a name may go on from what is typed, as names are compared. */
function begins(text: string, part: string): boolean {
  return text.slice(0, part.length).toLowerCase() === part.toLowerCase() ||
    withoutEnd(text).startsWith(withoutEnd(part));
}

/** A folded text to which more may come: a blank at its end stays. */
function withoutEnd(text: string): string {
  return nameKey(`${text}|`).slice(0, -1);
}

/** All candidates under the names shown, recent ones first. */
function sorted({ people, recent }: CompletionSource): UserCandidate[] {
  const rank = ({ name }: UserCandidate) => {
    const at = recent.indexOf(name);
    return at < 0 ? recent.length : at;
  };
  return people.toSorted((one, other) => rank(one) - rank(other))
    .map((one) => ({ ...one, name: sanitizeName(one.name) }));
}

/** Those who can be meant by what is typed of WHO, as a command reads them: namesakes with an address. */
function written(typed: string, known: CompletionSource): string[] {
  const opened = /^"((?:[^"\\]|\\.)*)\\?$/.exec(typed)?.[1]?.replace(/\\(.)/g, "$1");
  const { who, rest } = parseLeadingQuery(typed);
  const isClosed = who.quoted && rest === "";
  const people = sorted(known);
  const namesakes = Map.groupBy(people, ({ name }) => nameKey(name));
  return people.flatMap((one) => {
    const { name } = one;
    const word = spell(one, namesakes.get(nameKey(name)) ?? [], known.whom);
    const isMeant = isClosed
      ? name === who.text
      : opened !== undefined
      ? begins(name, opened)
      : begins(name, typed) || begins(word ?? "", typed);
    if (!isMeant || word === undefined) return [];
    return typed.startsWith('"') && !word.startsWith('"') ? word.replace(name, quoted) : word;
  });
}

/** The shortest WHO that means just that one: the name, with an address, or with the key; if there is one. */
function spell(
  one: UserCandidate,
  namesakes: readonly UserCandidate[],
  whom: CompletionSource["whom"],
): string | undefined {
  const { name, address, port } = one;
  const word = formatQuery(name);
  if (namesakes.length === 1) return word;
  const where = formatAddress(address, port);
  const key = keyOf(one);
  const spellings = [
    ...namesakes.every((other) => other === one || other.name !== name) ? [word] : [],
    ...sanitizeText(where) === where ? [formatQuery(name, where)] : [],
    ...key === "" ? [] : [`${word}#${key}`],
  ];
  const [shortest = word] = spellings;
  if (whom === undefined) return shortest;
  const isMeant = (word: string) => {
    const found = whom(parseLeadingQuery(word).who);
    return found !== undefined && keyOf(found) === key && found.address === address &&
      found.port === port && sanitizeName(found.name) === name;
  };
  return spellings.find(isMeant);
}

function quoted(name: string): string {
  return `"${name.replace(/["\\]/g, "\\$&")}"`;
}
