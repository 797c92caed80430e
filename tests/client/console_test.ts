/** Which chat a line goes to. */

import { assert, assertEquals } from "@std/assert";
import { limits } from "../../protocol/mod.ts";
import { FakeTime } from "../helpers/fake_time.ts";
import type { TestUser } from "../helpers/test_user.ts";
import type { Wire } from "../helpers/wire.ts";
import { type Place, World } from "../helpers/world.ts";
import { Screen } from "./screen.ts";

/** Ada with a screen, and Bob and Eve without. */
async function people(world: World): Promise<{
  readonly ada: TestUser;
  readonly bob: TestUser;
  readonly eve: TestUser;
  readonly screen: Screen;
}> {
  const { at } = world.serve();
  const ada = world.user("ada", at);
  const screen = new Screen(ada);
  await ada.login();
  const [bob, eve] = await world.online(at, "bob", "eve");
  await ada.saw("online", { name: "eve" });
  screen.clear();
  return { ada, bob, eve, screen };
}

function placeOf(user: TestUser, name: string): Place {
  const found = user.online.find((one) => one.name === name);
  assert(found !== undefined);
  return { hostname: found.address, port: found.port };
}

Deno.test("console: a line goes to the current chat", async () => {
  await using world = World.fake();
  const { bob, screen } = await people(world);
  await screen.type("/talk bob", "hello", "  two  words ");
  await bob.saw("message", { name: "ada", text: "hello" });
  await bob.saw("message", { name: "ada", text: "  two  words " });
  await screen.saw("sent", { name: "bob", text: "hello" });
});

Deno.test("console: without a chat one is told so", async () => {
  await using world = World.fake();
  const { screen } = await people(world);
  await screen.type("hello?");
  assertEquals(screen.told(), ["note: nobody to send that to yet: /talk NAME starts a chat"]);
});

Deno.test("console: an empty line is nothing", async () => {
  await using world = World.fake();
  const { screen } = await people(world);
  await screen.type("", "  ", "\t");
  assertEquals(screen.all, []);
});

Deno.test("console: // says a line that starts with a slash", async () => {
  await using world = World.fake();
  const { bob, screen } = await people(world);
  await screen.type("/talk bob", "//quit", "///", "//", "not /a command");
  for (const text of ["/quit", "//", "/", "not /a command"]) await bob.saw("message", { text });
  assert(!screen.left);
});

Deno.test("console: who calls can be answered at once", async () => {
  await using world = World.fake();
  const { bob, screen } = await people(world);
  const chat = await bob.call("ada");
  await bob.send(chat, "are you there?");
  await screen.saw("message", { text: "are you there?" });
  assertEquals(screen.current, "bob");
  await screen.type("yes");
  await bob.saw("message", { text: "yes" });
});

Deno.test("console: a call takes no open chat's place", async () => {
  await using world = World.fake();
  const { bob, eve, screen } = await people(world);
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
  await using world = World.fake();
  const { bob, eve, screen } = await people(world);
  const chat = await bob.call("ada");
  await screen.saw("chat-opened");
  await bob.close(chat);
  await screen.saw("chat-closed", { by: "them" });
  assertEquals(screen.current, "bob");
  await eve.call("ada");
  await screen.saw("chat-opened", { name: "eve" });
  assertEquals(screen.current, "eve");
});

Deno.test("console: in the middle of a line a call takes no place, but that of the same peer", async () => {
  await using world = World.fake();
  const { bob, eve, screen } = await people(world);
  const chat = await bob.call("ada");
  await screen.saw("chat-opened");
  screen.typing = true;
  await bob.close(chat);
  await screen.saw("chat-closed");
  await eve.call("ada");
  await screen.saw("chat-opened", { name: "eve" });
  assertEquals(screen.current, "bob");
  await screen.type("meant for bob");
  assertEquals(screen.told(), [
    "note: not sent: the chat with bob is inactive; /talk bob calls again, /close leaves it",
  ]);
  await bob.call("ada");
  await screen.saw("chat-opened", { name: "bob" });
  await screen.type("meant for bob");
  await bob.saw("message", { text: "meant for bob" });
});

