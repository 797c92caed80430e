import { displayName, displayRoom } from "../../protocol/mod.ts";
import type { MessengerEvent, RoomPerson } from "../core/mod.ts";

/** The events of rooms. */
export type RoomEvent = Extract<MessengerEvent, { readonly type: `room-${string}` }>;

export function isRoomEvent(event: MessengerEvent): event is RoomEvent {
  return event.type.startsWith("room-");
}

/** A sentence about an event in a room, not yet safe to print; empty if the event is not shown. */
export function describeRoomEvent(event: RoomEvent): string {
  const label = displayRoom(event.room.label);
  switch (event.type) {
    case "room-invited":
      return `${nameOf(event.by)} invites you to ${label}`;
    case "room-joined":
      return event.member.isOwn ? `You are in ${label}` : `${nameOf(event.member)} joined ${label}`;
    case "room-left": {
      const { member, by } = event;
      const isRemoval = !member.identity.equals(by.identity);
      const who = member.isOwn ? "You" : nameOf(member);
      if (isRemoval) return `${nameOf(by)} removed ${member.isOwn ? "you" : who} from ${label}`;
      return `${who} left ${label}`;
    }
    case "room-message":
    case "room-sent": {
      const { author, text } = event.message;
      return `${label} ${author.isOwn ? "you" : nameOf(author)}: ${text}`;
    }
    case "room-action": {
      const { action, by, text, message } = event;
      const who = by.isOwn ? "You" : nameOf(by);
      if (action === "edit") return `${label} ${who} edited: ${text}`;
      if (action === "delete") return `${label} ${who} deleted a message`;
      const whose = message.author.isOwn
        ? "your message"
        : `a message of ${nameOf(message.author)}`;
      const verb = action === "react" ? "reacted with" : "took back";
      return `${label} ${who} ${verb} ${text} to ${whose}`;
    }
    case "room-changed": {
      const { by, what, whom, topic = "" } = event.notice ?? {};
      if (by === undefined || by.isOwn) return "";
      const who = nameOf(by);
      const about = topic === "" ? "" : `, which is about: ${topic}`;
      if (what === "changed") return `${who} changed ${label}${about}`;
      const isOwn = whom?.isOwn === true;
      const made = isOwn ? "you" : whom === undefined ? "someone" : nameOf(whom);
      return what === "promoted"
        ? `${who} made ${made} an admin of ${label}`
        : `${who} made ${made} a plain member of ${label}`;
    }
    case "room-delivered":
      return "";
  }
}

function nameOf({ name }: RoomPerson): string {
  return displayName(name);
}
