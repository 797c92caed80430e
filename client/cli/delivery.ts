import {
  type Chat,
  ClientError,
  type Message,
  type Messenger,
  type MessengerEvent,
  type OnlineUser,
} from "../core/mod.ts";
import { byeReasons, displayName } from "../../protocol/mod.ts";
import { callUser, contactOf, pause, queueingChat } from "./find_user.ts";

/** How many messages may be sent to one user and not delivered. */
const MAX_IN_FLIGHT = 256;

/** How a chat ends: the peer closed it, the connection broke, or the peer has no room for it now. */
type ChatEnd = "them" | "lost" | "busy";

/** Which limits a delivery has. */
export interface DeliveryLimits {
  /** How long a call, and the delivery of a message, may take. */
  readonly timeoutMs: number;
  /** Until when all of it must be done, by `performance.now()`; undefined if more texts may come. */
  readonly endsAt: number | undefined;
  /** Whether what can't be delivered waits in the outbox. */
  readonly queues: boolean;
}

/** The texts to one user: calls that user, and watches that each is delivered. */
export class Delivery {
  readonly #messenger: Messenger;
  readonly #name: string;
  readonly #user: OnlineUser | undefined;
  readonly #limits: DeliveryLimits;
  readonly #inFlight = new Set<Message>();
  #chat: Chat | undefined;
  /** Why the peer has refused the last call. */
  #rejection: ClientError | undefined;
  /** Whether texts are left in the outbox. */
  #isQueueing = false;
  /** Resolves once the chat is not open any more, to who closed it. */
  #closed = Promise.withResolvers<ChatEnd>();

  /**
   * @param user undefined if that user is not online; then the texts wait in the outbox
   * @throws {ClientError} `not-online` if the user is not online, and no key of that name is known
   */
  constructor(
    messenger: Messenger,
    name: string,
    user: OnlineUser | undefined,
    limits: DeliveryLimits,
  ) {
    this.#messenger = messenger;
    this.#name = name;
    this.#user = user;
    this.#limits = limits;
    if (user === undefined) this.#chat = this.#queue();
  }

  /** @throws {ClientError} if the user can't be called */
  async begin(): Promise<void> {
    this.#chat ??= await this.#open();
  }

  /** @throws {ClientError} if it can't be sent */
  async send(text: string): Promise<void> {
    const message = await this.#sent(text);
    if (this.#isQueueing) return;
    this.#inFlight.add(message);
    message.delivered.then(() => this.#inFlight.delete(message), () => {});
    // If texts are read faster than they arrive, they must not pile up.
    if (this.#inFlight.size > MAX_IN_FLIGHT) await this.#untilDelivered(MAX_IN_FLIGHT / 2);
  }

  /**
   * Resolves once everything is delivered and the chat is closed.
   *
   * @throws {ClientError} if something is not delivered; it is cancelled then, or waits if it may
   */
  async finish(): Promise<void> {
    const chat = this.#chat ??= await this.#open();
    if (this.#isQueueing) return;
    await this.#untilDelivered(0);
    const isClosed = chat.state === "open" && await chat.close();
    // A peer with a key has confirmed everything, however the chat ends.
    if (isClosed || chat.identity !== undefined) return;
    throw new ClientError("chat-closed", { reason: "lost", name: chat.name });
  }

  /** The text, once it is on its way: of a peer without room for one more chat, that takes a while. */
  async #sent(text: string): Promise<Message> {
    for (;;) {
      const chat = this.#chat ??= await this.#open();
      try {
        return await chat.send(text);
      } catch (error) {
        if (!(error instanceof ClientError && error.is("chat-closed"))) throw error;
        if (chat.identity === undefined || await this.#closed.promise !== "busy") throw error;
      }
      await this.#reopen();
    }
  }

  /** Calls again, a moment later. */
  async #reopen(): Promise<void> {
    await pause();
    this.#chat = undefined;
    this.#chat = await this.#open();
  }

  async #open(): Promise<Chat> {
    const user = this.#user;
    if (user === undefined) return this.#queue();
    try {
      const chat = await callUser(this.#messenger, user, this.#timeLeft);
      this.#watch(chat);
      return chat;
    } catch (error) {
      const isUnreachable = error instanceof ClientError && error.is("peer-unreachable");
      if (!isUnreachable || !this.#limits.queues || this.#contact === undefined) throw error;
      return this.#queue();
    }
  }

  /** Notices how the chat ends, even if that was a moment ago. */
  #watch(chat: Chat): void {
    const closed = this.#closed = Promise.withResolvers<ChatEnd>();
    const unsubscribe = this.#messenger.subscribe((event: MessengerEvent) => {
      if (event.type === "error" && isRejection(event.error, chat)) {
        this.#rejection = event.error;
        if (event.error.details.reason === byeReasons["no room"]) closed.resolve("busy");
      }
      if (event.type !== "chat-closed" || event.chat !== chat) return;
      unsubscribe();
      closed.resolve(event.by === "lost" ? "lost" : "them");
    });
    if (chat.state !== "open") closed.resolve("lost");
  }

  get #contact() {
    return contactOf(this.#messenger, this.#name);
  }

  /** The chat of a contact, from which texts go into the outbox. */
  #queue(): Chat {
    const chat = queueingChat(this.#messenger, this.#name);
    this.#isQueueing = true;
    return chat;
  }

  get #timeLeft(): number {
    const { endsAt, timeoutMs } = this.#limits;
    return endsAt === undefined ? timeoutMs : Math.max(0, endsAt - performance.now());
  }

