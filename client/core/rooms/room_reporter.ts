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
  readonly #parts: Pick<RoomParts, "events" | "files" | "invitations">;
  readonly #history: RoomHistory;
  /** The effective time of the latest entry so far: what comes before it is late. */
  #latest = 0;
  /** Whether the user has heard of the invitation that waits: then its end is reported, too. */
  #isInvitationShown: boolean;

  constructor(
    room: ReportedRoom,
    parts: Pick<RoomParts, "events" | "files" | "invitations">,
    history: RoomHistory,
  ) {
    this.#room = room;
    this.#parts = parts;
    this.#history = history;
    this.#isInvitationShown = room.state === "invited";
  }

  /** Notes an entry: others that belong before it and come later are late. */
  saw({ effective }: StoredRoomEntry): void {
    this.#latest = Math.max(this.#latest, effective);
  }

  /** @param before the user's state before this entry */
  membershipCame(
    node: MembershipNode,
    stored: StoredRoomEntry,
    { before, mayHaveVoided }: { readonly before: Room["state"]; readonly mayHaveVoided: boolean },
  ): void {
    this.saw(stored);
    const room = this.#room;
    if (room.isForgotten) return;
    const { events } = this.#parts;
    const { body, author } = node.record;
    const counts = room.replica.membership.counts(node);
    const wasJoined = before === "joined" && room.state === "joined";
    const isShown = wasJoined && counts && !this.#history.isIgnored(author);
    if (before !== room.state) this.#tellOwnState(node, before);
    else if (isShown) this.#tellMembership(node);
    const isChange = body.type === "set" || body.type === "role";
    const isPlain = body.type === "join" || body.type === "leave" || body.type === "remove";
    if (!mayHaveVoided && isPlain && isShown) return;
    const notice = isChange && isShown
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

  /** The user was invited, has joined, or is in the room no more. */
  #tellOwnState({ record: { author } }: MembershipNode, before: Room["state"]): void {
    const room = this.#room;
    const { events, invitations } = this.#parts;
    const member = room.personOf(room.own);
    if (room.state === "joined") return events.emit({ type: "room-joined", room, member });
    if (room.state === "invited") {
      const { invitedBy } = room;
      if (invitedBy === undefined) return;
      const inviter = `${invitedBy.identity}`;
      this.#isInvitationShown = invitations.mayTake(inviter);
      if (!this.#isInvitationShown) return;
      invitations.count(inviter);
      return events.emit({ type: "room-invited", room, by: invitedBy });
    }
    const isShown = before === "joined" || author === room.own ||
      this.#isInvitationShown && !this.#history.isIgnored(author);
    if (isShown) events.emit({ type: "room-left", room, member, by: room.personOf(author) });
  }

  /** What others have done in a room that the user is in. */
  #tellMembership(node: MembershipNode): void {
    const room = this.#room;
    const { events } = this.#parts;
    const { author, body } = node.record;
    const by = room.personOf(author);
    if (body.type === "join" && room.replica.membership.isFirstJoin(node)) {
      events.emit({ type: "room-joined", room, member: by });
    } else if (body.type === "leave") {
      events.emit({ type: "room-left", room, member: by, by });
    } else if (body.type === "remove") {
      const member = room.personOf(body.identity.toHex());
      events.emit({ type: "room-left", room, member, by });
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
