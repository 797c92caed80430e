import { displayName } from "../../../protocol/mod.ts";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { COMMAND_TABLE } from "../../../client/commands/mod.ts";
import { formatQuery } from "../../../client/app/user_query.ts";
import { EXIT } from "../../../client/app/exit_codes.ts";
import { sendCommand } from "../../../client/cli/send_command.ts";
import { FakeTime } from "../../helpers/time.ts";
import type { TestUser } from "../../helpers/test_user.ts";
import { type Place, TestEnvironment } from "../../helpers/test_environment.ts";
import { Screen } from "../app/screen.ts";

interface People {
  readonly at: Place;
  readonly ada: TestUser;
  readonly bob: TestUser;
  readonly screen: Screen;
}

/** Ada with a screen, and Bob without; `others` are online too. */
async function people(env: TestEnvironment, ...others: string[]): Promise<People> {
  const { at } = env.serve();
  const ada = env.user("ada", at);
  const screen = new Screen(ada);
  await ada.login();
  const [bob] = await env.online(at, "bob", ...others);
  for (const name of ["bob", ...others]) await ada.saw("online", { name });
  screen.clear();
  return { at, ada, bob, screen };
}

/** What is tested below, or with keys: a command that is not here has no test. */
const TESTED = [
  "talk",
  "msg",
  "close",
  "next",
  "chats",
  "outbox",
  "cancel",
  "sendfile",
  "files",
  "getfile",
  "pausefile",
  "cancelfile",
  "rooms",
  "room",
  "join",
  "invite",
  "members",
  "topic",
  "admin",
  "remove",
  "leave",
  "reply",
  "edit",
  "delete",
  "react",
  "versions",
  "history",
  "search",
  "forget",
  "who",
  "people",
  "alias",
  "note",
  "away",
  "busy",
  "back",
  "status",
  "strangers",
  "accept",
  "refuse",
  "ignore",
  "unignore",
  "ignored",
  "whoami",
  "verify",
  "trust",
  "login",
  "classic",
  "logout",
  "server",
  "joins",
  "kick",
  "ban",
  "unban",
  "doctor",
  "bell",
  "help",
  "set",
  "quit",
];

