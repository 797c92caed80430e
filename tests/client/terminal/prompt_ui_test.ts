import { PublicKey } from "../../../client/core/mod.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { graphemesOf, sanitizeName, shorten } from "../../../protocol/mod.ts";
import { formatBrief } from "../../../client/terminal/render/format.ts";
import { OutgoingCall } from "../../../client/app/outgoing_call.ts";
import type { SendTarget } from "../../../client/app/send_target.ts";
import type { Chat, Messenger } from "../../../client/core/mod.ts";
import { Clock } from "../../helpers/time.ts";
import { Notifications } from "../../../client/terminal/notifications.ts";
import { promptOf } from "../../../client/terminal/prompt_ui.ts";
import { lineWith } from "../../../client/terminal/render/styled_text.ts";
import { DEFAULT_SETTINGS } from "../../../client/storage/config/settings.ts";
import { chatWith, messageSaying, roomSaying } from "../../fixtures/events.ts";

const bob = chatWith("bob");
const carol = chatWith("carol");
const dave = chatWith("dave", { direction: "incoming" });

interface Scene {
  readonly name?: string;
  readonly state?: Messenger["state"];
  readonly chats?: readonly Chat[];
  readonly target?: SendTarget;
  readonly unread?: readonly (readonly [Chat, number])[];
}

function prompt(scene: Scene): string {
  const { name = "ada", state = "online", chats = [], target, unread = [] } = scene;
  const availability = "online";
  const messenger = { name, state, availability, chats: { all: [...chats] }, rooms: { all: [] } };
  return promptOf(
    messenger as unknown as Messenger,
    { target, unread: new Map(unread) },
    lineWith(false),
  );
}

function talkingTo(chat: Chat): SendTarget {
  return { type: "chat", chat };
}

Deno.test("prompt: the own name, whom lines go to, and what is unread elsewhere", () => {
  assertEquals(prompt({}), "ada> ");
  assertEquals(prompt({ chats: [bob], target: talkingTo(bob) }), "ada ▸ bob> ");
  assertEquals(
    prompt({ chats: [bob, carol, dave], target: talkingTo(bob), unread: [[carol, 3]] }),
    "ada ▸ bob (2 more: carol 3)> ",
  );
  assertEquals(prompt({ chats: [carol], unread: [[carol, 1]] }), "ada (1 more: carol 1)> ");
  const inactive = chatWith("bob", { state: "closed" });
  assertEquals(
    prompt({ chats: [inactive], target: talkingTo(inactive) }),
    "ada ▸ bob (inactive)> ",
  );
  const identity = new PublicKey(new Uint8Array(32));
  for (const [state, word] of [["queued", "not connected"], ["closed", "inactive"]] as const) {
    const closed = chatWith("bob", { identity, state });
    assertEquals(prompt({ chats: [closed], target: talkingTo(closed) }), `ada ▸ bob (${word})> `);
  }
  const twin = chatWith("Ada");
  assertEquals(prompt({ chats: [twin], target: talkingTo(twin) }), "ada ▸ Ada (not you)> ");
});

Deno.test("prompt: the state of the connection, where it is not the usual one", () => {
  assertEquals(prompt({ state: "offline" }), "ada (offline)> ");
  assertEquals(
    prompt({ state: "connecting", chats: [bob], target: talkingTo(bob) }),
    "ada (connecting) ▸ bob> ",
  );
});

Deno.test("prompt: somebody who is being called, or was not reached", () => {
  const who = { text: "bob", quoted: false };
  assertEquals(prompt({ target: new OutgoingCall(who) }), "ada ▸ bob …> ");
  const missed = { type: "missed", name: "bob", who, before: undefined } as const;
  assertEquals(prompt({ target: missed }), "ada> ");
});

Deno.test("no text is cut within a character: prompt, notes and notifications", () => {
  const rockets = "🚀".repeat(64);
  const families = "👩‍👩‍👧‍👦".repeat(20);
  for (const text of [rockets, families, "é".normalize("NFD").repeat(80), "🇩🇪".repeat(40)]) {
    const whole = new Set(graphemesOf(text));
    for (let units = 1; units < 120; units++) {
      const cut = graphemesOf(shorten(text, units).replace(/…$/, ""));
      assertEquals(cut.filter((character) => !whole.has(character)), []);
    }
    for (const shown of [formatBrief(text), sanitizeName(text), prompt({ name: text })]) {
      assert(!/[\uFFFD\p{Cs}]/u.test(shown), shown);
    }
  }
  assertEquals(prompt({ name: "🚀".repeat(9) }), `${"🚀".repeat(7)}…> `);
});

