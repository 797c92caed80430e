import { displayName, displayRoom, formatAddress, sanitizeText } from "../../../protocol/mod.ts";
import { describeDoubt, describeError, describeRoomEvent, type RoomEvent } from "../../app/mod.ts";
import { type CallDoubt, ClientError } from "../../core/mod.ts";
import type { Wording } from "../messages.ts";

/** A request can't be carried out, for a reason that pages have words for. */
export class RequestError extends RangeError {
  readonly wording: Wording;

  constructor(
    text: string,
    code: string,
    values: Readonly<Record<string, string | number>> = {},
  ) {
    super(text);
    this.wording = worded(text, code, values);
  }
}

/** An error in English, and as a code with values for pages in other languages. */
export function wordingOf(error: unknown): Wording {
  if (error instanceof RequestError) return error.wording;
  if (!(error instanceof Error)) return unexpected(sanitizeText(String(error)));
  const text = sanitizeText(describeError(error, "window"));
  if (!(error instanceof ClientError)) return unexpected(text);
  const { code, details, cause } = error;
  // The attempts to reach the server again have ended for that.
  if (code === "reconnect-failed" && cause instanceof ClientError) {
    return { ...wordingOf(cause), text };
  }
  const all: Readonly<Record<string, unknown>> = details;
  const kind = kindOf(code, all);
  return {
    text,
    code: kind === undefined ? code : `${code}.${kind}`,
    values: valuesOf({ ...all, ...isObject(all.reason) && { ...all.reason, reason: "" } }),
  };
}

/** Words with a code for other languages; values are sanitized. */
export function worded(
  text: string,
  code: string,
  values: Readonly<Record<string, string | number>> = {},
): Wording {
  return { text: sanitizeText(text), code, values: valuesOf(values) };
}

/** Why somebody may not be who the name says; `subject` names them in the English sentence. */
export function wordingOfDoubt(doubt: CallDoubt, name: string, subject = name): Wording {
  const kind = doubt.reason === "unconfirmed" && doubt.isUnlisted === true
    ? "unlisted"
    : doubt.reason;
  const contact = "contact" in doubt ? doubt.contact : "";
  return worded(describeDoubt(doubt, subject), `doubt.${kind}`, { name, contact });
}

/** A room's event in words; undefined if nothing is to be said. */
export function wordingOfRoom(event: RoomEvent): Wording | undefined {
  const text = describeRoomEvent(event);
  if (text === "") return undefined;
  const room = event.room.label;
  switch (event.type) {
    case "room-invited":
      return worded(text, event.type, { room, by: event.by.name });
    case "room-joined": {
      const { name, isOwn } = event.member;
      return worded(text, isOwn ? "room-joined.me" : event.type, { room, name });
    }
    case "room-left": {
      const { member, by } = event;
      const isRemoval = !member.identity.equals(by.identity);
      const what = isRemoval ? "room-removed" : event.type;
      const values = { room, name: member.name, by: by.name };
      return worded(text, member.isOwn ? `${what}.me` : what, values);
    }
    case "room-changed": {
      const { by, what, whom, topic = "" } = event.notice ?? {};
      const isOwn = what !== "changed" && whom?.isOwn === true;
      const values = { room, by: by?.name ?? "", name: whom?.name ?? "", topic };
      return worded(text, `room-${what ?? "changed"}${isOwn ? ".me" : ""}`, values);
    }
    default:
      return undefined;
  }
}

function unexpected(text: string): Wording {
  return { text, code: "unexpected", values: { text } };
}

/** The kind of an error among others with its code, as words with hyphens; undefined for none. */
function kindOf(
  code: string,
  { end, reason, what, isLinkKey, newKey, code: number }: Readonly<Record<string, unknown>>,
): string | undefined {
  if (isObject(end)) {
    const { type, code: refusal } = end;
    return type === "rejected" ? `rejected-${refusal}` : String(type);
  }
  if (code === "server-key-mismatch") {
    return isLinkKey === true ? "link" : newKey === undefined ? "none" : "changed";
  }
  const kind = String(what ?? (isObject(reason) ? reason.reason : reason) ?? number);
  return /^[a-z0-9]+(-[a-z]+)*$/.test(kind) && kind !== "undefined" ? kind : undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

/** Values that are names of people. */
const NAMES: readonly string[] = ["name", "by", "contact", "other", "ownName"];

/** The texts and numbers among details, and where the server is; names as they stand in sentences. */
function valuesOf(details: object): Record<string, string> {
  const values: Record<string, string> = {};
  for (const [key, value] of Object.entries(details)) {
    if (typeof value === "string" || typeof value === "number") {
      const text = String(value);
      values[key] = text === ""
        ? ""
        : NAMES.includes(key)
        ? displayName(text)
        : key === "room"
        ? displayRoom(text)
        : sanitizeText(text);
    } else if (Array.isArray(value)) values[key] = sanitizeText(value.join(", "));
    else if (isPlace(value)) values[key] = formatAddress(value.hostname, value.port);
  }
  return values;
}

function isPlace(value: unknown): value is { readonly hostname: string; readonly port: number } {
  return typeof value === "object" && value !== null && "hostname" in value &&
    typeof value.hostname === "string" && "port" in value && typeof value.port === "number";
}
