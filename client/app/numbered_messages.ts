import type { Chat, MessageRef, Messenger, Room, RoomItem, RoomMessage } from "../core/mod.ts";
import type { StoredMessage } from "../storage/mod.ts";
import type { ClientEvent } from "./events.ts";
import type { MessageArchive } from "./message_archive.ts";
import { markOf, refOfStored } from "./message_marks.ts";
import type { SendTarget } from "./send_target.ts";

/** How many messages back a number can mean one. */
export const MAX_NUMBERED = 1_000;
/** How many messages of a chat are remembered where no history is kept, or of a room. */
const MAX_REMEMBERED = 200;
/** How long the numbers of a list stay valid although messages arrive, in milliseconds. */
const LIST_LIFETIME_MS = 60_000;

/** A message that is quoted; without a text if it was deleted. */
type Answered = { readonly text: string; readonly isDeleted?: boolean };

/** A message that commands mean by its number, counted from the newest. */
export interface NumberedMessage {
  /** Names it among those of its place. */
  readonly id: string;
  readonly isOwn: boolean;
  /** Its author's name, as it came. */
  readonly name: string;
  /** As it came. */
  readonly text: string;
  readonly isDeleted: boolean;
  /** Whether the user has reacted with that emoji. */
  hasReacted(emoji: string): boolean;
  /** The texts that it had before the one that holds, the oldest first. */
  earlierTexts(): readonly string[];
  edit(text: string): Promise<unknown>;
  delete(): Promise<unknown>;
  react(emoji: string, isOn: boolean): Promise<unknown>;
  /** The reference to it in a text that answers it; undefined in a room. */
  readonly ref: MessageRef | undefined;
}

/** The messages of the place where lines go, as commands number them: 1 is the newest. */
export class NumberedMessages {
  readonly #messenger: Messenger;
  readonly #archive: () => MessageArchive | undefined;
  /** The last messages of each chat, where no history is kept, and of each room; the newest last. */
  readonly #remembered = new WeakMap<Chat | Room, (RoomMessage | Remembered)[]>();
  #list: { place: Chat | Room; until: number; messages: readonly NumberedMessage[] } | undefined;

  constructor(messenger: Messenger, archive: () => MessageArchive | undefined) {
    this.#messenger = messenger;
    this.#archive = archive;
  }

  /** The newest messages, the newest first. */
  newest(target: SendTarget | undefined, most = MAX_NUMBERED): readonly NumberedMessage[] {
    if (target?.type === "room") return this.#inRoom(target.room).slice(0, most);
    return target?.type === "chat" ? this.#inChat(target.chat, most) : [];
  }

  /** The same, and their numbers hold for a minute. */
  list(target: SendTarget | undefined, lifetimeMs = LIST_LIFETIME_MS): readonly NumberedMessage[] {
    const messages = this.newest(target);
    const place = placeOf(target);
    if (place !== undefined) {
      this.#list = { place, until: performance.now() + lifetimeMs, messages };
    }
    return messages;
  }

  /** All that numbers mean now, the newest first. */
  numbered(target: SendTarget | undefined): readonly NumberedMessage[] {
    const list = this.#list;
    const holds = list !== undefined && list.place === placeOf(target) &&
      performance.now() < list.until;
    const newest = this.newest(target);
    if (!holds) return newest;
    // The list keeps its numbers, but shows each message as it is now.
    const now = new Map(newest.map((message) => [keyOf(message), message]));
    return list.messages.map((message) => now.get(keyOf(message)) ?? message);
  }

  /** The numbers of the last list hold no more. */
  release(): void {
    this.#list = undefined;
  }

  /** A message of a chat that another one answers; undefined if it is not known. */
  answered(chat: Chat, ref: MessageRef): Answered | undefined {
    const archive = this.#archive();
    if (archive !== undefined && this.#keepsHistory) {
      return archive.find(markOf({ ...ref, identity: chat.identity }));
    }
    return this.newest({ type: "chat", chat }).find(({ id, isOwn }) =>
      id === ref.id && isOwn === (ref.direction === "outgoing")
    );
  }

  /** A message of a room that was shown lately. */
  find(room: Room, id: string): NumberedMessage | undefined {
    return this.#inRoom(room).find((each) => each.id === id);
  }

  /** Takes an event in. */
  update(event: ClientEvent): void {
    switch (event.type) {
      case "message":
      case "sent": {
        const { chat, message: { id, direction, text } } = event;
        if (this.#keepsHistory || chat.identity === undefined) return;
        return this.#remember(chat, { id, direction, text, mine: new Set(), before: [] });
      }
      case "edited":
      case "deleted":
      case "reacted": {
        const { target } = event;
        const known = this.#remembered.get(event.chat)?.find((each) =>
          each.id === target.id && each.direction === target.direction
        );
        if (known === undefined || "room" in known) return;
        if (event.type === "reacted") {
          if (event.by === "me") known.mine[event.isOn ? "add" : "delete"](event.emoji);
        } else {
          known.before.push(known.text);
          known.text = event.type === "edited" ? event.text : "";
          if (event.type === "deleted") known.isDeleted = true;
        }
        return;
      }
      case "room-message":
      case "room-sent":
        return this.#remember(event.room, event.message);
      case "room-action": {
        const known = this.#remembered.get(event.room) ?? [];
        const index = known.findIndex(({ id }) => id === event.message.id);
        if (index >= 0) known[index] = event.message;
        return;
      }
    }
  }