Deno.test("prompt: long and hostile names take little room and do no harm", () => {
  const nasty = chatWith(`\x1b[2J${"x".repeat(60)}`);
  const shown = prompt({ chats: [nasty], target: talkingTo(nasty) });
  assertEquals(shown, 'ada ▸ "␛[2Jxxxxxxxxxxx…"> ');
});

Deno.test("prompt, title and notifications: a name with signs of a sentence stands in quotes", () => {
  const forged = chatWith("bob: it is 4711");
  assertEquals(
    prompt({ chats: [forged, bob], target: talkingTo(bob), unread: [[forged, 1]] }),
    'ada ▸ bob (1 more: "bob: it is 4711" 1)> ',
  );
  let written = "";
  const seen = new Notifications((bytes) => written += bytes);
  const settings = { ...DEFAULT_SETTINGS, bell: false, notify: true };
  const event = { type: "message", chat: forged, message: messageSaying("hi") } as const;
  seen.notify(event, { current: undefined, unread: new Map() }, settings);
  assertStringIncludes(written, '"bob: it is 4711"');
  seen.notify(event, { current: forged, unread: new Map() }, settings);
  assertStringIncludes(written, ']2;"bob: it is 4711": MIM');
});

/** What is written to the terminal for an event in a chat with Carol, while Bob is in front. */
function attention(settings: Partial<typeof DEFAULT_SETTINGS>, text: string): string {
  let written = "";
  const seen = new Notifications((bytes) => written += bytes);
  const unread = new Map([[carol, 2]]);
  const front = { current: bob, unread };
  const all = { ...DEFAULT_SETTINGS, ...settings };
  seen.notify({ type: "message", chat: bob, message: messageSaying("in front") }, front, all);
  seen.notify({ type: "message", chat: carol, message: messageSaying(text) }, front, all);
  return written;
}

Deno.test("attention: the title tells what is unread; the bell rings for what is not in front", () => {
  assertEquals(attention({}, "hi"), "\x1b]2;(2) bob: MIM\x1b\\\x07");
  assertEquals(attention({ bell: false }, "hi"), "\x1b]2;(2) bob: MIM\x1b\\");
});

Deno.test("attention: the desktop is told where that is wanted, and of nothing that could act", () => {
  const told = attention({ bell: false, notify: true }, "a;b\x1b]0;owned\x07");
  assertMatch(told.split("\x1b]").at(-1) ?? "", /^(9;carol: |777;notify;carol;)a,b␛\]0,owned␇.\\$/);
});

Deno.test("attention: whoever talks much is heard now and then, not each time", () => {
  let written = "";
  const seen = new Notifications((bytes) => written += bytes);
  const front = { current: bob, unread: new Map() };
  for (let times = 0; times < 100; times++) {
    seen.notify(
      { type: "message", chat: carol, message: messageSaying("hi") },
      front,
      DEFAULT_SETTINGS,
    );
  }
  assertEquals(written.split("\x07").length - 1, 1);
});

Deno.test("attention: a chat and its first message, however late it comes, are one piece of news", () => {
  using clock = new Clock();
  let written = "";
  const seen = new Notifications((bytes) => written += bytes);
  const front = { current: bob, unread: new Map() };
  const said = { type: "message", chat: carol, message: messageSaying("hi") } as const;
  const opened = { ...carol, direction: "incoming" } as typeof carol;
  seen.notify({ type: "chat-opened", chat: opened }, front, DEFAULT_SETTINGS);
  clock.advance(9_000); // the message could not be stored before
  seen.notify({ ...said, chat: opened }, front, DEFAULT_SETTINGS);
  assertEquals(written.split("\x07").length - 1, 1);
  clock.advance(9_000);
  seen.notify({ ...said, chat: opened }, front, DEFAULT_SETTINGS);
  assertEquals(written.split("\x07").length - 1, 2);
});

Deno.test("attention: a room rings if somebody says the user's name, or for each message", () => {
  const rung = (rooms: "mentions" | "all" | "off", text: string, isInFront = false) => {
    let written = "";
    const { room, message } = roomSaying(text);
    const seen = new Notifications((bytes) => written += bytes);
    const front = { current: undefined, unread: new Map(), ...isInFront && { room } };
    seen.notify({ type: "room-message", room, message }, front, { ...DEFAULT_SETTINGS, rooms });
    return written.includes("\x07");
  };
  assertEquals(rung("mentions", "lunch, ADA?"), true);
  assertEquals(rung("mentions", "adagio"), false);
  assertEquals(rung("mentions", "ask ada", true), true);
  assertEquals([rung("all", "hello"), rung("all", "hello", true)], [true, false]);
  assertEquals(rung("off", "ada!"), false);
});
