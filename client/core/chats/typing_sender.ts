import type { SecureConnection } from "../peer/mod.ts";

/** Tells a peer whether the user types: behind what waits to be written, and only the latest. */
export class TypingSender {
  /** The connection to tell it over; undefined while there is none. */
  readonly #connection: () => SecureConnection | undefined;
  /** What the peer was told last, and what it is to be told. */
  #isTold = false;
  #isTyping = false;
  #isDue = false;

  constructor(connection: () => SecureConnection | undefined) {
    this.#connection = connection;
  }

  set(isTyping: boolean): void {
    this.#isTyping = isTyping;
    this.#tell();
  }

  /** The peer takes the user to have stopped: a message, or the end of a connection, says so, too. */
  reset(): void {
    this.#isTold = this.#isTyping = false;
  }

  #tell(): void {
    const connection = this.#connection();
    if (connection === undefined || this.#isTyping === this.#isTold) return;
    if (connection.bufferedAmount === 0) {
      const typing = this.#isTold = this.#isTyping;
      connection.say({ type: "typing", typing }).catch(() => {}); // the reader reports the loss
    } else if (!this.#isDue) {
      this.#isDue = true;
      void connection.written.then(() => {
        this.#isDue = false;
        this.#tell();
      });
    }
  }
}
