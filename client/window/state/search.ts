import { displayName } from "../../../protocol/mod.ts";
import type { KeptMessage } from "../../storage/history/history.ts";
import type { Memory } from "../../app/message_archive.ts";
import type { Found } from "../api/messages.ts";
import { shownText } from "./view_rows.ts";

/** How many messages a search shows. */
const MOST = 100;
/** How many that were shown are remembered, so that they can be gone to. */
const REMEMBERED = 1_000;

/** Looks for words in all chats, and remembers what it has shown. */
export class Search {
  readonly #memory: Memory;
  readonly #shown = new Map<number, KeptMessage>();

  constructor(memory: Memory) {
    this.#memory = memory;
  }

  /** The newest messages with all these words, oldest first. */
  find(words: string): Found[] {
    const kept = this.#memory.found(words, MOST);
    for (const message of kept) {
      this.#shown.delete(message.id);
      this.#shown.set(message.id, message);
    }
    for (const id of this.#shown.keys()) {
      if (this.#shown.size <= REMEMBERED) break;
      this.#shown.delete(id);
    }
    return kept.map(({ id, peer, kind, text, at }) => ({
      id,
      name: displayName(peer.name),
      from: kind === "received" ? "them" : "me",
      text: shownText(text),
      at,
    }));
  }

  /** A message that a search has shown, by its number. */
  shown(id: number): KeptMessage | undefined {
    return this.#shown.get(id);
  }
}
