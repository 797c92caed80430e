import type { ClientEvent, PastEvent } from "../app/mod.ts";
import { wrapLine } from "./input/mod.ts";

/** Rows that may be hidden: those of the typed line, and some that may have scrolled off. */
const MARGIN = 4;

/** Knows which messages are still on the screen. */
export class Scrollback {
  readonly #height: () => number;
  #rows = 0;
  /** The row at which each message was printed last. */
  readonly #at = new Map<string, number>();

  constructor(height: () => number) {
    this.#height = height;
  }

  /** Takes note of lines printed for an event. */
  printed(lines: readonly string[], columns: number, event: ClientEvent): void {
    for (const line of lines) this.#rows += wrapLine(line, columns).length;
    const key = keyOf(event);
    if (key === undefined || lines.length === 0) return;
    this.#at.delete(key);
    this.#at.set(key, this.#rows);
    for (const [old, row] of this.#at) {
      if (this.#isThere(row)) return;
      this.#at.delete(old);
    }
  }

  has(past: PastEvent): boolean {
    const row = this.#at.get(keyOf(past) ?? "");
    return row !== undefined && this.#isThere(row);
  }

  clear(): void {
    this.#at.clear();
  }

  #isThere(row: number): boolean {
    return this.#rows - row < this.#height() - MARGIN;
  }
}

/** Identifies a message; undefined for other events. */
function keyOf(event: ClientEvent): string | undefined {
  if (event.type === "past") return `${event.what} ${event.name}: ${event.text}`;
  if (event.type === "sent") return `sent ${event.chat.name}: ${event.message.text}`;
  if (event.type !== "message") return undefined;
  return `received ${event.chat.name}: ${event.message.text}`;
}
