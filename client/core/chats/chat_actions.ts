import { limits, type MessageTarget, type PeerMessage } from "../../../protocol/mod.ts";
import type { ActionChange, MessageAction, MessageRef } from "../actions/mod.ts";
import type { Chat, Message } from "../chat.ts";
import { ClientError, storageError } from "../errors.ts";
import { incomingMessage, OutgoingMessage, plausibleTime, randomMessageId } from "../message.ts";
import type { SecureConnection } from "../peer/mod.ts";
import type { Incoming, Outgoing, StoredAction } from "../store.ts";
import type { Transfer } from "../transfer.ts";
import type { SecureComponents } from "./chat_components.ts";
import { earlierPartIds, messageParts } from "./message_parts.ts";
import type { ReceiveQueue } from "./receive_queue.ts";

const encoder = new TextEncoder();

type MessageOf<Type extends PeerMessage["type"]> = Extract<PeerMessage, { readonly type: Type }>;

/** A message of the chat, and its text if it may have gone out in several parts. */
type Target = MessageRef & { readonly text?: string };

/** The chat's part in what is done with its messages. */
interface ActionChat extends Chat {
  readonly identity: NonNullable<Chat["identity"]>;
}

/** Both sides' actions on earlier messages of a chat with a key, and how far the user has seen it. */
export class ChatActions {
  readonly #components: SecureComponents;
  readonly #chat: ActionChat;
  readonly #onQueued: (parts: readonly Outgoing[]) => void;
  /** The newest message of the peer's that the user has seen, and which of them the peer was told. */
  #seen: string | undefined;
  /** When the user has done something last, in milliseconds since 1970. */
  #lastTime = 0;
  #told: string | undefined;
  #newest: string | undefined;

  /** @param onQueued hands what was added to the outbox to the connection, if there is one */
  constructor(
    components: SecureComponents,
    chat: ActionChat,
    onQueued: (parts: readonly Outgoing[]) => void,
  ) {
    this.#components = components;
    this.#chat = chat;
    this.#onQueued = onQueued;
  }

  async edit(target: Target, text: string): Promise<Message> {
    assertOwn(target);
    if (text.trim() === "") throw new TypeError("expected a text, got only white space");
    if (await this.#offerOf(target) !== undefined) {
      throw new ClientError("send-failed", { reason: "file-offer" });
    }
    const { id, direction } = target;
    const [part, ...others] = messageParts(id, text);
    if (part === undefined || others.length > 0) throw tooLongError(text, limits.textBytes);
    const unsent = await this.#components.outbox.edit(id, part.text);
    const action = this.#action("edit", { id, direction }, part.text);
    const before = unsent?.before ?? target.text ?? "";
    const fallback = { type: "edited", text: part.text, before } as const;
    const earlier = earlierPartIds(id, target.text);
    const apply = () => this.#applyOwn(action, unsent && fallback);
    return await this.#do(action, unsent?.mayHaveArrived ?? true, earlier, apply);
  }

  async delete(target: Target): Promise<Message> {
    assertOwn(target);
    const { id, direction } = target;
    const offer = await this.#offerOf(target);
    const unsent = await this.#components.outbox.remove(id);
    const action = this.#action("delete", { id, direction }, "");
    const before = unsent?.before ?? target.text ?? "";
    const earlier = earlierPartIds(id, unsent?.before ?? target.text);
    const apply = () => this.#applyOwn(action, unsent && { type: "deleted", before });
    await offer?.cancel();
    return await this.#do(action, unsent?.mayHaveArrived ?? true, earlier, apply);
  }

  react(target: Target, emoji: string): Promise<Message> {
    return this.#react("react", target, emoji);
  }

  unreact(target: Target, emoji: string): Promise<Message> {
    return this.#react("unreact", target, emoji);
  }

