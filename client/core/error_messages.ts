/** The neutral sentence for each error. Names no command, option or button: faces say what to do. */

import {
  byeReasons,
  displayName,
  displayRoom,
  formatAddress,
  type HostPort,
  refusalCodes,
  sanitizeText,
} from "../../protocol/mod.ts";
import type {
  ClaimMismatch,
  ClientErrorCode,
  DisconnectCause,
  ErrorDetails,
  InvalidState,
  KeyMismatch,
  LoginFailure,
  NotOnline,
  SendFailure,
  StoredThing,
} from "./error_details.ts";
import { describeRoomFailure } from "./describe_room_failure.ts";

const MESSAGES: { readonly [Code in ClientErrorCode]: (details: ErrorDetails[Code]) => string } = {
  "server-unreachable": ({ server, reason }) =>
    `cannot reach the server at ${at(server)}: ${reason}`,
  "server-refused": describeLoginFailure,
  "protocol-error": describeLoginFailure,
  "cannot-listen": ({ hostname, port, reason }) =>
    `cannot listen for peers on ${describeListenAddress(hostname, port)}: ${reason}`,
  "invalid-name": ({ reason }) => `this name can't be used: ${reason}`,
  "invalid-state": describeInvalidState,
  "not-online": describeNotOnline,
  "peer-unreachable": ({ name, address, port, reason }) =>
    `cannot reach ${displayName(name)} at ${formatAddress(address, port)}: ${reason}`,
  "chat-closed": ({ name, reason }) =>
    reason === "lost"
      ? `the connection to ${displayName(name)} was lost`
      : `the chat with ${displayName(name)} is closed; nothing was sent`,
  "ignored": ({ name, address }) => `${displayName(name)} at ${address} is ignored`,
  "server-key-mismatch": describeServerKeyMismatch,
  "classic-server": ({ server }) =>
    `the server at ${
      at(server)
    } does not speak MIM/2: nothing would be encrypted, and nobody would ` +
    "prove who they are. Nothing was sent to it",
  "peer-key-mismatch": describeKeyMismatch,
  "peer-unconfirmed": ({ name, isNotOwner }) =>
    isNotOwner
      ? `this is not the owner of the name ${
        displayName(name)
      }: it belongs to a key, and this user has none`
      : `nothing confirms that this is ${
        displayName(name)
      }: you have not met this key, and the server certifies no such name`,
  "send-failed": describeSendFailure,
  "transfer-failed": describeTransferFailure,
  "storage-failed": describeStorageFailure,
  "room-failed": describeRoomFailure,
  "call-failed": describeCallFailure,
  "call-rejected": describeCallRejection,
  "chat-failed": ({ name, reason }) => `the chat with ${displayName(name)} cannot go on: ${reason}`,
  "reconnect-failed": ({ reason }) => `not logged in again: ${reason}`,
  "delisted": ({ server }) =>
    `the server at ${at(server)} has taken you off its list: nobody sees you any more`,
  "listener-failed": ({ event, reason, others }) =>
    `an event (${event}) could not be handled: ${reason}${describeOthers(others)}`,
  "order-refused": describeOrderRefusal,
  "server-complaint": ({ code, text }) => `the server complains: ${describeRejection(code, text)}`,
};

/** The error as a neutral sentence. Texts of others in it, but for names, are as they came: not safe to print. */
export function errorMessage<Code extends ClientErrorCode>(
  code: Code,
  details: ErrorDetails[Code],
): string {
  return MESSAGES[code](details);
}

