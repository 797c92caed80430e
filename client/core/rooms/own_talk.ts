import { limits, type RoomBody } from "../../../protocol/mod.ts";
import { ClientError } from "../errors.ts";
import type { RoomMessage } from "../room.ts";
import type { StoredRoomEntry } from "../room_store.ts";
import { fittingText } from "./room_checks.ts";
import type { RoomHistory } from "./room_history.ts";

type ActionBody = Extract<RoomBody, { type: "action" }>;

/** The texts of the user in one room, and what the user does with messages there. */
export class OwnTalk {
  readonly #history: Pick<RoomHistory, "find" | "isOffer">;
  readonly #write: (body: RoomBody) => Promise<StoredRoomEntry>;

  constructor(
    history: Pick<RoomHistory, "find" | "isOffer">,
    write: (body: RoomBody) => Promise<StoredRoomEntry>,
  ) {
    this.#history = history;
    this.#write = write;
  }

  async say(
    text: string,
    { replyTo }: { readonly replyTo?: string | undefined },
  ): Promise<RoomMessage> {
    if (text.trim() === "") throw new TypeError("expected a text that is not blank");
    const target = replyTo === undefined ? new Uint8Array() : Uint8Array.fromHex(replyTo);
    const { hash } = await this.#write({ type: "text", replyTo: target, text: fittingText(text) });
    return await this.#message(hash);
  }

  async edit(id: string, text: string): Promise<void> {
    if (text.trim() === "") throw new TypeError("expected a text that is not blank");
    await this.#assertOwn(id);
    if (await this.#history.isOffer(id)) {
      throw new ClientError("room-failed", { reason: "not-allowed" });
    }
    await this.#act("edit", id, fittingText(text));
  }

  async delete(id: string): Promise<void> {
    await this.#assertOwn(id);
    await this.#act("delete", id, "");
  }

  async react(id: string, emoji: string, isOn: boolean): Promise<void> {
    await this.#message(id);
    const { length } = new TextEncoder().encode(emoji);
    const limit = limits.emojiBytes;
    if (length > limit) throw new ClientError("room-failed", { reason: "too-long", length, limit });
    await this.#act(isOn ? "react" : "unreact", id, emoji);
  }

  async #act(action: ActionBody["action"], id: string, text: string): Promise<void> {
    await this.#write({ type: "action", action, target: Uint8Array.fromHex(id), text });
  }

  async #assertOwn(id: string): Promise<void> {
    const { direction } = await this.#message(id);
    if (direction !== "outgoing") throw new ClientError("room-failed", { reason: "no-message" });
  }

  async #message(id: string): Promise<RoomMessage> {
    const message = await this.#history.find(id);
    if (message !== undefined) return message;
    throw new ClientError("room-failed", { reason: "no-message" });
  }
}
