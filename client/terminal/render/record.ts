import { displayName, formatAddress } from "../../../protocol/mod.ts";
import {
  type ClientEvent,
  describeCall,
  describeFailedAction,
  describeQueued,
  describeRoomEvent,
  offerLink,
  offerTag,
  type UserBadges,
} from "../../app/mod.ts";
import type { ActionEvent, Chat, Message, OnlineUser } from "../../core/mod.ts";
import { historyLine } from "./history_line.ts";

type EventOf<Type extends ClientEvent["type"]> = Extract<ClientEvent, { readonly type: Type }>;

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
    case "person": {
      const { person: { contact, user, alias, note, lastSeen, waiting }, security } = event;
      const known = contact.verified ? ["verified"] : [];
      return {
        event: event.type,
        name: contact.name,
        state: user === undefined ? "offline" : "online",
        flags: [
          ...security === undefined ? known : [security],
          ...user === undefined ? [] : presenceFlags(user),
        ],
        alias,
        lastSeen: user === undefined && lastSeen > 0 ? lastSeen : "",
        waiting,
        now: user === undefined || user.name === contact.name ? "" : user.name,
        note,
        keyTag: contact.identity.tag,
        ...user !== undefined && statusOf(user),
      };
    }
    case "people":
      return { event: event.type, count: event.count };
    case "server-found": {
      const { offer } = event;
      return {
        event: event.type,
        title: offer.title,
        address: addressOf({ ...offer.servers[0], address: offer.servers[0].hostname }),
        keyTag: offerTag(offer),
        flags: offer.isKnown ? ["known"] : [],
      };
    }
    case "connected":
      return { event: event.type, address: formatAddress(event.address, event.port) };
    case "listening":
      return { event: event.type, port: event.port };
    case "logged-in":
      return { event: event.type, name: event.name };
    case "offline":
      return { event: event.type, name: event.user.name, address: addressOf(event.user) };
    case "online":
    case "presence":
      return {
        event: event.type,
        name: event.user.name,
        address: addressOf(event.user),
        flags: flagsOf(event.user, event.badges?.()),
        ...statusOf(event.user),
      };
    case "user":
      return {
        event: event.type,
        number: event.number,
        name: event.user.name,
        address: addressOf(event.user),
        flags: flagsOf(event.user, event.badges),
        ...statusOf(event.user),
      };
    case "users":
      return { event: event.type, count: event.count };
    case "chat-opened":
      return {
        event: event.type,
        name: event.chat.name,
        address: addressOf(event.chat),
        by: event.chat.direction === "outgoing" ? "me" : "them",
        security: securityWord(event.chat),
        keyTag: event.chat.identity?.tag ?? "",
      };
    case "message":
      return {
        event: event.type,
        name: event.chat.name,
        text: event.message.text,
        address: addressOf(event.chat),
        keyTag: event.message.identity?.tag ?? "",
        security: securityWord(event.chat),
        time: event.message.time,
        id: event.message.id,
      };
    case "sent":
      return { event: event.type, name: event.chat.name, text: event.message.text };
    case "edited":
      return { event: event.type, ...aboutOf(event), text: event.text, id: event.target.id };
    case "deleted":
      return { event: event.type, ...aboutOf(event), text: event.before, id: event.target.id };
    case "reacted": {
      const { emoji: text, target: { id }, isOn } = event;
      return { event: event.type, ...aboutOf(event), text, id, on: isOn ? "yes" : "no" };
    }
    case "seen":
      return { event: event.type, name: event.chat.name, id: event.id };
    case "chat-closed":
      return { event: event.type, name: event.chat.name, by: event.by };
    case "file-offered": {
      const { name, number, path, size, files, id, room } = event.transfer;
      const place = room?.label ?? name;
      return { event: event.type, name: place, number, path, size, files, id, by: name };
    }
    case "file-progress": {
      const { number, bytes, size } = event.transfer;
      return { event: event.type, number, bytes, size };
    }
    case "file-state": {
      const { number, state, reason = "" } = event.transfer;
      return { event: event.type, number, state, reason };
    }
    case "file-received":
    case "file-sent": {
      const { number, path, location, name } = event.transfer;
      const by = event.type === "file-sent" ? event.member?.name ?? name : name;
      return { event: event.type, number, path: location ?? path, by };
    }
    case "file-failed": {
      const { number, path, location, name } = event.transfer;
      const { message: reason, details: { reason: code } } = event.error;
      return { event: event.type, number, reason, code, path: location ?? path, by: name };
    }
    case "logged-out":
      return { event: event.type };
    case "disconnected":
      return { event: event.type, reason: event.reason };
    case "incoming-call":
    case "call-ended":
      return {
        event: event.type,
        name: event.caller.name,
        address: addressOf(event.caller),
        keyTag: event.caller.identity?.tag ?? "",
        security: event.caller.security,
        text: describeCall(event),
      };
    case "calls-rejected":
      return { event: "note", text: describeCall(event) };
    case "typing":
      return { event: event.type, name: event.chat.name, typing: event.typing ? "yes" : "no" };
    case "queued":
    case "delivered": {
      const { name, text, action } = event.message;
      if (action === undefined) return { event: event.type, name, text };
      return { event: "note", text: describeQueued(event.message) };
    }
    case "room": {
      const { label, members, unread, state } = event.room;
      const joined = members.filter(({ role }) => role !== "guest").length;
      return { event: "room", number: event.number, room: label, members: joined, unread, state };
    }
    case "room-invited":
      return { event: event.type, room: event.room.label, name: event.by.name };
    case "room-joined":
      return { event: event.type, room: event.room.label, name: event.member.name };
    case "room-left":
      return {
        ...{ event: event.type, room: event.room.label, name: event.member.name },
        by: event.by.name,
      };
    case "room-message":
    case "room-sent": {
      const { name, text, time, id } = event.message;
      return { event: event.type, room: event.room.label, name, text, time, id };
    }
    case "room-action":
      return roomActionRecord(event);
    case "room-changed":
      return { event: "note", text: describeRoomEvent(event) };
    case "room-delivered":
    case "unlisted":
      return { event: "note", text: "" }; // not shown
    case "failed":
      return { event: "error", text: errorText(event) ?? "" };
    case "past":
      return { event: "note", text: historyLine(event) };
    case "welcome":
    case "error":
    case "note":
      return { event: event.type, text: event.text };
  }
}