/** Why a session with the server ended, in a few words. */
export function describeDisconnect(end: DisconnectCause): string {
  if (end.type === "rejected") return describeRejection(end.code, end.text);
  const { reason, seconds, address } = { reason: "", seconds: 0, address: "", ...end };
  return {
    "closed": "the server closed the connection",
    "lost": `the connection to the server was lost (${reason})`,
    "not-mim": `the server sent what is not MIM (${reason})`,
    "not-authentic": `what came is not what the server sent (${reason}): someone on the way may ` +
      "have changed it",
    "unproven": "it did not prove its key before the connection ended",
    "silent": `the server was silent for ${seconds} s`,
    "no-welcome": `its welcome did not end within ${seconds} s`,
    "no-answer": `it did not answer the login within ${seconds} s`,
    "late-announcement": "it took too long to say that it speaks MIM/2",
    "slept": "the machine has slept, and the connection may be lost",
    "address-lost": `this machine does not have the address ${address} any more`,
    "address-new": "this machine has a new address, which others are to learn",
  }[end.type];
}

const REJECTIONS: Readonly<Record<number, string>> = {
  [refusalCodes.malformed]: "it could not read what was sent",
  [refusalCodes["name not allowed"]]: "it does not allow this name",
  [refusalCodes["name taken"]]: "this name belongs to another key",
  [refusalCodes["too many connections"]]: "too many connections come from your address",
  [refusalCodes["too fast"]]: "that was too fast",
  [refusalCodes["server full"]]: "the server is full",
  [refusalCodes["shutting down"]]: "the server is shutting down",
  [refusalCodes["bad signature"]]: "your key could not be proven",
  [refusalCodes["too slow"]]: "the connection is too slow, or was silent",
  [refusalCodes["try later"]]: "it can't settle right now whose this name is",
  [refusalCodes.banned]: "you are banned there",
  [refusalCodes["not allowed in"]]: "only people on its list may log in",
  [refusalCodes.kicked]: "its operator ended your session",
};

/** The server's own text comes first. */
function describeRejection(code: number, text: string): string {
  const given = sanitizeText(text).trim();
  if (code === refusalCodes.moved) return `another server goes on in its place, ${given}`;
  if (given !== "") return given;
  return REJECTIONS[code] ?? `it gives the reason ${code}, which this version does not know`;
}

function describeOrderRefusal({ action, reason, text }: ErrorDetails["order-refused"]): string {
  switch (reason) {
    case "not-admin":
      return "only admins of this server can do that, and your key is not one of theirs";
    case "unchanged":
      return {
        kick: "nobody online is meant",
        ban: "that is banned already",
        unban: "that is not banned",
      }[action];
    case "is-admin":
      return "that would keep out an admin of this server, which only its operator can do";
    case "failed":
      return `the server could not do that: ${sanitizeText(text)}`;
    case "not-logged-in":
      return "that needs a login at a server that speaks MIM/2";
    case "no-answer":
      return "the server did not answer, so it may have done that or not";
  }
}

function describeLoginFailure({ server, name, end }: LoginFailure): string {
  return `the server at ${at(server)} did not log ${name} in: ${describeDisconnect(end)}`;
}

function describeInvalidState(state: InvalidState): string {
  const { name, contact, limit, retrying } = {
    ...{ name: "", contact: "", limit: 0, retrying: false },
    ...state,
  };
  const again = retrying ? "; it is being tried again" : "";
  return {
    "already-logged-in": `already logged in as ${name}; log out first`,
    "already-logging-in": `about to log in as ${name}; log out first`,
    "logged-out": "logged out while connecting",
    "not-logged-in": "not logged in",
    "not-logged-in-yet": `the server answers, but you are not logged in${again}`,
    "no-identity": "this client has no key, and speaks classic MIM only",
    "link-without-identity":
      "this client has no key, and speaks classic MIM only, so no server can " +
      "prove the key of a link to it",
    "no-server-keys": "this server knows no keys; nothing can be stored for it",
    "no-server-change": "no server has changed: there is nothing to accept",
    "no-classic-server": "no server waits to speak classic MIM: there is nothing to allow",
    "too-many-chats": `${limit} chats are open; close one first`,
    "too-many-ignored": `${limit} users are ignored already; stop ignoring someone first`,
    "not-compared": `compare the safety number of ${displayName(name)} first`,
    "compared-key-gone": `${displayName(name)} no longer has the key whose safety number was shown`,
    "other-letters": describeOtherLetters(name, contact),
  }[state.reason];
}

