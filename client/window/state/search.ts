import { nameKey, sanitizeName } from "../../../protocol/mod.ts";
import type { MessageArchive } from "../../app/mod.ts";
import type { StoredMessage } from "../../storage/mod.ts";
import type { SearchHit } from "../messages.ts";
import { sanitizeLines } from "./view_rows.ts";

const MAX_HITS = 100;
/** How many hits are remembered, so that a page can go to them. */
const MAX_REMEMBERED_HITS = 1_000;

/** A peer, and what the user calls them; empty for nothing. */
export interface PeerName {
  readonly name: string;
  readonly alias: string;
}

/** Searches all conversations, and remembers the hits. */
export class Search {
  readonly #archive: MessageArchive;
  readonly #hits = new Map<number, StoredMessage>();

  constructor(archive: MessageArchive) {
    this.#archive = archive;
  }

  /**
   * The newest messages with all these words, oldest first. `from:NAME` and `from:me` say whose.
   *
   * @param thread only those with this peer; undefined for all
   * @param before only those before this hit; 0 for the newest
   * @param names the peers that `from:` can mean, and what the user calls them
   */
  find(
    words: string,
    thread: string | undefined,
    before: number,
    names: readonly PeerName[],
  ): { readonly hits: SearchHit[]; readonly hasMore: boolean } {
    const asked = parseSearch(words);
    const isOwn = asked.from !== undefined && nameKey(asked.from) === "me";
    const author = asked.from === undefined || isOwn ? undefined : findName(asked.from, names);
    const isNobody = asked.from !== undefined && !isOwn && author === undefined;
    if (isNobody || author !== undefined && (thread ?? author) !== author) {
      return { hits: [], hasMore: false };
    }
    const from = isOwn ? "me" : author === undefined ? undefined : "them";
    const scope = { name: thread ?? author, from, before } as const;
    const found = this.#archive.found(asked.words, MAX_HITS + 1, scope);
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

/** The words of a search, and whose messages count. A name with spaces stands in quotes. */
function parseSearch(text: string): { readonly words: string; readonly from: string | undefined } {
  const found = /(?:^|\s)from:(?:"([^"]*)"?|(\S+))/iu.exec(text);
  const words = found === null ? text : text.replace(found[0], " ");
  return { words, from: found?.[1] ?? found?.[2] };
}

/** The peer with that name, or else whose name or alias begins like that. */
function findName(text: string, names: readonly PeerName[]): string | undefined {
  const key = nameKey(text);
  const isLike = (one: string) => one !== "" && nameKey(one).startsWith(key);
  const found = names.find(({ name, alias }) => nameKey(name) === key || nameKey(alias) === key) ??
    names.find(({ name, alias }) => isLike(name) || isLike(alias));
  return found?.name;
}
