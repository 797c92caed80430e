/** Names that could be taken for what the program says of somebody. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import { TextLines } from "../../../client/terminal/render/text.ts";
import { ClientError } from "../../../client/core/mod.ts";
import { NO_CHATS } from "../../../client/terminal/render/view.ts";
import {
  describeUncertifiableName,
  displayName,
  displayRoom,
  sanitizeName,
} from "../../../protocol/mod.ts";
import { row } from "../../helpers/fake_server.ts";
import { anyNasty, callerNamed, chatWith, messageSaying } from "../../fixtures/events.ts";

/** Signs that mean something in a sentence of a program. */
const SIGN = /[!"#$%&()*+,/:;<=>?@[\]^`{|}]/;
const NOON = new Date(2026, 0, 2, 12);

/** Names that a classic user may have, and the lines that they try to look like. */
const FORGERIES = [
  "bob (192.0.2.7:4000), verified",
  "bob, pinned",
  "bob: I am the real one, [12:00] carol",
  'bob", verified, says "hi',
  "bob (192.0.2.7) started a chat with you: type to answer, eve",
];

Deno.test("names: one with signs of a sentence stands in quotes that it can't end", () => {
  assertEquals(FORGERIES.map(displayName), [
    '"bob (192.0.2.7:4000), verified"',
    '"bob, pinned"',
    '"bob: I am the real one, [12:00] carol"',
    '"bob\\", verified, says \\"hi"',
    '"bob (192.0.2.7) started a chat with you: type to answer, eve"',
  ]);
  for (const name of ["bob", "Zoë O'Hara", "J.-P.", "零", "eve 3", "a\\b"]) {
    assertEquals(displayName(name), name);
  }
});

Deno.test("names: one with a word that MIM says of users stands in quotes, and no key can own it", () => {
  const names = [
    ...["verified", "NEW", "classic", "unconfirmed", "mim", "bob verified", "bob Pinned"],
    ...[
      "verified bob",
      "bоb vеrified",
      "ＶＥＲＩＦＩＥＤ",
      "not-owner",
      "bob - changed",
      "look-alike",
    ],
  ];
  for (const name of names) {
    assertEquals(displayName(name), `"${name}"`);
    assert(describeUncertifiableName(name) !== undefined, name);
  }
  assert(describeUncertifiableName("You") !== undefined);
  for (const name of ["Anthony New", "Newton", "Classica", "Ben Away", "verifiedly"]) {
    assertEquals(displayName(name), name);
    assertEquals(describeUncertifiableName(name), undefined);
  }
});

Deno.test("names: a bare one has no sign of a sentence, and nothing ends the quotes of another", () => {
  fc.assert(
    fc.property(anyNasty, (name) => {
      const shown = displayName(name);
      if (shown.startsWith('"')) assert(/^"(?:[^"\\]|\\.)*"$/s.test(shown), shown);
      else {assert(
          /^[\p{L}\p{M}\p{N}\p{Emoji}\uFFFD\u2400-\u2423]/u.test(shown) && !SIGN.test(shown),
          shown,
        );}
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("names: letters, digits and a few signs need no quotes", () => {
  const bare = [
    ...[
      "Ada Lovelace",
      "bob-2",
      "O'Neil",
      "user_1",
      "名前",
      "Zoë",
      "J. R. R. Tolkien",
      "山田　太郎",
    ],
    ...[
      "Ludwig van Beethoven",
      "Otto von Bismarck",
      "ノリコ",
      "रामः",
      "علي",
      "Мария",
      "ada~3f2a 9b1c",
    ],
    ...[
      "jean.luc",
      "co\u2010op",
      "l·l",
      "bob�",
      "ada␣",
      "a".repeat(64) + "…",
      "eve 3",
      "ada 🚀",
      "👩‍🚀",
    ],
  ];
  for (const name of bare) assertEquals(displayName(name), name);
});

Deno.test("names: one that could be read as a line of MIM's or as a room stands in quotes", () => {
  const forged = [
    ...[
      "#lab",
      "#lab dan",
      "＃lab",
      "! Login lost",
      "❗ Login lost",
      "dan ǃ",
      "tina edited",
      "tina Edited",
    ],
    ...[
      "tinа еditеd",
      "tina_edited",
      "tina took back",
      "tina is online",
      "dan; run",
      "/server 6.6.6.6",
    ],
    ...[
      "> you",
      "dan > eve",
      "dan  eve",
      "- dan",
      "--- Friday ---",
      "dan ᐳ",
      "bob@192.0.2.7",
      "bobः hi",
    ],
    ...["bob=1", "[12 00] bob", "Online： ada", "½ bob", "⑴ bob", "* bob", "... bob", "tina hat"],
  ];
  for (const name of forged) assertEquals(displayName(name), `"${sanitizeName(name)}"`);
});

Deno.test("names: no user's is shown as a room", () => {
  for (const room of ["#lab", "#new", "#lab~3f2a"]) assertEquals(displayRoom(room), room);
  for (const room of ["#lab:you", "#lab,", '#"lab"', "#-"]) {
    const shown = displayRoom(room);
    assert(shown.startsWith('#"') && displayName(room) !== shown, shown);
  }
  const user = chatWith("#lab dan");
  const message = messageSaying("hi", { time: NOON.getTime() });
  const lines = new TextLines().of({ type: "message", chat: user, message }, NOON, NO_CHATS);
  assertEquals(lines, ['[12:00] "#lab dan": hi']);
});

Deno.test("names: no row of /who, message or notice can be forged by one", () => {
  for (const name of FORGERIES) {
    const address = "203.0.113.66";
    const user = { name, address, port: 1, id: 1, own: false };
    const chat = chatWith(name, { address, direction: "incoming" });
    const lines = [
      { type: "user", number: 1, user, badges: { security: "classic" } },
      { type: "message", chat, message: messageSaying("hello", { time: NOON.getTime() }) },
      { type: "chat-opened", chat },
      { type: "incoming-call", caller: callerNamed(name, { address }) },
      { type: "calls-rejected", name, address, count: 1 },
      { type: "online", user },
    ] as const;
    const view = { ...NO_CHATS, joins: "on" } as const;
    for (const event of lines) {
      const [line = ""] = new TextLines().of(event, NOON, view);
      assert(line.includes(displayName(name)), line);
    }
  }
});

Deno.test("names: a status can't end its quotes either", () => {
  const details = row({ name: "eve", status: 'hi", verified, says "ho' });
  const user = { name: "eve", address: "203.0.113.66", port: 1, id: 1, own: false, details };
  const [line] = new TextLines().of({ type: "user", number: 1, user }, NOON, NO_CHATS);
  assertEquals(line, '   1  eve (203.0.113.66:1), says "hi\\", verified, says \\"ho"');
});

/** Names that look like "you", with which lines of the user's own begin. */
const LIKE_YOU = ["you", "You", "yоu", "ʏou", "ｙｏｕ", "𝐲ou", "γou", " you", "*you", "yоu to bob"];

Deno.test("names: one that looks like you stands in quotes wherever a line of the user's own could begin", () => {
  const view = { ...NO_CHATS, joins: "on" } as const;
  for (const name of LIKE_YOU) {
    const quoted = `"${sanitizeName(name)}"`;
    assertEquals(displayName(name), quoted);
    const address = "203.0.113.66";
    const chat = chatWith(name, { address });
    const user = { name, address, port: 1, id: 1, own: false };
    const past = { type: "past", name, text: "hello", at: 0 } as const;
    const lines = ([
      { type: "message", chat, message: messageSaying("hello", { time: NOON.getTime() }) },
      { type: "online", user },
      { type: "chat-closed", chat, by: "them" },
      { ...past, what: "received", among: "chat" },
      { ...past, what: "sent", among: "all" },
    ] as const).map((event) => new TextLines().of(event, NOON, view).at(-1) ?? "");
    const [message = "", online = "", closed = "", received = "", sent = ""] = lines;
    assertStringIncludes(message, `[12:00] ${quoted} (203.0.113.66): hello`);
    assert(online.startsWith(`${quoted} is online`), online);
    assert(closed.startsWith(`${quoted} closed the chat`), closed);
    assertStringIncludes(received, `] ${quoted}: hello`);
    assertStringIncludes(sent, `] you to ${quoted}: hello`);
  }
  for (const name of ["young", "yöu", "Bayou", "yo"]) assertEquals(displayName(name), name);
});

Deno.test("names: no sentence of an error can be forged by one", () => {
  for (const name of [...FORGERIES, "yоu"]) {
    const closed = new ClientError("chat-closed", { reason: "closed", name });
    assertEquals(closed.message, `the chat with ${displayName(name)} is closed; nothing was sent`);
    const offline = new ClientError("not-online", { reason: "offline", name });
    assertEquals(offline.message, `${displayName(name)} is not online`);
  }
});
