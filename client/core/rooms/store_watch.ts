import type { ArrivedEntry, RoomStore, StoredRoom } from "../room_store.ts";

/** How often the store is asked whether another program has changed it. */
const LOOK_INTERVAL_MS = 1_000;
/** How many entries are read at once. */
const PAGE = 200;

interface StoreWatchHandlers {
  /** Takes the rooms as they are stored now. */
  readonly onRooms: (rooms: readonly StoredRoom[]) => Promise<void>;
  /** Takes entries that are new in the store, in the order of their arrival; the own ones, too. */
  readonly onEntries: (entries: readonly ArrivedEntry[]) => Promise<void>;
}

/** Looks for what other programs with the same data folder have stored. */
export class StoreWatch {
  readonly #store: RoomStore;
  readonly #handlers: StoreWatchHandlers;
  /** The number of the newest entry that was looked at. */
  #seen = 0;
  #timer: ReturnType<typeof setInterval> | undefined;
  #isLooking = false;

  constructor(store: RoomStore, handlers: StoreWatchHandlers) {
    this.#store = store;
    this.#handlers = handlers;
  }

  /** Takes what is stored now for known: before the rooms are opened. */
  async begin(): Promise<void> {
    await this.#store.hasForeignChanges();
    this.#seen = await this.#store.newestNumber();
  }

  start(): void {
    this.#timer ??= setInterval(() => void this.#look(), LOOK_INTERVAL_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Looks once, if it does not already. A store that can't be read is looked at again. */
  async #look(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      if (!await this.#store.hasForeignChanges()) return;
      await this.#handlers.onRooms(await this.#store.rooms());
      for (;;) {
        const entries = await this.#store.arrivals(this.#seen, PAGE);
        await this.#handlers.onEntries(entries);
        this.#seen = entries.at(-1)?.number ?? this.#seen;
        if (entries.length < PAGE) return;
      }
    } catch {
      // A store that fails here fails in the user's own actions, too: those report it.
    } finally {
      this.#isLooking = false;
    }
  }
}
