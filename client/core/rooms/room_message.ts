import type {
  Room,
  RoomMessage,
  RoomNotice,
  RoomPerson,
  RoomReaction,
  RoomRecipient,
} from "../room.ts";
import { labelOfOffer, readRoomRecord, type RoomRecord } from "./room_record.ts";
import type { StoredRoomEntry } from "../room_store.ts";
import type { Transfer } from "../transfer.ts";

/** The parts of a message. */
export interface MessageParts {
  readonly room: Room;
  readonly stored: StoredRoomEntry;
  readonly record: RoomRecord;
  /** The actions on it that count, in the room's order. */
  readonly actions: readonly RoomRecord[];
  readonly personOf: (key: string) => RoomPerson;
  readonly isLate: boolean;
  readonly isContradiction: boolean;
  /** The files that it offers, if they are listed here. */
  readonly transfer: Transfer | undefined;
  readonly delivery: Pick<RoomMessage, "state" | "recipients" | "delivered">;
}

/** A message with all that was done to it. */
export function messageOf(parts: MessageParts): RoomMessage {
  const { room, stored, record, actions, personOf, isLate, isContradiction, delivery } = parts;
  const { transfer } = parts;
  const { body } = record;
  const author = personOf(record.author);
  const own = actions.filter((action) => action.author === record.author)
    .flatMap(({ body }) => body?.type === "action" ? [body] : []);
  const isDeleted = own.some(({ action }) => action === "delete");
  const isFile = body?.type === "file";
  const edits = own.filter(({ action }) => action === "edit" && !isFile).map(({ text }) => text);
  const original = isFile ? [labelOfOffer(body.offer)] : body?.type === "text" ? [body.text] : [];
  const texts = [...original, ...edits, ...isDeleted ? [""] : []];
  const replyTo = body?.type === "text" && body.replyTo.length > 0
    ? body.replyTo.toHex()
    : undefined;
  return {
    type: "message",
    id: stored.hash,
    number: stored.number,
    room,
    author,
    name: author.name,
    direction: author.isOwn ? "outgoing" : "incoming",
    text: texts.at(-1) ?? "",
    versions: texts.slice(0, -1).slice(-MAX_VERSIONS),
    time: stored.effective,
    replyTo,
    isDeleted,
    isMissing: body === undefined && !isDeleted,
    isLate,
    isContradiction,
    reactions: reactionsOf(actions, personOf),
    ...transfer !== undefined && { transfer },
    ...delivery,
  };
}

/** How many earlier texts of a message are shown. */
const MAX_VERSIONS = 32;

/** A reaction is on or off for each person and emoji; the last action decides. */
function reactionsOf(
  actions: readonly RoomRecord[],
  personOf: (key: string) => RoomPerson,
): RoomReaction[] {
  const byEmoji = new Map<string, Set<string>>();
  for (const { author, body } of actions) {
    if (body?.type !== "action") continue;
    const { action, text: emoji } = body;
    if (action === "react") byEmoji.getOrInsertComputed(emoji, () => new Set()).add(author);
    else if (action === "unreact") byEmoji.get(emoji)?.delete(author);
  }
  return [...byEmoji].filter(([, authors]) => authors.size > 0)
    .map(([emoji, authors]) => ({ emoji, by: [...authors].map(personOf) }));
}

/** The notice that shows a membership entry; undefined for one that is not shown. */
export function noticeOf(
  stored: StoredRoomEntry,
  record: Pick<RoomRecord, "author" | "body">,
  personOf: (key: string) => RoomPerson,
  isFirstJoin: boolean,
): RoomNotice | undefined {
  const { body, author } = record;
  const base = {
    type: "notice",
    id: stored.hash,
    number: stored.number,
    time: stored.effective,
    by: personOf(author),
  } as const;
  switch (body?.type) {
    case "create":
      return { ...base, what: "created" };
    case "invite":
      return { ...base, what: "invited", whom: personOf(body.identity.toHex()) };
    case "join":
      return isFirstJoin ? { ...base, what: "joined" } : undefined;
    case "leave":
      return { ...base, what: "left" };
    case "remove":
      return { ...base, what: "removed", whom: personOf(body.identity.toHex()) };
    case "role": {
      const what = body.isAdmin ? "promoted" : "demoted";
      return { ...base, what, whom: personOf(body.identity.toHex()) };
    }
    case "set":
      return { ...base, what: "changed", topic: body.topic };
    default:
      return undefined;
  }
}

/** Reads what is stored; it was checked before. */
export function recordsOf(
  entries: readonly StoredRoomEntry[],
): { readonly stored: StoredRoomEntry; readonly record: RoomRecord }[] {
  return entries.flatMap((stored) => {
    const record = readRoomRecord(stored.entry);
    return record === undefined ? [] : [{ stored, record }];
  });
}

/** Nobody is told how far it has come. */
export function deliveryOf(
  direction: RoomMessage["direction"],
  recipients: readonly RoomRecipient[],
  delivered: Promise<void>,
): Pick<RoomMessage, "state" | "recipients" | "delivered"> {
  if (direction === "incoming") return { state: "received", recipients, delivered };
  const count = recipients.filter(({ state }) => state === "delivered").length;
  const state = count === recipients.length ? "delivered" : count > 0 ? "sent" : "queued";
  return { state, recipients, delivered };
}
