import { reasonOf } from "../../server/platform/util/errors.ts";
import { formatAddress, type HostPort, sliceGraphemes } from "../../protocol/mod.ts";
import { WindowLimit } from "../../server/platform/util/window_limit.ts";
import {
  createDataDir,
  type History,
  IgnoreFile,
  openHistory,
  type Profile,
  type SearchScope,
  type StoredMessage,
  type StoredThread,
  type ThreadStatus,
} from "../storage/mod.ts";
import type { Chat, IgnoreEntry, Incoming, Message } from "../core/mod.ts";
import type { ClientEvent, PastEvent } from "./events.ts";

/** How many earlier lines are shown when a chat opens. */
const RECALLED_LINES = 5;
const DAY_MS = 86_400_000;
/** How much of a received message is kept, in UTF-16 units: peers must not fill the disk. */
const MAX_TEXT_LENGTH = 16_384;
/** How much is kept from one address in an hour: it must not displace the messages of others. */
const MAX_BYTES_PER_HOUR = 16 * 2 ** 20;
/** How many peers that allowance is for, in an hour. */
const MAX_PEERS_PER_HOUR = 1_024;

export type ArchivePeer = Pick<Chat, "name" | "address" | "port">;

/** The data that stays between runs: profile, history and ignore list. */
export class MessageArchive {
  readonly profile: Profile;
  readonly #note: (text: string) => void;
  /** Undefined if nothing can be saved. */
  readonly #ignored: IgnoreFile | undefined;
  readonly #allowance = new WindowLimit({
    windowMs: 3_600_000,
    maxPerKey: MAX_BYTES_PER_HOUR,
    maxKeys: MAX_PEERS_PER_HOUR,
  });
  #history: History | undefined;
  #whyNot: string;
  /** Later messages have been on the screen in this run. */
  readonly #start = Date.now();
  /** The names whose last lines have been shown. */
  readonly #shown = new Set<string>();

  /** @param note receives a text for the user when something goes wrong */
  constructor(profile: Profile, note: (text: string) => void) {
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
      this.#note(`No history is kept: ${this.#whyNot}`);
    }
    if (typeof kept === "number") {
      this.#history?.prune(Date.now() - kept * DAY_MS).catch((error) =>
        this.#note(reasonOf(error))
      );
    }
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
        return this.#append("sent", event.message, event.message, server);
      case "delivered":
      case "failed":
        this.#history?.append({ mark: event.message.id, fate: event.type, at: Date.now() });
    }
  }

  /**
   * Keeps a message of a MIM/2 peer at once, and only once if it comes again.
   *
   * @returns false if it is there already; undefined if no history is kept
   * @throws {Error} if it can't be kept now; then it must not be acknowledged
   */
  keepIncoming(message: Incoming, server: HostPort): boolean | undefined {
    const { identity, id, name, address, port, time } = message;
    const text = cut(message.text);
    if (this.#history === undefined || !this.#mayKeep(message, text)) return undefined;
    return this.#history.keepNow({
      peer: { name, address: formatAddress(address, port) },
      server: formatAddress(server.hostname, server.port),
      type: "received",
      text,
      at: time,
      mark: markOf({ id, identity, direction: "incoming" }),
    });
  }

  /** Keeps a text that was never sent; the id is that of its message, if there was one. */
  keepFailed(peer: ArchivePeer, text: string, server: HostPort, id?: string): void {
    this.#append("failed", peer, { text, time: Date.now(), id }, server);
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

  /** The last messages with a peer, oldest first. */
  last(name: string, count: number): PastEvent[] {
    const messages = this.#history?.last(name, count) ?? [];
    const hosts = new Set(messages.map(({ peer }) => hostOf(peer.address)).filter(Boolean));
    return messages.map((message) => pastEvent(message, "chat", hosts.size > 1));
  }

  /** The last messages from before this run, for a chat that opens; only the first time. */
  atOpening(name: string): PastEvent[] {
    if (this.#shown.has(name)) return [];
    const events = this.last(name, RECALLED_LINES).filter(({ at }) => at < this.#start);
    if (events.length > 0) this.#shown.add(name);
    return events;
  }

  /** The messages with a peer before the one with that number, oldest first. */
  page(name: string, before: number, count: number): readonly StoredMessage[] {
    return this.#history?.before(name, before, count) ?? [];
  }

  /** The newest messages with all these words, over all chats, oldest first. */
  search(words: string, most: number): PastEvent[] {
    return this.found(words, most, {}).map((message) => pastEvent(message, "all", false));
  }

  /** The same, as they are stored; perhaps only those with one peer, or before one of them. */
  found(words: string, most: number, within: SearchScope): StoredMessage[] {
    return this.#history?.search(words, most, within).reverse() ?? [];
  }

  /** The threads with the newest messages, newest first, and those with a draft. */
  threads(most: number): StoredThread[] {
    return this.#history?.threads(most) ?? [];
  }

  /** Keeps what is remembered of a thread besides its messages. */
  keepThread(status: ThreadStatus): void {
    this.#history?.append(status);
  }

  /** Deletes the history with a peer, and returns how many messages. Throws if some are left. */
  async forget(name: string): Promise<number> {
    return await this.#history?.forget(name) ?? 0;
  }

  /** Writes what is pending, and closes the files. */
  async close(): Promise<void> {
    await this.profile.written();
    await this.#history?.close();
  }

  /** Whether the peer has not sent too much yet; a note says so the first time. */
  #mayKeep({ address }: Pick<ArchivePeer, "address">, text: string): boolean {
    const taken = this.#allowance.take(address, text.length);
    if (taken === "taken") return true;
    if (taken === "refused" || this.#history === undefined) return false;
    this.#note(`${address} has sent a lot: nothing more from there is kept for up to an hour`);
    return false;
  }

  /** @param peer without an address if it is offline and the message waits */
  #append(
    type: StoredMessage["type"],
    peer: Pick<ArchivePeer, "name"> & Partial<ArchivePeer>,
    { text, time, id }: Pick<Message, "text" | "time"> & { readonly id: string | undefined },
    server: HostPort,
  ): void {
    const { name, address, port } = peer;
    this.#history?.append({
      peer: { name, address: address === undefined ? "" : formatAddress(address, port ?? 0) },
      server: formatAddress(server.hostname, server.port),
      type,
      text,
      at: time,
      ...id !== undefined && { mark: id },
    });
  }
}

/** The mark by which the history knows a message: peers choose the ids of their own. */
export function markOf(
  { id, identity, direction }: Pick<Message, "id" | "direction"> & {
    readonly identity: Uint8Array | undefined;
  },
): string {
  return direction === "incoming" && identity !== undefined ? identity.toHex() + id : id;
}

function cut(text: string): string {
  if (text.length <= MAX_TEXT_LENGTH) return text;
  const first = sliceGraphemes(text, MAX_TEXT_LENGTH);
  return `${first}… (the first ${MAX_TEXT_LENGTH} of ${text.length} characters)`;
}

function pastEvent(message: StoredMessage, among: PastEvent["among"], differs: boolean): PastEvent {
  const { peer, type: what, text, at } = message;
  const address = differs && peer.address !== "" ? { address: hostOf(peer.address) } : {};
  return { type: "past", name: peer.name, ...address, what, text, at, among };
}

/** The address without the port, which differs at each start. */
function hostOf(address: string): string {
  return address.replace(/:\d+$/, "");
}
