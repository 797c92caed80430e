import type { ActionKind, Capability } from "../../protocol/mod.ts";
import type { MessageRef } from "./actions/mod.ts";
import type { OnlineUser } from "./online_user.ts";
import type { PublicKey } from "./public_key.ts";
import type { Security } from "./security.ts";
import type { Pin } from "./store.ts";
import type { FileInput, SendFileOptions, Transfer } from "./transfer.ts";

/** How a text is sent. */
export interface SendOptions {
  /**
   * Cancels the message: the send rejects with the signal's reason. Parts that were already written to a
   * classic chat's connection go out nevertheless.
   */
  readonly signal?: AbortSignal | undefined;
  /** The message's ID, 16 hex digits that were never used before. Default: random. */
  readonly id?: string | undefined;
  /**
   * Whether it is sent only if the chat is open, and given up if the connection ends before it is
   * delivered; it is not stored. Default: false. In classic chats this is always the case.
   */
  readonly onlyWhileOpen?: boolean | undefined;
  /** After how many milliseconds an undelivered message is given up, even in a later run. Default: never. */
  readonly expiresAfterMs?: number | undefined;
  /** The message of this chat that it answers. A peer whose version knows no replies gets the text alone. */
  readonly reply?: MessageRef | undefined;
}

/**
 * A chat with one peer. Its properties change as the chat goes on; it stays the same object. Iterating
 * over it gives the messages that come in from then on, until the chat is closed from here; a classic
 * chat also ends once the peer closes it.
 */
export interface Chat extends AsyncIterable<Message> {
  /** The peer's name, as it came: not yet safe to print, and not proven. */
  readonly name: string;
  /** The peer's IP address. */
  readonly address: string;
  /** The port at which the peer can be called, or from which it called if that isn't known. */
  readonly port: number;
  /** `outgoing` if this client called, `incoming` if the peer did. */
  readonly direction: "outgoing" | "incoming";
  /**
   * `open` while both sides are there. `queued` if the peer can't be reached and what you send waits in
   * the outbox. `closed` if nothing can be sent: it is a classic chat that has ended, or it was closed
   * from here, or the peer closed it and is still online, or the user trusts another key of that name.
   */
  readonly state: "open" | "queued" | "closed";
  /** How sure it is who the peer is. */
  readonly security: Security;
  /** Whether a stranger has opened it, and the user has neither accepted nor written. */
  readonly isStranger?: boolean;
  /** Whether the peer has no key, and the server says that the name belongs to one. */
  readonly isNotOwner?: boolean;
  /** The name under which the peer is known, if it has another one now: as it came. */
  readonly knownAs?: string | undefined;
  /** The peer's public key; undefined in a classic chat. */
  readonly identity?: PublicKey | undefined;
  /** About how many bytes are sent and not written yet: many if the peer does not read. */
  readonly bufferedAmount: number;
  /**
   * Sends a text. In a classic chat each of its lines goes out by itself, blank ones left out. To a peer
   * with a key it goes out with its line breaks, in parts if it has over 16 KiB of UTF-8, and waits in
   * the outbox until it is delivered.
   *
   * @returns the message, once all of it is written or waits
   * @throws {TypeError} if the text is blank
   * @throws {ClientError} `chat-closed` if nothing can be sent here, or a classic chat's connection breaks
   *   before all is written; `send-failed` if too much waits already, the peer does not read, or a line
   *   of a classic chat is over 64 KiB; `storage-failed`
   * @throws {RangeError} if `expiresAfterMs` is not a positive number
   */
  send(text: string, options?: SendOptions): Promise<Message>;
  /**
   * Whether the peer's program has a capability: as it said when the chat was opened, else as the server
   * says; undefined if that is not known.
   */
  can(capability: Capability): boolean | undefined;
  /**
   * Gives one of the user's own messages another text. The peer is told once it can be; until then the
   * edit waits in the outbox, as does one for a peer whose version knows no edits. A text that is still in
   * the outbox and was never handed over is changed there.
   *
   * @param message the message, or what names it
   * @returns the edit on its way
   * @throws {TypeError} if the text is blank, or the message is the peer's
   * @throws {ClientError} `chat-closed`; `send-failed` if the text is over 16 KiB of UTF-8, in a classic
   *   chat, or if too much waits already; `storage-failed`
   */
  edit(message: MessageRef, text: string): Promise<Message>;
  /**
   * Deletes one of the user's own messages here, and asks the peer to delete it: the peer's program
   * decides what it keeps. A text that was never handed over goes out no more.
   *
   * @throws as {@linkcode Chat.edit}
   */
  delete(message: MessageRef): Promise<Message>;
  /**
   * Reacts to a message with an emoji.
   *
   * @throws {TypeError} if the emoji is blank
   * @throws {ClientError} as {@linkcode Chat.edit}; `send-failed` if the emoji is over 32 bytes of UTF-8
   */
  react(message: MessageRef, emoji: string): Promise<Message>;
  /** Takes a reaction back; throws as {@linkcode Chat.react} does. */
  unreact(message: MessageRef, emoji: string): Promise<Message>;
  /**
   * Marks all messages so far as seen. The peer learns of it if {@linkcode Messenger.sharesSeen} is on on
   * both sides; otherwise nothing happens.
   */
  markSeen(): void;
  /**
   * Offers files: paths of this machine, a `Blob`, or a stream of known size. The offer waits in the
   * outbox like a message; the files go over a connection of their own once they are taken.
   *
   * @returns the transfer, which is `preparing` until the files are read
   * @throws {ClientError} `send-failed` in a classic chat, whose peer takes no files; `chat-closed`;
   *   `transfer-failed` if there are no such files, or they can't be read
   */
  sendFile(input: FileInput, options?: SendFileOptions): Promise<Transfer>;
  /**
   * Ends the chat; resolves once what was sent before is handed over, or a moment has passed.
   *
   * @returns false if the connection broke before the peer had closed too
   * @throws {ClientError} `chat-closed` if it was closed from here before
   */
  close(): Promise<boolean>;
  /** Tells the peer whether the user is typing. Does nothing in a classic chat. */
  setTyping(isTyping: boolean): void;
}

