import type { LocalRoom } from "./local_room.ts";
import { lackedHere, type RoomSummary } from "./room_summary.ts";

/** How long nothing comes until the entries that only the peer has are asked for; each time twice as long. */
const LACK_DELAY_MS = 2_000;
/** How often the same is asked for in vain. */
const MAX_LACK_SUMMARIES = 5;

/** Waits for the entries that only a peer has. If they do not come, the peer is to learn what is missing. */
export class LackWatch {
  readonly #room: LocalRoom;
  readonly #ask: () => void;
  /** The rows in which the peer had more than this client, by its last summary. */
  #peerHas: RoomSummary["rows"] = new Map();
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Whether an entry has come since the timer was set. */
  #isComing = false;
  /** The rows that were asked for last, and how often. */
  #lack = "";
  #summaries = 0;
  #isClosed = false;

  /** @param ask sends the peer a summary of what is here */
  constructor(room: LocalRoom, ask: () => void) {
    this.#room = room;
    this.#ask = ask;
  }

  /** The peer has summed up what it has. */
  onSummary({ rows }: RoomSummary): void {
    this.#note(rows);
    this.#watch();
  }

  /** The peer has sent an entry. */
  onEntry(): void {
    this.#isComing = true;
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  /** Notes the rows in which the peer has more; if they differ from before, they are asked for soon. */
  #note(rows: RoomSummary["rows"]): void {
    this.#peerHas = lackedHere(this.#room, rows);
    const lack = [...this.#peerHas].map(([slot, row]) =>
      `${slot} ${row.nextMembership} ${row.nextTalk}`
    ).join();
    if (lack === this.#lack) return;
    this.#lack = lack;
    if (this.#summaries === 0) return;
    this.#summaries = 0;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #watch(delayMs = LACK_DELAY_MS): void {
    if (this.#isClosed || this.#timer !== undefined || this.#peerHas.size === 0) return;
    this.#isComing = false;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#askAgain();
    }, delayMs);
  }

  #askAgain(): void {
    if (this.#isComing) return this.#watch();
    this.#note(this.#peerHas);
    if (this.#peerHas.size === 0 || this.#summaries >= MAX_LACK_SUMMARIES) return;
    this.#ask();
    this.#watch(LACK_DELAY_MS * 2 ** ++this.#summaries);
  }
}
