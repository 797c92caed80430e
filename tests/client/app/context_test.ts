/** Which chat a line goes to. */

import { newIdentity } from "../../fixtures/keys.ts";
import { TempFolder } from "../../helpers/disk.ts";
import { assert, assertEquals } from "@std/assert";
import { encodeAdd, limits } from "../../../protocol/mod.ts";
import { FakeTime } from "../../helpers/time.ts";
import { logIn } from "../../helpers/fake_server.ts";
import type { TestUser } from "../../helpers/test_user.ts";
import type { Wire } from "../../helpers/peers.ts";
import { type Place, TestEnvironment } from "../../helpers/test_environment.ts";
import { Screen } from "./screen.ts";
import { DIAL_TIMEOUT_MS } from "../../../server/platform/net/dial.ts";

/** Ada with a screen, and Bob and Eve without. */
async function people(env: TestEnvironment): Promise<{
  readonly ada: TestUser;
  readonly bob: TestUser;
  readonly eve: TestUser;
  readonly screen: Screen;
}> {
  const { at } = env.serve();
  const ada = env.user("ada", at);
  const screen = new Screen(ada);
  await ada.login();
  const [bob, eve] = await env.online(at, "bob", "eve");
  await ada.saw("online", { name: "eve" });
  screen.clear();
  return { ada, bob, eve, screen };
}

function placeOf(user: TestUser, name: string): Place {
  const found = [...user.users].find((one) => one.name === name);
  assert(found !== undefined);
  return { hostname: found.address, port: found.port };
}

Deno.test("console: a line goes to the current chat", async () => {
  await using env = TestEnvironment.fake();
  const { bob, screen } = await people(env);
  await screen.type("/talk bob", "hello", "  two  words ");
  await bob.saw("message", { name: "ada", text: "hello" });
  await bob.saw("message", { name: "ada", text: "  two  words " });
  await screen.saw("sent", { name: "bob", text: "hello" });
});

Deno.test("console: without a chat one is told so", async () => {
  await using env = TestEnvironment.fake();
  const { screen } = await people(env);
  await screen.type("hello?");
  assertEquals(screen.told(), ["note: Not sent: no chat is open; /talk NAME starts one"]);
});

Deno.test("console: an empty line is nothing", async () => {
  await using env = TestEnvironment.fake();
  const { screen } = await people(env);
  await screen.type("", "  ", "\t");
  assertEquals(screen.all, []);
});

Deno.test("console: // says a line that starts with a slash", async () => {
  await using env = TestEnvironment.fake();
  const { bob, screen } = await people(env);
  await screen.type("/talk bob", "//quit", "///", "//", "not /a command");
  for (const text of ["/quit", "//", "/", "not /a command"]) await bob.saw("message", { text });
  assert(!screen.left);
});

Deno.test("console: who calls can be answered at once", async () => {
  await using env = TestEnvironment.fake();
  const { bob, screen } = await people(env);
  const chat = await bob.call("ada");
  await chat.send("are you there?");
  await screen.saw("message", { text: "are you there?" });
  assertEquals(screen.current, "bob");
  await screen.type("yes");
  await bob.saw("message", { text: "yes" });
});

Deno.test("console: a call takes no open chat's place", async () => {
  await using env = TestEnvironment.fake();
  const { bob, eve, screen } = await people(env);
  await screen.type("/talk bob");
  await eve.call("ada");
  await screen.saw("chat-opened", { name: "eve", by: "them" });
  assertEquals(screen.current, "bob");
  await screen.type("for bob");
  await bob.saw("message", { text: "for bob" });
  await screen.type("/talk eve", "for eve");
  await eve.saw("message", { text: "for eve" });
});

Deno.test("console: a call takes an inactive chat's place", async () => {
  await using env = TestEnvironment.fake();
  const { bob, eve, screen } = await people(env);
  const chat = await bob.call("ada");
  await screen.saw("chat-opened");
  await chat.close();
  await screen.saw("chat-closed", { by: "them" });
  assertEquals(screen.current, "bob");
  await eve.call("ada");
  await screen.saw("chat-opened", { name: "eve" });
  assertEquals(screen.current, "eve");
});

