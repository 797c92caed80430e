import { ClientError, PublicKey } from "../../../../client/core/mod.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import jsQR from "jsqr";
import type { Chat, Message } from "../../../../client/core/mod.ts";
import type { ClientEvent } from "../../../../client/app/events.ts";
import { TextLines } from "../../../../client/terminal/render/text.ts";
import { NO_CHATS, type View } from "../../../../client/terminal/render/view.ts";
import { qrLines } from "../../../../server/platform/cli/qr_code.ts";
import { keyTag, refusalCodes, sanitizeName, sanitizeText } from "../../../../protocol/mod.ts";
import {
  anyNasty,
  callerNamed,
  chatWith,
  eventsSaying,
  memberNamed,
  messageSaying,
  NASTY,
  roomSaying,
  transferNamed,
} from "../../../fixtures/events.ts";

const MORNING = new Date(2026, 10, 22, 9, 7, 59);
const bob = { name: "bob", address: "192.0.2.8", port: 4000, id: 1, own: false };
const ada = { name: "ada", address: "192.0.2.7", port: 50_000, id: 1, own: true };
const chat = chatWith("bob");
/** A message that is written in the morning. */
function saying(text: string, fields: Partial<Message> = {}): Message {
  return messageSaying(text, { time: MORNING.getTime(), ...fields });
}

const message = saying("hello", { identity: new PublicKey(new Uint8Array(32)) });
const transfer = transferNamed("bob", { path: "tree.jpg", location: "/home/ada/tree.jpg" });
const CLASSIC = "  not encrypted, and no identity is proven: one of you speaks only classic MIM";
const called = chatWith("bob", { direction: "incoming" });

/** The view of whoever wants to know who comes and goes. */
const ALL: View = { ...NO_CHATS, joins: "on" };

function at(current: Chat): View {
  return { ...ALL, current, chats: [current] };
}
const NOON = new Date(2026, 10, 20, 12).getTime();

const { room, message: said } = roomSaying("hi", MORNING.getTime());
const bobThere = said.author;
const target = { id: "0102030405060708", direction: "incoming" } as const;

