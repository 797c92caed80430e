import type { Chat, Messenger, Room, RoomMessage } from "../core/mod.ts";
import type { Emit } from "./events.ts";
import type { ArchivePeer } from "./message_archive.ts";
import type { UserResolver } from "./user_resolver.ts";

export interface ActiveChatOptions {
  readonly messenger: Messenger;
  readonly users: UserResolver;
  readonly emit: Emit;
  readonly report: (error: unknown) => void;
  /** Whether a line is half typed: then no incoming call becomes the active chat. */
  readonly isTyping: () => boolean;
  /** Resolves when a login under way, if any, is done; never rejects. */
  readonly ready: () => Promise<unknown>;
  /** Keeps a text that could not be sent. */
  readonly keepFailed: (peer: ArchivePeer, text: string) => void;
  /** The user sees what has come in a chat. */
  readonly onRead: (chat: Chat) => void;
  /** Lines go to a room: what was said there is to have numbers; resolves to the newest. */
  readonly onRoom: (room: Room, most: number) => Promise<RoomMessage[]>;
}