Deno.test("commands: each is of the contract, has help, and an example of itself", () => {
  assertEquals(COMMAND_TABLE.commands.map(({ name }) => name), TESTED);
  for (const { name, args, help, example } of COMMAND_TABLE.commands) {
    assertMatch(name, /^[a-z]+$/);
    assertMatch(args, /^$|^\[?#?[A-Z]|^new NAME|^\[[a-z]+(\/[a-z]+)+\]$/);
    assertMatch(help, /^\S.*[^.\s]$/);
    assertEquals(example.split(" ")[0], `/${name}`);
    assert(args.startsWith("[") || (args === "") === (example === `/${name}`), example);
  }
});

Deno.test("commands: upper and lower case may be mixed up", () => {
  assertEquals(COMMAND_TABLE.find("WHO").name, "who");
});

Deno.test("commands: one that is not there is said so, with the nearest", async () => {
  await using env = TestEnvironment.fake();
  const { screen } = await people(env);
  await screen.type("/juggle", "/qu", "/", "/ who", "/w h o", "/TA bob", "/colse", "/tlak bob");
  assertEquals(screen.told(), [
    "error: Unknown command /juggle; /help lists all commands",
    "error: Unknown command /qu; did you mean /quit?",
    "error: Unknown command /; /help lists all commands",
    "error: Unknown command /; /help lists all commands",
    "error: Unknown command /w; did you mean /who?",
    "error: Unknown command /TA; did you mean /talk?",
    "error: Unknown command /colse; did you mean /close?",
    "error: Unknown command /tlak; did you mean /talk?",
  ]);
});

Deno.test("/who: lists who is online, numbered, oneself marked", async () => {
  await using env = TestEnvironment.fake();
  const { ada, screen } = await people(env);
  await screen.type("/who");
  const [own, bob] = [...ada.users];
  assertEquals(screen.all, [
    {
      event: "user",
      number: 1,
      name: "ada",
      address: `${own?.address}:${own?.port}`,
      flags: ["you"],
    },
    { event: "user", number: 2, name: "bob", address: `${bob?.address}:${bob?.port}`, flags: [] },
    { event: "users", count: 2 },
  ]);
});

Deno.test("/who: of some only, it says of which", async () => {
  await using env = TestEnvironment.fake();
  const { screen } = await people(env);
  await screen.type("/who BO", "/who zz");
  assertEquals((await screen.saw("users", { count: 1 })).part, "BO");
  assertEquals((await screen.saw("users", { count: 0 })).part, "zz");
});

Deno.test("/who: says when it is what was known then", async () => {
  await using env = TestEnvironment.fake();
  const { screen } = await people(env);
  await screen.type("/logout", "/who");
  await screen.saw("users", { count: 2 });
  assertEquals(screen.told().map((line) => line.replace(/\d\d:\d\d/, "TIME")), [
    "note: Not connected since TIME: this is who was online then; /login connects again",
  ]);
});

Deno.test("/talk: by name, by number, by address; in quotes or not", async () => {
  await using env = TestEnvironment.fake();
  const { ada, screen } = await people(env, "Zoë L.", "7");
  const bob = [...ada.users][1];
  const ways: readonly (readonly [who: string, name: string])[] = [
    ["bob", "bob"],
    ["BOB", "bob"],
    [`bob@${bob?.address}`, "bob"],
    [`bob@${bob?.address}:${bob?.port}`, "bob"],
    ["3", "bob"],
    ["Zoë L.", "Zoë L."],
    ['"Zoë L."', "Zoë L."],
    ["4", "Zoë L."],
    ["7", "7"],
  ];
  await screen.type("/who");
  for (const [who, name] of ways) {
    screen.clear();
    await screen.type(`/talk ${who}`);
    assertEquals(screen.told(), [], who);
    assertEquals(screen.current, name, who);
    await screen.type("/close");
    assertEquals(screen.current, undefined);
  }
});

Deno.test("a number that is also a name means neither, whatever reads it", async () => {
  await using env = TestEnvironment.fake();
  const { ada, screen } = await people(env, "eve", "2", "3");
  await screen.type("/who"); // 1: 2, 2: 3, 3: ada, 4: bob, 5: eve
  screen.clear();
  const readers = ["talk", "close", "verify", "trust", "ignore", "unignore", "accept", "refuse"];
  await screen.type("/msg 2 hello", ...readers.map((name) => `/${name} 2`));
  const told = screen.told();
  for (const line of told) {
    assertMatch(
      line,
      /^error: 2 could be the name "2", or number 2 of the last \/who; write "2", or "3"@/,
    );
  }
  assertEquals(told.length, 1 + readers.length);
  assertEquals([ada.calls.ignored, ada.chats.all], [[], []]);
  screen.clear();
  await screen.type('/msg "2" to the name');
  await screen.saw("sent", { name: "2", text: "to the name" });
  await screen.type("/msg 5 to the number");
  await screen.saw("sent", { name: "eve", text: "to the number" });
  await screen.type("/msg 1 to the number, whose name it is not");
  await screen.saw("sent", { name: "2" });
});

Deno.test("a number that is the name of that very user means that user", async () => {
  await using env = TestEnvironment.fake();
  const { screen } = await people(env, "1");
  await screen.type("/who", "/msg 1 hello");
  await screen.saw("sent", { name: "1", text: "hello" });
});

Deno.test("/talk: goes to the chat that is open already", async () => {
  await using env = TestEnvironment.fake();
  const { bob, screen } = await people(env, "eve");
  await bob.call("ada");
  await screen.saw("chat-opened");
  await screen.type("/talk eve", "/talk bob");
  assertEquals(screen.told(), ["note: Now talking to bob"]);
  assertEquals(screen.context.messenger.chats.all.length, 2);
});

Deno.test("/talk: nobody, oneself, not online, not clear who, and not reachable", async () => {
  await using env = TestEnvironment.fake();
  const { ada, bob, screen } = await people(env, "eve", "eve");
  const eves = [...ada.users].slice(2).map(({ address, port }) => `eve@${address}:${port}`);
  await screen.type(
    "/talk",
    "/talk nobody",
    "/talk ada",
    "/talk eve",
    "/talk 9",
    "/who",
    "/talk 1",
  );
  const { port } = await bob.saw("listening");
  const address = [...ada.users][1]?.address;
  await screen.type("/who");
  bob.logout();
  await screen.saw("offline");
  await screen.type("/talk 2", "/talk bob");
  assertEquals(screen.told(), [
    "error: Expected a user: /talk NAME",
    "error: nobody is not online; /who shows who is",
    "error: ada is you",
    `error: eve could mean ${eves.join(", ")}; say which one`,
    "error: 9 is not a number from the last /who",
    "error: ada is you",
    `error: Cannot reach bob at ${address}:${port}: it has gone offline; ` +
    "the program there may have ended, or a firewall is in the way",
    "error: bob is not online; /who shows who is",
  ]);
  await screen.type(`/talk ${eves[1]}`);
  assertEquals(screen.current, "eve");
});

Deno.test("/msg: says something, and the current chat stays", async () => {
  await using env = TestEnvironment.fake();
  const { bob, screen } = await people(env, "Zoë L.");
  await screen.type('/msg "Zoë L." hello there');
  await screen.saw("sent", { name: "Zoë L.", text: "hello there" });
  assertEquals(screen.current, "Zoë L."); // there was none
  await screen.type("/msg bob  two  words ");
  await bob.saw("message", { text: "two  words" });
  assertEquals(screen.current, "Zoë L.");
  await screen.type("/msg bob again");
  await bob.saw("message", { text: "again" });
  assertEquals(bob.chats.all.length, 1);
  await screen.type("/msg", "/msg bob", '/msg "bob"', "/msg nobody hello");
  assertEquals(screen.told(), [
    "error: Expected a user and a text: /msg NAME TEXT",
    "error: Expected a user and a text: /msg NAME TEXT",
    "error: Expected a user and a text: /msg NAME TEXT",
    "error: nobody is not online; /who shows who is",
  ]);
});

Deno.test("/close: this chat, or the one with somebody by name or number", async () => {
  await using env = TestEnvironment.fake();
  const { ada, bob, screen } = await people(env, "eve");
  await screen.type("/close");
  assertEquals(screen.told(), ["error: No chat is open; /talk NAME starts one"]);
  await screen.type("/talk bob", "/talk eve", "/close bob");
  await bob.saw("chat-closed", { by: "them" });
  assertEquals(screen.current, "eve");
  await screen.type("/close");
  assertEquals(screen.current, undefined);
  await screen.type("/talk bob", "/who", "/close 2");
  assertEquals(screen.told(), []);
  assertEquals(screen.context.messenger.chats.all, []);
  await screen.type("/close bob", "/close 2");
  assertEquals(screen.told(), [
    "error: bob is not in a chat with you; /chats lists your chats",
    `error: bob@${[...ada.users][1]?.address} is not in a chat with you; /chats lists your chats`,
  ]);
});

Deno.test("/close: leaves an inactive chat", async () => {
  await using env = TestEnvironment.fake();
  const { bob, screen } = await people(env);
  await screen.type("/talk bob");
  const { chat } = await bob.saw("chat-opened");
  await chat.close();
  await screen.saw("chat-closed", { by: "them" });
  screen.clear();
  await screen.type("/close", "/chats");
  assertEquals(screen.told(), [
    "note: Left the inactive chat with bob",
    "note: No chat is open; /talk NAME starts one",
  ]);
});

Deno.test("/who: with a part of the name, sorted", async () => {
  await using env = TestEnvironment.fake();
  const { screen } = await people(env, "hanna", "Annika");
  await screen.type("/who AN");
  const rows = screen.all.map(({ number, name }) => [number, name]);
  assertEquals(rows, [[1, "Annika"], [2, "hanna"], [undefined, undefined]]);
  await screen.saw("users", { count: 2 });
  await screen.type("/talk 2");
  assertEquals(screen.current, "hanna");
});

Deno.test("/next: goes where something is unread, the oldest first, then round", async () => {
  await using env = TestEnvironment.fake();
  const { ada, bob, screen } = await people(env, "eve", "zoe");
  await screen.type("/next");
  assertEquals(screen.told(), ["error: No chat is open; /talk NAME starts one"]);
  screen.context.activeChat.recallsLines = true;
  await screen.type("/talk eve", "/talk zoe", "/talk bob", "/talk zoe");
  const { chat } = await bob.saw("chat-opened");
  await chat.send("one");
  await chat.send("two");
  await screen.saw("message", { text: "two" });
  assertEquals([...screen.context.activeChat.unread.values()], [2]);
  screen.clear();
  await screen.type("/chats");
  assert(screen.told().some((line) => /chat with bob at .*, 2 unread$/.test(line)));
  await screen.type("/next");
  assertEquals(screen.current, "bob");
  assertEquals(screen.context.activeChat.unread.size, 0);
  await screen.saw("past", { text: /bob: one$/ });
  await screen.saw("past", { text: /bob: two$/ });
  await screen.type("/next");
  assertEquals(screen.current, "eve"); // the first, behind the last
  assertEquals(ada.chats.all.length, 3);
});

Deno.test("/joins and /bell: what the user has chosen", async () => {
  await using env = TestEnvironment.fake();
  const { screen } = await people(env);
  await screen.type("/joins", "/joins on", "/bell off", "/joins loud", "/bell");
  assertEquals(screen.told(), [
    "note: joins is smart",
    "note: joins is on, for this run: there is no data folder",
    "note: bell is off, for this run: there is no data folder",
    'error: Expected on, off or smart after /joins, got "loud"',
    "note: bell is off",
  ]);
  assertEquals(screen.context.settings.joins, "on");
  assertEquals(screen.context.settings.bell, false);
});

Deno.test("/chats: lists them, with what became of them", async () => {
  await using env = TestEnvironment.fake();
  const { ada, bob, screen } = await people(env, "eve");
  await screen.type("/chats");
  assertEquals(screen.told(), ["note: No chat is open; /talk NAME starts one"]);
  await screen.type("/talk bob", "/talk eve");
  const { chat } = await bob.saw("chat-opened");
  await chat.close();
  await screen.saw("chat-closed");
  screen.clear();
  await screen.type("/chats");
  const [, atBob, atEve] = [...ada.users];
  assertEquals(screen.told(), [
    `note: 1  chat with bob at ${atBob?.address}:${atBob?.port}, classic, inactive`,
    `note: 2  chat with eve at ${atEve?.address}:${atEve?.port}, classic, current`,
  ]);
});

Deno.test("/chats and its siblings: a name with signs of a sentence stands in quotes", async () => {
  await using env = TestEnvironment.fake();
  const { screen } = await people(env, "eve, verified", "yоu");
  await screen.type('/talk "eve, verified"', "/talk yоu", "/history", "/chats");
  const told = screen.told().filter((line) => !line.startsWith("error"));
  for (const name of ['"eve, verified"', '"yоu"']) {
    assert(told.some((line) => line.includes(`chat with ${name} at `)), told.join("\n"));
  }
  await screen.type("/close");
  assertEquals(screen.told().filter((line) => / with (eve|yоu)/.test(line)), []);
});

Deno.test("/ignore, /ignored, /unignore: a user by name or number, and what then is refused", async () => {
  await using env = TestEnvironment.fake();
  const { ada, bob, screen } = await people(env, "eve");
  const [, atBob, atEve] = [...ada.users];
  await screen.type("/ignored", "/ignore BOB", "/who", "/ignore 3", "/ignore bob");
  const others = (at = "") =>
    `other names from there still get through: /ignore @${at} stops them all`;
  assertEquals(screen.told(), [
    "note: Nobody is ignored; /ignore NAME ignores someone",
    `note: Ignoring bob at ${atBob?.address}; ${others(atBob?.address)}`,
    `note: Ignoring eve at ${atEve?.address}; ${others(atEve?.address)}`,
    `note: Still ignoring bob at ${atBob?.address}; ${others(atBob?.address)}`,
  ]);
  await bob.call("ada");
  await bob.saw("chat-closed", { by: "them" });
  await screen.type("/talk bob", "/ignored");
  const day = new Date().toLocaleDateString("sv");
  assertEquals(screen.told(), [
    `error: bob at ${atBob?.address} is ignored; /unignore bob undoes this`,
    `note: bob at ${atBob?.address}: 1 call refused since ${day}`,
    `note: eve at ${atEve?.address}: 0 calls refused since ${day}`,
  ]);
  await screen.type("/unignore Bob", "/unignore 3", "/unignore bob", "/ignored", "/talk bob", "hi");
  await bob.saw("message", { text: "hi" });
  assertEquals(screen.told(), [
    `note: No longer ignoring bob at ${atBob?.address}`,
    `note: No longer ignoring eve at ${atEve?.address}`,
    "error: bob is not ignored; /ignored shows who is",
    "note: Nobody is ignored; /ignore NAME ignores someone",
  ]);
});

Deno.test("/ignore: the current chat is closed, and lines go to nobody", async () => {
  await using env = TestEnvironment.fake();
  const { bob, screen } = await people(env);
  await screen.type("/talk bob", "/ignore bob");
  await bob.saw("chat-closed", { by: "them" });
  await screen.saw("chat-closed", { name: "bob", by: "me" });
  screen.clear();
  await screen.type("are you still there?");
  assertEquals(screen.told(), ["note: Not sent: no chat is open; /talk NAME starts one"]);
});

Deno.test("/ignore: whoever is not there, by name, address or both; and what is nobody", async () => {
  await using env = TestEnvironment.fake();
  const { ada, screen } = await people(env, "twin", "twin");
  const [, , one, two] = [...ada.users];
  await screen.type(
    "/ignore mallory",
    "/ignore bob@*",
    "/ignore trudy@192.0.2.9",
    "/ignore @192.0.2.9",
    "/ignore @2001:DB8::1",
    "/unignore @192.0.2.9",
    "/unignore bob@*",
  );
  assertEquals(screen.told(), [
    "note: Ignoring mallory at every address; nobody with that name is there now; " +
    "other names still get through",
    "note: Ignoring bob at every address; other names still get through",
    "note: Ignoring trudy at 192.0.2.9; nobody with that name is there now; " +
    "other names from there still get through: /ignore @192.0.2.9 stops them all",
    "note: Ignoring everybody at 192.0.2.9; /unignore @192.0.2.9 undoes this",
    "note: Ignoring everybody at 2001:DB8::1; /unignore @2001:DB8::1 undoes this",
    "note: No longer ignoring trudy at 192.0.2.9",
    "note: No longer ignoring everybody at 192.0.2.9",
    "note: No longer ignoring bob at every address",
  ]);
  await screen.type(
    "/ignore",
    "/ignore ada",
    "/ignore 99",
    "/ignore @here",
    "/ignore a\tb",
    "/ignore twin",
    "/unignore",
    "/unignore @",
  );
  const twins = [one, two].map((user) => `twin@${user?.address}:${user?.port}`).join(", ");
  assertEquals(screen.told(), [
    "error: Expected a user: /ignore NAME or /ignore @ADDRESS",
    "error: ada is you",
    "error: 99 is not a number from the last /who",
    'error: Expected an IP address after the @, got "@here"',
    "error: Nobody can have this name: expected a name of visible characters, got U+0009 in it",
    `error: twin could mean ${twins}; say which one`,
    "error: Expected a user: /unignore NAME or /unignore @ADDRESS",
    "error: @ is not ignored; /ignored shows who is",
  ]);
});

Deno.test("/strangers: says how it is, and changes it", async () => {
  await using env = TestEnvironment.fake();
  const { bob, screen } = await people(env);
  await screen.type("/strangers", "/strangers maybe", "/strangers REFUSE");
  await bob.call("ada");
  await bob.saw("chat-closed", { by: "them" });
  await screen.saw("calls-rejected", { text: /^A call from bob/ });
  await screen.type("/strangers");
  assertEquals(screen.told().filter((text) => !text.includes("A call from")), [
    "note: Calls from people you don't know open a chat, or wait for you if nothing confirms their name (allow)",
    'error: Expected allow, ask, refuse or allow-unconfirmed after /strangers, got "maybe"',
    "note: strangers is refuse, for this run: there is no data folder",
    "note: Calls from people you don't know are refused (refuse); 1 refused so far",
  ]);
});

Deno.test("/accept and /refuse: answer a stranger who waits", async () => {
  await using env = TestEnvironment.fake();
  const { ada, bob, screen } = await people(env, "eve");
  const [, atBob] = [...ada.users];
  await screen.type("/strangers ask", "/talk eve");
  const chat = await bob.call("ada");
  await chat.send("hello");
  await screen.saw("incoming-call");
  screen.clear();
  await screen.type("/accept", "/refuse", "/accept eve", "/strangers", "/accept bob");
  assertEquals(screen.current, "bob"); // also from another chat: it was said whom to go to
  await screen.saw("message", { name: "bob", text: "hello" });
  await screen.type("hi");
  await bob.saw("message", { text: "hi" });
  assertEquals(screen.told(), [
    "error: Expected a caller: /accept NAME",
    "error: Expected a caller: /refuse NAME",
    "error: eve is not waiting for an answer; /strangers shows who is",
    "note: Calls from people you don't know wait until you /accept or /refuse them (ask); " +
    `waiting: bob (${atBob?.address})`,
  ]);
  const trudy = env.user("trudy", ada.server);
  await trudy.login();
  await ada.saw("online", { name: "trudy" });
  await trudy.call("ada");
  const { caller } = await screen.saw("incoming-call", { text: /^trudy/ });
  screen.clear();
  await screen.type("/refuse trudy", "/refuse trudy");
  await trudy.saw("chat-closed", { by: "them" });
  assertEquals(screen.told(), [
    `note: Refused trudy (${caller.address}); /ignore trudy refuses all calls`,
    "error: trudy is not waiting for an answer; /strangers shows who is",
  ]);
});

Deno.test("/accept: what a script sent and left is read once it is accepted", async () => {
  using time = new FakeTime();
  await using env = TestEnvironment.fake();
  const { ada, at, screen } = await people(env);
  await screen.type("/strangers ask");
  const eve = env.user("eve", at);
  const sending = sendCommand(eve, "ada", ["lunch at noon?"]);
  await ada.saw("online", { name: "eve" });
  await time.pass(1_000);
  assertEquals(await sending, EXIT.done);
  await eve.quit();
  await screen.saw("incoming-call", { text: /^eve .* has hung up and left 1 line/ });
  await screen.type("/accept eve");
  await screen.saw("message", { name: "eve", text: "lunch at noon?" });
  await screen.saw("chat-closed", { name: "eve", by: "them" });
});

Deno.test("/logout and /login: leave, come back, under another name too", async () => {
  await using env = TestEnvironment.fake();
  const { bob, screen } = await people(env);
  await screen.type("/login", "/logout");
  await bob.saw("offline", { name: "ada" });
  await screen.type("/logout", "/login");
  await screen.saw("logged-in", { name: "ada" });
  await screen.type("/logout", "/login  Ada L. ");
  await screen.saw("logged-in", { name: "Ada L." });
  await bob.saw("online", { name: "Ada L." });
  await screen.type("/logout", "/login a\tb");
  assertEquals(screen.told(), [
    "error: Already logged in as ada; log out first",
    "error: Not logged in",
    "error: This name can't be used: expected a name of visible characters, got U+0009 in it; " +
    "choose another with /login NAME",
  ]);
});

Deno.test("/server: logs in at another server; a mistyped one changes nothing", async () => {
  await using env = TestEnvironment.fake();
  const { ada, screen } = await people(env);
  const other = env.serve();
  await screen.type("/server", "/server host:port:", "/server other:70000");
  assertEquals(ada.state, "online");
  assertEquals(screen.all.map(({ event }) => event), ["error", "error", "error"]);
  assertEquals(screen.told(), [
    "error: Expected a server: /server HOST, /server HOST:PORT or a link",
    "error: Expected HOST, HOST:PORT or [IPv6]:PORT with a port of at most 65535, " +
    'got "host:port:"',
    "error: Expected HOST, HOST:PORT or [IPv6]:PORT with a port of at most 65535, " +
    'got "other:70000"',
  ]);
  await screen.type(`/server ${other.at.hostname}:${other.at.port}`);
  await screen.saw("logged-out");
  await screen.saw("logged-in");
  assertEquals(other.server.userCount, 1);
  await screen.type(`/server ${other.at.hostname}`);
  assertEquals(screen.told(), [
    `error: Cannot reach the server at ${other.at.hostname}:4242: nothing listens there; check ` +
    "that a server runs there, or name another with /server HOST[:PORT]",
  ]);
  assertEquals(ada.state, "online"); // where it was
  assertEquals(other.server.userCount, 1);
});

Deno.test("/help: every command by group, on a screen of 80 by 24", async () => {
  await using env = TestEnvironment.fake();
  const { screen } = await people(env);
  await screen.type("/help");
  const told = screen.told().map((line) => line.replace("note: ", ""));
  assert(told.length < 24, told.join("\n"));
  for (const line of told) assert(line.length <= 80, line);
  for (const { title, about, commands, isListed } of COMMAND_TABLE.groups) {
    if (isListed !== undefined) continue; // for admins alone
    const at = told.indexOf(`${title}: ${about}`);
    assert(at >= 0, title);
    const rows = told.slice(at + 1, at + 3).join(" ");
    for (const { name, args } of commands) assert(rows.includes(`/${name} ${args}`.trim()), name);
  }
});

Deno.test("/help: a command with an example, and all of a group on a screen", async () => {
  await using env = TestEnvironment.fake();
  const { screen } = await people(env);
  for (const { name, args, help, example } of COMMAND_TABLE.commands) {
    for (const way of [name, `/${name}`, name.toUpperCase()]) {
      await screen.type(`/help ${way}`);
      assertEquals(screen.told(), [
        `note: ${`/${name} ${args}`.trim()}: ${help}`,
        `note: for example: ${example}`,
      ]);
    }
  }
  for (const { title, commands } of COMMAND_TABLE.groups) {
    assert(!COMMAND_TABLE.commands.some(({ name }) => name === title.toLowerCase()));
    await screen.type(`/help ${title.toLowerCase()}`);
    const told = screen.told().map((line) => line.replace("note: ", ""));
    assertEquals(
      told,
      commands.flatMap(({ name, args, help, example }) => [
        `${`/${name} ${args}`.trim()}: ${help}`,
        `  for example: ${example}`,
      ]),
    );
    const rows = told.map((line) => Math.ceil(line.length / 80)).reduce((sum, each) => sum + each);
    assert(rows < 24, told.join("\n"));
  }
  await screen.type("/help juggle");
  assertEquals(screen.told(), ["error: Unknown command /juggle; /help lists all commands"]);
});

Deno.test("/quit: ends the program", async () => {
  await using env = TestEnvironment.fake();
  const { screen } = await people(env);
  await screen.type("/quit");
  assert(screen.left);
});

Deno.test("a name that looks like an address, a number or a quotation is meant in quotes", async () => {
  await using env = TestEnvironment.fake();
  const names = ["@127.0.0.1", "2", '"x', "Ada L."];
  const { ada, screen } = await people(env, ...names);
  await screen.type("/who");
  for (const name of names) {
    const user = [...ada.users].find((one) => one.name === name);
    for (const who of [formatQuery(name), formatQuery(name, user?.address)]) {
      screen.clear();
      await screen.type(`/ignore ${who}`, `/unignore ${formatQuery(name)}`);
      assertEquals(screen.told().map((line) => line.split(";")[0]), [
        `note: Ignoring ${displayName(name)} at ${user?.address}`,
        `note: No longer ignoring ${displayName(name)} at ${user?.address}`,
      ]);
      await screen.type(`/talk ${who}`);
      assertEquals(screen.current, name);
      await screen.type(`/close ${who}`);
      assertEquals(screen.current, undefined);
    }
  }
});
