import type { FileMessage, RoomEntry, RoomPeerMessage } from "../../../protocol/mod.ts";
import { delay } from "@std/async/delay";
import { TokenBucket } from "../../../server/platform/util/token_bucket.ts";
import { clientLimits } from "../limits.ts";
import type { SecureConnection } from "../peer/mod.ts";
import type { ExchangePeer, RoomExchange } from "./room_exchange.ts";

/** How many entries are read over one link: at once, and a second. */
const ENTRY_BURST = 4_000;
const ENTRIES_PER_SECOND = 200;

export type RoomSummaryMessage = Extract<RoomPeerMessage, { readonly type: "room-summary" }>;

/** A message about files that are offered in a room. */
type RoomFileMessage = Extract<FileMessage, { readonly type: "file-link" | "file-end" }>;

export interface RoomLinkHandlers {
  onEntry(link: RoomLink, entry: RoomEntry): Promise<void>;
  onSummary(link: RoomLink, summary: RoomSummaryMessage): Promise<void>;
  onQuery(link: RoomLink, room: string, hashes: readonly string[]): Promise<void>;
  onFile(link: RoomLink, message: RoomFileMessage): Promise<void>;
  onEnd(link: RoomLink): void;
}

/** A connection with a member of a room, for rooms alone. */
export class RoomLink implements ExchangePeer {
  readonly key: string;
  /** The rooms that both ends know, by their ids. */
  readonly exchanges = new Map<string, RoomExchange>();
  readonly connection: SecureConnection;
  /** The membership hashes of rooms that the peer has summed up and that are not here, by their ids. */
  readonly unknownRooms = new Map<string, string>();
  /** When anything about a room was sent or came, by the clock of `performance.now`. */
  usedAt = performance.now();
  /** How many entries have come from a peer that is in no room. */
  strangeEntries = 0;
  readonly #handlers: RoomLinkHandlers;
  readonly #entries = new TokenBucket(ENTRY_BURST, ENTRIES_PER_SECOND);
  readonly #closed = new AbortController();

  constructor(connection: SecureConnection, handlers: RoomLinkHandlers) {
    this.connection = connection;
    this.key = connection.peer.identity.toString();
    this.#handlers = handlers;
  }

  get isOver(): boolean {
    return this.#closed.signal.aborted || this.connection.isOver;
  }

  get bufferedAmount(): number {
    return this.connection.bufferedAmount;
  }

  get written(): Promise<void> {
    return this.connection.written;
  }

  send(message: RoomPeerMessage): void {
    if (message.type === "room-entry") this.usedAt = performance.now();
    this.connection.say(message).catch(() => {}); // the end of the connection shows
  }

  /** Takes what comes until the end. Never rejects. */
  async follow(): Promise<void> {
    try {
      for (;;) {
        const message = await this.connection.nextOfRooms();
        if (message === undefined || this.isOver) break;
        switch (message.type) {
          case "room-entry":
            this.usedAt = performance.now();
            while (!this.#entries.take(performance.now())) await this.pause(1000);
            await this.#handlers.onEntry(this, message.entry);
            break;
          case "room-summary":
            await this.#handlers.onSummary(this, message);
            break;
          case "room-query": {
            const hashes = message.hashes.map((hash) => hash.toHex());
            await this.#handlers.onQuery(this, message.room.toHex(), hashes);
            break;
          }
          case "file-link":
          case "file-end":
            await this.#handlers.onFile(this, message);
            break;
          case "received": {
            const beginning = message.id.toHex();
            for (const exchange of this.exchanges.values()) {
              if (exchange.onReceived(beginning)) break;
            }
            break;
          }
          case "bye":
            return;
          default:
            break; // chats have connections of their own
        }
        if (this.connection.bufferedAmount > clientLimits.bufferedBytes) await this.written;
      }
    } catch {
      // The connection broke, or the peer sends what is no MIM: both end it.
    } finally {
      this.close();
      this.#handlers.onEnd(this);
    }
  }

  /** Reads on later. */
  async pause(milliseconds: number): Promise<void> {
    await delay(milliseconds, { signal: this.#closed.signal });
  }

  /** Says that an entry is stored. */
  acknowledge(hash: string): void {
    this.connection.say({ type: "received", id: Uint8Array.fromHex(hash.slice(0, 16)) })
      .catch(() => {});
  }

  close(): void {
    this.#closed.abort(new Error("the link is closed"));
    for (const exchange of this.exchanges.values()) exchange.close();
    this.connection.close();
  }

  /** Closes once all that was sent is written. */
  async finish(): Promise<void> {
    for (const exchange of this.exchanges.values()) exchange.close();
    await this.connection.finish();
    this.#closed.abort(new Error("the link is closed")); // it may be read later only
  }
}
