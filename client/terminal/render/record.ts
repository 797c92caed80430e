import { formatAddress } from "../../../protocol/mod.ts";
import { type ClientEvent, describeCall, type UserBadges } from "../../app/mod.ts";
import type { OnlineUser } from "../../core/mod.ts";
import { historyLine } from "./history_line.ts";

/** A value of a field: text, a number, or a list of words. */
export type FieldValue = string | number | readonly string[];

/** An event as scripts see it: a word, then its fields in the order of the documentation. */
export interface EventRecord {
  readonly event: string;
  readonly [field: string]: FieldValue;
}

export function recordOf(event: ClientEvent): EventRecord {
  switch (event.type) {
    case "hosting":
    case "window":
      return { event: event.type, address: event.address };
    case "connected":
      return { event: event.type, address: formatAddress(event.address, event.port) };
    case "listening":
      return { event: event.type, port: event.port };
    case "logged-in":
      return { event: event.type, name: event.name };
    case "online":
    case "offline":
      return { event: event.type, name: event.user.name, address: addressOf(event.user) };
    case "user":
      return {
        event: event.type,
        number: event.number,
        name: event.user.name,
        address: addressOf(event.user),
        flags: flagsOf(event.user, event.badges),
      };
    case "users":
      return { event: event.type, count: event.count };
    case "chat-opened":
      return {
        event: event.type,
        name: event.chat.name,
        address: addressOf(event.chat),
        by: event.chat.direction === "outgoing" ? "me" : "them",
      };
    case "message":
    case "sent":
      return { event: event.type, name: event.chat.name, text: event.message.text };
    case "chat-closed":
      return { event: event.type, name: event.chat.name, by: event.by };
    case "logged-out":
      return { event: event.type };
    case "disconnected":
      return { event: event.type, reason: event.reason };
    case "incoming-call":
    case "call-ended":
    case "calls-rejected":
      return { event: "note", text: describeCall(event) };
    case "presence":
      return {
        event: event.type,
        name: event.user.name,
        address: addressOf(event.user),
        flags: flagsOf(event.user),
      };
    case "typing":
      return { event: event.type, name: event.chat.name, typing: event.typing ? "yes" : "no" };
    case "queued":
    case "delivered":
      return { event: event.type, name: event.message.name, text: event.message.text };
    case "failed": {
      const { name, text } = event.message;
      return { event: "error", text: `Not delivered to ${name}, ${event.reason}: ${text}` };
    }
    case "past":
      return { event: "note", text: historyLine(event) };
    case "welcome":
    case "error":
    case "note":
      return { event: event.type, text: event.text };
  }
}

/** The facts about a user, in single words. */
function flagsOf(
  { own, details }: OnlineUser,
  { security, notOwner, like }: UserBadges = {},
): string[] {
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