Deno.test("console: in the middle of a line a call takes no place, not even that of the same peer", async () => {
  await using env = TestEnvironment.fake();
  const { bob, eve, screen } = await people(env);
  const chat = await bob.call("ada");
  await screen.saw("chat-opened");
  screen.typing = true;
  await chat.close();
  await screen.saw("chat-closed");
  await eve.call("ada");
  await screen.saw("chat-opened", { name: "eve" });
  assertEquals(screen.current, "bob");
  await screen.type("meant for bob");
  assertEquals(screen.told(), [
    "note: Not sent: the chat with bob is inactive; /talk bob calls again, /close leaves it",
  ]);
  await bob.call("ada"); // somebody of that name, at that address: who knows
  await screen.saw("chat-opened", { name: "bob" });
  await screen.type("meant for bob", "/talk bob", "meant for bob");
  await bob.saw("message", { text: "meant for bob" });
});

Deno.test("console: in the middle of a line a namesake of the peer takes no place", async () => {
  await using env = TestEnvironment.fake();
  const { ada, bob, screen } = await people(env);
  const chat = await bob.call("ada");
  await screen.saw("chat-opened");
  screen.typing = true;
  await chat.close();
  await screen.saw("chat-closed");
  const impostor = await env.dial(placeOf(ada, "ada"));
  await impostor.say("bob\n");
  await screen.saw("chat-opened", { name: "bob", by: "them" });
  await screen.type("the password is swordfish");
  assertEquals(screen.told(), [
    "note: Not sent: the chat with bob is inactive; /talk bob calls again, /close leaves it",
  ]);
});

Deno.test("console: a call in the own name takes the current place only where there is none", async () => {
  await using env = TestEnvironment.fake();
  const { screen } = await people(env);
  await screen.type("/talk bob", "/talk eve");
  assertEquals(screen.current, "eve");
  await screen.type("/talk bob");
  assertEquals(screen.current, "bob");
  assertEquals(screen.told(), ["note: Now talking to bob"]);
});

Deno.test("console: a line into an inactive chat is refused, and says how to go on", async () => {
  await using env = TestEnvironment.fake();
  const { bob, screen } = await people(env);
  await screen.type("/talk bob");
  const { chat } = await bob.saw("chat-opened");
  await chat.close();
  await screen.saw("chat-closed", { name: "bob", by: "them" });
  screen.clear();
  await screen.type("too late");
  assertEquals(screen.told(), [
    "note: Not sent: the chat with bob is inactive; /talk bob calls again, /close leaves it",
  ]);
  await screen.type("/talk bob", "again");
  await bob.saw("message", { text: "again" });
  assertEquals(screen.context.messenger.chats.all.length, 1);
});

Deno.test("console: where the connection breaks under a line, one is told once what was lost", async () => {
  await using env = TestEnvironment.fake({ capacity: 10 });
  const { at } = env.serve();
  const ada = env.user("ada", at);
  const screen = new Screen(ada);
  await ada.login();
  const { port } = await ada.saw("listening");
  const peer = await env.dial({ hostname: [...ada.users][0]?.address ?? "", port });
  await peer.say("bob\n");
  await screen.saw("chat-opened");
  await screen.type("/talk bob");
  screen.clear();
  const first = "a line longer than the network holds";
  await screen.type(first, "another line");
  await peer.bytes(3);
  peer.close();
  await screen.saw("chat-closed", { by: "lost" });
  await screen.context.activeChat.sender.flushed();
  assertEquals(screen.told(), [
    `note: The connection to bob was lost; not sent: "${first}" and everything after it`,
  ]);
});

Deno.test("console: a caller who is in no table takes no prompt", async () => {
  await using env = TestEnvironment.fake();
  const { ada, bob, screen } = await people(env);
  const stranger = await env.dial(placeOf(ada, "ada"));
  await stranger.say("carol\nhello\n");
  await screen.saw("message", { name: "carol" });
  screen.clear();
  await screen.type("for whom?");
  assertEquals(screen.told(), ["note: Not sent: no chat is open; /talk NAME starts one"]);
  await bob.call("ada");
  await screen.saw("chat-opened", { name: "bob" });
  await screen.type("for bob");
  await bob.saw("message", { text: "for bob" });
  stranger.close();
});

Deno.test("console: in the middle of the first line nobody can take it by calling", async () => {
  await using env = TestEnvironment.fake();
  const { eve, bob, screen } = await people(env);
  screen.typing = true;
  await eve.call("ada");
  await screen.saw("chat-opened", { name: "eve" });
  await screen.type("meant for bob");
  assertEquals(screen.told(), ["note: Not sent: no chat is open; /talk NAME starts one"]);
  screen.typing = false;
  await bob.call("ada");
  await screen.saw("chat-opened", { name: "bob" });
  assertEquals(screen.current, "bob");
});

