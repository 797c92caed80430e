/** What is kept of chats, and the commands that look it up. */

import { chatWith, messageSaying } from "../../fixtures/events.ts";
import { PublicKey, randomMessageId } from "../../../client/core/mod.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import { Clock } from "../../helpers/time.ts";
import { MessageArchive } from "../../../client/app/message_archive.ts";
import { Profile } from "../../../client/storage/profile.ts";
import { poll } from "../../helpers/wait.ts";
import type { TestUser } from "../../helpers/test_user.ts";
import { TestEnvironment } from "../../helpers/test_environment.ts";
import { WallClock } from "../../helpers/time.ts";
import { Screen } from "./screen.ts";

interface Remembering {
  readonly folder: string;
  readonly bob: TestUser;
  readonly screen: Screen;
  readonly memory: MessageArchive;
}

/** A messenger with one contact, and no chats. */
function knowing(name: string, identity: Uint8Array): MessageArchive["threadNames"]["messenger"] {
  return { trust: { contacts: [{ name, identity: new PublicKey(identity) }] }, chats: [] };
}

/** Ada, who remembers, and Bob. */
async function remembering(
  test: (people: Remembering) => Promise<void>,
  kept: boolean | number = true,
): Promise<void> {
  await using env = TestEnvironment.fake();
  const { at } = env.serve();
  const folder = await Deno.makeTempDir();
  const ada = env.user("ada", at);
  const screen = new Screen(ada);
  const memory = new MessageArchive(
    await Profile.read(folder),
    (text) => screen.context.note(text),
  );
  await memory.open(kept);
  screen.context.archive = memory;
  await ada.login();
  const [bob] = await env.online(at, "bob");
  await ada.saw("online", { name: "bob" });
  screen.clear();
  try {
    await test({ folder, bob, screen, memory });
  } finally {
    await memory.close();
    await Deno.remove(folder, { recursive: true });
  }
}

/** The lines of scripts, times left out. */
function said(screen: Screen): string[] {
  return screen.told().map((text) => text.replace(/\[\d{4}-\d\d-\d\d \d\d:\d\d\]/, "[TIME]"));
}

Deno.test("memory: what was received and sent is in the history, oldest first", () =>
  remembering(async ({ bob, screen }) => {
    await screen.type("/talk bob", "one");
    const { chat } = await bob.saw("message", { text: "one" });
    await chat.send("two");
    await screen.saw("message", { text: "two" });
    screen.clear();
    await screen.type("/history");
    assertEquals(said(screen), [
      "note: [TIME] you: one",
      "note: [TIME] bob: two",
      "note: That is the whole history with bob: 2 messages",
    ]);
    await screen.type("/history 1");
    assertEquals(said(screen), [
      "note: [TIME] bob: two",
      "note: The last 1 message with bob; /history 2 shows more",
    ]);
  }));

Deno.test("memory: what did not go out is kept as that", () =>
  remembering(async ({ bob, screen }) => {
    await screen.type("/talk bob", "one");
    const { chat } = await bob.saw("message", { text: "one" });
    await chat.close();
    await screen.saw("chat-closed");
    await screen.type("still there?");
    screen.clear();
    await screen.type("/history");
    assertEquals(said(screen).slice(1, 2), ["note: [TIME] you (not sent): still there?"]);
  }));

Deno.test("memory: a search goes over all chats, the newest last, and says when there are more", () =>
  remembering(async ({ memory, screen }) => {
    const server = { hostname: "mim.example", port: 4242 };
    for (let index = 1; index <= 30; index++) {
      const chat = chatWith(`peer${index}`, { address: "192.0.2.9" });
      const id = index.toString(16).padStart(16, "0");
      const message = messageSaying(`lunch at ${index}`, { id, direction: "outgoing" });
      memory.keep({ type: "sent", chat, message }, server);
    }
    await screen.type("/search lunch");
    const found = said(screen);
    assertEquals(found.length, 21);
    assertEquals(found[0], "note: [TIME] you to peer11: lunch at 11");
    assertEquals(found[19], "note: [TIME] you to peer30: lunch at 30");
    assertStringIncludes(found[20] ?? "", "These are the newest 20 matches");
    await screen.type("/search LUNCH 7", "/search nothing", "/search");
    assertEquals(said(screen), [
      "note: [TIME] you to peer7: lunch at 7",
      "note: 1 message found",
      "note: No message has all of these words: nothing",
      "error: Expected words to search for: /search WORDS",
    ]);
  }));

