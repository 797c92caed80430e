import type { StoredMessage } from "../storage/mod.ts";
import type { Message, MessageRef } from "../core/mod.ts";

/** The mark by which the history knows a message: peers choose the IDs of their own messages. */
export function markOf(
  { id, identity, direction }: Pick<Message, "id" | "direction"> & {
    readonly identity: Uint8Array | undefined;
  },
): string {
  if (identity === undefined) return id;
  return (direction === "incoming" ? "" : ">") + identity.toHex() + id;
}

/** The message of the chat with that key that a stored one is; undefined if it is none, or was never sent. */
export function refOfStored(
  { mark, type }: StoredMessage,
  identity: Uint8Array | undefined,
): MessageRef | undefined {
  if (mark === undefined || identity === undefined || type === "failed") return undefined;
  return refOfMark(mark, identity);
}

/** The message of the chat with that key to which a mark belongs; undefined if it is of another chat. */
function refOfMark(mark: string, identity: Uint8Array): MessageRef | undefined {
  const isOwn = mark.startsWith(">");
  const key = identity.toHex();
  const rest = isOwn ? mark.slice(1) : mark;
  if (!rest.startsWith(key)) return undefined;
  return { id: rest.slice(key.length), direction: isOwn ? "outgoing" : "incoming" };
}

/** The key of the chat of a mark, in hex; undefined in classic MIM. */
export function keyOfMark(mark: string): string | undefined {
  return /^>?([0-9a-f]{64})/.exec(mark)?.[1];
}
