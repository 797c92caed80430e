import type { MessageArchive, RoomEvent } from "../../app/mod.ts";
import type { Messenger, Room, RoomMessage } from "../../core/mod.ts";
import type { MessageRow, StateChange } from "../messages.ts";
import { RoomConversation } from "./room_conversation.ts";

/** The ids of rooms begin here, above those of conversations. */
const FIRST_ID = 2 ** 40;
/** How many threads are asked for what is remembered of rooms. */
const MAX_THREADS = 1_000;
/** The name of a room's thread, which is too long for a user's name. */
const THREAD = /^#[0-9a-f]{64}$/;

/** The user's rooms, and what happens in them, for pages. */
export class RoomConversations {
  readonly #messenger: Messenger;
  readonly #archive: MessageArchive;
  readonly #publish: (change: StateChange) => void;
  readonly #byId = new Map<number, RoomConversation>();
  /** The names of rooms as pages know them. */
  readonly #names = new Map<number, string>();
  #lastId = FIRST_ID;

  constructor(
    messenger: Messenger,
    archive: MessageArchive,
    publish: (change: StateChange) => void,
  ) {
    this.#messenger = messenger;
    this.#archive = archive;
    this.#publish = publish;
  }

  get all(): readonly RoomConversation[] {
    return [...this.#byId.values()];
  }

  find(id: number): RoomConversation | undefined {
    return this.#byId.get(id);
  }

  /** Whether a stored thread belongs to a room. */
  static isThread(name: string): boolean {
    return THREAD.test(name);
  }

  /** Lists the rooms of earlier runs. */
  async load(): Promise<void> {
    await this.#messenger.rooms.ready;
    const threads = new Map(
      this.#archive.threads(MAX_THREADS).map((thread) => [thread.thread, thread]),
    );
    for (const room of this.#messenger.rooms) {
      const conversation = this.#of(room);
      conversation.restore(threads.get(conversation.thread) ?? {});
      await conversation.load();
      if (room.state !== "left") this.publishHead(conversation);
    }
  }

  /** Those that pages list. */
  get listed(): readonly RoomConversation[] {
    return this.all.filter(({ room }) => room.state !== "left");
  }

  /** Publishes a heading, and those of rooms that get other names with it. */
  publishHead(conversation: RoomConversation): void {
    const { head } = conversation;
    this.#publish({ type: "chat", chat: head });
    if (this.#names.get(head.id) === head.name) return;
    this.#names.set(head.id, head.name);
    this.#publishNamesakes();
  }

  /** The table tells more of who has which key: names that were doubtful are shown anew. */
  publishPeople(): void {
    for (const conversation of this.listed) {
      this.publishHead(conversation);
      if (conversation.takeDoubtful()) this.#reorder(conversation);
    }
  }

  /** Rooms of one name have tags: a room that comes, goes or is renamed changes others' names. */
  #publishNamesakes(): void {
    for (const other of this.listed) {
      const known = this.#names.get(other.id);
      if (known !== undefined && known !== other.name) this.publishHead(other);
    }
  }

  /** The conversation of a room that the user has made or joined. */
  of(room: Room): RoomConversation {
    return this.#of(room);
  }

  onEvent(event: RoomEvent): void {
    const conversation = this.#of(event.room);
    switch (event.type) {
      case "room-message":
      case "room-sent":
        return this.publishMessage(conversation, event.message);
      case "room-action":
        this.#renewQuotes(conversation, event.message);
        if (conversation.has(event.message)) this.#change(conversation, event.message);
        return;
      case "room-delivered":
        if (conversation.has(event.message)) this.#change(conversation, event.message);
        return;
      case "room-changed":
        this.publishHead(conversation);
        if (event.what === "history") this.#reorder(conversation);
        return;
      case "room-left":
        if (event.member.isOwn && event.by.isOwn) return this.remove(conversation);
        return this.#noticed(conversation);
      case "room-invited":
      case "room-joined":
        return this.#noticed(conversation);
    }
  }

  /** Publishes a message that is new to pages. */
  publishMessage(
    conversation: RoomConversation,
    message: RoomMessage,
    requestId?: string,
  ): void {
    const row = conversation.put(message, requestId);
    const { id, room } = conversation;
    const unread = message.direction === "incoming" ? { unread: room.unread } : {};
    this.#publish({ type: "message", chat: id, message: row, ...unread });
    this.publishHead(conversation);
    if (row.reply !== undefined) this.#addReply(conversation, row);
    if (message.isLate) this.#reorder(conversation);
  }

  /** The user has left it: pages do, too. */
  remove({ id }: RoomConversation): void {
    this.#publish({ type: "chat-removed", chat: id });
    this.#names.delete(id);
    this.#publishNamesakes();
  }

  #change(conversation: RoomConversation, message: RoomMessage): void {
    const row = conversation.put(message);
    this.#publish({ type: "message-changed", chat: conversation.id, message: row });
    this.publishHead(conversation);
    if (row.reply !== undefined) this.#addReply(conversation, row);
  }

  /** A line about members has come. */
  #noticed(conversation: RoomConversation): void {
    this.publishHead(conversation);
    this.#reorder(conversation);
  }

  #reorder({ id }: RoomConversation): void {
    this.#publish({ type: "reordered", chat: id });
  }

  #addReply(conversation: RoomConversation, row: MessageRow): void {
    conversation.withReply(row).then((message) =>
      this.#publish({ type: "message-changed", chat: conversation.id, message })
    ).catch(() => {}); // it stays without the text that it answers
  }

  /** Rows that answer a message show it as it is now. */
  #renewQuotes(conversation: RoomConversation, answered: RoomMessage): void {
    conversation.answersTo(answered).then((rows) => {
      for (const message of rows) {
        this.#publish({ type: "message-changed", chat: conversation.id, message });
      }
    }).catch(() => {}); // they stay as they are until the room is opened again
  }

  #of(room: Room): RoomConversation {
    const known = this.all.find((one) => one.room === room);
    if (known !== undefined) return known;
    const created = new RoomConversation(++this.#lastId, room);
    this.#byId.set(created.id, created);
    return created;
  }
}
