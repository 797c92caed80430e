import type { Messenger } from "../core/mod.ts";

/** After so long without a key somebody is away, in milliseconds. */
const AWAY_AFTER_MS = 10 * 60_000;

/** Tells others that the user is away after a while without a key, and back at the next one. */
export class AutoAway {
  readonly #messenger: () => Messenger | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Whether it was this that told others so. */
  #away = false;

  /** @param messenger undefined before there is one */
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

  /** Watches no more. */
  stop(): void {
    clearTimeout(this.#timer);
  }

  #leave(): void {
    const messenger = this.#messenger();
    if (messenger?.availability !== "online") return; // away or busy already, by the user's word
    this.#away = true;
    messenger.setStatus("away");
  }
}
