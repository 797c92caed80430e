import { sanitizeText, shorten } from "../../protocol/mod.ts";
import { formatSize, type Transfer } from "../core/mod.ts";

/** How much of a path is shown, in UTF-16 units. */
const MAX_PATH_LENGTH = 40;
const REASONS: Readonly<Record<NonNullable<Transfer["reason"]>, string>> = {
  cancelled: "cancelled",
  taken: "taken by another program of yours",
  withdrawn: "withdrawn",
  declined: "declined",
  unknown: "not offered any more",
  invalid: "invalid",
  changed: "changed meanwhile",
  unreadable: "can't be read",
  mismatch: "not what was offered",
  "disk-full": "the disk is full; it goes on once there is room",
  unwritable: "can't be written",
  "no-storage": "nothing is stored here",
};

/** How far a transfer is, in a few words: `45 %, 12 MB/s, 3 s left`. */
export function describeTransfer(transfer: Transfer): string {
  const { state, reason, place, speed, bytes, size, direction } = transfer;
  if (transfer.takers.length > 0 && (state === "offered" || state === "waiting")) {
    return describeTakers(transfer);
  }
  const percent = `${size === 0 ? 0 : Math.floor(bytes / size * 100)} %`;
  switch (state) {
    case "preparing":
      return `being read, ${percent}`;
    case "offered":
      return direction === "outgoing" ? "waits to be taken" : "offered";
    case "waiting":
      if (place !== undefined) return `place ${place} in line`;
      return bytes === 0 ? "waits for the other side" : `waits for the other side, ${percent}`;
    case "active":
      if (transfer.takers.length > 0) return `${describeTakers(transfer)}, ${percent}`;
      if (speed === 0) return percent;
      return `${percent}, ${formatSize(speed)}/s, ${formatDuration((size - bytes) / speed)} left`;
    case "paused":
      return `paused at ${percent}${reason === undefined ? "" : `: ${REASONS[reason]}`}`;
    case "done":
      return "done";
    case "failed":
      return reason === undefined ? "failed" : REASONS[reason];
  }
}

/** How many members of a room have what the user offers there. */
function describeTakers({ takers }: Transfer): string {
  const count = takers.filter(({ state }) => state === "done").length;
  return count === 0 ? "offered" : `${count} of ${takers.length} have it`;
}

/** The transfers that are under way, for one line; empty if there are none. */
export function describeActive(transfers: Iterable<Transfer>): string {
  const active = [...transfers].filter(({ state }) => state === "active" || state === "preparing");
  const [first] = active;
  if (first === undefined) return "";
  const arrow = first.direction === "incoming" ? "↓" : "↑";
  const more = active.length === 1 ? "" : `, and ${active.length - 1} more`;
  const path = shorten(sanitizeText(first.path), MAX_PATH_LENGTH);
  return `${arrow} ${path} ${describeTransfer(first)}${more}`;
}

/** Seconds as `3 s`, `2 min` or `5 h`. */
function formatDuration(seconds: number): string {
  if (!(seconds < 360_000)) return "long";
  if (seconds < 100) return `${Math.ceil(seconds)} s`;
  if (seconds < 6_000) return `${Math.ceil(seconds / 60)} min`;
  return `${Math.ceil(seconds / 3_600)} h`;
}