  /** Reads the messages of a room, also those from before the program has started; returns the newest. */
  async load(room: Room, most = 0): Promise<RoomMessage[]> {
    const known = new Set(this.#remembered.get(room));
    const messages = await messagesOf(room, Math.max(most, MAX_REMEMBERED));
    const loaded = new Set(messages.map(({ id }) => id));
    const meanwhile = (this.#remembered.get(room) ?? []).filter((each) =>
      !known.has(each) && !loaded.has(each.id)
    );
    this.#remembered.set(room, [...messages, ...meanwhile]);
    return most === 0 ? [] : messages.slice(-most);
  }

  get #keepsHistory(): boolean {
    const archive = this.#archive();
    return archive !== undefined && archive.whyNot === undefined;
  }

  #remember(place: Chat | Room, message: RoomMessage | Remembered): void {
    const known = this.#remembered.get(place) ?? [];
    known.push(message);
    this.#remembered.set(place, known.slice(-MAX_REMEMBERED));
  }

  #inRoom(room: Room): NumberedMessage[] {
    return (this.#remembered.get(room) ?? []).flatMap((each) =>
      "room" in each ? numberedInRoom(room, each) : []
    ).reverse();
  }

  #inChat(chat: Chat, most: number): NumberedMessage[] {
    const known = this.#knownIn(chat, most);
    const ids = new Set(known.filter(({ isOwn }) => isOwn).map(({ id }) => id));
    // Messages that are still being sent come last.
    const sending = this.#messenger.outbox.filter((message) =>
      message.chat === chat && message.action === undefined && !ids.has(message.id)
    );
    const unsent = sending.map(({ id, text }) =>
      this.#unstored(chat, { id, direction: "outgoing", text, mine: new Set(), before: [] })
    );
    return [...unsent.reverse(), ...known].slice(0, most);
  }

  #knownIn(chat: Chat, most: number): NumberedMessage[] {
    const { identity } = chat;
    const archive = this.#archive();
    if (archive === undefined || !this.#keepsHistory) {
      return (this.#remembered.get(chat) ?? []).flatMap((each) =>
        "room" in each ? [] : this.#unstored(chat, each)
      ).reverse().slice(0, most);
    }
    return archive.page(archive.threadNames.of(chat), Number.MAX_SAFE_INTEGER, most).toReversed()
      .flatMap(
        (stored) => {
          const ref = refOfStored(stored, identity);
          return ref === undefined ? [] : this.#stored(chat, archive, stored, ref);
        },
      );
  }

  #stored(
    chat: Chat,
    archive: MessageArchive,
    stored: StoredMessage,
    ref: MessageRef,
  ): NumberedMessage {
    const { text, isDeleted = false, reactions = [] } = stored;
    const isOwn = ref.direction === "outgoing";
    return {
      ...{ id: ref.id, ref, text, isDeleted, isOwn },
      name: isOwn ? this.#messenger.name : chat.name,
      hasReacted: (emoji) => reactions.some((each) => each.by === "me" && each.emoji === emoji),
      earlierTexts: () => {
        const texts = archive.versions(stored.id).map((version) => version.text);
        return isDeleted ? texts : texts.slice(0, -1);
      },
      ...doingIn(chat, { ...ref, text }),
    };
  }

  #unstored(chat: Chat, message: Remembered): NumberedMessage {
    const { id, direction, text, mine, before, isDeleted = false } = message;
    const isOwn = direction === "outgoing";
    return {
      ...{ id, ref: { id, direction }, text, isDeleted, isOwn },
      name: isOwn ? this.#messenger.name : chat.name,
      hasReacted: (emoji) => mine.has(emoji),
      earlierTexts: () => before,
      ...doingIn(chat, { id, direction, text }),
    };
  }
}

/** A message of a chat whose history is not kept. */
interface Remembered extends MessageRef {
  text: string;
  isDeleted?: boolean;
  /** The emoji with which the user has reacted. */
  readonly mine: Set<string>;
  /** The texts before. */
  readonly before: string[];
}

/** The newest messages of a room, without its notices. */
async function messagesOf(room: Room, most: number): Promise<RoomMessage[]> {
  const pages: RoomMessage[][] = [];
  let before: RoomItem | undefined;
  for (let count = 0; count < most;) {
    const items = await room.history({ most, before });
    const messages = items.filter((item) => item.type === "message");
    pages.unshift(messages);
    count += messages.length;
    if (items.length < most) break;
    [before] = items;
  }
  return pages.flat().slice(-most);
}

/** Names a message among those of its place: in a chat, both sides may use one id. */
function keyOf({ id, isOwn }: NumberedMessage): string {
  return `${id} ${isOwn}`;
}

function placeOf(target: SendTarget | undefined): Chat | Room | undefined {
  if (target?.type === "room") return target.room;
  return target?.type === "chat" ? target.chat : undefined;
}

function doingIn(
  chat: Chat,
  message: MessageRef & { readonly text: string },
): Pick<NumberedMessage, "edit" | "delete" | "react"> {
  return {
    edit: (text) => chat.edit(message, text),
    delete: () => chat.delete(message),
    react: (emoji, isOn) => isOn ? chat.react(message, emoji) : chat.unreact(message, emoji),
  };
}

function numberedInRoom(room: Room, message: RoomMessage): NumberedMessage {
  const { id, text, isDeleted, direction, name } = message;
  return {
    ...{ id, ref: undefined, text, isDeleted, isOwn: direction === "outgoing", name },
    hasReacted: (emoji) =>
      message.reactions.some((each) => each.emoji === emoji && each.by.some(({ isOwn }) => isOwn)),
    earlierTexts: () => message.versions,
    edit: (text) => room.edit(id, text),
    delete: () => room.delete(id),
    react: (emoji, isOn) => room.react(id, emoji, isOn),
  };
}
