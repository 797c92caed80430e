import { formatSize } from "../format_size.ts";
import type { Transfer } from "../transfer.ts";

/** How an offer stands among the messages of a chat. */
export function offerLabel(
  { path, files, size }: Pick<Transfer, "path" | "files" | "size">,
): string {
  const count = files === 1 ? "" : `${files} files, `;
  return `📎 ${path} (${count}${formatSize(size)})`;
}