Deno.test("console: in the middle of a line a namesake of the peer takes no place", async () => {
  await using world = World.fake();
  const { ada, bob, screen } = await people(world);
  const chat = await bob.call("ada");
  await screen.saw("chat-opened");
  screen.typing = true;
  await bob.close(chat);
  await screen.saw("chat-closed");
  const impostor = await world.dial(placeOf(ada, "ada"));
  await impostor.say("bob\n");
  await screen.saw("chat-opened", { name: "bob", by: "them" });
  await screen.type("the password is swordfish");
  assertEquals(screen.told(), [
    "note: not sent: the chat with bob is inactive; /talk bob calls again, /close leaves it",
  ]);
});

Deno.test("console: a call in the own name takes the current place only where there is none", async () => {
  await using world = World.fake();
  const { screen } = await people(world);
  await screen.type("/talk bob", "/talk eve");
  assertEquals(screen.current, "eve");
  await screen.type("/talk bob");
  assertEquals(screen.current, "bob");
  assertEquals(screen.told(), ["note: now talking to bob"]);
});

Deno.test("console: a line into an inactive chat is refused, and says how to go on", async () => {
  await using world = World.fake();
  const { bob, screen } = await people(world);
  await screen.type("/talk bob");
  const { chat } = await bob.saw("chat-opened");
  await bob.close(chat);
  await screen.saw("chat-closed", { name: "bob", by: "them" });
  screen.clear();
  await screen.type("too late");
  assertEquals(screen.told(), [
    "note: not sent: the chat with bob is inactive; /talk bob calls again, /close leaves it",
  ]);
  await screen.type("/talk bob", "again");
  await bob.saw("message", { text: "again" });
  assertEquals(screen.console.messenger.chats.length, 1);
});

Deno.test("console: where the connection breaks under a line, one is told once what was lost", async () => {
  await using world = World.fake({ capacity: 10 });
  const { at } = world.serve();
  const ada = world.user("ada", at);
  const screen = new Screen(ada);
  await ada.login();
  const { port } = await ada.saw("listening");
  const peer = await world.dial({ hostname: ada.online[0]?.address ?? "", port });
  await peer.say("bob\n");
  await screen.saw("chat-opened");
  screen.clear();
  const first = "a line longer than the network holds";
  await screen.type(first, "another line");
  await peer.bytes(3);
  peer.close();
  await screen.saw("chat-closed", { by: "lost" });
  await screen.console.sent();
  assertEquals(screen.told(), [
    `note: the connection to bob was lost; not sent: "${first}" and what followed it`,
  ]);
});

Deno.test("console: a text that can't be sent is an error, and the chat goes on", async () => {
  await using world = World.fake();
  const { bob, screen } = await people(world);
  await screen.type("/talk bob", "x".repeat(limits.line + 1), "short");
  await bob.saw("message", { text: "short" });
  assertEquals(screen.told(), [
    "error: nothing was sent: expected a line of at most 65536 bytes, got 65537",
  ]);
});

Deno.test("console: a peer that does not read holds up only who talks to it much", async () => {
  using time = new FakeTime();
  await using world = World.fake({ capacity: 1000 });
  const { at } = world.serve();
  const ada = world.user("ada", at);
  const screen = new Screen(ada);
  await ada.login();
  const { port } = await ada.saw("listening");
  const [bob] = await world.online(at, "bob");
  await ada.saw("online", { name: "bob" });
  const stuck: Wire = await world.dial({ hostname: ada.online[0]?.address ?? "", port });
  await stuck.say("stuck\n");
  await screen.saw("chat-opened");
  await screen.type("x".repeat(60_000), "/msg bob hello");
  await bob.saw("message", { text: "hello" });
  let held = true;
  const waiting = screen.type("y".repeat(60_000), "read at last").then(() => held = false);
  await time.pass(60_000);
  assert(held);
  assert(ada.chats.some((chat) => chat.unsent > 100_000));
  assertEquals((await stuck.line()).length, 60_000);
  assertEquals((await stuck.line()).length, 60_000);
  assertEquals(await stuck.line(), "read at last");
  await waiting;
});

Deno.test("console: every event of the messenger is shown, once", async () => {
  await using world = World.fake();
  const { at } = world.serve();
  const ada = world.user("ada", at);
  const screen = new Screen(ada);
  await ada.login();
  const [bob] = await world.online(at, "bob");
  await ada.saw("online", { name: "bob" });
  await bob.call("ada");
  await ada.saw("chat-opened");
  assertEquals(screen.all, ada.events.all);
});
