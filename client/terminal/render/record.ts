import { formatAddress } from "../../../protocol/mod.ts";
import { aboutCall } from "../../app/callers.ts";
import type { OnlineUser } from "../../core/mod.ts";
import type { ClientEvent } from "../../app/events.ts";
import type { Marks } from "../../app/user_badges.ts";
import { pastLine } from "./history_line.ts";

/** A value of a field: text, a number, or a list of words. */
export type FieldValue = string | number | readonly string[];

/** An event as scripts see it: a word, then fields in the order of the command line's contract. */
export interface EventRecord {
  readonly event: string;
  readonly [field: string]: FieldValue;
}

/** What of an event scripts are told, in which order, under which names. */
export function recordOf(event: ClientEvent): EventRecord {
  switch (event.kind) {
    case "hosting":
    case "window":
      return { event: event.kind, address: event.address };
    case "connected":
      return { event: event.kind, address: formatAddress(event.address, event.port) };
    case "listening":
      return { event: event.kind, port: event.port };
    case "logged-in":
      return { event: event.kind, name: event.name };
    case "online":
    case "offline":
      return { event: event.kind, name: event.user.name, address: addressOf(event.user) };
    case "user":
      return {
        event: event.kind,
        number: event.number,
        name: event.user.name,
        address: addressOf(event.user),
        flags: flagsOf(event.user, event.marks),
      };
    case "users":
      return { event: event.kind, count: event.count };
    case "chat-opened":
      return {
        event: event.kind,
        name: event.chat.name,
        address: addressOf(event.chat),
        by: event.chat.by,
      };
    case "message":
    case "sent":
      return { event: event.kind, name: event.chat.name, text: event.text };
    case "chat-closed":
      return { event: event.kind, name: event.chat.name, by: event.by };
    case "logged-out":
      return { event: event.kind };
    case "disconnected":
      return { event: event.kind, reason: event.reason };
    case "call-waits":
    case "call-gone":
    case "calls-refused":
      return { event: "note", text: aboutCall(event) };
    case "user-changed":
      return {
        event: event.kind,
        name: event.user.name,
        address: addressOf(event.user),
        flags: flagsOf(event.user),
      };
    case "typing":
      return { event: event.kind, name: event.chat.name, typing: event.typing ? "yes" : "no" };
    case "queued":
    case "delivered":
      return { event: event.kind, name: event.message.name, text: event.message.text };
    case "failed": {
      const { name, text } = event.message;
      return { event: "error", text: `not delivered to ${name}, ${event.reason}: ${text}` };
    }
    case "past":
      return { event: "note", text: pastLine(event) };
    case "welcome":
    case "error":
    case "note":
      return { event: event.kind, text: event.text };
  }
}

/** What is to be known of a user, in single words. */
function flagsOf({ own, details }: OnlineUser, { security, notOwner, like }: Marks = {}): string[] {
  const flags = own ? ["you"] : [];
  if (security !== undefined) flags.push(security);
  else if (details?.identity.length === 0) flags.push("classic");
  if (details !== undefined && details.availability !== "online") flags.push(details.availability);
  if (details?.reachability === "unreachable") flags.push("unreachable");
  if (notOwner) flags.push("not-owner");
  if (like !== undefined) flags.push("look-alike");
  return flags;
}

function addressOf({ address, port }: { address: string; port: number }): string {
  return formatAddress(address, port);
}
