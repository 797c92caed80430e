import { reasonOf } from "../platform/util/errors.ts";
import { checksumsOf } from "./checksums.ts";

/**
 * Makes each of the parts, and SHA256SUMS of what was made, even if others fail.
 *
 * @param make makes a part, and gives the paths of its files
 * @returns the paths of all files that were made
 * @throws {Error} once the rest is made, if a part can't be
 */
export async function makePackages<Part extends string>(
  parts: readonly Part[],
  out: string,
  make: (part: Part) => Promise<readonly string[]>,
): Promise<readonly string[]> {
  const sums = `${out}/SHA256SUMS`;
  const made: string[] = [];
  const failures: string[] = [];
  for (const part of parts) {
    try {
      made.push(...await make(part));
    } catch (error) {
      failures.push(`Cannot make the part ${part}: ${reasonOf(error)}`);
    }
  }
  // Even if nothing was made: sums of an earlier run may not stay.
  await Deno.writeTextFile(sums, await checksumsOf(made));
  if (failures.length === 0) return [...made, sums];
  const rest = made.length === 0 ? [] : ["These were made:", ...made, sums];
  throw new Error([...failures, ...rest].join("\n"));
}