Deno.test("console: a caller under the name of somebody online does not get what is said to that name", async () => {
  await using env = TestEnvironment.fake();
  const { ada, bob, screen } = await people(env);
  const impostor = await env.dial(placeOf(ada, "ada"));
  await impostor.say("bob\n");
  const { chat } = await screen.saw("chat-opened", { name: "bob", by: "them" });
  await screen.type("/close bob", "/chats");
  await impostor.hung();
  screen.clear();
  const again = await env.dial(placeOf(ada, "ada"));
  await again.say("bob\n");
  const caller = (await screen.saw("chat-opened", { name: "bob", by: "them" })).chat;
  assert(caller !== chat);
  const user = placeOf(ada, "bob");
  await screen.type("/msg bob the password is swordfish", "/talk bob");
  const both = `bob@${caller.address}:${caller.port} (a chat), bob@${user.hostname}:${user.port}`;
  assertEquals(screen.told(), [
    `error: bob could mean ${both}; say which one`,
    `error: bob could mean ${both}; say which one`,
  ]);
  await screen.type(`/msg bob@${user.hostname} hello`);
  await bob.saw("message", { text: "hello" });
});

Deno.test("console: lines behind a call that comes to nothing go to nobody", async () => {
  await using env = TestEnvironment.fake();
  const { ada, bob, eve, screen } = await people(env);
  await screen.type("/talk eve");
  bob.logout();
  await ada.saw("offline", { name: "bob" });
  screen.clear();
  await screen.type("/talk bob", "for bob alone", "/talk eve", "for eve");
  await eve.saw("message", { text: "for eve" });
  assertEquals(screen.told(), [
    "error: bob is not online; /who shows who is",
    "note: Not sent: bob could not be reached; /talk bob tries again, /talk eve goes back to eve",
    "note: Now talking to eve",
  ]);
  assertEquals(eve.events.all.filter(({ text }) => text === "for bob alone"), []);
});

Deno.test("console: what is typed while a call is under way goes to whom it is for", async () => {
  await using env = TestEnvironment.fake();
  const { ada, bob, eve, screen } = await people(env);
  await screen.type("/talk eve");
  const calling = screen.run("/talk bob");
  const typing = Promise.all([screen.run("first"), screen.run("second")]);
  assertEquals(screen.context.activeChat.target?.type, "calling");
  await Promise.all([calling, typing]);
  await bob.saw("message", { text: "first" });
  await bob.saw("message", { text: "second" });
  assertEquals(screen.current, "bob");
  assertEquals(ada.chats.all.length, 2);
  assertEquals(eve.events.all.filter(({ event }) => event === "message"), []);
});

/** Ada with a screen at a server that says somebody is online whose machine never answers. */
async function withGhost(env: TestEnvironment): Promise<Screen> {
  const at = env.listen(async (wire) => {
    await logIn(wire, encodeAdd({ name: "ghost", address: "198.19.0.1", port: 7000 }));
    await wire.hung();
  });
  const ada = env.user("ada", at);
  const screen = new Screen(ada);
  await ada.login();
  await ada.saw("online", { name: "ghost" });
  screen.clear();
  return screen;
}

Deno.test("console: what is typed for somebody who does not answer is said not to be sent", async () => {
  using time = new FakeTime();
  await using env = TestEnvironment.fake();
  const screen = await withGhost(env);
  const calling = screen.run("/talk ghost");
  await screen.type("are you there?", "/who");
  await screen.saw("users"); // nobody waits for the call
  screen.clear();
  await time.pass(DIAL_TIMEOUT_MS);
  await calling;
  assertEquals(screen.told(), [
    'note: Not sent, since ghost could not be reached: "are you there?"',
    "error: Cannot reach ghost at 198.19.0.1:7000: no answer in time; " +
    "the program there may have ended, or a firewall is in the way",
  ]);
});