/** The security of a chat, as a word for scripts. */
function securityWord({ security, isNotOwner }: Chat): string {
  return isNotOwner === true ? "not-owner" : security;
}

/** The chat with the message of an action, and the person who did it. */
function aboutOf({ chat: { name }, who }: ActionEvent): { name: string; who: string } {
  return { name, who };
}

function roomActionRecord(
  { action, room, by, text, message: { id }, before = "" }: EventOf<"room-action">,
): EventRecord {
  const about = { room: room.label, who: by.name };
  switch (action) {
    case "edit":
      return { event: "edited", ...about, text, id };
    case "delete":
      return { event: "deleted", ...about, text: before, id };
    case "react":
    case "unreact":
      return { event: "reacted", ...about, text, id, on: action === "react" ? "yes" : "no" };
  }
}

/** The error that an event reports; undefined if it reports none. Not yet safe to print. */
export function errorText(event: ClientEvent): string | undefined {
  if (event.type === "error") return event.text;
  if (event.type !== "failed") return undefined;
  const { name, text, action } = event.message;
  if (action !== undefined) return describeFailedAction(event.message, event.reason);
  return `Not delivered to ${displayName(name)}, ${event.reason}: ${text}`;
}

/**
 * An event as JSON has it: with what plain events leave out, since they are read by position.
 *
 * @param now when it happened, in milliseconds since 1970
 */
export function jsonRecordOf(event: ClientEvent, now: number): EventRecord {
  const record = recordOf(event);
  switch (event.type) {
    case "chat-opened":
      return { ...record, key: `${event.chat.identity ?? ""}`, time: now };
    case "server-found":
      return { ...record, server: offerLink(event.offer) };
    case "message":
      return { ...record, key: `${event.message.identity ?? ""}` };
    case "incoming-call": {
      const { identity, waiting } = event.caller;
      return { ...record, key: `${identity ?? ""}`, waiting, time: now };
    }
    case "call-ended":
      return {
        ...record,
        key: `${event.caller.identity ?? ""}`,
        reason: event.reason,
        time: now,
      };
    case "online":
    case "offline":
    case "presence":
    case "chat-closed":
    case "typing":
    case "seen":
      return { ...record, time: now };
    case "edited":
      return { ...record, before: event.before, time: now };
    case "deleted":
    case "reacted":
      return { ...record, time: now };
    case "queued":
      if (event.message.action !== undefined) return record;
      return { ...record, ...handleOf(event.message) };
    case "sent":
    case "delivered":
      return { ...record, ...handleOf(event.message) };
    case "room":
      return { ...record, id: event.room.id };
    case "room-invited":
      return { ...record, id: event.room.id, key: `${event.by.identity}`, time: now };
    case "room-joined":
    case "room-left":
      return { ...record, id: event.room.id, key: `${event.member.identity}`, time: now };
    case "room-message":
    case "room-sent": {
      const { author, replyTo = "" } = event.message;
      return { ...record, key: `${author.identity}`, replyTo };
    }
    case "room-action":
      return { ...record, key: `${event.by.identity}`, time: now };
    case "failed": {
      const { name, id } = event.message;
      return { ...record, name, id };
    }
    default:
      return record;
  }
}

function handleOf({ time, id, identity }: Message): Record<string, FieldValue> {
  return { time, id, keyTag: identity?.tag ?? "", key: `${identity ?? ""}` };
}

/** The status text of a user as a field; no field if there is none. */
function statusOf({ details }: OnlineUser): { readonly status?: string } {
  return details === undefined || details.status === "" ? {} : { status: details.status };
}

/** Whether a user is away or busy, and can't be reached from the server, in single words. */
function presenceFlags({ details }: OnlineUser): string[] {
  if (details === undefined) return [];
  const { availability, reachability } = details;
  return [
    ...availability === "online" ? [] : [availability],
    ...reachability === "unreachable" ? [reachability] : [],
  ];
}

/** The facts about a user, in single words. */
function flagsOf(
  user: OnlineUser,
  { security, notOwner, like, knownAs }: UserBadges = {},
): string[] {
  const { own, details } = user;
  const flags = own ? ["you"] : [];
  if (security !== undefined) flags.push(security);
  else if (details?.identity.length === 0) flags.push("classic");
  flags.push(...presenceFlags(user));
  if (notOwner) flags.push("not-owner");
  if (knownAs !== undefined) flags.push("renamed");
  if (like !== undefined) flags.push("look-alike");
  return flags;
}

function addressOf({ address, port }: { address: string; port: number }): string {
  return formatAddress(address, port);
}
