import { ClientError, PublicKey, type UserDetails } from "../../../../client/core/mod.ts";
import { assertEquals } from "@std/assert";
import type { ClientEvent } from "../../../../client/app/events.ts";
import { jsonLine } from "../../../../client/terminal/render/json.ts";
import { plainLine } from "../../../../client/terminal/render/plain.ts";
import { jsonRecordOf } from "../../../../client/terminal/render/record.ts";
import {
  callerNamed,
  chatWith,
  eventsSaying,
  memberNamed,
  messageSaying,
  roomSaying,
  transferNamed,
} from "../../../fixtures/events.ts";

const bob = { name: "bob", address: "192.0.2.8", port: 4000, id: 1, own: false };
const ada = { name: "ada", address: "2001:db8::7", port: 50_000, id: 1, own: true };
const chat = chatWith("bob");
const caller = callerNamed("bob");
const identity = new PublicKey(new Uint8Array(32));
const message = messageSaying("hello", { identity, time: 0 });
const transfer = transferNamed("bob", { path: "tree.jpg", location: "/home/ada/tree.jpg" });
const inLab = transferNamed("bob", {
  ...{ path: "tree.jpg", location: undefined },
  room: { id: "11".repeat(32), label: "#lab" },
});
const sentFile = transferNamed("bob", { path: "tree.jpg", location: undefined });
const secure = chatWith("bob", { identity, security: "pinned" });
const TAG = identity.tag;
const KEY = "00".repeat(32);
/** When an event happens that has no time of its own. */
const NOW = 1_795_000_000_000;

const NOON = new Date(2026, 10, 20, 12).getTime();

/** Which message of one's own an event is about. */
const OWN = `"time":0,"id":"0102030405060708","keyTag":"${TAG}","key":"${KEY}"`;
const AWAY = {
  ...bob,
  details: {
    identity,
    availability: "away",
    status: "at lunch\t🍜",
    reachability: "reachable",
  } as unknown as UserDetails,
};

const BOB = {
  contact: { server: "", name: "bob", identity, verified: true, since: 0 },
  user: undefined,
  ...{ alias: "Bobby", note: "", lastSeen: NOON, waiting: 2 },
};
const LAB = {
  title: "the lab",
  servers: [{ hostname: "192.0.2.7", port: 4242 }],
  isKnown: true,
} as const;

/** Programs rely on each letter of this: event, plain line, JSON line. */
const { room, message: said } = roomSaying("hi", 5);
const bobThere = said.author;
const target = { id: "0102030405060708", direction: "incoming" } as const;

