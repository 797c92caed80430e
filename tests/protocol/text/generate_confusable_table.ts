/**
 * Writes protocol/text/confusable_table.ts from the data of UTS #39:
 * `deno run -A tests/protocol/text/generate_confusable_table.ts`.
 *
 * Letters that look alike, or are the same in another case, form classes. A class has one Latin letter
 * or digit of ASCII at most: of relations that would join two of them, the weaker one is left out, and
 * its character is among the ambiguous ones.
 *
 * @module
 */

import { foldCase } from "../../../protocol/text/fold_case.ts";
import {
  ALLOWED_CHARACTERS,
  ALLOWED_RANGES,
  CONFUSABLES,
  isAllowed,
  skeletonOf,
} from "./unicode_data.ts";

const TABLE = new URL("../../../protocol/text/confusable_table.ts", import.meta.url);
/** Pairs that are told apart, and only warned about: 0 and O, 1, I and l, m and rn. */
const WEAK_SOURCES = new Set(["0", "1", "I", "m"]);
/** Scripts whose letters are easily mistaken for each other's. */
const SCRIPTS = ["Latin", "Greek", "Cyrillic", "Armenian", "Georgian", "Hebrew", "Arabic"];

interface Relation {
  readonly character: string;
  readonly looksLike: string;
  /** The smaller, the stronger. */
  readonly rank: number;
}

/** The relations of the data between folded characters, the strongest first. */
function relations(): Relation[] {
  const found: Relation[] = [];
  for (const [source, target] of CONFUSABLES) {
    if (WEAK_SOURCES.has(source)) continue;
    const from = [...foldCase(source)];
    const to = [...foldCase(target)];
    while (from.length > 1 && to.length > 1 && from[0] === to[0]) [from.shift(), to.shift()];
    while (from.length > 1 && to.length > 1 && from.at(-1) === to.at(-1)) [from.pop(), to.pop()];
    // What is composed of several characters is what a single one looks like.
    const isReversed = from.length > 1 && to.length === 1 && isAllowed(source);
    const [[character, ...more], looksLike] = isReversed ? [to, from] : [from, to];
    if (character === undefined || more.length > 0 || character === looksLike.join("")) continue;
    const isSame = foldCase(source) === source;
    const rank = (isAllowed(source) ? 0 : 16) + (isAllowed(target) ? 0 : 8) +
      (/^[a-z\d]/.test(looksLike[0] ?? "") ? 0 : 4) + (looksLike.length === 1 ? 0 : 2) +
      (isSame ? 0 : 1);
    if (rank >= 16 && !isSame) continue; // another character by now
    found.push({ character, looksLike: looksLike.join(""), rank });
  }
  return found.sort((one, other) => one.rank - other.rank);
}

/** Each character whose fold is not itself, and its fold. */
export function foldingOf(): Map<string, string> {
  const parents = new Map<string, string>();
  const anchors = new Map<string, string>();
  const sequences = new Map<string, string>();
  const rootOf = (character: string): string => {
    const parent = parents.get(character) ?? character;
    return parent === character ? character : rootOf(parent);
  };
  const anchorOf = (root: string) => /^[a-z\d]$/.test(root) ? root : anchors.get(root);
  for (const { character, looksLike } of relations()) {
    const root = rootOf(character);
    if ([...looksLike].length > 1) {
      if (anchorOf(root) === undefined && !sequences.has(root)) sequences.set(root, looksLike);
      continue;
    }
    const other = rootOf(looksLike);
    const known = [anchorOf(root), anchorOf(other)].filter((anchor) => anchor !== undefined);
    const contents = [...known, sequences.get(root), sequences.get(other)].filter(Boolean);
    if (root === other || contents.length > 1) continue;
    parents.set(root, other);
    parents.set(other, other);
    if (known[0] !== undefined) anchors.set(other, known[0]);
    const sequence = sequences.get(root);
    if (sequence !== undefined) sequences.set(other, sequence);
  }
  const members = Map.groupBy(new Set([...parents.keys(), ...parents.values()]), rootOf);
  const foldOf = (character: string, under: readonly string[] = []): string => {
    const root = rootOf(character);
    const anchor = anchorOf(root);
    if (anchor !== undefined) return anchor;
    const sequence = sequences.get(root);
    if (sequence !== undefined && !under.includes(root)) {
      return Array.from(sequence, (part) => foldOf(part, [...under, root])).join("");
    }
    return (members.get(root) ?? [character]).reduce((least, one) => least < one ? least : one);
  };
  const characters = new Set([...parents.keys(), ...sequences.keys()]);
  return new Map(
    [...characters].map((one): [string, string] => [one, foldOf(one)])
      .filter(([one, fold]) => one !== fold)
      .sort(([one], [other]) => (one.codePointAt(0) ?? 0) - (other.codePointAt(0) ?? 0)),
  );
}

/** As `confusableKey` in the program does, but with the table at hand. */
function keyOf(text: string, folding: ReadonlyMap<string, string>): string {
  const key = Array.from(foldCase(text), (one) => folding.get(one) ?? one).join("");
  return key.replace(/[i1]/g, "l").replaceAll("0", "o").replaceAll("m", "rn").normalize("NFC");
}

function scriptsOf(text: string): string[] {
  const letters = text.normalize("NFD").replace(/\p{M}/gu, "");
  return SCRIPTS.filter((script) =>
    letters !== "" && new RegExp(`^[\\p{scx=${script}}\\p{scx=Common}]+$`, "u").test(letters)
  );
}

