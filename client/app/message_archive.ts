import { reasonOf } from "../../server/platform/util/errors.ts";
import {
  addressBlock,
  formatAddress,
  type HostPort,
  keyTag,
  nameKey,
  sliceGraphemes,
} from "../../protocol/mod.ts";
import { WindowLimit } from "../../server/platform/util/window_limit.ts";
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
  IgnoreEntry,
  Incoming,
  Message,
  MessageRef,
  MessageVersion,
  Messenger,
  StoredAction,
} from "../core/mod.ts";
import type { ClientEvent, NoteWords, PastEvent } from "./events.ts";

/** How many earlier lines are shown when a chat opens: usually, and at most, if more are unread. */
const RECALLED_LINES = 5;
const MAX_RECALLED_LINES = 30;
/** How long changes of threads are gathered before they are kept. */
const THREAD_DELAY_MS = 500;
/** How much of a received message is kept, in UTF-16 units: peers must not fill the disk. */
const MAX_TEXT_LENGTH = 16_384;
/** How much is kept in an hour from one contact, or from one block of addresses written to. */
const MAX_KNOWN_UNITS_PER_HOUR = 16 * 2 ** 20;
/** The same from all strangers of one block of addresses: they must not fill the disk. */
const MAX_STRANGER_UNITS_PER_HOUR = 2 ** 20;
/** How many peers, or blocks of them, those allowances are for, in an hour. */
const MAX_PEERS_PER_HOUR = 1_024;
const HOUR_MS = 3_600_000;
/** How many names of the history are looked through for one that a line begins with. */
const MAX_NAMES = 10_000;
/** The tag of a key behind a name that nothing confirms. */
const TAG = /~[^~\s]+$/;

/** The size of an action beside its text, in UTF-16 units. */
const ACTION_UNITS = 64;

/** What an allowance says about one more text. */
interface Allowance {
  /** Whose allowance it is. */
  readonly source: string;
  readonly limit: string;
  readonly isAllowed: boolean;
  /** Whether it is the first text of this hour that is refused. */
  readonly isFirst: boolean;
  /** The text was not kept after all. */
  readonly giveBack: () => void;
}

/** Whose history it is. */
export interface ThreadPeer {
  readonly name: string;
  /** The public key; undefined in classic MIM. */
  readonly identity?: Uint8Array | undefined;
}

export type ArchivePeer = Pick<Chat, "name" | "address" | "port">;