  async #react(type: "react" | "unreact", target: Target, emoji: string): Promise<Message> {
    if (emoji.trim() === "") throw new TypeError("expected an emoji, got only white space");
    if (encoder.encode(emoji).length > limits.emojiBytes) {
      throw tooLongError(emoji, limits.emojiBytes);
    }
    const { id, direction } = target;
    const action = this.#action(type, { id, direction }, emoji);
    return await this.#do(action, true, [], () => this.#applyOwn(action));
  }

  /**
   * Stores a text of the peer's, then acknowledges it; resolves once the next may be read.
   *
   * @param onNew called if it has not come before
   */
  async takeText(
    message: MessageOf<"text">,
    connection: SecureConnection,
    stored: ReceiveQueue,
    chatSince: number,
    onNew: (message: Message) => void,
  ): Promise<void> {
    const { store } = this.#components;
    const incoming = incomingText(this.#chat, message, chatSince);
    const receive = async () => {
      if (await store.receive(incoming) === "duplicate") return undefined;
      return await store.applyKept(incoming);
    };
    await stored.add(receive, (changes) => {
      if (changes !== undefined) {
        this.#newest = incoming.id;
        onNew(incomingMessage(this.#chat, incoming));
        changes.forEach((change) => this.#report(change));
      }
      connection.say({ type: "received", id: message.id }).catch(() => {});
    });
  }

  /** The same for something that the peer has done with a message. */
  async takeAction(
    message: MessageOf<"action">,
    connection: SecureConnection,
    stored: ReceiveQueue,
  ): Promise<void> {
    const action = this.#stored({
      id: message.id.toHex(),
      type: message.action,
      by: "them",
      target: refOf(message.target),
      body: message.body,
      time: message.sentAt, // both sides must agree which of two is later
    });
    const { store, files } = this.#components;
    const { type, target } = action;
    const isOfAuthor = target.direction === "incoming";
    const receive = async () => {
      const offer = isOfAuthor ? await this.#offerOf(target) : undefined;
      if (offer !== undefined && type === "edit") return undefined; // its text is what it offers
      if (offer !== undefined && type === "delete") files.withdrawn(target.id);
      return await store.applyAction(action);
    };
    await stored.add(receive, (change) => {
      if (change !== undefined) this.#report(change);
      connection.say({ type: "received", id: message.id }).catch(() => {});
    });
  }

  /** The peer says what its user has seen. */
  async takeSeen(id: string, connection: SecureConnection): Promise<void> {
    const { keys, store, events } = this.#components;
    if (!keys.sharesSeen || !connection.bothCan("seen")) return;
    const isNews = await store.markSeen(this.#chat.identity, id);
    if (isNews) events.emit({ type: "seen", chat: this.#chat, id });
  }

  /** The user has seen all that has come so far. */
  markSeen(connection: SecureConnection | undefined): void {
    this.#seen = this.#newest;
    this.tellSeen(connection);
  }

  /** Says what the user has seen, if that is shared by both and news. */
  tellSeen(connection: SecureConnection | undefined): void {
    const id = this.#seen;
    const { keys } = this.#components;
    if (id === undefined || id === this.#told || connection?.bothCan("seen") !== true) return;
    if (!keys.sharesSeen) return;
    this.#told = id;
    connection.say({ type: "seen", id: Uint8Array.fromHex(id) })
      .catch(() => this.#told = undefined); // it is told over the next connection
  }

  #offerOf(target: MessageRef): Promise<Transfer | undefined> {
    return this.#components.files.inChat(this.#chat.identity, target);
  }

  #report(change: ActionChange): void {
    const { events, signaling } = this.#components;
    const who = change.by === "me" ? signaling.name : this.#chat.name;
    events.emit({ ...change, chat: this.#chat, who });
  }

  #action(type: MessageAction["type"], target: MessageRef, body: string): MessageAction {
    // Of two in the same millisecond the later one must hold.
    const time = this.#lastTime = Math.max(Date.now(), this.#lastTime + 1);
    return { id: randomMessageId(), type, by: "me", target, body, time };
  }

  #stored(action: MessageAction): StoredAction {
    const { name, address, port, identity } = this.#chat;
    return { ...action, name, address, port, identity };
  }

  /**
   * Puts an action into the outbox, unless its message can't have arrived.
   *
   * @param earlier the parts before the message's last one, which are deleted
   * @param apply applies it here
   */
  async #do(
    action: MessageAction,
    mayHaveArrived: boolean,
    earlier: readonly string[],
    apply: () => Promise<void>,
  ): Promise<Message> {
    const { outbox, signaling } = this.#components;
    const { name, identity } = this.#chat;
    const deletes = earlier.map((id) => this.#action("delete", { id, direction: "outgoing" }, ""));
    const recipient = { name, server: signaling.id ?? "", identity };
    if (!mayHaveArrived) {
      await apply();
      return appliedAction(action, this.#chat);
    }
    const all = [...deletes, action];
    return await outbox.queueActions(recipient, this.#chat, all, apply, this.#onQueued);
  }

  /** @param otherwise what has changed if the message is not stored yet */
  async #applyOwn(
    action: MessageAction,
    otherwise?:
      | { readonly type: "edited"; readonly text: string; readonly before: string }
      | { readonly type: "deleted"; readonly before: string },
  ): Promise<void> {
    const { target } = action;
    try {
      const change = await this.#components.store.applyAction(this.#stored(action)) ??
        (otherwise && { ...otherwise, target, by: "me" as const });
      if (change !== undefined) this.#report(change);
    } catch (error) {
      throw storageError({ what: "changes" }, error);
    }
  }
}

/** The handle of an action that need not be sent to anyone. */
function appliedAction(action: MessageAction, chat: ActionChat): Message {
  const { id, body: text, time, type, target } = action;
  const { name, identity } = chat;
  const fields = { id, text, time, name, identity, chat, action: { type, target } };
  const message = new OutgoingMessage(fields, () => Promise.resolve(false));
  message.become("delivered");
  return message;
}

/** A text as it is stored. */
function incomingText(
  { name, address, port, identity }: ActionChat,
  { id, text, sentAt, reply }: MessageOf<"text">,
  chatSince: number,
): Incoming {
  const message = { id: id.toHex(), identity, name, address, port, text };
  const time = plausibleTime(sentAt, chatSince);
  return { ...message, time, ...reply !== undefined && { reply: refOf(reply) } };
}

/** A message as the peer names it. */
function refOf({ whose, id }: MessageTarget): MessageRef {
  return { id: id.toHex(), direction: whose === "sender" ? "incoming" : "outgoing" };
}

function tooLongError(text: string, limit: number): ClientError {
  const { length } = encoder.encode(text);
  return new ClientError("send-failed", { reason: "too-long", length, limit });
}

function assertOwn({ direction }: MessageRef): void {
  if (direction === "outgoing") return;
  throw new TypeError("expected a message of the user's own, got one of the peer's");
}
