import { reasonOf } from "../../server/platform/util/errors.ts";
import { displayName, formatAddress, type HostPort, nameKey } from "../../protocol/mod.ts";
import {
  type ActionHistory,
  createDataDir,
  type History,
  IgnoreFile,
  openHistory,
  type Profile,
  type SearchScope,
  type StoredMessage,
  type StoredThread,
  type ThreadFacts,
  type ThreadStatus,
} from "../storage/mod.ts";
import type {
  ActionChange,
  Chat,
  Incoming,
  Message,
  MessageVersion,
  StoredAction,
} from "../core/mod.ts";
import type { ClientEvent, NoteWords, PastEvent } from "./events.ts";
import { type Allowance, cutText, HistoryAllowance } from "./history_allowance.ts";
import { markOf, refOfStored } from "./message_marks.ts";
import { hostOf, toPastEvent } from "./past_event.ts";
import { pruneHistory } from "./prune_history.ts";
import { ThreadChanges } from "./thread_changes.ts";
import { ThreadNames, type ThreadPeer } from "./thread_names.ts";

/** How many earlier lines a chat shows when it opens: usually, and at most, if more are unread. */
const RECALLED_LINES = 5;
const MAX_RECALLED_LINES = 30;
/** How many names of the history are compared with the beginning of a line. */
const MAX_NAMES = 10_000;
/** The tag of a key behind a name that nothing confirms. */
const TAG = /~[^~\s]+$/;

/** The size of an action beside its text, in UTF-16 units. */
const ACTION_UNITS = 64;

export type ArchivePeer = Pick<Chat, "name" | "address" | "port">;

/** The data that stays between runs: profile, history and ignore list. */
export class MessageArchive implements ActionHistory {
  readonly profile: Profile;
  readonly #note: (text: string, words?: NoteWords) => void;
  /** The ignore list on disk; undefined if nothing can be saved. */
  readonly ignored: IgnoreFile | undefined;
  readonly #allowance = new HistoryAllowance();
  readonly threadNames = new ThreadNames((thread, otherName) =>
    this.keepThread({ thread, otherName })
  );
  #history: History | undefined;
  readonly #threads = new ThreadChanges((status) => this.#history?.append(status));
  #whyNot: string;
  /** Messages from after this moment have been on the screen in this run. */
  readonly #start = Date.now();
  /** The names whose last lines have been shown. */
  readonly #shown = new Set<string>();

  /**
   * @param note receives a text for the user when something goes wrong
   * @param alarm one by which somebody is not ignored any more
   */
  constructor(
    profile: Profile,
    note: (text: string, words?: NoteWords) => void,
    alarm: (text: string) => void = note,
  ) {
    this.profile = profile;
    this.#note = note;
    const { folder } = profile;
    this.ignored = folder === undefined ? undefined : new IgnoreFile(folder, note, alarm);
    this.#whyNot = profile.whyNot || "--no-history";
  }

  /** Why no history is stored; undefined if one is. */
  get whyNot(): string | undefined {
    return this.#history === undefined ? this.#whyNot : undefined;
  }

