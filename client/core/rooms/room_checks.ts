import { checkRoomName, limits } from "../../../protocol/mod.ts";
import { ClientError } from "../errors.ts";

/** @throws {ClientError} `room-failed` */
export function assertRoomName(name: string): void {
  const check = checkRoomName(name);
  if (!check.ok) {
    throw new ClientError("room-failed", { reason: "invalid-name", why: check.reason });
  }
}

/** @throws {ClientError} `room-failed` if a text is too long */
export function fittingText(text: string): string {
  if (text.length <= limits.textBytes) return text;
  const { length } = text;
  throw new ClientError("room-failed", { reason: "too-long", length, limit: limits.textBytes });
}