Deno.test("memory: /forget deletes what is kept of somebody, online or not", () =>
  remembering(async ({ memory, screen }) => {
    const server = { hostname: "mim.example", port: 4242 };
    for (const name of ["carol x", "carol x", "dave"]) {
      memory.keepFailed({ name, address: "192.0.2.9", port: 1 }, "secret", server);
    }
    const typed = new Map([["carol x", 3], ["eve", 1]]);
    screen.context.forgetTyped = (name) => typed.get(name) ?? 0;
    await screen.type('/forget "carol x"', "/forget Dave", "/forget eve", "/forget");
    assertEquals(said(screen), [
      "note: Deleted the history with carol x: 2 messages and 3 typed lines",
      "note: There is no history with Dave; upper and lower case matter here",
      "note: Deleted the history with eve: 0 messages and 1 typed line",
      "error: Expected a name: /forget NAME",
    ]);
    assertEquals(memory.search("secret", 9).map(({ name }) => name), ["dave"]);
  }));

Deno.test("memory: an opening chat shows its last lines of earlier, once, and never to scripts", () =>
  remembering(async ({ folder, memory, screen }) => {
    const server = { hostname: "mim.example", port: 4242 };
    const old = { name: "bob", address: "192.0.2.9", port: 1 };
    for (let index = 1; index <= 9; index++) memory.keepFailed(old, `no ${index}`, server);
    await screen.type("/talk bob", "/close");
    await screen.saw("chat-closed");
    screen.context.activeChat.recallsLines = true;
    await screen.type("/talk bob", "/close");
    await poll(() => screen.context.activeChat.current === undefined, "the chat to close");
    assertEquals(said(screen), [], "all of it is on the screen");

    const last = memory.last("bob", 1)[0]?.at ?? 0;
    await poll(() => Date.now() > last, "a later moment");
    const later = new MessageArchive(
      await Profile.read(folder),
      (text) => screen.context.note(text),
    );
    await later.open();
    screen.context.archive = later;
    await screen.type("/talk bob");
    assertEquals(said(screen).map((text) => text.slice(-4)), [
      "no 5",
      "no 6",
      "no 7",
      "no 8",
      "no 9",
    ]);
    await screen.type("/close", "/talk bob");
    assertEquals(said(screen), []);
    await later.close();
  }));

Deno.test("memory: where lines of one name came from several addresses, each says which", () =>
  remembering(async ({ memory, screen }) => {
    const server = { hostname: "mim.example", port: 4242 };
    for (const address of ["192.0.2.9", "2001:db8::9"]) {
      memory.keepFailed({ name: "bob", address, port: 1 }, "hi", server);
    }
    await screen.type("/talk bob");
    screen.clear();
    await screen.type("/history");
    assertEquals(said(screen).slice(0, 2), [
      "note: [TIME] you to bob (192.0.2.9) (not sent): hi",
      "note: [TIME] you to bob ([2001:db8::9]) (not sent): hi",
    ]);
  }));

Deno.test("memory: where nothing is to be kept nothing is, and each command says why", () =>
  remembering(async ({ folder, screen }) => {
    await screen.type("/talk bob", "one", "/history", "/search one", "/forget bob");
    const errors = screen.told().filter((text) => text.startsWith("error"));
    assertEquals(errors.length, 3);
    for (const text of errors) {
      assertMatch(text, /^error: No history is kept: the config file turns it off/);
    }
    assertEquals([...Deno.readDirSync(folder)], []);
  }, false));

