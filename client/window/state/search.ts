import type { StoredMessage } from "../../storage/mod.ts";
import type { MessageArchive } from "../../app/mod.ts";
import { sanitizeName } from "../../../protocol/mod.ts";
import type { SearchHit } from "../messages.ts";
import { shownText } from "./view_rows.ts";

/** How many messages a search shows. */
const MAX_HITS = 100;
/** How many that were shown are remembered, so that they can be gone to. */
const REMEMBERED = 1_000;

/** Looks for words in all chats, and remembers what it has shown. */
export class Search {
  readonly #memory: MessageArchive;
  readonly #shown = new Map<number, StoredMessage>();

  constructor(memory: MessageArchive) {
    this.#memory = memory;
  }

  /** The newest messages with all these words, oldest first. */
  find(words: string): SearchHit[] {
    const kept = this.#memory.found(words, MAX_HITS);
    for (const message of kept) {
      this.#shown.delete(message.id);
      this.#shown.set(message.id, message);
    }
    for (const id of this.#shown.keys()) {
      if (this.#shown.size <= REMEMBERED) break;
      this.#shown.delete(id);
    }
    return kept.map(({ id, peer, type, text, at }) => ({
      id,
      name: sanitizeName(peer.name),
      from: type === "received" ? "them" : "me",
      text: shownText(text),
      at,
    }));
  }

  /** A message that a search has shown, by its number. */
  shown(id: number): StoredMessage | undefined {
    return this.#shown.get(id);
  }
}