/** Characters whose case and whose shape ask for different folds, and those of a shape by script. */
function ambiguitiesOf(folding: ReadonlyMap<string, string>): {
  readonly ambiguous: Map<string, string[]>;
  readonly twins: Map<string, string[]>;
} {
  const shapes = Map.groupBy(
    [...ALLOWED_CHARACTERS, ...CONFUSABLES.map(([, target]) => target).filter(isAllowed)],
    skeletonOf,
  );
  const ambiguous = new Map<string, Set<string>>();
  const twins = new Map<string, Set<string>>();
  const add = (map: Map<string, Set<string>>, script: string, text: string) => {
    const isLetter = /^\p{L}$/u.test(text) && text.normalize("NFD") === text;
    if (isLetter) map.getOrInsertComputed(script, () => new Set()).add(text);
  };
  for (const [shape, texts] of shapes) {
    const key = keyOf(shape, folding);
    for (const text of new Set(texts)) {
      const rivals = texts.filter((rival) => rival !== text);
      const scripts = new Set(rivals.flatMap(scriptsOf));
      for (const script of scripts) if (!scriptsOf(text).includes(script)) add(twins, script, text);
      if (keyOf(text, folding) === key) continue;
      const others = rivals.filter((rival) => keyOf(rival, folding) !== keyOf(text, folding));
      for (const script of new Set(others.flatMap(scriptsOf))) add(ambiguous, script, text);
    }
  }
  const sorted = (map: Map<string, Set<string>>) =>
    new Map([...ambiguous.keys()].map((script) => [script, [...map.get(script) ?? []].sort()]));
  return { ambiguous: sorted(ambiguous), twins: sorted(twins) };
}

/** What the table holds. */
export interface TableValues {
  readonly CONFUSABLE_FOLDS: string;
  readonly ALLOWED: string;
  readonly AMBIGUOUS: Readonly<Record<string, string>>;
  readonly TWINS: Readonly<Record<string, string>>;
}

function codeOf(character: string): number {
  return character.codePointAt(0) ?? 0;
}

function code(text: string): string {
  return Array.from(text, (character) => codeOf(character).toString(36)).join(".");
}

/** The table's values, made anew from the data. */
export function tableValues(): TableValues {
  const folding = foldingOf();
  const byFold = Map.groupBy(folding, ([, fold]) => fold);
  const groups = [...byFold].map(([fold, pairs]) => {
    const codes = pairs.map(([character]) => codeOf(character));
    const steps = codes.map((code, at) => (code - (codes[at - 1] ?? 0)).toString(36));
    return `${code(fold)}:${steps.join(",")}`;
  });
  const ranges: [number, number][] = [];
  for (const [first, last] of ALLOWED_RANGES.toSorted(([one], [other]) => one - other)) {
    const before = ranges.at(-1);
    if (before?.[1] === first - 1) before[1] = last;
    else ranges.push([first, last]);
  }
  const allowed = ranges.map(([first, last], at) =>
    [first - (ranges[at - 1]?.[1] ?? 0), last - first].map((number) => number.toString(36))
  );
  const { ambiguous, twins } = ambiguitiesOf(folding);
  const listsOf = (map: ReadonlyMap<string, readonly string[]>) =>
    Object.fromEntries([...map].map(([script, texts]) => [script, texts.map(code).join(" ")]));
  return {
    CONFUSABLE_FOLDS: groups.join(" "),
    ALLOWED: allowed.join(" "),
    AMBIGUOUS: listsOf(ambiguous),
    TWINS: listsOf(twins),
  };
}

/** A long text as an expression of several lines. */
function literal(text: string): string {
  return (text.match(/.{1,88}/g) ?? []).map((line) => JSON.stringify(line)).join(" +\n");
}

function record(values: Readonly<Record<string, string>>): string {
  return `{${
    Object.entries(values).map(([script, codes]) => `${script}: ${literal(codes)},`)
      .join("\n")
  }}`;
}

function sourceOf({ CONFUSABLE_FOLDS, ALLOWED, AMBIGUOUS, TWINS }: TableValues): string {
  return `/**
 * Characters that look alike, from the data of UTS #39 (Unicode Security Mechanisms) 17.0.0, © 2025
 * Unicode, Inc., under the Unicode License v3. Written by
 * tests/protocol/text/generate_confusable_table.ts. Numbers are code points in base 36.
 */

/** Changes whenever a name may fold to another key than before. */
export const FOLDING_VERSION = "17.0.0-1";

/** Folds, each with the characters that become it: every one as the step from the one before. */
export const CONFUSABLE_FOLDS = ${literal(CONFUSABLE_FOLDS)};

/** Characters with the identifier status Allowed: ranges, each as the step from the last and a length. */
export const ALLOWED = ${literal(ALLOWED)};

/** Letters that look like something in that script which folds to another key. */
export const AMBIGUOUS: Readonly<Record<string, string>> = ${record(AMBIGUOUS)};

/** Letters of other scripts that look like something in that script. */
export const TWINS: Readonly<Record<string, string>> = ${record(TWINS)};
`;
}

if (import.meta.main) {
  await Deno.writeTextFile(TABLE, sourceOf(tableValues()));
  await new Deno.Command(Deno.execPath(), { args: ["fmt", "--quiet", TABLE.pathname] }).spawn()
    .status;
}
