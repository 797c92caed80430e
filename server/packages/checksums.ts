import { createHash } from "node:crypto";

/** The SHA-256 of files, as `sha256sum` writes and checks it; without their folders. */
export async function checksumsOf(paths: readonly string[]): Promise<string> {
  const lines = [];
  for (const path of paths.toSorted()) {
    const hash = createHash("sha256").update(await Deno.readFile(path)).digest("hex");
    lines.push(`${hash}  ${path.split("/").at(-1)}\n`);
  }
  return lines.join("");
}