  /** Waits until no more than so many are under way. */
  async #untilDelivered(most: number): Promise<void> {
    while (this.#inFlight.size > most) {
      const [oldest] = this.#inFlight;
      const end = oldest && await this.#endOf(oldest);
      if (end === undefined) continue;
      if (end instanceof ClientError) throw end;
      // A connection that broke is made anew, and what waits goes out over it.
      const mayGoOn = end === "busy" || end === "lost" && oldest?.identity !== undefined;
      if (!mayGoOn || this.#timeLeft === 0) return await this.#giveUp(end);
      await this.#reopen();
    }
  }

  /** How waiting for a message ends: with its delivery (undefined), or why it may never be delivered. */
  async #endOf(message: Message): Promise<ClientError | ChatEnd | "late" | undefined> {
    const { promise: late, resolve } = Promise.withResolvers<"late">();
    const timer = setTimeout(() => resolve("late"), this.#timeLeft);
    try {
      return await Promise.race([
        message.delivered.then(() => undefined, (error) => error),
        this.#closed.promise,
        late,
      ]);
    } finally {
      clearTimeout(timer);
    }
  }

  async #giveUp(why: ChatEnd | "late"): Promise<void> {
    if (this.#limits.queues && this.#chat?.identity !== undefined) {
      this.#isQueueing = true; // they are in the outbox
      return this.#inFlight.clear();
    }
    const name = this.#chat?.name ?? this.#name;
    const count = this.#inFlight.size;
    // A caller that sees this fail may send it again: it must not go out by itself as well.
    await Promise.all([...this.#inFlight].map((message) => message.cancel()));
    if (why === "late") {
      throw new ClientError("send-failed", { reason: "not-acknowledged", name, count });
    }
    if (this.#rejection !== undefined) throw this.#rejection;
    if (why === "lost") throw new ClientError("chat-closed", { reason: "lost", name });
    const what = count === 1 ? "a message was" : `${count} messages were`;
    const message = `${displayName(name)} closed the chat before ${what} delivered`;
    throw new ClientError("chat-closed", { reason: "closed", name }, { message });
  }
}

function isRejection(
  error: ClientError,
  { name }: Pick<Chat, "name">,
): error is ClientError<"call-rejected"> {
  return error.is("call-rejected") && error.details.name === name;
}
