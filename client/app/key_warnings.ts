import type { Messenger, OnlineUser } from "../core/mod.ts";
import { userWarning } from "./chat_warning.ts";
import type { ClientEvent, Emit } from "./events.ts";

/** How long a contact's old key may take to sign the new one: it may have to be dialed first. */
export const ROTATION_GRACE_MS = 12_000;

/**
 * Warns of users who come online with another key than before. If the server certifies the name for the new
 * key, the old one may be about to sign it: the warning waits for that, and comes if nothing does. Nothing
 * is sent to that key meanwhile.
 */
export class KeyWarnings {
  readonly #messenger: Messenger;
  readonly #emit: Emit;
  readonly #held = new Map<number, ReturnType<typeof setTimeout>>();

  constructor(messenger: Messenger, emit: Emit) {
    this.#messenger = messenger;
    this.#emit = emit;
  }

  /** To be called with each event, after it is shown. */
  update(event: ClientEvent): void {
    switch (event.type) {
      case "online":
        return this.#consider(event.user);
      case "offline":
        return this.#drop(event.user.id);
      case "logged-out":
      case "disconnected":
        for (const id of [...this.#held.keys()]) this.#drop(id);
    }
  }

  #consider(user: OnlineUser): void {
    const warning = userWarning(this.#messenger, user);
    if (warning === undefined) return;
    if (!this.#messenger.users.ownsName(user)) return this.#emit(warning);
    this.#drop(user.id);
    const timer = setTimeout(() => {
      this.#held.delete(user.id);
      const now = this.#messenger.users.get(user.id);
      const still = now && userWarning(this.#messenger, now);
      if (still !== undefined) this.#emit(still);
    }, ROTATION_GRACE_MS);
    this.#held.set(user.id, timer);
  }

  #drop(id: number): void {
    clearTimeout(this.#held.get(id));
    this.#held.delete(id);
  }
}
