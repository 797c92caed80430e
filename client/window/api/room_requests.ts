import { PublicKey } from "../../core/mod.ts";
import type { Request } from "../messages.ts";
import { type RoomConversation, versionsOf, type WindowState } from "../state/mod.ts";
import type { Answer } from "./call_requests.ts";

/** A request about a room. */
type RoomRequest = Extract<Request, { readonly chat: number }>;

/** How many messages a page can load at once. */
const MAX_OLDER_MESSAGES = 1_000;

/** The user's requests in rooms, and about them. */
export class RoomRequests {
  readonly #state: WindowState;

  constructor(state: WindowState) {
    this.#state = state;
  }

  /** The room that a request is about; undefined if it is about something else. */
  find(request: Request): RoomConversation | undefined {
    return "chat" in request ? this.#state.rooms.find(request.chat) : undefined;
  }

  /** Makes a room, or joins the lobby, which nobody makes. */
  async create(name: string, answer: Answer): Promise<void> {
    const { rooms } = this.#state.messenger;
    const lobby = rooms.named(name).find((room) => room === rooms.lobby);
    await lobby?.join();
    const room = lobby ?? await rooms.create(name.replace(/^#/, ""));
    const conversation = this.#state.rooms.of(room);
    this.#state.rooms.publishHead(conversation);
    answer({ type: "show", chat: conversation.id });
  }

  /**
   * Carries out one of these requests. The changes come as events.
   *
   * @throws {RangeError} if a message is not here
   * @throws {ClientError} as the methods of a room
   */
  async handle(
    conversation: RoomConversation,
    request: Request,
    answer: Answer,
  ): Promise<void> {
    if (!("chat" in request)) return;
    const { room } = conversation;
    const { rooms, archive, users } = this.#state;
    const { chat } = request;
    switch (request.type) {
      case "open":
        return answer({ type: "messages", chat, ...await conversation.newest() });
      case "load-older": {
        const count = Math.max(1, Math.min(request.count, MAX_OLDER_MESSAGES));
        return answer({
          type: "older",
          chat,
          ...await conversation.rowsBefore(request.before, count),
        });
      }
      case "send":
        return await this.#send(conversation, request);
      case "edit":
        return await room.edit(conversation.messageAt(request.message), request.text);
      case "delete":
        return await room.delete(conversation.messageAt(request.message));
      case "react":
      case "unreact": {
        const id = conversation.messageAt(request.message);
        return await room.react(id, request.emoji, request.type === "react");
      }
      case "versions": {
        const message = await room.find(conversation.messageAt(request.message));
        const versions = message === undefined ? [] : versionsOf(message);
        return answer({ type: "versions", chat, message: request.message, versions });
      }
      case "mark-read":
        await room.markRead();
        return rooms.publishHead(conversation);
      case "set-draft":
        conversation.draft = request.text;
        archive.keepThread({ thread: conversation.thread, draft: request.text });
        return rooms.publishHead(conversation);
      case "set-chat":
        conversation.muted = request.muted;
        archive.keepThread({ thread: conversation.thread, muted: request.muted });
        return rooms.publishHead(conversation);
      case "join-room":
        await room.join();
        return rooms.publishHead(conversation);
      case "leave-room":
        await room.leave();
        return rooms.remove(conversation);
      case "forget":
        await room.forget();
        return rooms.remove(conversation);
      case "invite": {
        const user = users.get(request.user);
        const { pin } = user;
        await room.invite(
          pin === undefined ? user : { name: pin.name, identity: new PublicKey(pin.identity) },
        );
        return rooms.publishHead(conversation);
      }
      case "remove-member":
        return await room.remove(Uint8Array.fromHex(request.key));
      case "set-admin":
        return await room.setAdmin(Uint8Array.fromHex(request.key), request.on);
      case "set-topic":
        return await room.set({ topic: request.text });
      case "close": // the user leaves the view of it, and stays a member
        return this.#state.leaveView(chat);
      default: // a room is not called, trusted or compared
        return;
    }
  }

  async #send(
    conversation: RoomConversation,
    { text, requestId, reply = 0 }: Extract<RoomRequest, { readonly type: "send" }>,
  ): Promise<void> {
    const { rooms, dedupe, archive } = this.#state;
    if (text.trim() === "" || dedupe.seen(requestId)) return;
    const { draft } = conversation;
    const replyTo = reply === 0 ? undefined : conversation.messageAt(reply);
    const message = await conversation.room.send(text, { replyTo });
    rooms.publishMessage(conversation, message, requestId);
    if (conversation.draft !== draft) return; // the user has written the next one meanwhile
    conversation.draft = "";
    archive.keepThread({ thread: conversation.thread, draft: "" });
    rooms.publishHead(conversation);
  }
}
