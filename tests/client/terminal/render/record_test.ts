import { PublicKey } from "../../../../client/core/mod.ts";
import { assertEquals } from "@std/assert";
import type { ClientEvent } from "../../../../client/app/events.ts";
import { jsonLine } from "../../../../client/terminal/render/json.ts";
import { plainLine } from "../../../../client/terminal/render/plain.ts";
import { recordOf } from "../../../../client/terminal/render/record.ts";
import { callerNamed, chatWith, eventsSaying, messageSaying } from "../../../fixtures/events.ts";

const bob = { name: "bob", address: "192.0.2.8", port: 4000, id: 1, own: false };
const ada = { name: "ada", address: "2001:db8::7", port: 50_000, id: 1, own: true };
const chat = chatWith("bob");
const caller = callerNamed("bob");
const message = messageSaying("hello", { identity: new PublicKey(new Uint8Array(32)), time: 0 });

const NOON = new Date(2026, 10, 20, 12).getTime();

/** Programs rely on each letter of this: event, plain line, JSON line. */
const TABLE: readonly (readonly [event: ClientEvent, plain: string, json: string])[] = [
  [
    { type: "hosting", address: "192.0.2.7:4242" },
    "hosting\t192.0.2.7:4242",
    '{"event":"hosting","address":"192.0.2.7:4242"}',
  ],
  [
    { type: "connected", address: "192.0.2.1", port: 4242 },
    "connected\t192.0.2.1:4242",
    '{"event":"connected","address":"192.0.2.1:4242"}',
  ],
  [
    { type: "connected", address: "::1", port: 4242 },
    "connected\t[::1]:4242",
    '{"event":"connected","address":"[::1]:4242"}',
  ],
  [
    { type: "welcome", text: "Welcome to the office" },
    "welcome\tWelcome to the office",
    '{"event":"welcome","text":"Welcome to the office"}',
  ],
  [{ type: "listening", port: 50_000 }, "listening\t50000", '{"event":"listening","port":50000}'],
  [{ type: "logged-in", name: "ada" }, "logged-in\tada", '{"event":"logged-in","name":"ada"}'],
  [
    { type: "online", user: bob },
    "online\tbob\t192.0.2.8:4000",
    '{"event":"online","name":"bob","address":"192.0.2.8:4000"}',
  ],
  [
    { type: "online", user: ada },
    "online\tada\t[2001:db8::7]:50000",
    '{"event":"online","name":"ada","address":"[2001:db8::7]:50000"}',
  ],
  [
    { type: "offline", user: bob },
    "offline\tbob\t192.0.2.8:4000",
    '{"event":"offline","name":"bob","address":"192.0.2.8:4000"}',
  ],
  [
    { type: "user", number: 1, user: bob },
    "user\t1\tbob\t192.0.2.8:4000\t",
    '{"event":"user","number":1,"name":"bob","address":"192.0.2.8:4000","flags":[]}',
  ],
  [
    { type: "user", number: 12, user: ada },
    "user\t12\tada\t[2001:db8::7]:50000\tyou",
    '{"event":"user","number":12,"name":"ada","address":"[2001:db8::7]:50000","flags":["you"]}',
  ],
  [{ type: "users", count: 2 }, "users\t2", '{"event":"users","count":2}'],
  [
    { type: "chat-opened", chat },
    "chat-opened\tbob\t192.0.2.8:4000\tme",
    '{"event":"chat-opened","name":"bob","address":"192.0.2.8:4000","by":"me"}',
  ],
  [
    { type: "chat-opened", chat: chatWith("bob", { direction: "incoming" }) },
    "chat-opened\tbob\t192.0.2.8:4000\tthem",
    '{"event":"chat-opened","name":"bob","address":"192.0.2.8:4000","by":"them"}',
  ],
  [
    { type: "message", chat, message: messageSaying("grüß dich 😀") },
    "message\tbob\tgrüß dich 😀",
    '{"event":"message","name":"bob","text":"grüß dich 😀"}',
  ],
  [
    { type: "message", chat, message: messageSaying("") },
    "message\tbob\t",
    '{"event":"message","name":"bob","text":""}',
  ],
  [
    { type: "sent", chat, message: messageSaying("hello") },
    "sent\tbob\thello",
    '{"event":"sent","name":"bob","text":"hello"}',
  ],
  [
    { type: "chat-closed", chat, by: "me" },
    "chat-closed\tbob\tme",
    '{"event":"chat-closed","name":"bob","by":"me"}',
  ],
  [
    { type: "chat-closed", chat, by: "them" },
    "chat-closed\tbob\tthem",
    '{"event":"chat-closed","name":"bob","by":"them"}',
  ],
  [
    { type: "chat-closed", chat, by: "lost" },
    "chat-closed\tbob\tlost",
    '{"event":"chat-closed","name":"bob","by":"lost"}',
  ],
  [
    { type: "incoming-call", caller },
    "note\tbob (192.0.2.8) wants to talk to you: /accept bob, or /refuse bob",
    '{"event":"note","text":"bob (192.0.2.8) wants to talk to you: /accept bob, or /refuse bob"}',
  ],
  [
    { type: "incoming-call", caller, waiting: 1 },
    "note\tbob (192.0.2.8) has hung up and left 1 line: /accept bob shows it, /refuse bob discards it",
    '{"event":"note","text":"bob (192.0.2.8) has hung up and left 1 line: ' +
    '/accept bob shows it, /refuse bob discards it"}',
  ],
  [
    { type: "call-ended", caller, reason: "evicted" },
    "note\tbob (192.0.2.8) was refused: too many callers are waiting",
    '{"event":"note","text":"bob (192.0.2.8) was refused: too many callers are waiting"}',
  ],
  [
    { type: "calls-rejected", name: "bob", address: "192.0.2.8", count: 3 },
    "note\tA call from bob (192.0.2.8) was refused (and 2 more since the last notice)",
    '{"event":"note","text":"A call from bob (192.0.2.8) was refused ' +
    '(and 2 more since the last notice)"}',
  ],
  [
    { type: "presence", user: bob },
    "presence\tbob\t192.0.2.8:4000\t",
    '{"event":"presence","name":"bob","address":"192.0.2.8:4000","flags":[]}',
  ],
  [
    { type: "typing", chat, typing: true },
    "typing\tbob\tyes",
    '{"event":"typing","name":"bob","typing":"yes"}',
  ],
  [
    { type: "queued", message },
    "queued\tbob\thello",
    '{"event":"queued","name":"bob","text":"hello"}',
  ],
  [
    { type: "delivered", message },
    "delivered\tbob\thello",
    '{"event":"delivered","name":"bob","text":"hello"}',
  ],
  [
    { type: "failed", message, reason: "given up" },
    "error\tNot delivered to bob, given up: hello",
    '{"event":"error","text":"Not delivered to bob, given up: hello"}',
  ],
  [{ type: "logged-out" }, "logged-out", '{"event":"logged-out"}'],
  [
    { type: "disconnected", reason: "the server closed the connection", end: { type: "closed" } },
    "disconnected\tthe server closed the connection",
    '{"event":"disconnected","reason":"the server closed the connection"}',
  ],
  [
    { type: "error", text: "went wrong" },
    "error\twent wrong",
    '{"event":"error","text":"went wrong"}',
  ],
  [
    { type: "past", name: "bob", what: "received", text: "hi\t!", at: NOON, among: "chat" },
    "note\t[2026-11-20 12:00] bob: hi\\t!",
    '{"event":"note","text":"[2026-11-20 12:00] bob: hi\\t!"}',
  ],
  [{ type: "note", text: "all else" }, "note\tall else", '{"event":"note","text":"all else"}'],
];

for (const [event, plain, json] of TABLE) {
  Deno.test(`record: ${json}`, () => {
    assertEquals(plainLine(event), plain);
    assertEquals(jsonLine(event), json);
    assertEquals<unknown>(JSON.parse(json), recordOf(event));
  });
}

Deno.test("record: the table holds every kind of event", () => {
  const kinds = new Set(TABLE.map(([event]) => event.type));
  assertEquals(eventsSaying("").filter(({ type }) => !kinds.has(type)), []);
});
