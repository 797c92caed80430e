import { formatSize } from "../format_size.ts";
import type { Transfer } from "../transfer.ts";

/** How an offer stands among the messages of a chat. */
export function offerLabel(
  { path, files, size }: Pick<Transfer, "path" | "files" | "size">,
): string {
  const count = files === 1 ? "" : `${files} files, `;
  return `📎 ${path} (${count}${formatSize(size)})`;
}

/** How many names of an offer are shown. */
const MAX_NAMES = 3;

/** The only file's path, or the folder that all are in, or the first files and folders. */
export function offerPath(paths: readonly string[]): string {
  const [only = "", ...others] = paths;
  if (others.length === 0) return only;
  const roots = [...new Set(paths.map((path) => path.split("/")[0] ?? ""))];
  const more = roots.length > MAX_NAMES ? ", …" : "";
  return roots.slice(0, MAX_NAMES).join(", ") + more;
}
