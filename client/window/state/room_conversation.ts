import { displayName, sanitizeName, sanitizeText } from "../../../protocol/mod.ts";
import { mentions } from "../../app/mod.ts";
import type { Room, RoomItem, RoomMember, RoomMessage } from "../../core/mod.ts";
import type { ThreadStatus } from "../../storage/mod.ts";
import type {
  ChatHead,
  MessageRow,
  NoticeRow,
  ReactionRow,
  RoomFields,
  RoomMemberRow,
  VersionRow,
} from "../messages.ts";
import { withoutSize } from "./without_size.ts";
import { previewLine, replyRow } from "./row_actions.ts";
import { sanitizeLines } from "./view_rows.ts";
import { RequestError } from "./wording.ts";

/** How much of the newest message the list shows, in UTF-16 units. */
const PREVIEW_LENGTH = 120;
/** How many items a page gets when it opens the room. */
const INITIAL_ITEMS = 60;
/** How many items are looked through at once for one that was found. */
const SEEK_ITEMS = 1_000;

/** A room as pages show it: like a conversation, with rows that have ids of their own. */
export class RoomConversation {
  readonly id: number;
  readonly room: Room;
  draft = "";
  muted = false;
  #last: RoomMessage | undefined;
  readonly #startedAt = Date.now();
  /** The ids of rows by those of their items. */
  readonly #rowIds = new Map<string, number>();
  readonly #itemIds = new Map<number, string>();
  /** The id and time of each row's item, to find the items before it. */
  readonly #places = new Map<number, Pick<RoomItem, "id" | "time">>();
  /** The messages with rows that answer a message, which may have none, by its id. */
  readonly #answers = new Map<string, Set<string>>();
  #hasDoubtful = false;
  #newestId = 0;
  #oldestId = 0;

  constructor(id: number, room: Room) {
    this.id = id;
    this.room = room;
  }

  /** The name of its thread, which no user can have. */
  get thread(): string {
    return `#${this.room.id}`;
  }

  /** Takes over what was remembered of it. */
  restore({ draft = "", muted = false }: Partial<ThreadStatus>): void {
    Object.assign(this, { draft, muted });
  }

  /** Finds its newest message, and what it is without one. */
  async load(): Promise<void> {
    const items = await this.room.history({ most: INITIAL_ITEMS });
    this.#last = items.findLast((item) => item.type === "message");
  }

  /** Its name, with a tag if others have it, too. */
  get name(): string {
    return sanitizeName(this.room.label);
  }

  /** Whether rows have named somebody in doubt since the last time. */
  takeDoubtful(): boolean {
    const had = this.#hasDoubtful;
    this.#hasDoubtful = false;
    return had;
  }

  get head(): ChatHead {
    const { id, room, draft, muted } = this;
    const isMember = room.state === "joined";
    const last = this.#last;
    const { members } = room;
    return {
      ...{ id, draft, muted, unread: room.unread },
      name: this.name,
      address: "",
      direction: "outgoing",
      state: isMember ? "open" : "closed",
      security: "pinned",
      typing: false,
      ...last !== undefined && { last: previewOf(last, members) },
      at: last?.time ?? this.#startedAt,
      alias: "",
      note: "",
      actions: isMember ? "now" : "never",
      room: this.#fieldsWith(members),
    };
  }

