/** Chats between users who have keys: what is said arrives, once, in order, and says that it has. */

import { assertEquals } from "@std/assert";
import { KeyedTown } from "../../helpers/keyed_user.ts";

Deno.test("secure chat: texts go both ways, keep their line breaks, and are acknowledged", async () => {
  await using town = new KeyedTown();
  const [ada, bob] = [town.user("ada"), town.user("bob")];
  const atAda = await ada.call(bob);
  assertEquals([atAda.security, atAda.identity], ["new", bob.identity]);
  const { chat: atBob } = await bob.saw("chat-opened", { name: "ada", by: "them" });
  await ada.chats.send(atAda, "two\nlines");
  const { at } = await bob.saw("message", { name: "ada", text: "two\nlines" });
  assertEquals(typeof at, "number");
  const { id } = await ada.saw("sent", { text: "two\nlines" });
  const { message } = await ada.saw("delivered", { text: "two\nlines" });
  assertEquals(message.id, id);
  await bob.chats.send(atBob, "hello");
  await ada.saw("message", { text: "hello" });
  await bob.saw("delivered", { text: "hello" });
  assertEquals([ada.chats.outbox.all, bob.chats.outbox.all], [[], []]);
});

Deno.test("secure chat: closed on purpose is told from lost", async () => {
  await using town = new KeyedTown();
  const [ada, bob] = [town.user("ada"), town.user("bob")];
  const chat = await ada.call(bob);
  assertEquals(await ada.chats.close(chat), true);
  await bob.saw("chat-closed", { by: "them" });
});
