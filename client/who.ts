import { formatAddress } from "../protocol/mod.ts";
import { ClientError } from "./core/mod.ts";

/** What can be meant by WHO: a user who is online, or a chat. */
export interface Candidate {
  readonly name: string;
  readonly address: string;
  readonly port: number;
}

/** The ways to write who is meant. */
function spellings({ name, address, port }: Candidate): string[] {
  return [name, `${name}@${address}`, `${name}@${formatAddress(address, port)}`];
}

/** Those who are called just so: by name, `name@address` or `name@address:port`. */
export function calledSo<One extends Candidate>(who: string, candidates: readonly One[]): One[] {
  return candidates.filter((one) => spellings(one).includes(who));
}

/** Those who are called so but for upper and lower case. */
export function calledAbout<One extends Candidate>(who: string, candidates: readonly One[]): One[] {
  const folded = who.toLowerCase();
  return candidates.filter((one) => spellings(one).some((text) => text.toLowerCase() === folded));
}

/**
 * The one who is meant: a name as it is written comes before one that differs in case, the first
 * list before the second.
 *
 * @param where where was looked, to end the sentence "… is not"
 * @throws {ClientError} `not-online` where nobody fits, or more than one
 */
export function theOne<One extends Candidate>(
  who: string,
  where: string,
  ...lists: readonly (readonly One[])[]
): One {
  const fits = [
    ...lists.map((list) => calledSo(who, list)),
    ...lists.map((list) => calledAbout(who, list)),
  ];
  const found = fits.find((fit) => fit.length > 0) ?? [];
  const [one] = found;
  if (one === undefined) throw new ClientError("not-online", `${who} is not ${where}`);
  if (found.length === 1) return one;
  const list = found.slice(0, 5).map((each) =>
    `${each.name}@${formatAddress(each.address, each.port)}`
  );
  const more = found.length > list.length ? `, and ${found.length - list.length} more` : "";
  throw new ClientError("not-online", `${who} may mean ${list.join(", ")}${more}; say which`);
}

/**
 * Takes the first word off a line; a word in double quotes may hold spaces (`\"` and `\\` stand for
 * themselves).
 *
 * @returns the word, and what follows it
 */
export function firstWord(line: string): { readonly word: string; readonly rest: string } {
  const text = line.trimStart();
  const quoted = /^"((?:[^"\\]|\\.)*)"(?:\s+|$)/.exec(text);
  const plain = /^(\S*)\s*/.exec(text);
  const word = quoted?.[1]?.replace(/\\(.)/g, "$1") ?? plain?.[1] ?? "";
  return { word, rest: text.slice((quoted ?? plain)?.[0].length ?? 0) };
}