  #fieldsWith(members: readonly RoomMember[]): RoomFields {
    const { topic, state, role, invitedBy, policy } = this.room;
    return {
      topic: sanitizeText(topic),
      state,
      ...role !== undefined && { role },
      members: members.map(memberRow),
      ...invitedBy !== undefined && { invitedBy: sanitizeName(invitedBy.name) },
      canInvite: role === "owner" || role === "admin" ||
        role === "member" && policy.membersInvite,
    };
  }

  /** The newest rows, and whether there are no older ones. */
  async newest(): Promise<{ readonly messages: MessageRow[]; readonly isComplete: boolean }> {
    const items = await this.room.history({ most: INITIAL_ITEMS });
    const rows = items.map((item) =>
      this.#name(item, this.#rowIds.get(item.id) ?? ++this.#newestId)
    );
    return { messages: await this.#withReplies(rows), isComplete: items.length < INITIAL_ITEMS };
  }

  /** The newest rows before one, oldest first. */
  async rowsBefore(
    rowId: number,
    most: number,
  ): Promise<{ readonly messages: MessageRow[]; readonly isComplete: boolean }> {
    const before = this.#places.get(rowId);
    const items = await this.room.history({ most, ...before !== undefined && { before } });
    const first = this.#oldestId -= items.length;
    const rows = items.map((item, index) =>
      this.#name(item, this.#rowIds.get(item.id) ?? first + index)
    );
    return { messages: await this.#withReplies(rows), isComplete: items.length < most };
  }

  /**
   * The id of the row of an item, which gets one with all those behind it that have none.
   *
   * @throws {RangeError} if it is not here any more
   */
  async rowIdOf(item: RoomItem): Promise<number> {
    let { isComplete } = await this.newest();
    while (!this.#rowIds.has(item.id) && !isComplete) {
      ({ isComplete } = await this.rowsBefore(this.#oldestRow, SEEK_ITEMS));
    }
    const id = this.#rowIds.get(item.id);
    if (id === undefined) throw new RequestError("This message is not here", "message-gone");
    return id;
  }

  /** The row that stands before all others that have ids. */
  get #oldestRow(): number {
    let [oldest, place] = [0, { id: "", time: Infinity }];
    for (const [row, { id, time }] of this.#places) {
      if (time > place.time || time === place.time && id > place.id) continue;
      [oldest, place] = [row, { id, time }];
    }
    return oldest;
  }

  /** The row of a message that is new, or has changed. */
  put(message: RoomMessage, requestId?: string): MessageRow {
    if (message.time >= (this.#last?.time ?? 0) || message.id === this.#last?.id) {
      this.#last = message;
    }
    const id = this.#rowIds.get(message.id) ?? ++this.#newestId;
    return { ...this.#name(message, id), ...requestId !== undefined && { requestId } };
  }

  has(message: Pick<RoomMessage, "id">): boolean {
    return this.#rowIds.has(message.id);
  }

  /**
   * The id of the message in a row.
   *
   * @throws {RangeError} if there is none
   */
  messageAt(rowId: number): string {
    const id = this.#itemIds.get(rowId);
    if (id === undefined) throw new RequestError("This message is not here", "message-gone");
    return id;
  }

  #name(item: RoomItem, id: number): MessageRow {
    this.#rowIds.set(item.id, id);
    if (item.type === "message" && item.replyTo !== undefined) {
      const answers = this.#answers.get(item.replyTo) ?? new Set();
      this.#answers.set(item.replyTo, answers.add(item.id));
    }
    this.#itemIds.set(id, item.id);
    this.#places.set(id, item);
    return item.type === "message" ? this.#rowOf(item, id) : noticeRow(item, id);
  }

  #rowOf(message: RoomMessage, id: number): MessageRow {
    const { author, time, state, isDeleted, versions, reactions, replyTo, recipients } = message;
    if (!author.isConfirmed) this.#hasDoubtful = true;
    const reached = recipients.filter(({ state }) => state === "delivered").length;
    return {
      id,
      from: author.isOwn ? "me" : "them",
      text: sanitizeLines(message.transfer ? withoutSize(message.text) : message.text),
      at: time,
      state,
      ...!author.isOwn && { author: sanitizeName(author.name) },
      ...!author.isOwn && mentions(message.text, this.#ownName) && { isMention: true },
      ...versions.length > 0 && !isDeleted && { isEdited: true },
      ...isDeleted ? { isDeleted } : message.transfer && { file: message.transfer.number },
      ...reactions.length > 0 && { reactions: reactions.map(reactionRow) },
      ...replyTo !== undefined &&
        { reply: replyRow(this.#rowIds.get(replyTo) ?? 0, "them", undefined) },
      ...recipients.length > 0 && { recipients: { reached, all: recipients.length } },
    };
  }

  async #withReplies(rows: readonly MessageRow[]): Promise<MessageRow[]> {
    return await Promise.all(rows.map((row) => this.withReply(row)));
  }

  /** Adds what a row answers, which may be far back. */
  async withReply(row: MessageRow): Promise<MessageRow> {
    const replyTo = this.#itemIds.get(row.id);
    if (row.reply === undefined || replyTo === undefined) return row;
    const message = await this.room.find(replyTo);
    const answered = message?.replyTo === undefined
      ? undefined
      : await this.room.find(message.replyTo);
    if (answered === undefined) return row;
    const from = answered.author.isOwn ? "me" : "them";
    const reply = replyRow(row.reply.message, from, answered);
    const author = from === "me" ? {} : { author: sanitizeName(answered.author.name) };
    return { ...row, reply: { ...reply, ...author } };
  }

  /** The rows of the messages that answer this one. */
  async answersTo({ id }: Pick<RoomMessage, "id">): Promise<MessageRow[]> {
    const rows: MessageRow[] = [];
    for (const answer of this.#answers.get(id) ?? []) {
      const [message, rowId] = [await this.room.find(answer), this.#rowIds.get(answer)];
      if (message === undefined || rowId === undefined) continue;
      rows.push(await this.withReply(this.#rowOf(message, rowId)));
    }
    return rows;
  }

  get #ownName(): string {
    return this.room.members.find(({ isOwn }) => isOwn)?.name ?? "";
  }
}

/** The newest message in the list; its author's name may have been doubtful when it was read. */
function previewOf(
  message: RoomMessage,
  members: readonly RoomMember[],
): NonNullable<ChatHead["last"]> {
  const { author, time, state, isDeleted } = message;
  const { name } = members.find(({ identity }) => identity.equals(author.identity)) ?? author;
  const what = withoutSize(message.text);
  const said = previewLine(what, PREVIEW_LENGTH);
  const text = author.isOwn || isDeleted ? said : `${displayName(name)}: ${said}`;
  return {
    from: author.isOwn ? "me" : "them",
    text,
    at: time,
    state,
    ...isDeleted && { isDeleted },
  };
}

/** The texts that a message had, the oldest first, and the one that holds. */
export function versionsOf({ versions, text, time }: RoomMessage): VersionRow[] {
  return [...versions, text].map((each) => ({ at: time, text: sanitizeLines(each) }));
}

function memberRow({ name, identity, role, isOnline, isOwn }: RoomMember): RoomMemberRow {
  return { name: sanitizeName(name), key: identity.toHex(), role, isOnline, isOwn };
}

function reactionRow({ emoji, by }: RoomMessage["reactions"][number]): ReactionRow {
  return {
    emoji: sanitizeText(emoji),
    isMine: by.some(({ isOwn }) => isOwn),
    others: by.filter(({ isOwn }) => !isOwn).map(({ name }) => sanitizeName(name)),
  };
}

function noticeRow(
  { time, what, by, whom, topic }: Exclude<RoomItem, RoomMessage>,
  id: number,
): MessageRow {
  const notice: NoticeRow = {
    what,
    by: by.isOwn ? "" : sanitizeName(by.name),
    ...whom !== undefined && { whom: whom.isOwn ? "" : sanitizeName(whom.name) },
    ...topic !== undefined && { topic: sanitizeText(topic) },
  };
  return { id, from: "them", text: "", at: time, state: "received", notice };
}
