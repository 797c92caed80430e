import { sanitizeName } from "../../../protocol/mod.ts";
import type { MessageArchive } from "../../app/mod.ts";
import type { StoredMessage } from "../../storage/mod.ts";
import type { SearchHit } from "../messages.ts";
import { sanitizeLines } from "./view_rows.ts";

const MAX_HITS = 100;
/** How many hits are remembered, so that a page can go to them. */
const MAX_REMEMBERED_HITS = 1_000;

/** Searches all conversations, and remembers the hits. */
export class Search {
  readonly #archive: MessageArchive;
  readonly #hits = new Map<number, StoredMessage>();

  constructor(archive: MessageArchive) {
    this.#archive = archive;
  }

  /**
   * The newest messages with all these words, oldest first.
   *
   * @param name only those with this peer; undefined for all
   * @param before only those before this hit; 0 for the newest
   */
  find(
    words: string,
    name: string | undefined,
    before: number,
  ): { readonly hits: SearchHit[]; readonly hasMore: boolean } {
    const found = this.#archive.found(words, MAX_HITS + 1, { name, before });
    const hasMore = found.length > MAX_HITS;
    const messages = hasMore ? found.slice(1) : found;
    for (const message of messages) {
      this.#hits.delete(message.id);
      this.#hits.set(message.id, message);
    }
    for (const id of this.#hits.keys()) {
      if (this.#hits.size <= MAX_REMEMBERED_HITS) break;
      this.#hits.delete(id);
    }
    const hits = messages.map(({ id, peer, type, text, at }): SearchHit => ({
      id,
      name: sanitizeName(peer.name),
      from: type === "received" ? "them" : "me",
      text: sanitizeLines(text),
      at,
    }));
    return { hits, hasMore };
  }

  /** A message that a search has found; undefined if that was too long ago. */
  getHit(id: number): StoredMessage | undefined {
    return this.#hits.get(id);
  }
}
