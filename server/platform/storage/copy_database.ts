import { backup, type DatabaseSync } from "node:sqlite";
import { transaction } from "./transaction.ts";

/**
 * Copies an open database into an empty file, as it is at one moment. `VACUUM INTO` does the same, but with
 * all permissions of Deno only.
 *
 * @throws {Error} if not all of it was copied
 */
export function copyDatabase(db: DatabaseSync, path: string): void {
  // Deno has copied everything when this returns, so that nothing has to wait here. In a transaction, other
  // programs that write meanwhile change neither the copy nor its size.
  const expected = transaction(db, "DEFERRED", () => {
    const bytes = valueOf(db, "PRAGMA page_count") * valueOf(db, "PRAGMA page_size");
    backup(db, path).catch(() => {}); // the size tells
    return bytes;
  });
  const { size } = Deno.statSync(path);
  if (size !== expected) throw new Error(`Copied ${size} of ${expected} bytes to ${path}`);
}

function valueOf(db: DatabaseSync, query: string): number {
  return Number(Object.values(db.prepare(query).get() ?? {})[0]);
}
