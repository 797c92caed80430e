import type { RoomBody } from "../../../protocol/mod.ts";
import { storageError } from "../errors.ts";
import type { Room, RoomPerson } from "../room.ts";
import type { StoredRoomEntry } from "../room_store.ts";
import type { MembershipNode } from "./membership_graph.ts";
import type { RoomHistory } from "./room_history.ts";
import { noticeOf } from "./room_message.ts";
import type { RoomParts } from "./room_parts.ts";
import type { RoomRecord } from "./room_record.ts";
import type { AddedTalk, RoomReplica } from "./room_replica.ts";

/** The room whose events are emitted. */
export interface ReportedRoom extends Room {
  /** The user's own key, in hex. */
  readonly own: string;
  /** Whether the user has removed it: then nothing of it is reported. */
  readonly isForgotten: boolean;
  readonly replica: RoomReplica;
  readonly personOf: (key: string) => RoomPerson;
  unread: number;
}

/** Emits the events of one room: for entries that have come, or were written. */
export class RoomReporter {
  readonly #room: ReportedRoom;
  readonly #parts: Pick<RoomParts, "events" | "files">;
  readonly #history: RoomHistory;
  /** The effective time of the latest entry so far: what comes before it is late. */
  #latest = 0;

  constructor(
    room: ReportedRoom,
    parts: Pick<RoomParts, "events" | "files">,
    history: RoomHistory,
  ) {
    this.#room = room;
    this.#parts = parts;
    this.#history = history;
  }

  /** Notes an entry: others that belong before it and come later are late. */
  saw({ effective }: StoredRoomEntry): void {
    this.#latest = Math.max(this.#latest, effective);
  }

  membershipCame(node: MembershipNode, stored: StoredRoomEntry, mayHaveVoided: boolean): void {
    this.saw(stored);
    const room = this.#room;
    if (room.isForgotten) return;
    const { events } = this.#parts;
    const { body } = node.record;
    const counts = room.replica.membership.counts(node);
    if (counts) this.#tellMembership(node);
    const isChange = body.type === "set" || body.type === "role";
    if (!mayHaveVoided && !isChange && body.type !== "invite") return;
    const notice = isChange && counts
      ? noticeOf(stored, node.record, room.personOf, false)
      : undefined;
    const what = mayHaveVoided ? "history" : "room";
    events.emit({ type: "room-changed", room, what, notice });
  }

  talkCame(record: RoomRecord, { stored, hasReordered }: AddedTalk): void {
    const room = this.#room;
    const isLate = stored.effective < this.#latest;
    this.saw(stored);
    const isShown = room.replica.membership.countsTalk(record) &&
      !this.#history.isIgnored(record.author);
    if (isShown) this.#tellTalk(record, stored, isLate);
    if (hasReordered) this.#parts.events.emit({ type: "room-changed", room, what: "history" });
  }

  /** A member has a message of the user's. */
  async delivered(hash: string, key: string): Promise<void> {
    const room = this.#room;
    try {
      const message = await room.find(hash);
      if (message === undefined) return;
      const member = room.personOf(key);
      this.#parts.events.emit({ type: "room-delivered", room, message, member });
    } catch (error) {
      this.storeFault(error);
    }
  }

  storeFault(error: unknown): void {
    this.#parts.events.emit({ type: "error", error: storageError({ what: "contents" }, error) });
  }

  #tellMembership(node: MembershipNode): void {
    const room = this.#room;
    const { events } = this.#parts;
    const { author, body } = node.record;
    const by = room.personOf(author);
    switch (body.type) {
      case "join":
        if (room.replica.membership.isFirstJoin(node)) {
          events.emit({ type: "room-joined", room, member: by });
        }
        return;
      case "leave":
        return events.emit({ type: "room-left", room, member: by, by });
      case "remove": {
        const member = room.personOf(body.identity.toHex());
        return events.emit({ type: "room-left", room, member, by });
      }
      case "invite":
        if (body.identity.toHex() === room.own && room.state === "invited") {
          events.emit({ type: "room-invited", room, by });
        }
    }
  }

  #tellTalk(record: RoomRecord, stored: StoredRoomEntry, isLate: boolean): void {
    const room = this.#room;
    const { events, files } = this.#parts;
    const { body, author } = record;
    if (body?.type === "action") return void this.#tellAction(author, body);
    if (body?.type !== "text" && body?.type !== "file") return;
    const offered = files.came(room, record, stored, room.personOf(author));
    const message = this.#history.messageOf(record, stored, [], isLate);
    if (message.direction === "incoming") room.unread++;
    const type = message.direction === "incoming" ? "room-message" : "room-sent";
    events.emit({ type, room, message });
    if (offered?.direction !== "incoming") return;
    events.emit({ type: "file-offered", transfer: offered });
    void this.#withdrawIfDeleted(message.id);
  }

  /** The delete may have come before the offer. */
  async #withdrawIfDeleted(id: string): Promise<void> {
    const message = await this.#room.find(id).catch(() => undefined);
    if (message?.isDeleted) this.#parts.files.withdrawn(id);
  }

  /** An edit or delete by somebody else than the author is none; one of what is not here yet comes with it. */
  async #tellAction(author: string, body: Extract<RoomBody, { type: "action" }>): Promise<void> {
    const room = this.#room;
    const { events, files } = this.#parts;
    const { action, text } = body;
    try {
      const message = await room.find(body.target.toHex());
      const isAuthors = message?.author.identity.toString() === author;
      if (message === undefined || !isAuthors && (action === "edit" || action === "delete")) return;
      const by = room.personOf(author);
      if (message.transfer !== undefined) {
        if (action === "edit") return;
        if (action === "delete") files.withdrawn(message.id);
      }
      events.emit({ type: "room-action", room, action, by, message, text });
    } catch (error) {
      this.storeFault(error);
    }
  }
}
