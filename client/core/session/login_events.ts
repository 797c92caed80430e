import type { EventBus } from "../event_bus.ts";
import type { MessengerEvent } from "../events.ts";

/**
 * Shows the events of a login. One that continues a lost session shows nothing until it succeeds, and its welcome
 * only if that is another one than before; a MIM/2 server's welcome waits until its key is proven.
 */
export class LoginEvents {
  /** The lines of the welcome so far. */
  readonly welcome: string[] = [];
  readonly #events: EventBus;
  readonly #previousWelcome: readonly string[] | undefined;
  readonly #deferred: MessengerEvent[] = [];
  #isWelcomeShown: boolean;

  /**
   * @param previousWelcome that of the session which this one continues; undefined if there is none
   * @param isWelcomeShown whether the welcome is shown as it comes
   */
  constructor(
    events: EventBus,
    previousWelcome: readonly string[] | undefined,
    isWelcomeShown: boolean,
  ) {
    this.#events = events;
    this.#previousWelcome = previousWelcome;
    this.#isWelcomeShown = isWelcomeShown;
  }

  get isResuming(): boolean {
    return this.#previousWelcome !== undefined;
  }

  /** Emits an event, if the login succeeds. */
  emit(event: MessengerEvent): void {
    if (this.isResuming) this.#deferred.push(event);
    else this.#events.emit(event);
  }

  addWelcome(text: string): void {
    this.welcome.push(text);
    if (this.#isWelcomeShown && !this.isResuming) this.#events.emit({ type: "welcome", text });
  }

  /** Shows the welcome so far, and from now on; one of a session that goes on is shown later, if at all. */
  showWelcome(): void {
    if (this.#isWelcomeShown) return;
    this.#isWelcomeShown = true;
    if (!this.isResuming) this.#emitWelcome();
  }

  /** The login has succeeded. */
  succeed(): void {
    if (this.#previousWelcome === undefined) return;
    const [connected, ...others] = this.#deferred.splice(0);
    if (connected !== undefined) this.#events.emit(connected);
    if (this.welcome.join("\n") !== this.#previousWelcome.join("\n")) this.#emitWelcome();
    for (const event of others) this.#events.emit(event);
  }

  #emitWelcome(): void {
    for (const text of this.welcome) this.#events.emit({ type: "welcome", text });
  }
}