const TABLE: readonly (readonly [event: ClientEvent, ...lines: string[]])[] = [
  [
    { type: "hosting", address: "192.0.2.7:4242" },
    "No server was found, so MIM runs one here, at 192.0.2.7:4242",
  ],
  [
    {
      type: "person",
      person: {
        contact: {
          ...{ server: "", name: "bob", verified: false, since: 0 },
          identity: new PublicKey(new Uint8Array(32)),
        },
        user: { ...bob, name: "rob" },
        ...{ alias: "", note: "", lastSeen: NOON, waiting: 1 },
      },
      security: "pinned",
    },
    "  bob, online, pinned, now rob, 1 message waits",
  ],
  [{ type: "people", count: 2 }, "2 people known by a key"],
  [
    {
      type: "server-found",
      number: 1,
      offer: {
        title: "the lab (you)\u202e",
        servers: [{ hostname: "192.0.2.7", port: 7000, key: new Uint8Array(32) }],
        isKnown: true,
      },
    },
    `   1  "the lab (you)\ufffd" on 192.0.2.7:7000, key ${keyTag(new Uint8Array(32))}, known`,
  ],
  [{ type: "connected", address: "::1", port: 4242 }, "Connected to [::1]:4242"],
  [{ type: "welcome", text: "Be kind" }, "  Be kind"],
  [{ type: "listening", port: 4000 }],
  [{ type: "logged-in", name: "ada" }, "You are online as ada"],
  [{ type: "online", user: bob }, "bob is online"],
  [{ type: "offline", user: bob }, "bob is offline"],
  [{ type: "user", number: 1, user: bob }, "   1  bob (192.0.2.8:4000)"],
  [{ type: "user", number: 12, user: ada }, "  12  ada (192.0.2.7:50000), you"],
  [{ type: "users", count: 1 }, "1 user online"],
  [{ type: "users", count: 2 }, "2 users online"],
  [{ type: "users", count: 0 }, "0 users online"],
  [{ type: "users", count: 0, part: "an" }, '0 users online with "an" in the name'],
  [{ type: "users", count: 1, part: "\x1b" }, '1 user online with "␛" in the name'],
  [
    { type: "chat-opened", chat },
    "A chat with bob is open beside this one",
    CLASSIC,
  ],
  [
    { type: "chat-opened", chat: called },
    "bob (192.0.2.8) started a chat with you: /talk bob answers",
    CLASSIC,
  ],
  [{ type: "message", chat, message: saying("hello") }, "[09:07] bob: hello"],
  [{ type: "sent", chat, message: saying("hello") }, "[09:07] you to bob: hello"],
  [{ type: "presence", user: bob }],
  [{ type: "typing", chat, typing: true }],
  [{ type: "queued", message }, "[09:07] you to bob, waiting: hello"],
  [{ type: "delivered", message }, "Delivered to bob: hello"],
  [
    { type: "failed", message, reason: "given up" },
    "! Not delivered to bob, given up: hello",
  ],
  [{ type: "chat-closed", chat, by: "me" }, "The chat with bob is closed"],
  [{ type: "chat-closed", chat, by: "them" }, "bob closed the chat; it is inactive"],
  [
    { type: "chat-closed", chat: { ...chat, state: "queued" }, by: "them" },
    "bob has ended MIM; messages wait for the next one",
  ],
  [
    { type: "chat-closed", chat, by: "lost" },
    "The connection to bob was lost; the chat is inactive",
  ],
  [
    { type: "chat-closed", chat: { ...chat, state: "queued" }, by: "lost" },
    "The connection to bob was lost; messages wait for the next one",
  ],
  [
    { type: "incoming-call", caller: callerNamed("7") },
    '7 (192.0.2.8) wants to talk to you: /accept "7", or /refuse "7"',
  ],
  [
    { type: "incoming-call", caller: callerNamed("7"), waiting: 2 },
    '7 (192.0.2.8) has hung up and left 2 lines: /accept "7" shows them, /refuse "7" discards them',
  ],
  [
    { type: "call-ended", caller: callerNamed("bob"), reason: "timeout" },
    "bob (192.0.2.8) waited too long; the call was refused",
  ],
  [
    { type: "calls-rejected", name: "bob", address: "192.0.2.8", count: 1 },
    "A call from bob (192.0.2.8) was refused",
  ],
  [
    { type: "file-offered", transfer },
    "  /getfile 1 takes it, /cancelfile 1 declines it",
  ],
  [
    { type: "file-offered", transfer: { ...transfer, state: "waiting" } },
    "  it is taken without asking",
  ],
  [
    { type: "file-state", transfer: { ...transfer, state: "paused", reason: "disk-full" } },
    "! tree.jpg: paused at 0 %: the disk is full; it goes on once there is room",
  ],
  [{ type: "file-progress", transfer }],
  [{ type: "file-state", transfer }],
  [{ type: "file-received", transfer }, "bob sent /home/ada/tree.jpg"],
  [{ type: "file-sent", transfer }, "bob has tree.jpg, all of it"],
  [
    { type: "file-sent", transfer, member: memberNamed("cyd") },
    "cyd has tree.jpg, all of it",
  ],
  [
    {
      type: "file-failed",
      transfer,
      error: new ClientError("transfer-failed", { name: "bob", reason: "changed" }),
    },
    "! tree.jpg: a file is not any more what was offered",
  ],
  [
    {
      type: "file-failed",
      transfer: transferNamed("bob", { path: "trees", location: "/home/ada/trees", files: 3 }),
      error: new ClientError("transfer-failed", {
        ...{ name: "bob", reason: "changed" },
        detail: "1 of 3 files",
      }),
    },
    "! trees: a file is not any more what was offered: 1 of 3 files; the others are in /home/ada/trees",
  ],
  [{ type: "logged-out" }, "You are offline; open chats continue, /login logs in again"],
  [
    { type: "disconnected", reason: "the server closed the connection", end: { type: "closed" } },
    "The server closed the connection; open chats continue and MIM reconnects automatically, /logout stops it",
  ],
  ...[refusalCodes.kicked, refusalCodes.banned, refusalCodes["not allowed in"]].map((
    code,
  ): readonly [ClientEvent, string] => [
    { type: "disconnected", reason: "that was it", end: { type: "rejected", code, text: "" } },
    "That was it; open chats continue, but MIM does not reconnect by itself; /login tries again",
  ]),
  [
    {
      type: "disconnected",
      reason: "it restarts",
      end: { type: "rejected", code: refusalCodes["shutting down"], text: "" },
    },
    "It restarts; open chats continue and MIM reconnects automatically, /logout stops it",
  ],
  [
    { type: "past", name: "bob", what: "received", text: "hi", at: NOON, among: "chat" },
    "[2026-11-20 12:00] bob: hi",
  ],
  [
    { type: "past", name: "bob", what: "sent", text: "hi", at: NOON, among: "chat" },
    "[2026-11-20 12:00] you: hi",
  ],
  [
    { type: "past", name: "bob", what: "failed", text: "hi", at: NOON, among: "all" },
    "[2026-11-20 12:00] you to bob (not sent): hi",
  ],
  [
    { type: "edited", chat, who: "bob", by: "them", target, text: "a\nb", before: "a" },
    "[09:07] bob edited: a",
    "        b (was: a)",
  ],
  [
    { type: "deleted", chat, who: "ada", by: "me", target, before: "a\nb" },
    "[09:07] you deleted (to bob): a b",
  ],
  [
    {
      ...{ type: "reacted", chat, who: "bob", by: "them", target, emoji: "👍", isOn: true },
      messageText: "lunch?",
    },
    "[09:07] bob reacted 👍: lunch?",
  ],
  [
    {
      ...{ type: "reacted", chat, who: "bob", by: "them", target, emoji: "👍", isOn: false },
      messageText: "lunch?",
    },
    "[09:07] bob took back 👍: lunch?",
  ],
  [{ type: "seen", chat, id: target.id }, "bob has seen your messages"],
  [{ type: "room", number: 1, room }, "   1  #lab, 2 members, 1 unread: hi"],
  [
    { type: "room-invited", room, by: bobThere },
    "bob invites you to #lab: /join #lab accepts, /leave #lab declines",
  ],
  [{ type: "room-joined", room, member: bobThere }, "bob joined #lab"],
  [{ type: "room-left", room, member: bobThere, by: bobThere }, "bob left #lab"],
  [{ type: "room-message", room, message: said }, "[09:07] #lab bob: hi"],
  [
    { type: "room-message", room, message: said, quote: { isOwn: true, text: "lunch?" } },
    "> you: lunch?",
    "[09:07] #lab bob: hi",
  ],
  [
    {
      type: "room-message",
      room,
      message: said,
      quote: { isOwn: true, text: "", isDeleted: true },
    },
    "> you: (deleted)",
    "[09:07] #lab bob: hi",
  ],
  [{ type: "room-sent", room, message: said }, "[09:07] #lab you: hi"],
  [
    { type: "room-action", room, action: "react", by: bobThere, message: said, text: "👍" },
    "[09:07] #lab bob reacted 👍: hi",
  ],
  [{ type: "error", text: "went wrong" }, "! went wrong"],
  [{ type: "note", text: "all else" }, "all else"],
];

