import { type Message, Messenger, type MessengerOptions, type WaitOptions } from "../core/mod.ts";

/** How long a test user waits for a message unless you say otherwise. */
const MESSAGE_TIMEOUT_MS = 10_000;

/** A user in a test: a messenger that keeps what it receives, so that tests read as conversations. */
export class TestUser extends Messenger {
  /** All messages that have come, the oldest first. */
  readonly received: Message[] = [];
  #read = 0;

  /** Ready to log in; {@linkcode TestNetwork.login} makes one that is online. */
  constructor(options: MessengerOptions) {
    super(options);
    this.addEventListener("message", ({ message }) => this.received.push(message));
  }

  /**
   * Sends a text to someone who is online, or will be in a moment.
   *
   * @returns the message; `delivered` resolves once the peer has it
   * @throws {DOMException} `TimeoutError` if nobody of that name comes online
   * @throws {ClientError} as {@linkcode Chats.call} and {@linkcode Chat.send}
   */
  async send(name: string, text: string): Promise<Message> {
    const user = await this.users.find(name, { timeoutMs: MESSAGE_TIMEOUT_MS });
    return await (await this.chats.call(user)).send(text);
  }

  /**
   * Takes the oldest message that was not taken yet, or waits for it: for ten seconds by default.
   *
   * @throws {DOMException} `TimeoutError`; the signal's reason once it is aborted
   */
  async nextMessage(options: WaitOptions = {}): Promise<Message> {
    const message = this.received[this.#read];
    if (message === undefined) {
      await this.waitFor("message", { timeoutMs: MESSAGE_TIMEOUT_MS, ...options });
      return await this.nextMessage(options);
    }
    this.#read++;
    return message;
  }
}
