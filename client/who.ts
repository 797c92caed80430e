import { formatAddress } from "../protocol/mod.ts";
import { ClientError } from "./core/mod.ts";

/** What can be meant by WHO: a user who is online, or a chat. */
export interface Candidate {
  readonly name: string;
  readonly address: string;
  readonly port: number;
}

/**
 * Finds who is meant by a name, `name@address` or `name@address:port`. A name as it is written comes
 * before one that differs in case.
 *
 * @returns every candidate that fits, at best one
 */
export function matching<One extends Candidate>(who: string, candidates: readonly One[]): One[] {
  const spellings = ({ name, address, port }: Candidate) => [
    name,
    `${name}@${address}`,
    `${name}@${formatAddress(address, port)}`,
  ];
  const exact = candidates.filter((one) => spellings(one).includes(who));
  if (exact.length > 0) return exact;
  const folded = who.toLowerCase();
  return candidates.filter((one) => spellings(one).some((text) => text.toLowerCase() === folded));
}

/**
 * The one who is meant.
 *
 * @param where where was looked, to end the sentence "… is not"
 * @throws {ClientError} `not-online` where nobody fits, or more than one
 */
export function theOne<One extends Candidate>(
  who: string,
  candidates: readonly One[],
  where: string,
): One {
  const found = matching(who, candidates);
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