for (const [event, ...lines] of TABLE) {
  Deno.test(`text: ${event.type} is shown as ${JSON.stringify(lines)}`, () => {
    assertEquals(new TextLines().of(event, MORNING, ALL), lines);
  });
}

Deno.test("text: every kind of event has its lines here", () => {
  const kinds = new Set(TABLE.map(([event]) => event.type));
  assertEquals(eventsSaying("").filter(({ type }) => !kinds.has(type)), []);
});

Deno.test("text: comings and goings are shown of everybody, nobody, or of those one talks to", () => {
  const lines = (joins: View["joins"]) =>
    (["online", "offline"] as const).flatMap((type) =>
      ["bob", "eve"].flatMap((name) =>
        new TextLines().of({ type, user: { ...bob, name } }, MORNING, { ...at(chat), joins })
      )
    );
  assertEquals(lines("smart"), ["bob is online", "bob is offline"]);
  assertEquals(lines("off"), []);
  assertEquals(lines("on").length, 4);
});

Deno.test("text: of two programs of one user, one may come and go unnoticed", () => {
  const details = {
    session: new Uint8Array(8),
    capabilities: 0,
    identity: new PublicKey(new Uint8Array(32)).fill(1),
    certificate: undefined,
    availability: "online",
    status: "",
    reachability: "unknown",
    addresses: [],
  } as const;
  const [one, two] = [{ ...bob, details }, { ...bob, port: 4001, details }];
  const lines = (type: "online" | "offline", online: View["online"]) =>
    new TextLines().of({ type, user: two }, MORNING, { ...ALL, online });
  assertEquals([lines("online", [one, two]), lines("offline", [one])], [[], []]);
  assertEquals([lines("online", [two]), lines("offline", [])], [["bob is online"], [
    "bob is offline",
  ]]);
  const other = {
    ...one,
    details: { ...details, identity: new PublicKey(new Uint8Array(32)).fill(2) },
  };
  assertEquals(lines("offline", [other]), ["bob is offline"]);
});

