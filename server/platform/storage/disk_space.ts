import { statfsSync } from "node:fs";

/** Whether the disk of a folder has no room left; false if that may not, or can't, be found out. */
export function isDiskFull(folder: string): boolean {
  if (Deno.permissions.querySync({ name: "sys", kind: "statfs" }).state !== "granted") return false;
  try {
    const { bavail, blocks } = statfsSync(folder);
    return blocks > 0 && bavail === 0;
  } catch {
    return false;
  }
}
