/** Every kind of event, and strings as nobody should send them. */

import fc from "fast-check";
import type { Chat } from "../../../client/core/mod.ts";
import type { ClientEvent } from "../../../client/app/events.ts";
import { anyText } from "../../protocol/decoding.ts";

/** A chat as an event carries it. */
export function chatWith(name: string, fields: Partial<Chat> = {}): Chat {
  return {
    name,
    address: "192.0.2.8",
    port: 4000,
    by: "me",
    open: true,
    unsent: 0,
    waits: false,
    security: "classic",
    ...fields,
  };
}

/** One event of each kind; every text in it that others may choose is `text`. */
export function eventsSaying(text: string): ClientEvent[] {
  const user = { name: text, address: text, port: 4000, own: false };
  const chat = chatWith(text, { address: text });
  const message = {
    id: "0102030405060708",
    name: text,
    server: "00",
    identity: new Uint8Array(32),
    text,
    at: 0,
  };
  return [
    { type: "hosting", address: text },
    { type: "connected", address: text, port: 4242 },
    { type: "welcome", text },
    { type: "listening", port: 4000 },
    { type: "logged-in", name: text },
    { type: "online", user },
    { type: "offline", user },
    { type: "user", number: 1, user },
    { type: "users", count: 1, part: text },
    { type: "chat-opened", chat },
    { type: "message", chat, text },
    { type: "sent", chat, text },
    { type: "presence", user },
    { type: "queued", message },
    { type: "delivered", message },
    { type: "failed", message, reason: text },
    { type: "typing", chat, typing: true },
    { type: "chat-closed", chat, by: "lost" },
    { type: "incoming-call", caller: chat },
    { type: "incoming-call", caller: chat, left: 2 },
    { type: "call-ended", caller: chat, why: "left" },
    { type: "calls-rejected", name: text, address: text, count: 2 },
    { type: "logged-out" },
    { type: "disconnected", reason: text },
    { type: "past", name: text, address: text, what: "received", text, at: 0, among: "chat" },
    { type: "past", name: text, what: "failed", text, at: 0, among: "all" },
    { type: "error", text },
    { type: "note", text },
  ];
}

/** What a program that prints it as it is would suffer from. */
export const NASTY: readonly string[] = [
  "red \x1b[31mand gone\x1b[2J",
  "\x1b]0;a title\x07",
  "\x1b]8;;https://example.org\x1b\\a link\x1b]8;;\x1b\\",
  "\x9b2J by one byte",
  "over\rwritten",
  "bob\nmessage\teve\tforged",
  "back\b\b\bspace",
  "bell\x07 and null\0",
  "txt.\u202Eexe",
  "\u2066isolated\u2069",
  "in\u200Bvisible",
  "line\u2028and paragraph\u2029",
  "half \ud83d of a pair \ude00",
  "unassigned \u0378",
  "a tag \u{E0041}",
  "stacked e" + "\u0301".repeat(30),
  "a back\\slash and \\n no line end",
];

/** Any text: mostly nasty, and marks stacked on each other. */
export const anyNasty: fc.Arbitrary<string> = fc.oneof(
  anyText(40),
  fc.array(fc.oneof(fc.constantFrom(...NASTY), anyText(4)), { maxLength: 4 })
    .map((parts) => parts.join("")),
  fc.array(fc.constantFrom("e", "\u0301", "\u0308", "\u200D", "\t", "\\"), { maxLength: 40 })
    .map((parts) => parts.join("")),
);
