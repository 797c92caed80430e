import type { RoomMessage } from "../core/mod.ts";
import type { StoredMessage } from "../storage/mod.ts";
import type { PastEvent, Quote } from "./events.ts";

/**
 * A message of the history, as faces show it.
 *
 * @param differs whether the messages shown with it come from several addresses
 * @param answered the message that it answers, if that is stored
 */
export function toPastEvent(
  message: StoredMessage,
  among: PastEvent["among"],
  differs: boolean,
  answered: StoredMessage | undefined,
): PastEvent {
  const { peer, type: what, text, at, isEdited, isDeleted, reply, reactions } = message;
  const address = differs && peer.address !== "" ? { address: hostOf(peer.address) } : {};
  return {
    ...{ type: "past", name: peer.name, ...address, what, text, at, among },
    ...isEdited && { isEdited },
    ...isDeleted && { isDeleted },
    ...reply !== undefined && {
      answers: {
        isOwn: answered !== undefined && answered.type !== "received",
        ...quotedText(answered),
      },
    },
    ...reactions !== undefined && { reactions: reactions.map(({ emoji }) => emoji) },
  };
}

/** The text of a message that another one answers, if it is known. */
export function quotedText(
  answered: { readonly text: string; readonly isDeleted?: boolean } | undefined,
): Pick<Quote, "text" | "isDeleted"> {
  if (answered?.isDeleted === true) return { text: "", isDeleted: true };
  return { text: answered?.text ?? "" };
}

/** The message of a room that another one answers, as faces show it; undefined if it is not known. */
export function quoteInRoom(
  answered:
    | { readonly name: string; readonly text: string; readonly isDeleted: boolean }
    | undefined,
  isOwn = false,
): Quote {
  return { isOwn, ...quotedText(answered), ...answered !== undefined && { name: answered.name } };
}

/** A message of a room that is shown again. */
export function pastInRoom({ name, direction, text, time, ...message }: RoomMessage): PastEvent {
  const { isDeleted, versions, reactions } = message;
  return {
    ...{ type: "past", name, text, at: time, among: "chat" },
    what: direction === "incoming" ? "received" : "sent",
    ...isDeleted && { isDeleted },
    ...versions.length > 0 && !isDeleted && { isEdited: true },
    ...reactions.length > 0 && { reactions: reactions.map(({ emoji }) => emoji) },
  };
}

/** The address without the port, which differs at each start. */
export function hostOf(address: string): string {
  return address.replace(/:\d+$/, "");
}
