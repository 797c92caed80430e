import { displayName } from "../../protocol/mod.ts";
import type { RoomFailure } from "./error_details.ts";

/** The neutral sentence for something that can't be done in a room. */
export function describeRoomFailure(failure: RoomFailure): string {
  switch (failure.reason) {
    case "not-member":
      return "you are not a member of this room";
    case "owner-only":
      return "only the room's owner may do that";
    case "admin-only":
      return "only the room's owner and admins may do that";
    case "lobby-only-talks":
      return "the lobby has only messages and answers";
    case "not-allowed":
      return "you may not do that in this room";
    case "not-invited":
      return "you are not invited to this room";
    case "already-member":
      return "that user is a member or invited already";
    case "no-member":
      return "that user is neither a member nor invited";
    case "no-message":
      return "there is no such message, or it is not your own";
    case "no-lobby":
      return "this server has no lobby";
    case "no-identity":
      return "rooms need a key, and this client has none";
    case "other-key":
      return `you are no longer a member of ${
        describeRooms(failure.labels)
      }: your key is another one ` +
        "now; members can invite you again";
    case "invalid-name":
      return `this name can't be used: ${failure.why}`;
    case "too-many-invitations":
      return `${failure.limit} invitations wait for your answer; others were refused`;
    case "no-rooms-there":
      return `${displayName(failure.name)}'s version of MIM has no rooms`;
    case "too-long":
      return `the text is too long: it takes ${failure.length} bytes, and at most ${failure.limit} fit`;
    case "topic-too-long":
      return `the topic is too long: it has ${failure.length} characters, and at most ${failure.limit} fit`;
  }
}

function describeRooms(labels: readonly string[]): string {
  return labels.length === 1 ? labels.join() : `${labels.length} rooms (${labels.join(", ")})`;
}
