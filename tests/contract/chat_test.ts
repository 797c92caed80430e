/** Two people, or more, who talk: on a real network and in memory. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import type { Chat } from "../../client/core/mod.ts";
import { encodeLogin } from "../../protocol/mod.ts";
import { assertRefused, type TestUser } from "../helpers/test_user.ts";
import type { TestEnvironment } from "../helpers/test_environment.ts";
import { contract } from "./contract.ts";

async function adaAndBob(env: TestEnvironment): Promise<[ada: TestUser, bob: TestUser]> {
  const { at } = env.serve();
  return await env.online(at, "ada", "bob");
}

/** Ada calls Bob; each one's view of the chat. */
async function talking(ada: TestUser, bob: TestUser): Promise<[atAda: Chat, atBob: Chat]> {
  const atAda = await ada.call(bob.name);
  return [atAda, (await bob.saw("chat-opened", { name: ada.name })).chat];
}

/** The texts of all messages so far from a user, in order. */
function heard(user: TestUser, from: string): unknown[] {
  return user.events.all.filter(({ event, name }) => event === "message" && name === from)
    .map(({ text }) => text);
}

contract("two people talk, both ways", async (env) => {
  const [ada, bob] = await adaAndBob(env);
  const [atAda, atBob] = await talking(ada, bob);
  await atAda.send("hello");
  await bob.saw("message", { name: "ada", text: "hello" });
  await atBob.send("grüß dich, 零 😀");
  await ada.saw("message", { name: "bob", text: "grüß dich, 零 😀" });
  await ada.saw("sent", { name: "bob", text: "hello" });
  await bob.saw("sent", { name: "ada", text: "grüß dich, 零 😀" });
});

contract(
  "who is called is told who calls and where from, and can answer at once",
  async (env) => {
    const [ada, bob] = await adaAndBob(env);
    const unsubscribe = bob.subscribe((event) => {
      if (event.type === "chat-opened") void event.chat.send("yes?");
    });
    await ada.call("bob");
    await ada.saw("chat-opened", { name: "bob", by: "me" });
    await ada.saw("message", { name: "bob", text: "yes?" });
    const { chat } = await bob.saw("chat-opened", { name: "ada", by: "them" });
    const caller = [...bob.users].find(({ name }) => name === "ada");
    assert(caller !== undefined);
    assertEquals([chat.address, chat.port], [caller.address, caller.port]);
    unsubscribe();
  },
);

contract("who calls somebody twice at once has one chat", async (env) => {
  const [ada, bob] = await adaAndBob(env);
  const { user } = await ada.saw("online", { name: "bob" });
  const [first, second] = await Promise.all([ada.call(user), ada.call(user)]);
  assert(first === second);
  await bob.saw("chat-opened", { name: "ada" });
  assertEquals(ada.chats.all.length, 1);
});

contract("several chats at once: each line goes where it is meant to go", async (env) => {
  const { at } = env.serve();
  const [ada, bob, eve] = await env.online(at, "ada", "bob", "eve");
  const [withBob] = await talking(ada, bob);
  const [withEve, atEve] = await talking(ada, eve);
  const [bobWithEve] = await talking(bob, eve);
  for (let round = 0; round < 20; round++) {
    await withBob.send(`for bob ${round}`);
    await withEve.send(`for eve ${round}`);
    await bobWithEve.send(`from bob ${round}`);
    await atEve.send(`from eve ${round}`);
  }
  await bob.saw("message", { name: "ada", text: "for bob 19" });
  await eve.saw("message", { name: "ada", text: "for eve 19" });
  await eve.saw("message", { name: "bob", text: "from bob 19" });
  await ada.saw("message", { name: "eve", text: "from eve 19" });
  const rounds = (text: string) => Array.from({ length: 20 }, (_, round) => `${text} ${round}`);
  assertEquals(heard(bob, "ada"), rounds("for bob"));
  assertEquals(heard(eve, "ada"), rounds("for eve"));
  assertEquals(heard(eve, "bob"), rounds("from bob"));
  assertEquals(heard(ada, "eve"), rounds("from eve"));
});