Deno.test("console: a call under way can be given up", async () => {
  using time = new FakeTime();
  await using env = TestEnvironment.fake();
  const screen = await withGhost(env);
  const calling = screen.run("/talk ghost");
  await time.pass(1);
  await screen.type("hello?", "/close");
  await calling;
  assertEquals(screen.told(), [
    "note: Stopped calling ghost",
    'note: Not sent, since ghost could not be reached: "hello?"',
  ]);
  await screen.type("and now?");
  assertEquals(screen.told(), ["note: Not sent: no chat is open; /talk NAME starts one"]);
});

Deno.test("console: once one has left, what is given up for that is not told", async () => {
  using time = new FakeTime();
  await using env = TestEnvironment.fake();
  const screen = await withGhost(env);
  const calling = screen.run("/talk ghost");
  await time.pass(1);
  screen.context.leave();
  await screen.context.messenger.quit();
  await calling;
  assertEquals(screen.told(), []);
});

Deno.test("console: a name in quotes is no number", async () => {
  await using env = TestEnvironment.fake();
  const { at } = env.serve();
  const ada = env.user("ada", at);
  const screen = new Screen(ada);
  await ada.login();
  const [two] = await env.online(at, "1");
  await ada.saw("online", { name: "1" });
  await screen.type("/who", '/msg "1" hello');
  await two.saw("message", { text: "hello" });
  screen.clear();
  await screen.type("/talk 2", "/quit now");
  assertEquals(screen.told(), [
    "error: ada is you",
    'error: Expected nothing after /quit, got "now"',
  ]);
});

Deno.test("console: a text that can't be sent is an error, and the chat goes on", async () => {
  await using env = TestEnvironment.fake();
  const { bob, screen } = await people(env);
  await screen.type("/talk bob", "x".repeat(limits.lineBytes + 1), "short");
  await bob.saw("message", { text: "short" });
  assertEquals(screen.told(), [
    "error: Nothing was sent: expected a line of at most 65536 bytes, got 65537",
  ]);
});

Deno.test("console: a peer that does not read holds up only who talks to it much", async () => {
  using time = new FakeTime();
  await using env = TestEnvironment.fake({ capacity: 1000 });
  const { at } = env.serve();
  const ada = env.user("ada", at);
  const screen = new Screen(ada);
  await ada.login();
  const { port } = await ada.saw("listening");
  const [bob] = await env.online(at, "bob");
  await ada.saw("online", { name: "bob" });
  const stuck: Wire = await env.dial({ hostname: [...ada.users][0]?.address ?? "", port });
  await stuck.say("stuck\n");
  await screen.saw("chat-opened");
  await screen.type("/talk stuck");
  await screen.type("x".repeat(60_000), "/msg bob hello");
  await bob.saw("message", { text: "hello" });
  let held = true;
  const waiting = screen.type("y".repeat(60_000), "read at last").then(() => held = false);
  await time.pass(60_000);
  assert(held);
  assert(ada.chats.all.some((chat) => chat.bufferedAmount > 100_000));
  assertEquals((await stuck.line()).length, 60_000);
  assertEquals((await stuck.line()).length, 60_000);
  assertEquals(await stuck.line(), "read at last");
  await waiting;
});

Deno.test("console: accepting a call while another is under way mixes up no lines", async () => {
  using time = new FakeTime();
  await using env = TestEnvironment.fake();
  const screen = await withGhost(env);
  const { messenger } = screen.context;
  await screen.type("/strangers ask");
  const own = [...messenger.users].find(({ own }) => own);
  const eve = await env.dial({ hostname: own?.address ?? "", port: own?.port ?? 0 });
  await eve.say("eve\n");
  await screen.saw("incoming-call");
  const calling = screen.run("/talk ghost");
  await screen.type("for the ghost alone", "/accept eve", "for eve");
  assertEquals(screen.current, "eve");
  assertEquals(await eve.line(), "for eve");
  screen.clear();
  await time.pass(DIAL_TIMEOUT_MS);
  await calling;
  assertEquals(screen.current, "eve");
  assertEquals(
    screen.told()[0],
    'note: Not sent, since ghost could not be reached: "for the ghost alone"',
  );
});

Deno.test("console: a call that waits takes no place", async () => {
  await using env = TestEnvironment.fake();
  const { bob, screen } = await people(env);
  await screen.type("/strangers ask");
  await bob.call("ada");
  await screen.saw("incoming-call");
  screen.clear();
  await screen.type("meant for nobody yet");
  assertEquals(screen.told(), ["note: Not sent: no chat is open; /talk NAME starts one"]);
});