Deno.test("text: a name has always the same colour, and only where colours are shown", () => {
  const message: ClientEvent = { type: "message", chat, message: saying("hi") };
  const [one = ""] = new TextLines(true).of(message, MORNING, at(chat));
  assertMatch(one.replaceAll("\x1b", "<"), /^<\[2m\[09:07\]<\[m <\[38;5;\d+mbob<\[m: hi$/);
  assertEquals(new TextLines(true).of(message, MORNING, at(chat)), [one]);
  const colour = /38;5;\d+/.exec(one)?.[0] ?? "";
  const [who = ""] = new TextLines(true).of({ type: "user", number: 1, user: bob }, MORNING, ALL);
  assertStringIncludes(who, `${colour}mbob`);
});

Deno.test("text: into the current chat one need not be told where a line went", () => {
  const text = new TextLines();
  assertEquals(text.of({ type: "sent", chat, message: saying("hi") }, MORNING, at(chat)), [
    "[09:07] you: hi",
  ]);
  assertEquals(text.of({ type: "chat-opened", chat }, MORNING, at(chat)), [
    "You are talking to bob: type to send, /close ends the chat",
    CLASSIC,
  ]);
  assertEquals(text.of({ type: "chat-opened", chat: called }, MORNING, at(called)), [
    "bob (192.0.2.8) started a chat with you: type to answer",
    CLASSIC,
  ]);
});

Deno.test("text: the clock has two digits each, from midnight to midnight", () => {
  const text = new TextLines();
  for (
    const [hours, minutes, clock] of [[0, 0, "00:00"], [9, 5, "09:05"], [23, 59, "23:59"]] as const
  ) {
    const now = new Date(2026, 0, 5, hours, minutes);
    const message = saying("hi", { time: now.getTime() });
    assertEquals(text.of({ type: "message", chat, message }, now, at(chat)), [
      `[${clock}] bob: hi`,
    ]);
  }
});

Deno.test("text: a new day is said once, before the first line of it", () => {
  const text = new TextLines();
  const note: ClientEvent = { type: "note", text: "x" };
  assertEquals(text.of(note, new Date(2026, 0, 5, 23, 59), ALL), ["x"]);
  const [day = "", ...rest] = text.of(note, new Date(2026, 0, 6, 0, 0), ALL);
  assertMatch(day, /^--- .*6.* ---$/);
  assertEquals(rest, ["x"]);
  assertEquals(text.of(note, new Date(2026, 0, 6, 0, 1), ALL), ["x"]);
  assertEquals(text.of({ type: "listening", port: 1 }, new Date(2026, 0, 7), ALL), []);
  assertEquals(text.of(note, new Date(2026, 0, 7, 12), ALL).length, 2);
  // The same day of another month is another day.
  assertEquals(text.of(note, new Date(2026, 1, 7, 12), ALL).length, 2);
});

Deno.test("text: the table of a login is one line, not a line each", () => {
  const text = new TextLines();
  const shown = (event: ClientEvent) => text.of(event, MORNING, ALL);
  shown({ type: "connected", address: "192.0.2.1", port: 4242 });
  assertEquals(shown({ type: "online", user: bob }), []);
  assertEquals(shown({ type: "online", user: ada }), []);
  assertEquals(text.arrived(), [
    "Online: bob",
    "/talk NAME starts a chat, /help lists all commands",
  ]);
  assertEquals(shown({ type: "online", user: { ...bob, name: "eve" } }), ["eve is online"]);
});

Deno.test("text: of many who are online, ten are named", () => {
  const text = new TextLines();
  text.of({ type: "connected", address: "192.0.2.1", port: 4242 }, MORNING, ALL);
  const names = Array.from({ length: 12 }, (_, index) => `user${index}`);
  for (const name of names) {
    text.of({ type: "online", user: { ...bob, name } }, MORNING, ALL);
  }
  assertEquals(text.arrived()[0], `Online: ${names.slice(0, 10).join(", ")}, and 2 more`);
});

Deno.test("text: who is alone is told so", () => {
  const text = new TextLines();
  text.of({ type: "connected", address: "192.0.2.1", port: 4242 }, MORNING, ALL);
  text.of({ type: "online", user: ada }, MORNING, ALL);
  assertEquals(text.arrived(), ["Nobody else is online yet"]);
});

Deno.test("text: who goes while the table comes in is not listed", () => {
  const text = new TextLines();
  text.of({ type: "connected", address: "192.0.2.1", port: 4242 }, MORNING, ALL);
  text.of({ type: "online", user: bob }, MORNING, ALL);
  text.of({ type: "online", user: { ...bob, name: "eve" } }, MORNING, ALL);
  assertEquals(text.of({ type: "offline", user: bob }, MORNING, ALL), []);
  assertEquals(text.arrived()[0], "Online: eve");
});

Deno.test("text: names and addresses from a server are cut where no user can have them", () => {
  const long = "x".repeat(30_000);
  const user = { name: long, address: long, port: 4000, id: 1, own: false };
  const chat = chatWith(long, { address: long });
  const events: ClientEvent[] = [
    { type: "online", user },
    { type: "offline", user },
    { type: "user", number: 1, user },
    { type: "chat-opened", chat },
    { type: "chat-opened", chat: { ...chat, direction: "incoming" } },
    { type: "message", chat, message: saying("hello") },
    { type: "sent", chat, message: saying("hello") },
    { type: "chat-closed", chat, by: "lost" },
  ];
  const text = new TextLines();
  const lines = events.flatMap((event) => text.of(event, MORNING, ALL));
  text.of({ type: "connected", address: "192.0.2.1", port: 4242 }, MORNING, ALL);
  text.of({ type: "online", user }, MORNING, ALL);
  for (const line of [...lines.filter((line) => line !== CLASSIC), ...text.arrived().slice(0, 1)]) {
    assertStringIncludes(line, `${"x".repeat(64)}…`);
    assert(line.length < 300, line);
  }
});

Deno.test("text: whatever others say, every line is harmless", () => {
  const check = (nasty: string) => {
    for (const event of eventsSaying(nasty)) {
      for (const current of [undefined, "chat" in event ? event.chat : undefined]) {
        const view = current === undefined ? ALL : at(current);
        for (const line of new TextLines().of(event, MORNING, view)) {
          assertEquals(sanitizeText(line), line);
        }
        for (const line of new TextLines(true).of(event, MORNING, view)) {
          const plain = line.split("\x1b[").map((part, index) =>
            index === 0 ? part : part.replace(/^[\d;]*m/, "")
          ).join("");
          assertEquals(sanitizeText(plain), plain);
        }
      }
    }
    const text = new TextLines();
    text.of({ type: "connected", address: nasty, port: 1 }, MORNING, ALL);
    text.of({ type: "online", user: { ...bob, name: nasty } }, MORNING, ALL);
    for (const line of text.arrived()) assertEquals(sanitizeText(line), line);
  };
  NASTY.forEach(check);
  fc.assert(fc.property(anyNasty, check), { numRuns: 500 });
});

Deno.test("text: who comes back is told so, and what is different as it is told", () => {
  const text = new TextLines();
  const show = (event: ClientEvent) => text.of(event, new Date(), ALL);
  show({
    type: "disconnected",
    reason: "the server closed the connection",
    end: { type: "closed" },
  });
  assertEquals(show({ type: "connected", address: "192.0.2.1", port: 4242 }), []);
  assertEquals(show({ type: "logged-in", name: "ada" }), ["You are back online as ada"]);
  const user = { name: "bob", address: "192.0.2.7", port: 4000, id: 1, own: false };
  assertEquals(show({ type: "offline", user }), ["bob is offline"]);
  assertEquals(text.arrived(), []);
  assertEquals(show({ type: "logged-in", name: "ada" }), ["You are online as ada"]);
});

Deno.test("text: who can't be told by the name alone comes with the address", () => {
  const twin = chatWith("bob", { address: "203.0.113.66" });
  const sameMachine = chatWith("bob", { port: 4001 });
  const said = (from: Chat, ...others: Chat[]) =>
    new TextLines().of({ type: "message", chat: from, message: saying("hi") }, MORNING, {
      ...ALL,
      chats: [from, ...others],
    });
  assertEquals(said(chat, twin), ["[09:07] bob (192.0.2.8): hi"]);
  assertEquals(said(twin, chat), ["[09:07] bob (203.0.113.66): hi"]);
  assertEquals(said(sameMachine, chat), ["[09:07] bob (192.0.2.8:4001): hi"]);
  for (const name of ["you", "You", "you to bob", " you", "*you"]) {
    assertEquals(said(chatWith(name)), [`[09:07] "${sanitizeName(name)}" (192.0.2.8): hi`]);
  }
  assertEquals(said(chatWith("young")), ["[09:07] young: hi"]);
  assertEquals(said(chatWith("Ada")), ["[09:07] Ada: hi"]);
});

Deno.test("text: who uses the own name is marked", () => {
  const me = { ...ALL, me: "ada" };
  const show = (event: ClientEvent) => new TextLines().of(event, MORNING, me);
  const caller = callerNamed("Ada\u200b");
  const twin = chatWith("ada", { direction: "incoming" });
  assertEquals(show({ type: "chat-opened", chat: twin }), [
    "ada (192.0.2.8), who has your name, started a chat with you: /talk ada answers",
    CLASSIC,
  ]);
  assertEquals(show({ type: "message", chat: twin, message: saying("hi") }), [
    "[09:07] ada (192.0.2.8): hi",
  ]);
  assertEquals(show({ type: "incoming-call", caller }), [
    "Ada� (192.0.2.8) wants to talk to you: /accept Ada�, or /refuse Ada� " +
    "(type the name with Tab, or use its number from /who); " +
    "that is your own name, but not you",
  ]);
  assertEquals(show({ type: "calls-rejected", ...caller, count: 1 }), [
    "A call from Ada� (192.0.2.8) was refused; that is your own name",
  ]);
});

Deno.test("text: of what was said today only the time is told", () => {
  const at = new Date(2026, 10, 22, 8, 5).getTime();
  const past = {
    type: "past",
    name: "bob",
    what: "received",
    text: "hi",
    at,
    among: "chat",
  } as const;
  assertEquals(new TextLines().of(past, MORNING, ALL), ["[08:05] bob: hi"]);
  assertEquals(new TextLines().of({ ...past, text: "one\ntwo" }, MORNING, ALL), [
    "[08:05] bob: one",
    "        two",
  ]);
  const later = new Date(2026, 10, 23, 0, 1);
  assertEquals(new TextLines().of(past, later, ALL), ["[2026-11-22 08:05] bob: hi"]);
});

Deno.test("text: how sure it is who a peer is, in words", () => {
  const opened = (security: Chat["security"]) =>
    new TextLines().of({ type: "chat-opened", chat: { ...chat, security } }, MORNING, ALL)[1];
  assertEquals(
    opened("new"),
    "  encrypted, with a key that is new to you: /verify bob compares it",
  );
  assertEquals(opened("pinned"), "  encrypted, with the key that you know bob by");
  assertEquals(opened("verified"), "  encrypted and verified");
});

Deno.test("text: what was written a while ago says so; line breaks can't be taken for other lines", () => {
  const at = MORNING.getTime();
  const show = (text: string, at: number) =>
    new TextLines().of(
      { type: "message", chat, message: messageSaying(text, { time: at }) },
      MORNING,
      ALL,
    );
  assertEquals(show("hi", at - 3_600_000), ["[09:07] bob (written 08:07): hi"]);
  assertEquals(show("hi\n[09:07] you: no", at), ["[09:07] bob: hi", "        [09:07] you: no"]);
});

Deno.test("text: no row of a text from others looks like the line of a message that it answers", () => {
  const forged = "yes\n> you: shall I wire the money?\n        > you: now?";
  const quote = { isOwn: true, text: "shall I wire the money?" } as const;
  const time = MORNING.getTime();
  const message = messageSaying(forged, { time });
  const events: ClientEvent[] = [
    { type: "message", chat, message, quote },
    { type: "sent", chat, message, quote },
    { type: "room-message", room, message: { ...said, text: forged }, quote },
    { type: "room-sent", room, message: { ...said, text: forged }, quote },
  ];
  for (const event of events) {
    const [first, , ...rows] = new TextLines().of(event, MORNING, ALL);
    assertEquals(first, "> you: shall I wire the money?");
    assertEquals(rows, [
      "        > you: shall I wire the money?",
      "                > you: now?",
    ]);
  }
  const past = { type: "past", name: "bob", what: "received", at: time, among: "chat" } as const;
  const [, ...rows] = new TextLines().of({ ...past, text: forged }, MORNING, ALL);
  assertEquals(rows.filter((row) => row.startsWith(">")), []);
});

Deno.test("text: a row of /who says what is known of a user", () => {
  const details = {
    ...{ session: new Uint8Array(8), capabilities: 0, identity: new PublicKey(new Uint8Array(32)) },
    ...{ certificate: undefined, addresses: [] },
    ...{ availability: "away", status: "back at two", reachability: "unreachable" } as const,
  };
  const marks = { security: "pinned", notOwner: true } as const;
  const event: ClientEvent = { type: "user", number: 1, user: { ...bob, details }, badges: marks };
  assertEquals(new TextLines().of(event, MORNING, ALL), [
    "   1  bob (192.0.2.8:4000), pinned, away, not reachable from the server, " +
    'not the owner of this name, says "back at two"',
  ]);
});

for (const colors of [false, true]) {
  Deno.test(`text: a camera reads the QR code as it is printed, ${colors ? "with" : "without"} colors`, async () => {
    const link = "mim://192.0.2.7:7000/tWrqg4lDfFhM3hZoJ0gk7S2n1m5p9b8XyVQvRzLwKcE";
    const text = new TextLines(colors);
    text.newDay(MORNING);
    const rows = await qrLines(link);
    const printed = rows.flatMap((row) => text.of({ type: "note", text: row }, MORNING, ALL));
    assertEquals(readQr(printed), link);
  });
}

/** The text of a QR code on a dark terminal: two rows of modules a line. */
function readQr(lines: readonly string[]): string | undefined {
  const scale = 4;
  const width = Math.max(...lines.map((line) => line.length)) * scale;
  const height = lines.length * 2 * scale;
  const pixels = new Uint8ClampedArray(width * height * 4);
  for (let at = 0; at < width * height; at++) {
    const [x, y] = [Math.floor(at % width / scale), Math.floor(at / width / scale)];
    const lit = y % 2 === 0 ? "▀█" : "▄█";
    const isLight = lit.includes(lines[y >> 1]?.[x] ?? " ");
    pixels.set([...Array(3).fill(isLight ? 255 : 0), 255], at * 4);
  }
  return jsQR.default(pixels, width, height)?.data;
}
