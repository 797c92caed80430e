import { formatAddress, type HostPort } from "../../protocol/mod.ts";
import { Allowance } from "./allowance.ts";
import {
  createDataDir,
  type History,
  IgnoreFile,
  openHistory,
  type Profile,
  type StoredMessage,
} from "../storage/mod.ts";
import type { Chat, IgnoreEntry, Incoming, Message } from "../core/mod.ts";
import type { ClientEvent, PastEvent } from "./events.ts";

/** How many lines of earlier are shown as a chat opens. */
const RECALLED_LINES = 5;
const DAY_MS = 86_400_000;
/** What of a message from others is kept, in UTF-16 code units: talking must not fill the disk. */
const MAX_TEXT_LENGTH = 16_384;
/** And of all that comes from one address in an hour: it must not drive out what others said. */
const MAX_BYTES_PER_HOUR = 16 * 2 ** 20;

/** Who something was said to, or meant for. */
export type ArchivePeer = Pick<Chat, "name" | "address" | "port">;

/** What a client remembers: its profile, and what was said to whom. */
export class MessageArchive {
  readonly profile: Profile;
  readonly #note: (text: string) => void;
  /** Undefined where nothing can be kept. */
  readonly #ignored: IgnoreFile | undefined;
  readonly #allowance = new Allowance(MAX_BYTES_PER_HOUR);
  #history: History | undefined;
  /** Why nothing of what is said is kept. */
  #whyNot: string;
  /** What was said since then is on the screen already. */
  readonly #start = Date.now();
  /** Whose last lines have been shown. */
  readonly #shown = new Set<string>();

  /**
   * Keeps nothing of what is said until {@linkcode MessageArchive.open}.
   *
   * @param note told, in words for users, what goes wrong
   */
  constructor(profile: Profile, note: (text: string) => void) {
    this.profile = profile;
    this.#note = note;
    const { folder } = profile;
    this.#ignored = folder === undefined ? undefined : new IgnoreFile(folder, note);
    this.#whyNot = profile.whyNot || "--no-history";
  }

  /** Why nothing of what is said is kept; undefined where it is. */
  get whyNot(): string | undefined {
    return this.#history === undefined ? this.#whyNot : undefined;
  }

