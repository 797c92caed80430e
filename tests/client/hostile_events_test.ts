/** Whatever others send: no face throws, loses what else there is to show, or ends the program. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import { type ClientEvent, Context, MessageArchive, userBadges } from "../../client/app/mod.ts";
import { type Identity, Messenger } from "../../client/core/mod.ts";
import { UserTable } from "../../client/core/presence/mod.ts";
import { plausibleTime } from "../../client/core/message.ts";
import { FakeNetwork } from "../../client/testing/fake_network.ts";
import { Profile } from "../../client/storage/mod.ts";
import { eventPrinter } from "../../client/terminal/mod.ts";
import { jsonLine } from "../../client/terminal/render/json.ts";
import { plainLine } from "../../client/terminal/render/plain.ts";
import { TextLines } from "../../client/terminal/render/text.ts";
import { NO_CHATS } from "../../client/terminal/render/view.ts";
import { WindowState } from "../../client/window/state/mod.ts";
import {
  decodeLinkUpdate,
  decodeUpdate,
  encodeAdd,
  encodeLinkUpdate,
  limits,
} from "../../protocol/mod.ts";
import { newIdentity } from "../fixtures/keys.ts";
import { anyLinkDetails, anyLinkEntry } from "../fixtures/link_messages.ts";
import { chromiumTests } from "../helpers/chromium.ts";
import { TestWindow } from "../helpers/window.ts";
import { anyNasty, chatWith, eventsSaying, messageSaying } from "../fixtures/events.ts";

const NOW = new Date(2026, 0, 2, 12);

/** Any time that a decoder lets through. */
const anyWireTime = fc.oneof(
  fc.constantFrom(0, 1, Date.now(), limits.timeMs - 1, limits.timeMs),
  fc.integer({ min: 0, max: limits.timeMs }),
);

/** Any number that a fault of this program could make of a time. */
const anyNumber = fc.oneof(
  anyWireTime,
  fc.constantFrom(NaN, Infinity, -Infinity, -1, 2 ** 53 - 1, limits.timeMs + 1, -limits.timeMs - 1),
);

/** An event of any kind, with any text in it. */
function anyEvent(time: fc.Arbitrary<number>): fc.Arbitrary<ClientEvent> {
  return fc.tuple(anyNasty, time, fc.nat(1_000)).map(([text, at, which]) => {
    const events = eventsSaying(text, at);
    return events[which % events.length] ?? { type: "logged-out" };
  });
}

const RENDERERS: Readonly<Record<string, (event: ClientEvent) => unknown>> = {
  text: (event) => new TextLines(true).of(event, NOW, { ...NO_CHATS, joins: "on" }),
  plain: plainLine,
  json: jsonLine,
};

for (const [name, render] of Object.entries(RENDERERS)) {
  Deno.test(`faces: ${name} shows any event with any text and any time that a decoder lets through`, () => {
    fc.assert(fc.property(anyEvent(anyWireTime), (event) => void render(event)), {
      numRuns: 2_000,
    });
  });
}

for (const format of ["text", "plain", "json"] as const) {
  Deno.test(`faces: ${format} drops with a note what it can't show, and goes on`, () => {
    const any = eventPrinter(format, () => {});
    fc.assert(fc.property(anyEvent(anyNumber), (event) => void any(event)), { numRuns: 1_000 });
    const lines: string[] = [];
    const show = eventPrinter(format, (line) => lines.push(line));
    show({ type: "message", chat: chatWith("bob"), message: faultyMessage() });
    assertStringIncludes(lines.join("\n"), "This could not be shown (message): a fault");
    show({ type: "note", text: "still here" });
    assertStringIncludes(lines.at(-1) ?? "", "still here");
  });
}

/** A message at which everybody who shows it fails. */
function faultyMessage() {
  return Object.defineProperty(messageSaying(""), "text", {
    get: () => {
      throw new Error("a fault");
    },
  });
}

/** A window without pages, and the table that its list comes from. */
function windowState(identity?: Identity): {
  readonly state: WindowState;
  readonly table: UserTable;
  readonly messenger: Messenger;
} {
  const server = { hostname: "192.0.2.1", port: 4242 };
  const network = new FakeNetwork().host("198.18.0.1");
  const messenger = new Messenger({ name: "ada", server, network, ...identity && { identity } });
  const archive = new MessageArchive(new Profile(undefined, {}, "this is a test"), () => {});
  const table = messenger.users;
  assert(table instanceof UserTable);
  table.start({
    server,
    serverAddress: server.hostname,
    proven: identity && { serverKey: new Uint8Array(32), serverTime: 0, isUncertified: false },
    own: { name: "ada", address: "198.18.0.1", port: 4000 },
    resumes: false,
  });
  return { state: new WindowState(messenger, archive), table, messenger };
}

/** A user's row, as it is decoded. */
const anyRow = fc.tuple(anyNasty, anyNasty, fc.nat(0xffff)).map(([name, address, port]) =>
  decodeUpdate(encodeAdd({ name, address, port }).subarray(2))
);

Deno.test("faces: a window's snapshot holds all that can be shown, after any events and rows", () => {
  const anything = fc.array(fc.oneof(anyEvent(anyNumber), anyRow), { maxLength: 40 });
  const property = fc.property(anything, (things) => {
    const { state, table } = windowState();
    let rows = 0;
    for (const thing of things) {
      if (!("entry" in thing)) state.handleEvent(thing);
      else if (thing.type === "add") {
        table.apply(thing);
        rows++;
      }
    }
    const snapshot = JSON.parse(JSON.stringify(state.snapshot));
    assertEquals(snapshot.users.length, rows);
    state.close();
    table.stop();
  });
  fc.assert(property, { numRuns: 200 });
});