/** The chats, in the order in which they were opened; those closed from here are gone. */
export interface Chats extends Iterable<Chat> {
  /** All of them. */
  readonly all: Chat[];
  /**
   * Calls a user who is online; an open chat with that user is returned as it is. A user with a key is
   * called with encryption, and must prove that key.
   *
   * @param options `signal` cancels the call, which then rejects with the signal's reason
   * @throws {ClientError} `peer-unreachable`; `peer-key-mismatch` if the name had another key, or has
   *   none any more; `not-online` for the client itself; `ignored`
   */
  call(user: OnlineUser, options?: { readonly signal?: AbortSignal }): Promise<Chat>;
  /**
   * A chat with a contact, who need not be online: messages wait in the outbox until that key can be
   * reached. This does not call the contact.
   *
   * @throws {ClientError} `invalid-state` without an identity
   */
  with(contact: Pin): Chat;
}

/** A text to or from a peer. Every event about it carries the same object. */
export interface Message {
  /** Names the message: 8 bytes in hex. A text that goes out in several parts has the last one's id. */
  readonly id: string;
  /** The whole text, with `\n` for line breaks. From a peer it is not yet safe to print. */
  readonly text: string;
  /** When it was written, in milliseconds since 1970; of an incoming one, as the peer says. */
  readonly time: number;
  /** The message of the chat that it answers, which need not be known. */
  readonly reply?: MessageRef | undefined;
  /** Its action on an earlier message, if it is no text: {@linkcode Message.text} is its body then. */
  readonly action?: { readonly type: ActionKind; readonly target: MessageRef } | undefined;
  /**
   * The capability that the recipient's version lacks: this waits for it, and holds up nothing behind it.
   */
  readonly missing?: Capability | undefined;
  /** Which way it goes. */
  readonly direction: "outgoing" | "incoming";
  /** The files that it offers; its text names them. */
  readonly transfer?: Transfer | undefined;
  /** The peer's name, as it came: not yet safe to print. */
  readonly name: string;
  /** The peer's public key; undefined in a classic chat. */
  readonly identity: PublicKey | undefined;
  /** The chat that it belongs to; undefined for one that waits since an earlier run. */
  readonly chat: Chat | undefined;
  /**
   * How far a message is. An outgoing one is first `sending`, then `queued` if its recipient can't be
   * reached now, `sent` once all of it is written, `delivered` once the peer has all of it, or `failed`.
   * An incoming one is `received`. In a classic chat nothing is acknowledged, so `sent` is the end.
   */
  readonly state: "sending" | "queued" | "sent" | "delivered" | "failed" | "received";
  /**
   * Resolves once the peer has all of it; in a classic chat once all of it is written. Rejects with a
   * {@linkcode ClientError} `send-failed` if it failed or was cancelled. You need not handle that.
   */
  readonly delivered: Promise<void>;
  /**
   * Gives the message up unless the peer has it. It may arrive all the same if it was sent already.
   *
   * @returns false if there is nothing to give up: it is incoming, delivered, failed or in a classic chat
   * @throws {ClientError} `storage-failed`; the message waits as before then
   */
  cancel(): Promise<boolean>;
}