function describeNotOnline({ name, reason }: NotOnline): string {
  return {
    "self": `${displayName(name)} is you`,
    "offline": `${displayName(name)} is not online`,
    "no-key": `no key of ${displayName(name)} is known: only MIM/2 clients have one`,
    "no-other-key": `${displayName(name)} has no other key than the one that is trusted already`,
    "ambiguous": `${displayName(name)} may mean several users`,
    "several-keys": `more than one key is in use as ${displayName(name)}; ask which is right`,
    "call-ended": `${displayName(name)} does not wait for an answer any more`,
  }[reason];
}

function describeServerKeyMismatch(
  { server, oldKey, newKey, isLinkKey }: ErrorDetails["server-key-mismatch"],
): string {
  if (isLinkKey && oldKey !== undefined) {
    const has = newKey === undefined ? "proves none" : `has ${inLink(newKey)}`;
    return `the server at ${
      at(server)
    } is not the one that the link names: the link holds the key ` +
      `${inLink(oldKey)}, and the server ${has}. Nothing was sent to it`;
  }
  const was = oldKey === undefined ? "" : `was ${oldKey.toHex()}, `;
  const what = newKey === undefined
    ? `the server at ${at(server)} no longer proves its identity: it does not speak MIM/2 any ` +
      "more, and can give you wrong keys of others"
    : `the identity of the server at ${at(server)} has changed (${was}now ${newKey.toHex()})`;
  const innocent = newKey === undefined
    ? "It may have lost its data folder, as with a full disk or wrong permissions"
    : "It may have been reinstalled";
  return `${what}. ${innocent}, or someone may be impersonating it. Nothing was sent to it`;
}

/** A key as it stands in a link. */
function inLink(key: Uint8Array): string {
  return key.toBase64({ alphabet: "base64url", omitPadding: true });
}

function describeKeyMismatch(details: KeyMismatch): string {
  if ("other" in details) return `the call was not taken: ${describeClaim(details)}`;
  const { name } = details;
  const key = "hasKey" in details && details.hasKey ? "another" : "no";
  const contact = "contact" in details ? details.contact : "";
  return {
    "key-changed": `${displayName(name)} has another key than before, so it may be someone else`,
    "key-missing": `${
      displayName(name)
    } had a key before and has none now, so nothing would be encrypted or proven`,
    "other-key-answered": `${
      displayName(name)
    } did not answer: someone with another key did, and learned nothing`,
    "namesake":
      `this ${displayName(name)} has ${key} key, and is not called: ${
        displayName(name)
      } with the key that you ` +
      "know is online, too",
    "other-letters": describeOtherLetters(name, contact),
  }[details.reason];
}

function describeOtherLetters(name: string, contact: string): string {
  return `${displayName(name)} is not the ${
    displayName(contact)
  } that you know: the name only looks the same, in other letters, ` +
    `and nothing confirms that this is ${displayName(contact)}`;
}

function describeClaim({ reason, name, other }: ClaimMismatch): string {
  const claim = `it says that it is ${displayName(name)}`;
  return {
    "pinned-to-other-key": `${claim}, with another key than ${displayName(other)} had before`,
    "pinned-under-other-name": `${claim}, but its key is pinned as ${displayName(other)}`,
    "listed-with-other-key": `${claim}, but the server knows ${displayName(other)} by another key`,
    "listed-under-other-name": `${claim}, but the server knows its key as ${displayName(other)}`,
  }[reason];
}