/** The data that stays between runs: profile, history and ignore list. */
export class MessageArchive implements ActionHistory {
  readonly profile: Profile;
  readonly #note: (text: string, words?: NoteWords) => void;
  /** Undefined if nothing can be saved. */
  readonly #ignored: IgnoreFile | undefined;
  readonly #knownAllowance = new WindowLimit({
    windowMs: HOUR_MS,
    maxPerKey: MAX_KNOWN_UNITS_PER_HOUR,
    maxKeys: MAX_PEERS_PER_HOUR,
  });
  readonly #strangerAllowance = new WindowLimit({
    windowMs: HOUR_MS,
    maxPerKey: MAX_STRANGER_UNITS_PER_HOUR,
    maxKeys: MAX_PEERS_PER_HOUR,
  });
  /** Whether a key is one that the user knows a peer by. */
  isContact: (identity: Uint8Array) => boolean = () => false;
  /** The name by which a key is known; undefined for a stranger's. */
  contactName: (peer: ThreadPeer) => string | undefined = () => undefined;
  /** Whether nothing confirms that a key goes with a name: then its history is its own. */
  isUnconfirmed: (peer: ThreadPeer) => boolean = () => false;
  #history: History | undefined;
  /** Changes of threads that are not stored yet: reading a message must not delay the next one. */
  readonly #threads = new Map<string, ThreadStatus>();
  #threadTimer: ReturnType<typeof setTimeout> | undefined;
  #whyNot: string;
  /** Later messages have been on the screen in this run. */
  readonly #start = Date.now();
  /** The other names of contacts that were noted in this run, by thread. */
  readonly #otherNames = new Map<string, string>();
  /** The names whose last lines have been shown. */
  readonly #shown = new Set<string>();

  /** @param note receives a text for the user when something goes wrong */
  constructor(profile: Profile, note: (text: string, words?: NoteWords) => void) {
    this.profile = profile;
    this.#note = note;
    const { folder } = profile;
    this.#ignored = folder === undefined ? undefined : new IgnoreFile(folder, note);
    this.#whyNot = profile.whyNot || "--no-history";
  }

  /** Why no history is kept; undefined if one is. */
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
    if (typeof kept === "number") {
      void this.#prune(kept).catch((error) => this.#note(reasonOf(error)));
    }
  }

  /** Deletes what came longer ago than so many days, and says how much. */
  async #prune(days: number): Promise<void> {
    const { deleted, doubtedDays } = await this.#history?.prune(days) ??
      { deleted: 0, doubtedDays: 0 };
    if (deleted > 0) {
      const messages = deleted === 1 ? "1 message" : `${deleted} messages`;
      this.#note(`Deleted ${messages} from the history, which keeps ${days} days`, {
        code: "pruned",
        values: { count: String(deleted), days: String(days) },
      });
    }
    if (doubtedDays === 0) return;
    this.#note(
      `The clock has gone on by ${doubtedDays} days since MIM last ran: no messages are deleted ` +
        "for that until the clock has been right for a week",
      { code: "clock-doubted", values: { days: String(doubtedDays) } },
    );
  }

  /**
   * The name under which the history with a peer is kept: that of the contact with this key; with the tag of
   * the key if nothing confirms the name.
   */
  threadOf({ name, identity }: ThreadPeer): string {
    if (identity === undefined) return name;
    const contact = this.contactName({ name, identity });
    if (contact !== undefined) {
      if (contact !== name) this.#noteName(contact, name);
      return contact;
    }
    if (!this.isUnconfirmed({ name, identity })) return name;
    const tag = keyTag(identity);
    return name.endsWith(`~${tag}`) ? name : `${name}~${tag}`;
  }

  /** A contact goes by another name: the history is found by that name, too. */
  #noteName(thread: string, otherName: string): void {
    if (this.#otherNames.get(thread) === otherName) return;
    this.#otherNames.set(thread, otherName);
    this.keepThread({ thread, otherName });
  }

  /** Keeps a message or its fate. Incoming ones of MIM/2 peers come by `keepIncoming` instead. */
  keep(event: ClientEvent, server: HostPort): void {
    switch (event.type) {
      case "message": {
        const { chat, message } = event;
        if (chat.identity !== undefined) return;
        const text = cut(message.text);
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
   * @returns undefined if no history is kept
   * @throws {Error} if it can't be written now, or the peer has sent too much
   */
  applyAction(
    action: StoredAction,
    isForgotten: boolean,
  ): { readonly change: ActionChange | undefined } | undefined {
    if (this.#history === undefined) return undefined;
    const { identity, target } = action;
    const peer = this.threadOf(action);
    const { source, limit, isAllowed, giveBack } = this.#take(action, action.body, ACTION_UNITS);
    if (action.by === "them" && !isAllowed) {
      throw new Error(`${source} has sent more than ${limit} in an hour`);
    }
    if (action.by === "me") giveBack();
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
   * Keeps a message of a MIM/2 peer at once, and only once if it comes again.
   *
   * @returns false if it is there already; undefined if no history is kept
   * @throws {Error} if it can't be kept now, or its sender has sent too much: then it must not be
   *   acknowledged
   */
  keepIncoming(message: Incoming, server: HostPort): boolean | undefined {
    const { identity, id, address, port, time, reply } = message;
    const text = cut(message.text);
    if (this.#history === undefined) return undefined;
    const { source, limit, isAllowed, giveBack } = this.#take(message, text);
    if (!isAllowed) throw new Error(`${source} has sent more than ${limit} in an hour`);
    let isNew = false;
    try {
      isNew = this.#history.keepNow({
        peer: { name: this.threadOf(message), address: formatAddress(address, port) },
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

  /** Keeps a text that was never sent; the id is that of its message, if there was one. */
  keepFailed(
    peer: ArchivePeer & Pick<ThreadPeer, "identity">,
    text: string,
    server: HostPort,
    id?: string,
  ): void {
    const thread = { ...peer, name: this.threadOf(peer) };
    const message = {
      text,
      time: Date.now(),
      id,
      identity: undefined,
      direction: "outgoing" as const,
    };
    this.#append("failed", thread, message, server);
  }

  /** The ignore list of the last run. */
  async ignored(): Promise<IgnoreEntry[]> {
    return await this.#ignored?.read() ?? [];
  }

  /** Saves the ignore list; if that fails, a note says why. */
  async keepIgnored(ignored: readonly IgnoreEntry[]): Promise<void> {
    await this.#ignored?.write(ignored);
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
    const name = this.threadOf(peer);
    if (this.#shown.has(name)) return [];
    const most = Math.min(MAX_RECALLED_LINES, Math.max(RECALLED_LINES, unread));
    const events = this.last(name, most).filter(({ at }) => at < this.#start);
    if (events.length > 0) this.#shown.add(name);
    return events;
  }

  /** How many messages of a peer the user has not seen, if the last lines were not shown in this run. */
  unreadBefore(peer: ThreadPeer): number {
    const name = this.threadOf(peer);
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

  /** The names of those without a key with whom the user has talked at a server. */
  keylessNames({ hostname, port }: HostPort): string[] {
    return this.#history?.keylessNames(formatAddress(hostname, port), MAX_NAMES) ?? [];
  }

  /** A contact goes by another name from now on. */
  renameThread(from: string, to: string): void {
    this.#flushThreads();
    try {
      this.#history?.renameThread(from, to);
    } catch (error) {
      const words = { code: "history-not-renamed", values: { name: from } };
      this.#note(`The history with ${from} keeps that name: ${reasonOf(error)}`, words);
    }
  }

  /** The user's own names and notes for peers, and when they were seen. */
  facts(): ThreadFacts[] {
    this.#flushThreads();
    return this.#history?.facts() ?? [];
  }

  /** Keeps what is remembered of a thread besides its messages, a moment later. */
  keepThread(status: ThreadStatus): void {
    if (this.#history === undefined) return;
    const { thread } = status;
    this.#threads.set(thread, { ...this.#threads.get(thread), ...status });
    this.#threadTimer ??= setTimeout(() => this.#flushThreads(), THREAD_DELAY_MS);
  }

  /** A message has come: what waits to be kept about its thread counts it. */
  addUnread(thread: string, unread: number): void {
    if (this.#threads.get(thread)?.unread !== undefined) this.keepThread({ thread, unread });
  }

  /** Deletes the history with a peer, and returns how many messages. Throws if some are left. */
  async forget(name: string): Promise<number> {
    this.#threads.delete(name);
    return await this.#history?.forget(name) ?? 0;
  }

  /** Writes what is pending, and closes the files. */
  async close(): Promise<void> {
    this.#flushThreads();
    await this.profile.written();
    await this.#history?.close();
  }

  #past(message: StoredMessage, among: PastEvent["among"], differs: boolean): PastEvent {
    const { peer, type: what, text, at, isEdited, isDeleted, reply, reactions } = message;
    const address = differs && peer.address !== "" ? { address: hostOf(peer.address) } : {};
    return {
      ...{ type: "past", name: peer.name, ...address, what, text, at, among },
      ...isEdited && { isEdited },
      ...isDeleted && { isDeleted },
      ...reply !== undefined && { answers: this.find(reply)?.text ?? "" },
      ...reactions !== undefined && { reactions: reactions.map(({ emoji }) => emoji) },
    };
  }

  #flushThreads(): void {
    clearTimeout(this.#threadTimer);
    this.#threadTimer = undefined;
    for (const status of this.#threads.values()) this.#history?.append(status);
    this.#threads.clear();
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
    const block = addressBlock(address);
    const isContact = identity !== undefined && this.isContact(identity) &&
      this.#history?.hasSentTo(name) === true;
    const isKnown = isContact || identity === undefined && this.knows(name, address);
    const allowance = isKnown ? this.#knownAllowance : this.#strangerAllowance;
    const key = isContact ? identity.toHex() : block;
    const units = text.length + overhead;
    const taken = allowance.take(key, units);
    return {
      source: isContact ? name : block,
      limit: isKnown ? "16 Mi characters" : "1 Mi characters",
      isAllowed: taken === "taken",
      isFirst: taken === "just refused",
      giveBack: () => allowance.giveBack(key, units),
    };
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
    const name = this.threadOf({ name: peer.name, identity });
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

/** The message of a chat with that key that a stored one is; undefined if nothing can be done with it. */
export function refOfStored(
  { mark, type }: StoredMessage,
  identity: Uint8Array | undefined,
): MessageRef | undefined {
  if (mark === undefined || identity === undefined || type === "failed") return undefined;
  return refOfMark(mark, identity);
}

/** The mark by which the history knows a message: peers choose the ids of their own. */
export function markOf(
  { id, identity, direction }: Pick<Message, "id" | "direction"> & {
    readonly identity: Uint8Array | undefined;
  },
): string {
  if (identity === undefined) return id;
  return (direction === "incoming" ? "" : ">") + identity.toHex() + id;
}

/** The message of a chat with that key that a mark means; undefined if it is of another chat. */
export function refOfMark(mark: string, identity: Uint8Array): MessageRef | undefined {
  const isOwn = mark.startsWith(">");
  const key = identity.toHex();
  const rest = isOwn ? mark.slice(1) : mark;
  if (!rest.startsWith(key)) return undefined;
  return { id: rest.slice(key.length), direction: isOwn ? "outgoing" : "incoming" };
}

function cut(text: string): string {
  if (text.length <= MAX_TEXT_LENGTH) return text;
  const first = sliceGraphemes(text, MAX_TEXT_LENGTH);
  return `${first}… (the first ${MAX_TEXT_LENGTH} of ${text.length} characters)`;
}

/** The address without the port, which differs at each start. */
function hostOf(address: string): string {
  return address.replace(/:\d+$/, "");
}

/** Whether there is a chat with that key and name, and nothing confirms that they go together. */
export function isUnconfirmed(
  { chats }: Pick<Messenger, "chats">,
  { name, identity }: ThreadPeer,
): boolean {
  return [...chats].some((chat) =>
    chat.security === "unconfirmed" && chat.identity?.equals(identity) === true &&
    nameKey(chat.name) === nameKey(name)
  );
}