contract("a thousand lines each way at once arrive, in order", async (env) => {
  const [ada, bob] = await adaAndBob(env);
  const [atAda, atBob] = await talking(ada, bob);
  const lines = Array.from({ length: 1000 }, (_, index) => `line ${index}`);
  await Promise.all([
    ...lines.map((line) => atAda.send(line)),
    ...lines.map((line) => atBob.send(line)),
  ]);
  await bob.saw("message", { text: "line 999" });
  await ada.saw("message", { text: "line 999" });
  assertEquals(heard(bob, "ada"), lines);
  assertEquals(heard(ada, "bob"), lines);
});

contract("a text of many lines goes out as lines, without the empty ones", async (env) => {
  const [ada, bob] = await adaAndBob(env);
  const [atAda] = await talking(ada, bob);
  await atAda.send("one\n\ntwo\r\n   \r\nthree\rfour\n");
  for (const blank of ["", "\n \n"]) await assertRejects(() => atAda.send(blank), TypeError);
  await atAda.send("the end");
  await bob.saw("message", { text: "the end" });
  assertEquals(heard(bob, "ada"), ["one", "two", "three", "four", "the end"]);
});

contract("texts sent at the same time stay in one piece each", async (env) => {
  const [ada, bob] = await adaAndBob(env);
  const [atAda] = await talking(ada, bob);
  await Promise.all([atAda.send("a1\na2\na3"), atAda.send("b1\nb2")]);
  await bob.saw("message", { text: "b2" });
  assertEquals(heard(bob, "ada"), ["a1", "a2", "a3", "b1", "b2"]);
});

contract(
  "a line of 64 KiB arrives; a longer one is not sent, and the chat goes on",
  async (env) => {
    const [ada, bob] = await adaAndBob(env);
    const [atAda] = await talking(ada, bob);
    const longest = "ß".repeat(32_768);
    await assertRefused("send-failed", () => atAda.send(longest + "!"));
    await assertRefused("send-failed", () => atAda.send(`short\n${longest}!\nshort`));
    await atAda.send(longest);
    const { message: { text } } = await bob.saw("message", { name: "ada" });
    assertEquals(text.length, longest.length);
    assert(text === longest);
  },
);

contract("closing ends the chat on both sides; nothing can be sent any more", async (env) => {
  const [ada, bob] = await adaAndBob(env);
  const [atAda, atBob] = await talking(ada, bob);
  assertEquals(await atAda.close(), true);
  await ada.saw("chat-closed", { name: "bob", by: "me" });
  await bob.saw("chat-closed", { name: "ada", by: "them" });
  assertEquals([atAda.state === "open", atBob.state === "open"], [false, false]);
  assertEquals([ada.chats.all, bob.chats.all], [[], [atBob]]);
  await assertRefused("chat-closed", () => atAda.send("too late"));
  await assertRefused("chat-closed", () => atBob.send("too late"));
  await atBob.close();
  assertEquals(bob.chats.all, []);
  assertEquals(bob.events.unread.filter(({ event }) => event === "chat-closed"), []);
});

contract("what was sent before a close arrives, also where nobody waited for it", async (env) => {
  const [ada, bob] = await adaAndBob(env);
  const [atAda] = await talking(ada, bob);
  const lines = Array.from({ length: 500 }, (_, index) => `line ${index}`);
  const sending = [atAda.send(lines.join("\n")), atAda.send("last words\nbye")];
  await atAda.close();
  await bob.saw("chat-closed", { name: "ada", by: "them" });
  await Promise.all(sending);
  assertEquals(heard(bob, "ada"), [...lines, "last words", "bye"]);
});

contract("both may close at once", async (env) => {
  const [ada, bob] = await adaAndBob(env);
  const [atAda, atBob] = await talking(ada, bob);
  await Promise.all([atAda.close(), atBob.close()]);
  assertEquals([ada.chats.all, bob.chats.all], [[], []]);
});

contract("a new call takes the place of the inactive chat", async (env) => {
  const [ada, bob] = await adaAndBob(env);
  const [atAda, atBob] = await talking(ada, bob);
  await atAda.close();
  await bob.saw("chat-closed");
  const [again, atBobAgain] = await talking(ada, bob);
  assertEquals(bob.chats.all, [atBobAgain]);
  assert(!bob.chats.all.includes(atBob));
  await atBobAgain.send("hello again");
  await ada.saw("message", { text: "hello again" });
  assertEquals(ada.chats.all, [again]);
});

