/** The data of UTS #39 that stands in tests/vectors/unicode, read. */

const DATA = new URL("../../vectors/unicode/", import.meta.url);

function rowsOf(file: string): string[][] {
  const lines = Deno.readTextFileSync(new URL(file, DATA)).split("\n");
  return lines.filter((line) => /^[^#]/.test(line)).map((line) => line.split(";"));
}

function textOf(codes = ""): string {
  return String.fromCodePoint(...codes.split(" ").map((code) => parseInt(code, 16)));
}

/** Each character that looks like others, and those. */
export const CONFUSABLES: readonly (readonly [source: string, target: string])[] = rowsOf(
  "confusables.txt",
).map(([source, target]) => [textOf(source), textOf(target)]);

/** The ranges of characters that identifiers may hold. */
export const ALLOWED_RANGES: readonly (readonly [first: number, last: number])[] = rowsOf(
  "identifier_status.txt",
).map(([range = ""]) => {
  const [first = "", last = first] = range.split("..");
  return [parseInt(first, 16), parseInt(last, 16)];
});

const ALLOWED = new Set(
  ALLOWED_RANGES.flatMap(([first, last]) =>
    Array.from({ length: last - first + 1 }, (_, at) => String.fromCodePoint(first + at))
  ),
);

/** Every character that identifiers may hold. */
export const ALLOWED_CHARACTERS: ReadonlySet<string> = ALLOWED;

/** Whether identifiers may hold all these characters, or claimed names may. */
export function isAllowed(text: string): boolean {
  return Array.from(text).every((character) => ALLOWED.has(character) || character === " ");
}

const TARGETS = new Map(CONFUSABLES);

/** What a text looks like: the skeleton of UTS #39. */
export function skeletonOf(text: string): string {
  return Array.from(text.normalize("NFD"), (character) => TARGETS.get(character) ?? character)
    .join("").normalize("NFD");
}
