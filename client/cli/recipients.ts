import { UsageError } from "../../server/platform/cli/flags.ts";

/** The names between the commas, each once; `\,` is a comma in a name. */
export function recipientsIn(to: string): string[] {
  const names = to.split(/(?<!\\),/).map((name) => name.replaceAll("\\,", ",").trim());
  return [...new Set(names.filter((name) => name !== ""))];
}

/** @throws {UsageError} if a name is followed by a part of a key */
export function assertWholeKeys(names: readonly string[]): void {
  for (const name of names) {
    const [, key] = /^[^#]+#(.*)$/s.exec(name) ?? [];
    if (key === undefined || /^[0-9a-f]{64}$/i.test(key)) continue;
    throw new UsageError(
      `Expected a whole key of 64 hexadecimal digits behind # in "${name}", got ${key.length} ` +
        "characters; /whoami in that user's interactive client shows it",
    );
  }
}