function describeSendFailure(failure: SendFailure): string {
  const peer = "name" in failure ? displayName(failure.name) : "";
  switch (failure.reason) {
    case "invalid-text":
      return `nothing was sent: ${failure.text}`;
    case "too-long":
      return `the text is too long: it takes ${failure.length} bytes, and at most ${failure.limit} fit`;
    case "status-too-long":
      return `the status is too long: it takes ${failure.length} bytes, and at most ${failure.limit} fit; ` +
        "a letter with an accent takes 2 or more, an emoji 4 or more";
    case "outbox-full":
      return `nothing was sent: ${failure.limit} messages wait already`;
    case "peer-not-reading":
      return `nothing was sent: ${peer} reads too slowly, ${failure.waitingBytes} bytes still wait`;
    case "file-offer":
      return "a message that offers files has no text to edit";
    case "no-actions":
      return `nothing was sent: ${peer} speaks classic MIM, in which messages stay as they are`;
    case "not-delivered":
      return `the message to ${peer} was not delivered: ${failure.why}`;
    case "not-acknowledged": {
      const other = failure.isRoom === true ? displayRoom(failure.name) : peer;
      return failure.count === 1
        ? `${other} has not said that the message arrived; given up`
        : `${other} has not said that ${failure.count} messages arrived; given up`;
    }
    case "no-files":
      return `${peer}'s program takes no files`;
  }
}

function describeTransferFailure(
  { name, reason, detail }: ErrorDetails["transfer-failed"],
): string {
  const peer = name ?? "the other side";
  const words = {
    "cancelled": "the transfer was cancelled",
    "taken": "another program of yours with the same data folder takes it, or has it",
    "withdrawn": `${displayName(peer)} has withdrawn the offer`,
    "declined": `${displayName(peer)} does not want it`,
    "unknown": `${displayName(peer)} knows nothing of this offer any more`,
    "invalid": `${displayName(peer)} has made an offer that breaks the rules`,
    "changed": "a file is not any more what was offered",
    "unreadable": "a file can't be read",
    "mismatch": "what came is not what was offered",
    "disk-full": "the disk is full",
    "unwritable": "the files can't be written",
    "no-storage": "this program stores no files",
  }[reason];
  return detail === undefined ? words : `${words}: ${detail}`;
}

function describeStorageFailure(details: ErrorDetails["storage-failed"]): string {
  const where = details.path === undefined ? "" : ` in ${details.path}`;
  const verb = details.what === "contents" ? "read" : "stored";
  return `${describeStored(details)} can't be ${verb}${where}: ${details.reason}`;
}

function describeStored(thing: StoredThing): string {
  const { name } = { name: "", ...thing };
  return {
    "server-key": "the server's key",
    "contents": "what is known from before",
    "changes": "the last changes",
    "key": `the key of ${displayName(name)}`,
    "outbox": "nothing was sent: the message",
    "delivery": "a delivered message will be sent again at the next start: its delivery",
    "incoming-message": `what ${displayName(name)} says will come again: it`,
  }[thing.what];
}

function describeCallFailure(
  { name, address, reason, others }: ErrorDetails["call-failed"],
): string {
  const more = describeOthers(others);
  const caller = name === undefined ? address : `${displayName(name)} (${address})`;
  const why = typeof reason === "string"
    ? reason
    : reason.reason === "too-many-chats"
    ? `${reason.limit} chats are open`
    : describeClaim(reason);
  return `a call from ${caller} failed: ${why}${more}`;
}

function describeOthers(count: number): string {
  return count === 0 ? "" : ` (and ${count} more since the last time)`;
}

function describeCallRejection({ name, ownName, reason }: ErrorDetails["call-rejected"]): string {
  const why = {
    [byeReasons["other key"]]: `${ownName} goes with another key there`,
    [byeReasons["other name"]]: `your key goes with another name there, not with ${ownName}`,
    [byeReasons["no room"]]: "too many chats are open there",
  }[reason];
  return `${displayName(name)} refused the call: ${why}`;
}

function describeListenAddress(hostname: string | undefined, port: number): string {
  if (hostname === undefined) return `port ${port}`;
  return port === 0 ? hostname : formatAddress(hostname, port);
}

function at({ hostname, port }: HostPort): string {
  return formatAddress(hostname, port);
}