Deno.test("console: every event of the messenger is shown, once", async () => {
  await using env = TestEnvironment.fake();
  const { at } = env.serve();
  const ada = env.user("ada", at);
  const screen = new Screen(ada);
  await ada.login();
  const [bob] = await env.online(at, "bob");
  await ada.saw("online", { name: "bob" });
  await bob.call("ada");
  await ada.saw("chat-opened");
  assertEquals(screen.all, ada.events.all);
});

Deno.test("console: somebody who is not online can't be called, but the chat of before is gone to", async () => {
  await using env = TestEnvironment.fake();
  const { ada, bob, screen } = await people(env);
  await screen.type("/talk bob");
  const { chat } = await bob.saw("chat-opened");
  await screen.type("/talk eve");
  await chat.close();
  bob.logout();
  await ada.saw("offline", { name: "bob" });
  screen.clear();
  await screen.type("/talk bob");
  assertEquals(screen.told(), ["error: bob is not online; /who shows who is"]);
  assertEquals(screen.current, "bob");
  await screen.type("hello?");
  assertEquals(screen.told(), [
    "note: Not sent: the chat with bob is inactive; /talk bob calls again, /close leaves it",
  ]);
});

Deno.test("console: a chat that the peer has closed is inactive until /talk, or until the peer is back", async () => {
  using folder = new TempFolder();
  await using env = TestEnvironment.fake();
  const { at } = env.serve({ data: folder.path });
  const keys = () => ({ identity: newIdentity() });
  const ada = env.user("ada", at, undefined, keys());
  const bob = env.user("bob", at, undefined, keys());
  const screen = new Screen(ada);
  for (const user of [bob, ada]) await user.login();
  await ada.saw("online", { name: "bob" });
  await screen.type("/talk bob", "hello");
  const { chat } = await bob.saw("chat-opened");
  await bob.saw("message", { text: "hello" });
  await chat.close();
  await ada.saw("chat-closed", { name: "bob" });
  bob.logout();
  await ada.saw("offline", { name: "bob" });
  screen.clear();
  await screen.type("are you there?");
  const inactive =
    "note: Not sent: the chat with bob is inactive; /talk bob calls again, /close leaves it";
  assertEquals(screen.told(), [inactive]);
  // It takes lines again once he is back.
  ada.events.clear();
  await bob.login();
  await ada.saw("online", { name: "bob" });
  await screen.type("welcome back");
  const { chat: again } = await bob.saw("chat-opened");
  await bob.saw("message", { text: "welcome back" });
  // Or once /talk has asked for it.
  ada.events.clear();
  await again.close();
  await ada.saw("chat-closed", { name: "bob" });
  bob.logout();
  await ada.saw("offline", { name: "bob" });
  screen.clear();
  await screen.type("/talk bob", "until tomorrow");
  await screen.saw("queued", { text: "until tomorrow" });
  assertEquals(screen.told().includes(inactive), false);
});

Deno.test("console: who calls under the name of somebody just not reached gets no line by that", async () => {
  await using env = TestEnvironment.fake();
  const { ada, bob, eve, screen } = await people(env);
  bob.logout();
  await ada.saw("offline", { name: "bob" });
  screen.clear();
  await screen.type("/talk bob");
  const impostor = await env.dial(placeOf(ada, "ada"));
  await impostor.say("bob\n");
  await screen.saw("chat-opened", { name: "bob", by: "them" });
  await screen.type("the password is swordfish");
  assertEquals(screen.told(), [
    "error: bob is not online; /who shows who is",
    "note: Not sent: bob could not be reached; /talk bob tries again",
  ]);
  await eve.call("ada"); // somebody else can be answered at once
  await screen.saw("chat-opened", { name: "eve" });
  assertEquals(screen.current, "eve");
});

Deno.test("console: a face that does not show whom lines go to is told after a call that failed", async () => {
  await using env = TestEnvironment.fake();
  const { screen } = await people(env);
  screen.context.activeChat.showsTarget = false;
  await screen.type("/talk bob", "/talk zoe", "lost");
  assertEquals(screen.told(), [
    "error: zoe is not online; /who shows who is",
    "note: Lines go to nobody now; /talk zoe tries again, /talk bob goes back to bob",
    "note: Not sent: zoe could not be reached; /talk zoe tries again, /talk bob goes back to bob",
  ]);
});
