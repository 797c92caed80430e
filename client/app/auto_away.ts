import type { Messenger } from "../core/mod.ts";

/** How long without a key press until the user is away, in milliseconds. */
const AWAY_AFTER_MS = 10 * 60_000;

/** Shows the user as away after a while without a key press, and as back at the next one. */
export class AutoAway {
  readonly #messenger: () => Messenger | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Whether this class has set the user away. */
  #away = false;

  /** @param messenger undefined while there is none yet */
  constructor(messenger: () => Messenger | undefined) {
    this.#messenger = messenger;
  }

  /** A key was pressed. */
  touch(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#leave(), AWAY_AFTER_MS);
    if (!this.#away) return;
    this.#away = false;
    const messenger = this.#messenger();
    if (messenger?.availability === "away") messenger.setStatus("online");
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #leave(): void {
    const messenger = this.#messenger();
    if (messenger?.availability !== "online") return; // set by the user
    this.#away = true;
    messenger.setStatus("away");
  }
}
