/** While all chats are being closed nobody is dialed, nor later because of what began before. */
export class Shutdown {
  #controller = new AbortController();

  /** Aborted once a shutdown begins. Whoever waits before dialing takes it first, and looks at it after. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  begin(): void {
    this.#controller.abort(new Error("given up"));
  }

  /** From here on what begins anew may dial. */
  end(): void {
    this.#controller = new AbortController();
  }
}