/** Rows of a MIM/2 server and their changes, as they are decoded: each session once. */
const anyMim2Rows = fc.uniqueArray(
  fc.tuple(anyLinkEntry, anyNasty, anyLinkDetails).map(([entry, name, details]) => {
    const add = { type: "add", entry: { ...entry, name: name.slice(0, 64) } } as const;
    const change = { type: "change", session: entry.session, details } as const;
    return [add, change].flatMap((update) => decodeLinkUpdate(encodeLinkUpdate(update)) ?? []);
  }),
  { maxLength: 12, selector: ([add]) => add?.type === "add" ? add.entry.session.toHex() : "" },
);

Deno.test("faces: all of them show any rows of a MIM/2 server, and what changes in them", () => {
  const identity = newIdentity();
  const property = fc.property(anyMim2Rows, (rows) => {
    const { state, table, messenger } = windowState(identity);
    const faults: string[] = [];
    messenger.subscribe((event) => {
      if (event.type === "error") faults.push(event.error.message);
    });
    const shown: ClientEvent[] = [];
    const context = new Context(messenger, {
      emit(event) {
        shown.push(event);
        for (const render of Object.values(RENDERERS)) render(event);
      },
      isTyping: () => false,
      quit: () => {},
    });
    for (const update of rows.flat()) table.apply(update);
    const users = [...table];
    const badges = userBadges(context.messenger, users);
    users.forEach((user, index) => {
      const event = { type: "user", number: index, user, badges: badges[index] } as const;
      for (const render of Object.values(RENDERERS)) render(event);
    });
    assertEquals(faults, []);
    assertEquals(shown.filter(({ type }) => type === "online").length, rows.length);
    assertEquals(JSON.parse(JSON.stringify(state.snapshot)).users.length, rows.length);
    state.close();
    table.stop();
  });
  fc.assert(property, { numRuns: 200 });
});

Deno.test("faces: a row, a chat or an event that a window can't show takes no others along", () => {
  const { state, table } = windowState();
  for (const name of ["bob", "carol"]) {
    table.apply({ type: "add", entry: { name, address: "192.0.2.8", port: 1 } });
  }
  const [bob] = table;
  assert(bob !== undefined);
  Object.defineProperty(bob, "address", {
    get: () => {
      throw new Error("a fault");
    },
  });
  const [good, bad] = [chatWith("dave"), chatWith("eve")];
  for (const chat of [good, bad]) state.handleEvent({ type: "chat-opened", chat });
  const eve = state.conversations.all.find(({ name }) => name === "eve");
  assert(eve !== undefined);
  Object.defineProperty(eve, "draft", {
    get: () => {
      throw new Error("a fault");
    },
  });
  state.handleEvent({ type: "message", chat: good, message: faultyMessage() });
  state.handleEvent({ type: "message", chat: good, message: messageSaying("hello") });
  const { users, chats, info } = state.snapshot;
  assertEquals(users.map(({ name }) => name), ["carol"]);
  assertEquals(chats.map(({ name }) => name), ["dave"]);
  assertEquals(chats[0]?.last?.text, "hello");
  assertStringIncludes(info.map(({ text }) => text).join("\n"), "could not be shown");
  state.close();
  table.stop();
});

Deno.test("times: a message is dated at most five minutes ahead, and not long before the chat", () => {
  const [now, day] = [Date.UTC(2026, 0, 2), 86_400_000];
  const since = now - day;
  assertEquals(plausibleTime(now - 1, since, now), now - 1);
  assertEquals(plausibleTime(now + 1, since, now), now + 1);
  for (const late of [now + 300_001, limits.timeMs, 2 ** 53 - 1]) {
    assertEquals(plausibleTime(late, since, now), now + 300_000);
  }
  assertEquals(plausibleTime(since - 89 * day, since, now), since - 89 * day);
  for (const early of [0, since - 91 * day]) {
    assertEquals(plausibleTime(early, since, now), since - 90 * day);
  }
});

const test = chromiumTests();

test("window: a page shows the rest of a snapshot and of the changes, whatever their times", async (browser) => {
  await using mim = await TestWindow.start({ hostname: "127.0.0.1", port: 1 }, { classic: true });
  const page = await mim.page(browser);
  const result = await page.evaluate(`(async () => {
    const { modules } = await import(new URL("main.js", document.querySelector("script").src));
    const { formatDateTime, formatDay, formatTime, isoTime, isOtherDay } = Object.values(modules)
      .find((module) => "formatDateTime" in module);
    const times = [0, -1, null, undefined, NaN, 1 / 0, -1 / 0, 2 ** 53 - 1, 8.64e15 + 1, -8.64e15 - 1];
    for (const at of times) {
      for (const format of [formatDateTime, formatDay, formatTime, isoTime]) format(at);
      for (const other of times) isOtherDay(at, other);
    }
    return times.map(isoTime);
  })()`);
  assert(Array.isArray(result));
  assertEquals(result.slice(-3), [
    "+275760-09-13T00:00:00.000Z",
    "+275760-09-13T00:00:00.000Z",
    "-271821-04-20T00:00:00.000Z",
  ]);
  await mim.closePages();
});
