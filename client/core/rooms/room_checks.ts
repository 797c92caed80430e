import { checkRoomName, limits, type RoomBody } from "../../../protocol/mod.ts";
import { ClientError } from "../errors.ts";
import { PublicKey } from "../public_key.ts";
import type { Room, RoomMember } from "../room.ts";
import type { RoomRecord } from "./room_record.ts";

/** @throws {ClientError} `room-failed` */
export function assertRoomName(name: string): void {
  const check = checkRoomName(name);
  if (!check.ok) {
    throw new ClientError("room-failed", { reason: "invalid-name", why: check.reason });
  }
}

/** @throws {ClientError} `room-failed` if a text takes too many bytes */
export function fittingText(text: string): string {
  const { length } = new TextEncoder().encode(text);
  if (length <= limits.textBytes) return text;
  throw new ClientError("room-failed", { reason: "too-long", length, limit: limits.textBytes });
}

/**
 * All entries of an owner count: that the owner has left is checked here alone.
 *
 * @throws {ClientError} `room-failed`
 */
export function assertMayWrite({ type }: RoomBody, state: Room["state"]): void {
  if (state !== "left" || type === "join") return;
  throw new ClientError("room-failed", { reason: "not-member" });
}

/** Why an entry of the user's own counts for nothing, as far as the roles tell. */
export function notAllowedError(
  { author, body }: Pick<RoomRecord, "author" | "body">,
  roleOf: (user: string) => RoomMember["role"] | undefined,
): ClientError {
  const role = roleOf(author);
  const isOut = role === undefined || role === "guest";
  const isOfOwner = body?.type === "set" || body?.type === "role" ||
    body?.type === "remove" && roleOf(new PublicKey(body.identity).toString()) === "admin";
  const isOfAdmins = body?.type === "remove" || body?.type === "invite";
  const reason = isOut
    ? "not-member"
    : isOfOwner && role !== "owner"
    ? "owner-only"
    : isOfAdmins && role === "member"
    ? "admin-only"
    : "not-allowed";
  return new ClientError("room-failed", { reason });
}