contract("calling again gives the open chat, whoever opened it", async (env) => {
  const [ada, bob] = await adaAndBob(env);
  const [atAda, atBob] = await talking(ada, bob);
  assert(await ada.call("bob") === atAda);
  assert(await bob.call("ada") === atBob);
  await atBob.send("still this one");
  await ada.saw("message", { text: "still this one" });
  assertEquals([ada.chats.all.length, bob.chats.all.length], [1, 1]);
});

contract("two who call each other at the same moment can talk", async (env) => {
  const [ada, bob] = await adaAndBob(env);
  await ada.saw("online", { name: "bob" });
  const [atAda, atBob] = await Promise.all([ada.call("bob"), bob.call("ada")]);
  await atAda.send("from ada");
  await atBob.send("from bob");
  await bob.saw("message", { text: "from ada" });
  await ada.saw("message", { text: "from bob" });
});

contract("chats outlive a logout, and new calls don't come in", async (env) => {
  const [ada, bob] = await adaAndBob(env);
  const [atAda, atBob] = await talking(ada, bob);
  const asOnline = [...bob.users].find(({ name }) => name === "ada");
  assert(asOnline !== undefined);
  ada.logout();
  await bob.saw("offline", { name: "ada" });
  await atAda.send("still here");
  await bob.saw("message", { text: "still here" });
  await atBob.send("so am I");
  await ada.saw("message", { text: "so am I" });
  await atBob.close();
  await ada.saw("chat-closed", { by: "them" });
  await assertRefused("peer-unreachable", () => bob.call(asOnline));
});

contract("chats outlive the server", async (env) => {
  const { server, at } = env.serve();
  const [ada, bob] = await env.online(at, "ada", "bob");
  const [atAda, atBob] = await talking(ada, bob);
  await server.close();
  await ada.saw("disconnected");
  await bob.saw("disconnected");
  await atAda.send("who needs it");
  await bob.saw("message", { text: "who needs it" });
  await atBob.send("not us");
  await ada.saw("message", { text: "not us" });
  await atBob.close();
  await ada.saw("chat-closed", { by: "them" });
  await talking(ada, bob); // as long as both are there, one can still call the other
});

contract("somebody in the table who can't be called: peer-unreachable", async (env) => {
  const { at } = env.serve();
  const [ada, bob] = await env.online(at, "ada", "bob");
  const { port } = await bob.saw("listening");
  bob.logout();
  const ghost = await env.dial(at);
  await ghost.say(encodeLogin({ name: "ghost", port }));
  const error = await assertRefused("peer-unreachable", () => ada.call("ghost"));
  assert(error.message.includes("ghost"), error.message);
  assertEquals(ada.chats.all, []);
});

contract("nobody can call oneself", async (env) => {
  const [ada] = await adaAndBob(env);
  const own = [...ada.users].find((user) => user.own);
  assert(own !== undefined);
  await assertRefused("not-online", () => ada.call(own));
});

contract("a peer that says only its name and goes was a chat", async (env) => {
  const { at } = env.serve();
  const [ada] = await env.online(at, "ada");
  const { port } = await ada.saw("listening");
  const { user } = await ada.saw("online", { name: "ada" });
  const wire = await env.dial({ hostname: user.address, port });
  await wire.say("  nobody \r\n");
  const { chat } = await ada.saw("chat-opened", { name: "nobody", by: "them" });
  await chat.send("hello?");
  assertEquals(await wire.line(), "hello?");
  wire.close();
  await ada.saw("chat-closed", { name: "nobody", by: "them" });
});

contract("a program of another make talks with plain lines", async (env) => {
  const { at } = env.serve();
  const [ada] = await env.online(at, "ada");
  const called = Promise.withResolvers<Awaited<ReturnType<TestEnvironment["dial"]>>>();
  const place = env.listen(called.resolve);
  // On the real network everybody is on one machine; in memory this one has its own.
  const { hostname, port } = place;
  const chat = await ada.call({ name: "bob", address: hostname, port, id: 1, own: false });
  const wire = await called.promise;
  assertEquals(await wire.line(), "ada");
  await wire.say("hello\r\nth", "ere\n", [0x63, 0x61, 0x66, 0xe9, 0x0a], "\n");
  await ada.saw("message", { text: "hello" });
  await ada.saw("message", { text: "there" });
  await ada.saw("message", { text: "café" });
  await ada.saw("message", { text: "" });
  await chat.send("bye");
  assertEquals(await wire.line(), "bye");
  await wire.end();
  await ada.saw("chat-closed", { name: "bob", by: "them" });
  await wire.hung();
});