  /**
   * Begins to keep what is said, for as long as it is to be kept, or ends it. SQLite is loaded only
   * here. Where that fails, a note says why.
   *
   * @param kept what the config file says of it
   */
  async open(kept: boolean | number = true): Promise<void> {
    const { folder } = this.profile;
    if (kept === false) {
      this.#whyNot = "the config file says so; /set history on changes that from the next start on";
      return;
    }
    if (folder === undefined) return;
    try {
      await createDataDir(folder);
      this.#whyNot = `${folder}/history.db can't be used`;
      this.#history = await openHistory(folder, this.#note);
    } catch (error) {
      this.#whyNot = messageOf(error);
      this.#note(`no history is kept: ${this.#whyNot}`);
    }
    if (typeof kept === "number") {
      this.#history?.prune(Date.now() - kept * DAY_MS).catch((error) =>
        this.#note(messageOf(error))
      );
    }
  }

  /**
   * Keeps what an event says, where it is a message or says what became of one. What a MIM/2 peer says
   * is not among it: that was kept before it was told, by {@linkcode MessageArchive.keepIncoming}.
   */
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
        return this.#append("sent", event.message, event.message, server);
      case "delivered":
      case "failed":
        this.#history?.append({ mark: event.message.id, fate: event.type, at: Date.now() });
    }
  }

  /**
   * Keeps what a MIM/2 peer says, at once; the same message is kept once, however often it comes.
   *
   * @returns false where it is there already; undefined where nothing is kept
   * @throws {Error} where it can't be kept now: it is not to be acknowledged then
   */
  keepIncoming(message: Incoming, server: HostPort): boolean | undefined {
    const { identity, id, name, address, port, at } = message;
    const text = cut(message.text);
    if (this.#history === undefined || !this.#mayKeep(message, text)) return undefined;
    return this.#history.keepNow({
      peer: { name, address: formatAddress(address, port) },
      server: formatAddress(server.hostname, server.port),
      type: "received",
      text,
      at,
      mark: markOf({ id, identity, direction: "incoming" }),
    });
  }

  /** Keeps what never went out; the id is that of a message if there was one. */
  keepFailed(peer: ArchivePeer, text: string, server: HostPort, id?: string): void {
    this.#append("failed", peer, { text, at: Date.now(), id }, server);
  }

  /** Who was ignored at the end of the last run. */
  async ignored(): Promise<IgnoreEntry[]> {
    return await this.#ignored?.read() ?? [];
  }

  /** Writes down who is ignored now; where that can't be, a note says why. */
  async keepIgnored(ignored: readonly IgnoreEntry[]): Promise<void> {
    await this.#ignored?.write(ignored);
  }

  /**
   * Whether the user has written to somebody of exactly this name at this address, as far as that is
   * kept. What others wrote says nothing: anybody can do that.
   */
  knows(name: string, address: string): boolean {
    return this.#history?.sentTo(name, hostOf(formatAddress(address, 0))) ?? false;
  }

  /** The last messages with somebody, oldest first. */
  last(name: string, count: number): PastEvent[] {
    const messages = this.#history?.last(name, count) ?? [];
    const hosts = new Set(messages.map(({ peer }) => hostOf(peer.address)).filter(Boolean));
    return messages.map((message) => pastEvent(message, "chat", hosts.size > 1));
  }

  /** The last few from before this start, as a chat with somebody opens; each is shown once. */
  atOpening(name: string): PastEvent[] {
    if (this.#shown.has(name)) return [];
    const events = this.last(name, RECALLED_LINES).filter(({ at }) => at < this.#start);
    if (events.length > 0) this.#shown.add(name);
    return events;
  }

  /** Those with somebody that came before the message with that number, oldest first. */
  page(name: string, before: number, count: number): readonly StoredMessage[] {
    return this.#history?.before(name, before, count) ?? [];
  }

  /** The newest messages with all these words, over all chats, oldest first. */
  search(words: string, most: number): PastEvent[] {
    return this.found(words, most).map((message) => pastEvent(message, "all", false));
  }

  /** The same, as they are kept. */
  found(words: string, most: number): StoredMessage[] {
    return this.#history?.search(words, most).reverse() ?? [];
  }

  /**
   * Deletes what was said with somebody.
   *
   * @returns how many messages
   * @throws {Error} where not all could be deleted
   */
  async forget(name: string): Promise<number> {
    return await this.#history?.forget(name) ?? 0;
  }

  /** Writes what waits, and ends. */
  async close(): Promise<void> {
    await this.profile.written();
    await this.#history?.close();
  }

  /** Whether that peer has not said too much yet; says so once it has. */
  #mayKeep({ address }: Pick<ArchivePeer, "address">, text: string): boolean {
    const taken = this.#allowance.take(address, text.length);
    if (taken === "taken") return true;
    if (taken === "refused" || this.#history === undefined) return false;
    this.#note(`${address} has sent very much; for up to an hour nothing more of it is kept`);
    return false;
  }

  /** @param peer without address where it is not online: what was said waits for its key */
  #append(
    type: StoredMessage["type"],
    peer: Pick<ArchivePeer, "name"> & Partial<ArchivePeer>,
    { text, at, id }: Pick<Message, "text" | "at"> & { readonly id: string | undefined },
    server: HostPort,
  ): void {
    const { name, address, port } = peer;
    this.#history?.append({
      peer: { name, address: address === undefined ? "" : formatAddress(address, port ?? 0) },
      server: formatAddress(server.hostname, server.port),
      type,
      text,
      at,
      ...id !== undefined && { mark: id },
    });
  }
}

/** The mark by which the history knows a message: peers choose the ids of their own. */
export function markOf(
  { id, identity, direction }: Pick<Message, "id" | "identity" | "direction">,
): string {
  return direction === "incoming" && identity !== undefined ? identity.toHex() + id : id;
}

function cut(text: string): string {
  if (text.length <= MAX_TEXT_LENGTH) return text;
  return `${
    text.slice(0, MAX_TEXT_LENGTH)
  }… (the first ${MAX_TEXT_LENGTH} of ${text.length} characters)`;
}

function pastEvent(message: StoredMessage, among: PastEvent["among"], differs: boolean): PastEvent {
  const { peer, type: what, text, at } = message;
  const address = differs && peer.address !== "" ? { address: hostOf(peer.address) } : {};
  return { type: "past", name: peer.name, ...address, what, text, at, among };
}

/** Ports differ at each start, and say nothing of who it was. */
function hostOf(address: string): string {
  return address.replace(/:\d+$/, "");
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
