import { displayName, shortAddress } from "../../protocol/mod.ts";
import type { KnownPerson } from "./people.ts";
import type { OfferedServer } from "./server_search.ts";
import type { UserBadges } from "./user_badges.ts";
import type { Chat, MessengerEvent, OnlineUser, Room, Security } from "../core/mod.ts";
import { describeError, type Face } from "./describe_error.ts";
import { describeRoomEvent, isRoomEvent } from "./describe_room_event.ts";

/** Everything that a face can show: the events of the messenger, and the output of commands. */
export type ClientEvent =
  | Exclude<
    MessengerEvent,
    {
      readonly type:
        | "error"
        | "server-key-rotated"
        | "server-moved"
        | "key-rotated"
        | "key-verified"
        | "online"
        | "presence"
        | Quoting["type"]
        | "room-action";
    }
  >
  | (Quoting & {
    /** The message that it answers, if it answers one. */
    readonly quote?: Quote;
  })
  | (Extract<MessengerEvent, { readonly type: "room-action" }> & {
    /** The text that a deleted message had. */
    readonly before?: string;
  })
  /** A row of /rooms. */
  | { readonly type: "room"; readonly number: number; readonly room: Room }
  | { readonly type: "online" } & ShownUser
  | { readonly type: "presence" } & ShownUser
  /** `words`: the same for other languages. */
  | { readonly type: "error"; readonly text: string; readonly words?: NoteWords }
  /** This client started the server. */
  | { readonly type: "hosting"; readonly address: string }
  /** A server on this network: a hint, nothing of it is proven. */
  | { readonly type: "server-found"; readonly number: number; readonly offer: OfferedServer }
  /** A row of /who. */
  | {
    readonly type: "user";
    readonly number: number;
    readonly user: OnlineUser;
    readonly badges?: UserBadges | undefined;
  }
  /** Ends /who. */
  | {
    readonly type: "users";
    readonly count: number;
    /** The text that all names contain, if only some were listed. */
    readonly part?: string;
  }
  /** A row of /people: someone who is known by a key. */
  | {
    readonly type: "person";
    readonly person: KnownPerson;
    /** How sure it is who they are; undefined while they are offline. */
    readonly security?: Security;
  }
  /** Ends /people. */
  | { readonly type: "people"; readonly count: number }
  /** The window's page is served there; anyone who has the address can open it. */
  | { readonly type: "window"; readonly address: string }
  | PastEvent
  /** `about`: the chat that it belongs to, if it is one's; `words`: the same for other languages. */
  | {
    readonly type: "note";
    readonly text: string;
    readonly about?: Chat;
    readonly words?: NoteWords;
  };

/** The content of a note, as a code and its values; not safe to print. */
export interface NoteWords {
  readonly code: string;
  readonly values?: Readonly<Record<string, string>>;
}

/** The message that a text answers. */
export interface Quote {
  readonly isOwn: boolean;
  /** Its author's name, as it came; in a room alone. */
  readonly name?: string;
  /** Empty if it is not stored, or was deleted. */
  readonly text: string;
  readonly isDeleted?: true;
}

/** Messages that may answer others. */
type Quoting = Extract<
  MessengerEvent,
  { readonly type: "message" | "sent" | "queued" | "room-message" | "room-sent" }
>;

/** A user who has come, or has changed. */
interface ShownUser {
  readonly user: OnlineUser;
  /** Whether somebody came who was asked for just now, and may have been online before. */
  readonly isFound?: true;
  /** Works out what is not in the table; asked only by faces that show it. */
  readonly badges?: (() => UserBadges) | undefined;
}

export interface PastEvent {
  readonly type: "past";
  readonly name: string;
  /** The room that it was said in, with `#`, if rooms and chats are shown. */
  readonly room?: string;
  /** The peer's IP address, if the shown messages come from several. */
  readonly address?: string;
  /** From the peer or to it; `failed` was never sent. */
  readonly what: "received" | "sent" | "failed";
  /** Not safe to print. */
  readonly text: string;
  /** In milliseconds since 1970. */
  readonly at: number;
  /** Whether the shown messages are from one chat or from all. */
  readonly among: "chat" | "all";
  /** Its number for commands, if it is shown by one: 1 is the newest. */
  readonly number?: number;
  readonly isEdited?: true;
  /** Whether its author has deleted it: the text is empty then. */
  readonly isDeleted?: true;
  /** The message that it answers, if it answers one. */
  readonly answers?: Quote;
  /** The emoji of the reactions to it. */
  readonly reactions?: readonly string[];
  /** How many messages come from here on that the user has not seen, if it is the first of them. */
  readonly newFrom?: number;
  /** Whether it is shown without a command; then it is left out if it is still on the screen. */
  readonly again?: true;
}

/** Whether faces show an event at all. */
export function isShown(event: MessengerEvent): boolean {
  // The command itself has reported the user's own actions.
  if (event.type === "room-changed") return event.notice?.by.isOwn === false;
  return event.type !== "room-delivered" && event.type !== "unlisted";
}

/** An event of the messenger as a face shows it: errors and changed keys are put into words. */
export function toClientEvent(event: MessengerEvent, face: Face): ClientEvent {
  if (isRoomEvent(event) && face === "window") {
    return { type: "note", text: describeRoomEvent(event) };
  }
  switch (event.type) {
    case "error":
      return { type: "error", text: describeError(event.error, face) };
    case "server-key-rotated": {
      const [oldKey, newKey] = [event.oldKey.toHex(), event.newKey.toHex()];
      const text =
        `The server at ${
          shortAddress(event.server)
        } has a new key (was ${oldKey}, now ${newKey}). ` +
        "Its old key has signed the new one, so it is trusted as before";
      const values = { server: shortAddress(event.server), oldKey, newKey };
      return { type: "note", text, words: { code: "server-key-rotated", values } };
    }
    case "server-moved": {
      const [from, to] = [shortAddress(event.from), shortAddress(event.server)];
      const text = `The server at ${from} has moved to ${to}: it has proven the same key`;
      return { type: "note", text, words: { code: "server-moved", values: { from, to } } };
    }
    case "key-rotated": {
      const name = displayName(event.name);
      const how = face === "window" ? "" : " (/verify)";
      const text = event.by === "me"
        ? `${name} has taken note of your new key, signed by the old one; your safety number with ` +
          `${name} is another one now`
        : `${name} has a new key, signed by the old one; compare safety numbers anew${how}. ` +
          `Rooms know only the old key: invite ${name} again to those that you share`;
      const words = { code: `key-rotated.${event.by}`, values: { name: event.name } };
      return { type: "note", text, words, ...event.chat !== undefined && { about: event.chat } };
    }
    case "key-verified": {
      const name = displayName(event.chat.name);
      const how = face === "window" ? "" : " (/verify)";
      const text = event.by === "me"
        ? `You have compared safety numbers with ${name}: nobody reads along or answers in the place of ${name}`
        : `${name} says that your safety numbers match; that is for ${name} to know: compare them ` +
          `yourself${how}`;
      const words = { code: `key-verified.${event.by}`, values: { name: event.chat.name } };
      return { type: "note", text, words, about: event.chat };
    }
    case "online":
    case "presence":
      return {
        type: event.type,
        user: event.user,
        ...event.type === "online" && event.isFound && { isFound: true },
      };
    default:
      return event;
  }
}

export type Emit = (event: ClientEvent) => void;