const TABLE: readonly (readonly [event: ClientEvent, plain: string, json: string])[] = [
  [
    { type: "hosting", address: "192.0.2.7:4242" },
    "hosting\t192.0.2.7:4242",
    '{"event":"hosting","address":"192.0.2.7:4242"}',
  ],
  [
    { type: "person", person: BOB },
    `person\tbob\toffline\tverified\tBobby\t${NOON}\t2\t\t\t${TAG}`,
    '{"event":"person","name":"bob","state":"offline","flags":["verified"],"alias":"Bobby",' +
    `"lastSeen":${NOON},"waiting":2,"now":"","note":"","keyTag":"${TAG}"}`,
  ],
  [{ type: "people", count: 1 }, "people\t1", '{"event":"people","count":1}'],
  [
    { type: "server-found", number: 1, offer: LAB },
    "server-found\tthe lab\t192.0.2.7:4242\t\tknown",
    '{"event":"server-found","title":"the lab","address":"192.0.2.7:4242","keyTag":"",' +
    '"flags":["known"],"server":"192.0.2.7"}',
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
    "online\tbob\t192.0.2.8:4000\t",
    '{"event":"online","name":"bob","address":"192.0.2.8:4000","flags":[],"time":1795000000000}',
  ],
  [
    { type: "online", user: ada },
    "online\tada\t[2001:db8::7]:50000\tyou",
    '{"event":"online","name":"ada","address":"[2001:db8::7]:50000","flags":["you"],' +
    '"time":1795000000000}',
  ],
  [
    { type: "online", user: AWAY, badges: () => ({ security: "unconfirmed", like: "b0b" }) },
    "online\tbob\t192.0.2.8:4000\tunconfirmed,away,look-alike\tat lunch\\t🍜",
    '{"event":"online","name":"bob","address":"192.0.2.8:4000",' +
    '"flags":["unconfirmed","away","look-alike"],"status":"at lunch\\t🍜","time":1795000000000}',
  ],
  [
    { type: "offline", user: bob },
    "offline\tbob\t192.0.2.8:4000",
    '{"event":"offline","name":"bob","address":"192.0.2.8:4000","time":1795000000000}',
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
    "chat-opened\tbob\t192.0.2.8:4000\tme\tclassic\t",
    '{"event":"chat-opened","name":"bob","address":"192.0.2.8:4000","by":"me",' +
    '"security":"classic","keyTag":"","key":"","time":1795000000000}',
  ],
  [
    { type: "chat-opened", chat: { ...secure, direction: "incoming" } },
    `chat-opened\tbob\t192.0.2.8:4000\tthem\tpinned\t${TAG}`,
    '{"event":"chat-opened","name":"bob","address":"192.0.2.8:4000","by":"them",' +
    `"security":"pinned","keyTag":"${TAG}","key":"${KEY}","time":1795000000000}`,
  ],
  [
    {
      type: "message",
      chat: secure,
      message: messageSaying("grüß dich 😀", { identity, time: 7 }),
    },
    `message\tbob\tgrüß dich 😀\t192.0.2.8:4000\t${TAG}\tpinned\t7\t0102030405060708`,
    '{"event":"message","name":"bob","text":"grüß dich 😀","address":"192.0.2.8:4000",' +
    `"keyTag":"${TAG}","security":"pinned","time":7,"id":"0102030405060708","key":"${KEY}"}`,
  ],
  [
    { type: "message", chat, message: messageSaying("", { time: 7 }) },
    "message\tbob\t\t192.0.2.8:4000\t\tclassic\t7\t0102030405060708",
    '{"event":"message","name":"bob","text":"","address":"192.0.2.8:4000",' +
    '"keyTag":"","security":"classic","time":7,"id":"0102030405060708","key":""}',
  ],
  [
    { type: "sent", chat, message },
    "sent\tbob\thello",
    `{"event":"sent","name":"bob","text":"hello",${OWN}}`,
  ],
  [
    { type: "chat-closed", chat, by: "me" },
    "chat-closed\tbob\tme",
    '{"event":"chat-closed","name":"bob","by":"me","time":1795000000000}',
  ],
  [
    { type: "chat-closed", chat, by: "them" },
    "chat-closed\tbob\tthem",
    '{"event":"chat-closed","name":"bob","by":"them","time":1795000000000}',
  ],
  [
    { type: "chat-closed", chat, by: "lost" },
    "chat-closed\tbob\tlost",
    '{"event":"chat-closed","name":"bob","by":"lost","time":1795000000000}',
  ],
  [
    { type: "incoming-call", caller },
    "incoming-call\tbob\t192.0.2.8:4000\t\tclassic\t" +
    "bob (192.0.2.8) wants to talk to you: /accept bob, or /refuse bob",
    '{"event":"incoming-call","name":"bob","address":"192.0.2.8:4000","keyTag":"",' +
    '"security":"classic",' +
    '"text":"bob (192.0.2.8) wants to talk to you: /accept bob, or /refuse bob",' +
    '"key":"","waiting":0,"time":1795000000000}',
  ],
  [
    {
      type: "incoming-call",
      caller: callerNamed("bob", { identity, security: "unconfirmed", waiting: 1 }),
      waiting: 1,
    },
    `incoming-call\tbob\t192.0.2.8:4000\t${TAG}\tunconfirmed\t` +
    "bob (192.0.2.8) has hung up and left 1 line: /accept bob shows it, /refuse bob discards it",
    `{"event":"incoming-call","name":"bob","address":"192.0.2.8:4000","keyTag":"${TAG}",` +
    '"security":"unconfirmed","text":"bob (192.0.2.8) has hung up and left 1 line: ' +
    '/accept bob shows it, /refuse bob discards it",' +
    `"key":"${KEY}","waiting":1,"time":1795000000000}`,
  ],
  [
    { type: "call-ended", caller, reason: "evicted" },
    "call-ended\tbob\t192.0.2.8:4000\t\tclassic\t" +
    "bob (192.0.2.8) was refused: too many callers are waiting",
    '{"event":"call-ended","name":"bob","address":"192.0.2.8:4000","keyTag":"",' +
    '"security":"classic","text":"bob (192.0.2.8) was refused: too many callers are waiting",' +
    '"key":"","reason":"evicted","time":1795000000000}',
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
    '{"event":"presence","name":"bob","address":"192.0.2.8:4000","flags":[],"time":1795000000000}',
  ],
  [
    { type: "presence", user: AWAY },
    "presence\tbob\t192.0.2.8:4000\taway\tat lunch\\t🍜",
    '{"event":"presence","name":"bob","address":"192.0.2.8:4000","flags":["away"],' +
    '"status":"at lunch\\t🍜","time":1795000000000}',
  ],
  [
    { type: "user", number: 1, user: AWAY },
    "user\t1\tbob\t192.0.2.8:4000\taway\tat lunch\\t🍜",
    '{"event":"user","number":1,"name":"bob","address":"192.0.2.8:4000","flags":["away"],' +
    '"status":"at lunch\\t🍜"}',
  ],
  [
    { type: "typing", chat, typing: true },
    "typing\tbob\tyes",
    '{"event":"typing","name":"bob","typing":"yes","time":1795000000000}',
  ],
  [
    { type: "queued", message },
    "queued\tbob\thello",
    `{"event":"queued","name":"bob","text":"hello",${OWN}}`,
  ],
  [
    { type: "delivered", message },
    "delivered\tbob\thello",
    `{"event":"delivered","name":"bob","text":"hello",${OWN}}`,
  ],
  [
    { type: "failed", message, reason: "given up" },
    "error\tNot delivered to bob, given up: hello",
    '{"event":"error","text":"Not delivered to bob, given up: hello","name":"bob",' +
    '"id":"0102030405060708"}',
  ],
  [
    { type: "file-offered", transfer },
    "file-offered\tbob\t1\ttree.jpg\t5\t1\t0102030405060708\tbob",
    '{"event":"file-offered","name":"bob","number":1,"path":"tree.jpg","size":5,"files":1,' +
    '"id":"0102030405060708","by":"bob"}',
  ],
  [
    { type: "file-offered", transfer: inLab },
    "file-offered\t#lab\t1\ttree.jpg\t5\t1\t0102030405060708\tbob",
    '{"event":"file-offered","name":"#lab","number":1,"path":"tree.jpg","size":5,"files":1,' +
    '"id":"0102030405060708","by":"bob"}',
  ],
  [
    { type: "file-progress", transfer },
    "file-progress\t1\t0\t5",
    '{"event":"file-progress","number":1,"bytes":0,"size":5}',
  ],
  [
    { type: "file-state", transfer },
    "file-state\t1\toffered\t",
    '{"event":"file-state","number":1,"state":"offered","reason":""}',
  ],
  [
    { type: "file-received", transfer },
    "file-received\t1\t/home/ada/tree.jpg\tbob",
    '{"event":"file-received","number":1,"path":"/home/ada/tree.jpg","by":"bob"}',
  ],
  [
    { type: "file-sent", transfer: sentFile },
    "file-sent\t1\ttree.jpg\tbob",
    '{"event":"file-sent","number":1,"path":"tree.jpg","by":"bob"}',
  ],
  [
    { type: "file-sent", transfer: sentFile, member: memberNamed("cyd") },
    "file-sent\t1\ttree.jpg\tcyd",
    '{"event":"file-sent","number":1,"path":"tree.jpg","by":"cyd"}',
  ],
  [
    {
      type: "file-failed",
      transfer,
      error: new ClientError("transfer-failed", { name: "bob", reason: "changed" }),
    },
    "file-failed\t1\ta file is not any more what was offered\tchanged\t/home/ada/tree.jpg\tbob",
    '{"event":"file-failed","number":1,"reason":"a file is not any more what was offered",' +
    '"code":"changed","path":"/home/ada/tree.jpg","by":"bob"}',
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
  [
    { type: "edited", chat, who: "bob", by: "them", target, text: "a\nb", before: "a" },
    `edited\tbob\tbob\ta\\nb\t${target.id}`,
    `{"event":"edited","name":"bob","who":"bob","text":"a\\nb","id":"${target.id}",` +
    '"before":"a","time":1795000000000}',
  ],
  [
    { type: "deleted", chat, who: "ada", by: "me", target, before: "a" },
    `deleted\tbob\tada\ta\t${target.id}`,
    `{"event":"deleted","name":"bob","who":"ada","text":"a","id":"${target.id}",` +
    '"time":1795000000000}',
  ],
  [
    {
      ...{ type: "reacted", chat, who: "bob", by: "them", target, emoji: "👍", isOn: false },
      messageText: "a",
    },
    `reacted\tbob\tbob\t👍\t${target.id}\tno`,
    `{"event":"reacted","name":"bob","who":"bob","text":"👍","id":"${target.id}","on":"no",` +
    '"time":1795000000000}',
  ],
  [
    { type: "seen", chat, id: target.id },
    `seen\tbob\t${target.id}`,
    `{"event":"seen","name":"bob","id":"${target.id}","time":1795000000000}`,
  ],
  [
    { type: "room", number: 1, room },
    "room\t1\t#lab\t2\t1\tjoined",
    `{"event":"room","number":1,"room":"#lab","members":2,"unread":1,"state":"joined","id":"${room.id}"}`,
  ],
  [
    { type: "room-invited", room, by: bobThere },
    "room-invited\t#lab\tbob",
    `{"event":"room-invited","room":"#lab","name":"bob","id":"${room.id}",` +
    `"key":"${bobThere.identity}","time":1795000000000}`,
  ],
  [
    { type: "room-joined", room, member: bobThere },
    "room-joined\t#lab\tbob",
    `{"event":"room-joined","room":"#lab","name":"bob","id":"${room.id}",` +
    `"key":"${bobThere.identity}","time":1795000000000}`,
  ],
  [
    { type: "room-left", room, member: bobThere, by: bobThere },
    "room-left\t#lab\tbob\tbob",
    `{"event":"room-left","room":"#lab","name":"bob","by":"bob","id":"${room.id}",` +
    `"key":"${bobThere.identity}","time":1795000000000}`,
  ],
  ...(["room-message", "room-sent"] as const).map((type) =>
    [
      { type, room, message: said },
      `${type}\t#lab\tbob\thi\t5\t${said.id}`,
      `{"event":"${type}","room":"#lab","name":"bob","text":"hi","time":5,"id":"${said.id}",` +
      `"key":"${bobThere.identity}","replyTo":""}`,
    ] as const
  ),
  [
    { type: "room-action", room, action: "edit", by: bobThere, message: said, text: "ho" },
    `edited\t#lab\tbob\tho\t${said.id}`,
    `{"event":"edited","room":"#lab","who":"bob","text":"ho","id":"${said.id}",` +
    `"key":"${bobThere.identity}","time":1795000000000}`,
  ],
  [{ type: "note", text: "all else" }, "note\tall else", '{"event":"note","text":"all else"}'],
];

for (const [event, plain, json] of TABLE) {
  Deno.test(`record: ${json}`, () => {
    assertEquals(plainLine(event), plain);
    assertEquals(jsonLine(event, NOW), json);
    assertEquals<unknown>(JSON.parse(json), jsonRecordOf(event, NOW));
  });
}

Deno.test("record: the table holds every kind of event", () => {
  const kinds = new Set(TABLE.map(([event]) => event.type));
  assertEquals(eventsSaying("").filter(({ type }) => !kinds.has(type)), []);
});
