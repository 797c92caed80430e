import { formatAddress, sanitizeName, sanitizeText } from "../../../protocol/mod.ts";
import { COMMAND_TABLE } from "../../commands/mod.ts";
import type { UserCandidate } from "../../app/mod.ts";

/** What a line can be completed with. */
export interface CompletionSource {
  /** Everybody who can be named. */
  readonly people: readonly UserCandidate[];
  /** The names used last, the latest first. */
  readonly recent: readonly string[];
}

/** The candidates for the piece of the line before the cursor. */
export interface Completion {
  /** Where the piece begins. */
  readonly from: number;
  /** What can replace it, best first. */
  readonly candidates: readonly string[];
}

/**
 * Completes a line at the cursor: commands, names with the quotes that the command needs, and in a text
 * names at its start and after `@`. Case does not matter. Names come as they are shown.
 */
export function complete(line: string, cursor: number, known: CompletionSource): Completion {
  const before = line.slice(0, cursor);
  if (!before.startsWith("/") || before.startsWith("//")) return inText(before, known);
  const [, word = "", space, rest = ""] = /^\/(\S*)(\s*)(.*)$/s.exec(before) ?? [];
  if (space === "") {
    return of(
      0,
      before,
      COMMAND_TABLE.commands.map(({ name, args }) => `/${name}${args && " "}`),
    );
  }
  const command = COMMAND_TABLE.commands.find(({ name }) => name === word.toLowerCase());
  const from = cursor - rest.length;
  if (command?.args.includes("COMMAND")) {
    const groups = COMMAND_TABLE.groups.map(({ title }) => title.toLowerCase());
    return of(from, rest, [...COMMAND_TABLE.commands.map(({ name }) => name), ...groups]);
  }
  if (!/^\[?WHO\]?/.test(command?.args ?? "")) return { from, candidates: [] };
  const alone = /^\[?WHO\]?$/.test(command?.args ?? "");
  const quoting = rest.startsWith('"');
  const names = spellings(known)
    .filter((name) => quoting || name.toLowerCase().startsWith(rest.toLowerCase()))
    .map((name) => written(name, alone, quoting))
    .map((name) => alone ? name : `${name} `);
  return quoting ? of(from, rest, names) : {
    from,
    candidates: names.filter((name) => name.trimEnd() !== rest),
  };
}

/** The longest beginning that all candidates have, but for case. */
export function commonStart(candidates: readonly string[]): string {
  const [first = "", ...others] = candidates;
  let length = first.length;
  for (const other of others) {
    while (!other.toLowerCase().startsWith(first.slice(0, length).toLowerCase())) length--;
  }
  return first.slice(0, length).replace(/[\uD800-\uDBFF]$/, "");
}

function inText(before: string, known: CompletionSource): Completion {
  const at = before.search(/(?<=^|\s)@\S*$/);
  const from = at < 0 ? 0 : at + 1;
  const piece = before.slice(from);
  if (piece === "" && at < 0) return { from, candidates: [] };
  const names = [...new Set(sorted(known).map(({ name }) => name))];
  return of(from, piece, names.map((name) => `${name} `));
}

function of(from: number, piece: string, candidates: readonly string[]): Completion {
  const folded = piece.toLowerCase();
  return {
    from,
    candidates: candidates.filter((each) =>
      each.toLowerCase().startsWith(folded) && each.trimEnd() !== piece
    ),
  };
}

/** Everybody under the name that is shown, the latest first. */
function sorted({ people, recent }: CompletionSource): UserCandidate[] {
  const rank = ({ name }: UserCandidate) => {
    const at = recent.indexOf(name);
    return at < 0 ? recent.length : at;
  };
  return people.toSorted((one, other) => rank(one) - rank(other))
    .map((one) => ({ ...one, name: sanitizeName(one.name) }));
}

/** The spelling of each: the name, or with the address if two have that name. */
function spellings(known: CompletionSource): string[] {
  const people = sorted(known);
  return people.map(({ name, address, port }) => {
    if (people.filter((other) => other.name === name).length === 1) return name;
    const full = `${name}@${formatAddress(address, port)}`;
    return sanitizeText(full) === full ? full : name;
  });
}

/** A name as a command reads it. */
function written(name: string, alone: boolean, quoting: boolean): string {
  const spaces = !alone && /\s/.test(name);
  if (!quoting && !spaces && !/^\d+$|^"/.test(name)) return name;
  return `"${name.replace(/["\\]/g, "\\$&")}"`;
}