  /** @param kept the `history` of the config file: whether to store it, or for how many days */
  async open(kept: boolean | number = true): Promise<void> {
    const { folder } = this.profile;
    if (kept === false) {
      this.#whyNot =
        "the config file turns it off; /set history on turns it on from the next start";
      return;
    }
    if (folder === undefined) return;
    try {
      await createDataDir(folder);
      this.#whyNot = `${folder}/history.db can't be used`;
      this.#history = await openHistory(folder, this.#note);
    } catch (error) {
      this.#whyNot = reasonOf(error);
      const words = { code: "no-history", values: { reason: this.#whyNot } };
      this.#note(`No history is kept: ${this.#whyNot}`, words);
    }
    if (typeof kept === "number" && this.#history !== undefined) {
      pruneHistory(this.#history, kept, this.#note).catch((error) => this.#note(reasonOf(error)));
    }
  }

  /** Stores a message, or what became of it. Incoming ones of MIM/2 go through `keepIncoming` instead. */
  keep(event: ClientEvent, server: HostPort): void {
    switch (event.type) {
      case "message": {
        const { chat, message } = event;
        if (chat.identity !== undefined) return;
        const text = cutText(message.text);
        if (!this.#mayKeep(chat, text)) return;
        return this.#append("received", chat, { ...message, text }, server);
      }
      case "sent":
        return this.#append("sent", event.chat, event.message, server);
      case "queued":
        if (event.message.action !== undefined) return;
        return this.#append("sent", event.message, event.message, server);
      case "delivered":
      case "failed":
        this.#history?.append({ mark: markOf(event.message), fate: event.type, at: Date.now() });
    }
  }

  /**
   * Applies something done with a message to the history, at once.
   *
   * @param isForgotten whether the message was here before
   * @returns undefined if no history is stored
   * @throws {Error} if it can't be written now, or the peer has sent too much
   */
  applyAction(
    action: StoredAction,
    isForgotten: boolean,
  ): { readonly change: ActionChange | undefined } | undefined {
    if (this.#history === undefined) return undefined;
    const { identity, target } = action;
    const peer = this.threadNames.of(action);
    const taken = action.by === "them" ? this.#take(action, action.body, ACTION_UNITS) : undefined;
    if (taken?.isAllowed === false) {
      throw new Error(`${taken.source} has sent more than ${taken.limit} in an hour`);
    }
    const mark = markOf({ ...target, identity });
    const { id, type, by, body, time } = action;
    const change = this.#history.applyAction(
      { id, type, by, target, body, time, mark, peer, key: identity.toHex() },
      isForgotten,
    );
    return { change };
  }

  takeApplied({ identity, id }: Pick<Incoming, "identity" | "id">): ActionChange[] | undefined {
    return this.#history?.takeApplied(markOf({ id, identity, direction: "incoming" }));
  }

  markSeen(identity: Uint8Array, id: string): boolean | undefined {
    return this.#history?.markSeen(markOf({ id, identity, direction: "outgoing" }));
  }

  rotateKey(oldKey: Uint8Array, newKey: Uint8Array): void {
    this.#history?.rotateKey(oldKey, newKey);
  }

  /** The message of that mark: see {@linkcode markOf}. */
  find(mark: string): StoredMessage | undefined {
    return this.#history?.find(mark);
  }

  /** The texts that a message has had, the oldest first; none if it was never edited. */
  versions(id: number): readonly MessageVersion[] {
    return this.#history?.versions(id) ?? [];
  }

  /**
   * Stores a message of a MIM/2 peer at once, and only once if it comes again.
   *
   * @returns false if it is there already; undefined if no history is stored
   * @throws {Error} if it can't be stored now, or its sender has sent too much: then it must not be
   *   acknowledged
   */
  keepIncoming(message: Incoming, server: HostPort): boolean | undefined {
    const { identity, id, address, port, time, reply } = message;
    const text = cutText(message.text);
    if (this.#history === undefined) return undefined;
    const { source, limit, isAllowed, giveBack } = this.#take(message, text);
    if (!isAllowed) throw new Error(`${source} has sent more than ${limit} in an hour`);
    let isNew = false;
    try {
      isNew = this.#history.keepNow({
        peer: { name: this.threadNames.of(message), address: formatAddress(address, port) },
        server: formatAddress(server.hostname, server.port),
        type: "received",
        text,
        at: time,
        mark: markOf({ id, identity, direction: "incoming" }),
        ...reply !== undefined && { reply: markOf({ ...reply, identity }) },
      });
      return isNew;
    } finally {
      if (!isNew) giveBack(); // it comes again, or has come before
    }
  }

  /** Stores a text that was never sent; the ID is that of its message, if there was one. */
  keepFailed(
    peer: ArchivePeer & Pick<ThreadPeer, "identity">,
    text: string,
    server: HostPort,
    id?: string,
  ): void {
    const thread = { ...peer, name: this.threadNames.of(peer) };
    const message = {
      text,
      time: Date.now(),
      id,
      identity: undefined,
      direction: "outgoing" as const,
    };
    this.#append("failed", thread, message, server);
  }

  /** Whether a message was sent to this name at this address; anyone could send one from there. */
  knows(name: string, address: string): boolean {
    return this.#history?.sentTo(name, hostOf(formatAddress(address, 0))) ?? false;
  }

  /**
   * The last messages with a peer, oldest first.
   *
   * @param identity the key of the chat whose messages are numbered
   */
  last(name: string, count: number, identity?: Uint8Array): PastEvent[] {
    const messages = this.#history?.last(name, count) ?? [];
    const hosts = new Set(messages.map(({ peer }) => hostOf(peer.address)).filter(Boolean));
    let number = 0;
    return messages.toReversed().map((message) => {
      const isNumbered = refOfStored(message, identity) !== undefined;
      const event = this.#past(message, "chat", hosts.size > 1);
      return isNumbered ? { ...event, number: ++number } : event;
    }).reverse();
  }

  /** The last messages from before this run, for a chat that opens; only the first time. */
  atOpening(peer: ThreadPeer, unread = 0): PastEvent[] {
    const name = this.threadNames.of(peer);
    if (this.#shown.has(name)) return [];
    const most = Math.min(MAX_RECALLED_LINES, Math.max(RECALLED_LINES, unread));
    const events = this.last(name, most).filter(({ at }) => at < this.#start);
    if (events.length > 0) this.#shown.add(name);
    return events;
  }

  /** How many messages of a peer the user has not seen, if the last lines were not shown in this run. */
  unreadBefore(peer: ThreadPeer): number {
    const name = this.threadNames.of(peer);
    return this.#shown.has(name) ? 0 : this.#history?.unread(name) ?? 0;
  }

  /** The messages with a peer before the one with that number, oldest first. */
  page(name: string, before: number, count: number): readonly StoredMessage[] {
    return this.#history?.before(name, before, count) ?? [];
  }

  /** The newest messages with all these words, over all chats, oldest first. */
  search(words: string, most: number): PastEvent[] {
    return this.found(words, most, {}).map((message) => this.#past(message, "all", false));
  }

  /** The same, as they are stored; perhaps only those with one peer, or before one of them. */
  found(words: string, most: number, within: SearchScope): StoredMessage[] {
    return this.#history?.search(words, most, within).reverse() ?? [];
  }

  /** The threads with the newest messages, newest first, and those with a draft. */
  threads(most: number): StoredThread[] {
    return this.#history?.threads(most) ?? [];
  }

  /** The names in the history, those with the newest messages first; of unconfirmed ones without the tag. */
  names(): string[] {
    return this.#history?.names(MAX_NAMES).map((name) => name.replace(TAG, "")) ?? [];
  }

  /** The thread of the one peer who has or had this name beside that of the thread; undefined for none, or several. */
  threadOfOtherName(name: string): string | undefined {
    const key = nameKey(name);
    const [found, ...others] = this.facts().filter(({ otherNames }) =>
      otherNames.some((each) => nameKey(each) === key)
    );
    return others.length === 0 ? found?.thread : undefined;
  }

  /** The names of people without a key with whom the user has talked at a server. */
  keylessNames({ hostname, port }: HostPort): string[] {
    return this.#history?.keylessNames(formatAddress(hostname, port), MAX_NAMES) ?? [];
  }

  /** Gives the history with a contact another name. */
  renameThread(from: string, to: string): void {
    this.#threads.flush();
    try {
      this.#history?.renameThread(from, to);
    } catch (error) {
      const words = { code: "history-not-renamed", values: { name: from } };
      this.#note(
        `The history with ${displayName(from)} keeps that name: ${reasonOf(error)}`,
        words,
      );
    }
  }

  /** The user's own names and notes for peers, and when they were seen. */
  facts(): ThreadFacts[] {
    this.#threads.flush();
    return this.#history?.facts() ?? [];
  }

  /** Stores, a moment later, what is remembered of a thread besides its messages. */
  keepThread(status: ThreadStatus): void {
    if (this.#history === undefined) return;
    this.#threads.add(status);
  }

  /** A message has come: a number of unread ones that waits to be stored counts it. */
  addUnread(thread: string, unread: number): void {
    this.#threads.addUnread(thread, unread);
  }

  /** Deletes the history with a peer, and returns how many messages. Throws if some are left. */
  async forget(name: string): Promise<number> {
    this.#threads.delete(name);
    return await this.#history?.forget(name) ?? 0;
  }

  /** Writes what is pending, and closes the files. */
  async close(): Promise<void> {
    this.#threads.flush();
    await this.profile.written();
    await this.#history?.close();
  }

  #past(message: StoredMessage, among: PastEvent["among"], differs: boolean): PastEvent {
    const answered = message.reply === undefined ? undefined : this.find(message.reply);
    return toPastEvent(message, among, differs, answered);
  }

  /** Whether the peer has not sent too much yet; a note says so the first time. */
  #mayKeep(peer: ArchivePeer, text: string): boolean {
    const { source, isAllowed, isFirst } = this.#take(peer, text);
    if (isAllowed) return true;
    if (isFirst && this.#history !== undefined) {
      this.#note(`${source} has sent a lot: nothing more from there is kept for up to an hour`);
    }
    return false;
  }

  /** Counts a text against the allowance of its sender: one of its key, or of its block of addresses. */
  #take(
    { name, address, identity }: ArchivePeer & { readonly identity?: Uint8Array | undefined },
    text: string,
    overhead = 0,
  ): Allowance {
    const units = text.length + overhead;
    const isContact = identity !== undefined && this.threadNames.isContact(identity) &&
      this.#history?.hasSentTo(name) === true;
    if (isContact) return this.#allowance.takeFromContact(name, identity, units);
    return identity === undefined
      ? this.#allowance.takeFromBlock(address, this.knows(name, address), units)
      : this.#allowance.takeFromStranger({ name, address, identity }, units);
  }

  /** @param peer without an address if it is offline and the message waits */
  #append(
    type: StoredMessage["type"],
    peer: Pick<ArchivePeer, "name"> & Partial<ArchivePeer>,
    message: Pick<Message, "text" | "time" | "direction" | "identity" | "reply"> & {
      readonly id: string | undefined;
    },
    server: HostPort,
  ): void {
    const { address, port } = peer;
    const { text, time, id, identity, reply } = message;
    const name = this.threadNames.of({ name: peer.name, identity });
    this.#history?.append({
      peer: { name, address: address === undefined ? "" : formatAddress(address, port ?? 0) },
      server: formatAddress(server.hostname, server.port),
      type,
      text,
      at: time,
      ...id !== undefined && { mark: markOf({ ...message, id }) },
      ...reply !== undefined && { reply: markOf({ ...reply, identity }) },
    });
  }
}