Deno.test("memory: what is older than it is to be kept is deleted at the start", async () => {
  const folder = await Deno.makeTempDir();
  const notes: string[] = [];
  const { History } = await import("../../../client/storage/history/history.ts");
  const history = await History.open(`${folder}/history.db`, (text) => notes.push(text));
  const peer = { name: "bob", address: "192.0.2.9:1" };
  const keep = (text: string, days: number) => {
    const at = Date.now() - days * 86_400_000;
    history?.append({ peer, type: "sent", text, at, kept: at });
  };
  keep("old", 31);
  keep("new", 29);
  await history?.close();
  const memory = new MessageArchive(await Profile.read(folder), (text) => notes.push(text));
  await memory.open(30);
  await poll(() => memory.last("bob", 9).length === 1, "the old one to go");
  assertEquals(memory.last("bob", 9).map(({ text }) => text), ["new"]);
  await poll(() => notes.length > 0, "a note");
  await memory.close();
  assertEquals(notes, ["Deleted 1 message from the history, which keeps 30 days"]);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("memory: a start a year ahead deletes nothing, and says so", async () => {
  const folder = await Deno.makeTempDir();
  const notes: string[] = [];
  const open = async () => {
    const memory = new MessageArchive(await Profile.read(folder), (text) => notes.push(text));
    await memory.open(30);
    return memory;
  };
  const first = await open();
  const message = messageSaying("hello", { id: randomMessageId() });
  const server = { hostname: "mim.example", port: 4242 };
  first.keep({ type: "message", chat: chatWith("bob"), message }, server);
  await first.close();
  using time = new WallClock();
  time.advance(365 * 86_400_000);
  const second = await open();
  await poll(() => notes.length > 0, "a note");
  assertEquals(second.last("bob", 9).map(({ text }) => text), ["hello"]);
  await second.close();
  assertMatch(notes.join(), /^The clock has gone on by 365 days since MIM last ran: no messages/);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("memory: of a very long message from others the beginning is kept, and that is said", () =>
  remembering(({ memory }) => {
    const chat = chatWith("eve", { address: "192.0.2.9" });
    const server = { hostname: "mim.example", port: 4242 };
    const text = "x".repeat(16_384);
    for (const type of ["message", "sent"] as const) {
      memory.keep({ type, chat, message: messageSaying(`${text}yz`, { id: type }) }, server);
    }
    assertEquals(memory.last("eve", 9).map(({ text }) => text), [
      `${text}… (the first 16384 of 16386 characters)`,
      `${text}yz`,
    ]);
    return Promise.resolve();
  }));

Deno.test("memory: of what strangers of one network say in an hour little is kept, and that is said once", () =>
  remembering(({ memory, screen }) => {
    const server = { hostname: "mim.example", port: 4242 };
    const say = (name: string, address: string, text: string) => {
      const message = messageSaying(text, { id: randomMessageId() });
      memory.keep({ type: "message", chat: chatWith(name, { address }), message }, server);
    };
    for (let index = 0; index < 64; index++) say("eve", "192.0.2.9", "x".repeat(16_384));
    say("eve", "192.0.2.9", "one more");
    say("mallory", "192.0.2.8", "under another name, from next door");
    say("bob", "198.51.100.7", "hello");
    assertEquals(memory.last("eve", 2_000).length, 64);
    assertEquals(memory.last("mallory", 9), []);
    assertEquals(memory.last("bob", 9).map(({ text }) => text), ["hello"]);
    assertEquals(screen.told(), [
      "note: 192.0.2.0/24 has sent a lot: nothing more from there is kept for up to an hour",
    ]);
    return Promise.resolve();
  }));

Deno.test("memory: of a classic user to whom one has written there, 16 Mi characters an hour are kept", () =>
  remembering(({ memory, screen }) => {
    const server = { hostname: "mim.example", port: 4242 };
    const chat = chatWith("bob", { address: "192.0.2.7" });
    memory.keep({ type: "sent", chat, message: messageSaying("hi", { id: "1" }) }, server);
    memory.last("bob", 0); // which has it written
    const text = "x".repeat(16_384);
    for (let index = 0; index < 1_025; index++) {
      const message = messageSaying(text, { id: randomMessageId() });
      memory.keep({ type: "message", chat, message }, server);
    }
    assertEquals(memory.last("bob", 2_000).length, 1_025);
    assertEquals(screen.told().length, 1);
    return Promise.resolve();
  }));

Deno.test("memory: what a stranger with a key sends beyond its allowance is not kept, and must come again", () =>
  remembering(({ memory }) => {
    using clock = new Clock();
    const server = { hostname: "mim.example", port: 4242 };
    let count = 0;
    const keep = (seed: number, name: string, address: string, id = ++count) => {
      const text = "x".repeat(16_384);
      const identity = new PublicKey(new Uint8Array(32).fill(seed));
      const ids = { id: id.toString(16).padStart(16, "0"), identity };
      return memory.keepIncoming({ ...ids, name, address, port: 1, text, time: 0 }, server);
    };
    for (let n = 0; n < 63; n++) assertEquals(keep(n, `eve ${n}`, "192.0.2.9"), true);
    assertEquals(keep(1, "eve 1", "192.0.2.9", 2), false, "what has come already takes nothing");
    assertEquals(keep(63, "eve 63", "192.0.2.9"), true);
    assertThrows(
      () => keep(99, "eve 99", "192.0.2.8"),
      Error,
      "192.0.2.0/24 has sent more than 1 Mi",
    );
    // A contact next door, to whom the user has written, has an allowance of its own.
    memory.threadNames.messenger = knowing("bob", new Uint8Array(32).fill(200));
    assertThrows(() => keep(200, "bob", "192.0.2.8"), Error, "has sent more");
    const chat = chatWith("bob", { identity: new PublicKey(new Uint8Array(32).fill(200)) });
    memory.keep({ type: "sent", chat, message: messageSaying("hi", { id: "1" }) }, server);
    memory.last("bob", 0); // which has it written
    for (let n = 0; n < 1_024; n++) assertEquals(keep(200, "bob", "192.0.2.8"), true);
    assertThrows(() => keep(200, "bob", "192.0.2.8"), Error, "bob has sent more than 16 Mi");
    clock.advance(3_600_000);
    assertEquals(keep(99, "eve 99", "192.0.2.8"), true);
    return Promise.resolve();
  }));

Deno.test("memory: one stranger takes the allowance of no neighbor's, with a key or without", () =>
  remembering(({ memory }) => {
    const server = { hostname: "mim.example", port: 4242 };
    const text = "x".repeat(16_384);
    let count = 0;
    const keep = (seed: number) => {
      const identity = new PublicKey(new Uint8Array(32).fill(seed));
      const id = (++count).toString(16).padStart(16, "0");
      const from = { id, identity, name: `eve ${seed}`, address: "192.0.2.9", port: 1 };
      return memory.keepIncoming({ ...from, text, time: 0 }, server);
    };
    for (let n = 0; n < 65; n++) {
      const message = messageSaying(text, { id: randomMessageId() });
      const chat = chatWith("mallory", { address: "192.0.2.8" });
      memory.keep({ type: "message", chat, message }, server);
    }
    for (let n = 0; n < 32; n++) assertEquals(keep(1), true);
    assertThrows(() => keep(1), Error, "eve 1 has sent more than 512 Ki");
    assertEquals(keep(2), true);
    return Promise.resolve();
  }));

Deno.test("memory: a number of lines is from 1 to 1000, and of some chat", () =>
  remembering(async ({ screen }) => {
    await screen.type("/history 0", "/history x", "/history");
    assertEquals(screen.told(), [
      'error: Expected a number of lines from 1 to 1000, got "0"',
      'error: Expected a number of lines from 1 to 1000, got "x"',
      "error: No chat is open; /talk NAME starts one",
    ]);
  }));

Deno.test("set: a value holds at once, and is in the config file, whose comments stay", () =>
  remembering(async ({ folder, screen }) => {
    await Deno.writeTextFile(`${folder}/config.json`, '{\n  // quiet\n  "bell": true\n}\n');
    await screen.type(
      "/set bell off",
      "/set joins on",
      "/set history 30",
      "/set server mim.example",
    );
    assertEquals(screen.told(), [
      "note: bell is off",
      "note: joins is on",
      "note: history will be 30 from the next start",
      "note: server will be mim.example from the next start",
    ]);
    assertEquals([screen.context.settings.bell, screen.context.settings.joins], [false, "on"]);
    const text = await Deno.readTextFile(`${folder}/config.json`);
    assertStringIncludes(text, "// quiet");
    const { config } = await Profile.read(folder);
    assertEquals(config, { bell: false, joins: "on", history: 30, server: "mim.example" });
  }));

Deno.test("set: of two values at once, as where lines are pasted, none is lost", () =>
  remembering(async ({ folder, screen }) => {
    await Promise.all(
      ["/set bell off", "/set joins on", "/set notify on"].map((line) => screen.run(line)),
    );
    const { config } = await Profile.read(folder);
    assertEquals(config, { bell: false, joins: "on", notify: true });
  }));

Deno.test("set: without arguments it lists what there is; wrong ones are named and change nothing", () =>
  remembering(async ({ folder, screen }) => {
    await screen.type("/set");
    const listed = screen.told();
    for (
      const line of ["joins: smart", "bell: on", "history: on", "listen: every address, any port"]
    ) {
      assert(listed.includes(`note: ${line}`), listed.join("\n"));
    }
    const { hostname, port } = screen.context.messenger.server;
    assertEquals(listed[0], `note: server: ${hostname}:${port}`);
    assertEquals(listed.at(-1), `note: /set KEY VALUE writes to ${folder}/config.json`);
    assertMatch(
      listed.at(-2) ?? "",
      /^note: Values: server HOST.*; history on, off or DAYS; joins on, off or smart; bell on or off; strangers allow, ask, refuse or allow-unconfirmed/,
    );
    await screen.type("/set bell loud", "/set joins", "/set colour red", "/set listen 5555");
    const errors = screen.told();
    assertEquals(errors.slice(0, 2), [
      'error: Expected bell to be true or false, got "loud"',
      'error: Expected joins to be "on", "off" or "smart", got nothing',
    ]);
    assertMatch(errors[2] ?? "", /^error: Expected one of server, .* after \/set, got "colour"$/);
    assertMatch(errors[3] ?? "", /^error: Expected listen to be .*, got "5555"$/);
    assertEquals(await Profile.read(folder).then(({ config }) => config), {});
  }));

Deno.test("set: what is in force is listed, and what is kept where that is something else", () =>
  remembering(async ({ screen }) => {
    const { server: { hostname, port }, name } = screen.context.messenger;
    screen.context.listen = ":4243";
    await screen.type("/set name zoe", "/set server mim.example", "/set listen :4243", "/set");
    assertEquals(screen.told().slice(3, 7), [
      `note: server: ${hostname}:${port} (config file: mim.example)`,
      `note: name: ${name} (config file: zoe)`,
      "note: listen: :4243",
      "note: history: on",
    ]);
    await screen.type(
      `/set server ${hostname}:${port}`,
      `/set name ${name}`,
      "/set history 30",
      "/set",
    );
    assertEquals(screen.told().slice(3, 7), [
      `note: server: ${hostname}:${port}`,
      `note: name: ${name}`,
      "note: listen: :4243",
      "note: history: 30",
    ]);
  }));

Deno.test("set: it is answered before what is typed next", () =>
  remembering(async ({ screen }) => {
    const lines = ["/set bell off", "/joins on", "/joins", "/set name zoe", "/chats"];
    await Promise.all(lines.map((line) => screen.run(line)));
    assertEquals(screen.told(), [
      "note: bell is off",
      "note: joins is on",
      "note: joins is on",
      "note: name will be zoe from the next start",
      "note: No chat is open; /talk NAME starts one",
    ]);
  }));

Deno.test("set: where it can't be written down, it holds for now, and that is said", async () => {
  await using env = TestEnvironment.fake();
  const screen = new Screen(env.user("ada", env.serve().at));
  await screen.type("/set bell off");
  assertEquals(screen.context.settings.bell, false);
  assertEquals(screen.told(), [
    "note: bell is off, for this run: there is no data folder",
  ]);
});

Deno.test("profile: without leave to use the usual folder nothing is kept, and nobody is asked", {
  permissions: { env: true },
}, async () => {
  const profile = await Profile.read(undefined);
  assertEquals([profile.folder, profile.config], [undefined, {}]);
  assertMatch(profile.whyNot, /--allow-read=".+" --allow-write=".+"|--data DIR/);
});

Deno.test("memory: the history of a contact who goes by another name is found by that name, too", () =>
  remembering(async ({ screen, memory }) => {
    const identity = new Uint8Array(32).fill(7);
    memory.threadNames.messenger = knowing("bob", identity);
    const chat = chatWith("rob", { identity: new PublicKey(identity) });
    const server = { hostname: "192.0.2.7", port: 4242 };
    memory.keepFailed(chat, "lost", server);
    assertEquals(memory.threadOfOtherName("Rob"), "bob");
    assertEquals(memory.threadOfOtherName("bob"), undefined);
    await screen.type("/msg rob hi");
    assertEquals(
      said(screen).filter((line) => line.startsWith("error")),
      ["error: rob is not online; bob has gone by that name"],
    );
    await screen.type("/forget rob");
    assertEquals(said(screen).at(-1), "note: Deleted the history with bob: 1 message");
  }));
