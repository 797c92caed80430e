/** Rooms by typing: making, joining, talking, leaving. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { MemoryStore } from "../../../client/core/mod.ts";
import { MemoryRoomStore } from "../../../client/core/rooms/mod.ts";
import { testKey } from "../../fixtures/keys.ts";
import { TableServer } from "../../helpers/table_server.ts";
import { Screen } from "../app/screen.ts";

/** Ada and Bob, who know each other, each at a screen. */
async function people(server: TableServer) {
  const [ada, bob] = [await server.user("ada"), await server.user("bob")];
  const [atAda, atBob] = [new Screen(ada), new Screen(bob)];
  await atAda.type("/talk bob", "hello");
  await bob.saw("message", { text: "hello" });
  await atBob.type("/talk ada", "hello");
  await ada.saw("message", { text: "hello" });
  atAda.clear();
  atBob.clear();
  return { ada, bob, atAda, atBob };
}

Deno.test("rooms: one is made, joined, talked in, and left", async () => {
  await using server = new TableServer();
  const { ada, bob, atAda, atBob } = await people(server);
  await atAda.type("/rooms", "/room new lab bob", "first words");
  const told = atAda.told();
  assertEquals(told, [
    "note: You are in no room; /room new NAME makes one",
    "note: Now in #lab",
    "note: bob is invited to #lab",
  ]);
  assertEquals(atAda.context.activeChat.room?.label, "#lab");
  await atBob.saw("room-invited", { room: "#lab", name: "ada" });
  await atBob.type("/rooms", "/talk #lab", "/join #lab");
  await atBob.saw("room", { number: 1, room: "#lab" });
  assertEquals(atBob.told()[0], "error: You are no member of #lab; /join #lab joins it");
  await atAda.saw("room-joined", { room: "#lab", name: "bob" });
  await atBob.run("hello, lab");
  await atAda.saw("room-message", { room: "#lab", name: "bob", text: "hello, lab" });
  await atAda.run("/msg #lab hi, bob");
  await atBob.saw("room-message", { room: "#lab", name: "ada", text: "hi, bob" });
  atAda.clear();
  await atAda.run("/members");
  assertEquals(atAda.told(), [
    "note: ada (owner, you)",
    "note: bob",
    "note: 2 members in #lab",
  ]);
  await server.user("carol");
  await atAda.type("/msg carol hi", "/invite carol", "/members");
  assertEquals(atAda.told().slice(-4), [
    "note: ada (owner, you)",
    "note: bob",
    "note: carol (invited)",
    "note: 2 members in #lab, 1 invited",
  ]);
  await atAda.run("/topic what we try next");
  assertEquals(atAda.told(), ["note: #lab is about: what we try next"]);
  await atBob.saw("room-changed", { text: "ada changed #lab, which is about: what we try next" });
  await atAda.run("/admin bob");
  await atBob.saw("room-changed", { text: "ada made you an admin of #lab" });
  // The prompt that is drawn with the line about it names the room no more.
  let roomThen: unknown;
  bob.subscribe(({ type }) => {
    if (type === "room-left") roomThen = atBob.context.activeChat.room?.label;
  });
  await atBob.run("/leave");
  await atAda.saw("room-left", { room: "#lab", name: "bob" });
  assertEquals([atBob.context.activeChat.room, roomThen], [undefined, undefined]);
  assert(ada.rooms.all.length === 1 && bob.rooms.all.length === 1);
});

Deno.test("rooms: reply, edit, delete and react there, and history with numbers", async () => {
  await using server = new TableServer();
  const { atAda, atBob } = await people(server);
  await atAda.type("/room new lab bob");
  await atBob.saw("room-invited");
  await atBob.type("/join #lab");
  await atAda.saw("room-joined", { name: "bob" });
  await atAda.type("lunch at noon?");
  const { message } = await atBob.saw("room-message", { text: "lunch at noon?" });
  await atBob.type("/reply yes", "/react 2 👍");
  const reply = await atAda.saw("room-message", { text: "yes" });
  assertEquals(reply.message.replyTo, message.id);
  assertEquals(reply.quote, { isOwn: true, name: "ada", text: "lunch at noon?" });
  await atAda.saw("room-action", { event: "reacted", who: "bob", text: "👍", on: "yes" });
  await atAda.type("/edit lunch at one?");
  await atBob.saw("room-action", { event: "edited", who: "ada", text: "lunch at one?" });
  await atBob.type("/delete");
  await atAda.saw("room-action", { event: "deleted", who: "bob", text: "yes" });
  atAda.clear();
  await atAda.run("/history");
  const past = atAda.all.map(({ text }) => text);
  assertEquals(past.length, 3);
  assertMatch(String(past[0]), /you: lunch at one\? \(edited\) \[👍\]$/);
  assertMatch(String(past[1]), /bob, answering your "lunch at one\?": \(deleted\)$/);
  assertEquals(past[2], "That is the whole history in #lab: 2 messages");
  atAda.clear();
  await atAda.run("/search LUNCH on");
  assertMatch(String(atAda.all[0]?.text), /you to #lab: lunch at one\? \(edited\) \[👍\]$/);
  await atBob.run("/search lunch");
  assert(atBob.all.some(({ text }) => /ada in #lab: lunch at one\?/.test(String(text))));
  await atAda.run("/versions 2");
  assertEquals(atAda.told().at(-1), "note: 1  lunch at noon?");
  await atAda.type("/versions 1");
  assertEquals(atAda.told().at(-1), "note: 1  yes");
  // The numbers of a list mean the messages as they are now.
  await atBob.type("/react 2 🎉", "and where?", "/reply 3 fine");
  await atAda.saw("room-message", { text: "fine" });
  await atAda.run("/topic lunch");
  await atAda.run("/history 3");
  assertMatch(String(atAda.all.at(-2)?.text), /bob, answering your "lunch at one\?": fine$/);
  assertMatch(String(atAda.all.at(-4)?.text), /bob, answering your "lunch at one\?": \(deleted\)$/);
  await atBob.run("/edit and when?");
  await atAda.saw("room-action", { event: "edited", text: "and when?" });
  await atAda.run("/versions 1");
  assertEquals(atAda.told().at(-1), "note: 1  fine");
  await atAda.run("/history 4");
  assertMatch(String(atAda.all.at(-5)?.text), /lunch at one\? \(edited\) \[👍 🎉\]$/);
  await atAda.run("/delete 4");
  await atAda.run("/history 1");
  assertMatch(
    String(atAda.all.at(-2)?.text),
    /bob, answering a deleted message: and when\? \(edited\)$/,
  );
});

Deno.test("rooms: numbers mean what was said before a restart", async () => {
  await using server = new TableServer();
  const key = testKey(0x21);
  const store = Object.assign(new MemoryStore(), { rooms: new MemoryRoomStore() });
  const first = new Screen(await server.user("ada", { key, store }));
  await first.type("/room new lab", "lunch at noon?", "anybody?");
  await first.context.messenger.quit();
  for (const line of ["/edit 2 lunch at one?", "/edit lunch at two?", "/react 1 👍"]) {
    const ada = new Screen(await server.user("ada", { key, store }));
    await ada.type("/talk #lab", line);
    await ada.saw("room-action");
    await ada.context.messenger.quit();
  }
});

Deno.test("rooms: what can't be done is said", async () => {
  await using server = new TableServer();
  const { atAda, atBob } = await people(server);
  await server.user("carol", { key: null });
  await atAda.type("/invite bob", "/join #none", "/room lab", "/talk #none");
  assertEquals(atAda.told(), [
    "error: You are in no room; /room new NAME makes one",
    "error: There is no room #none here; /rooms lists yours, /room new makes one",
    "error: Expected a name: /room new NAME [WHO…]",
    "error: There is no room #none here; /rooms lists yours, /room new makes one",
  ]);
  await atAda.type("/room new lab carol");
  assertEquals(atAda.told(), [
    "error: carol speaks classic MIM, which has no rooms: only users with a key can be members",
  ]);
  assertEquals([...atAda.context.messenger.rooms], [], "nothing was made");
  await atAda.type("/room new lab bob", "/remove eve", "/topic");
  assertEquals(atAda.told().slice(2), [
    "error: eve is no member of #lab; /members lists them",
    "note: #lab has no topic",
  ]);
  await atBob.saw("room-invited");
  await atBob.type("/join #lab", "/remove ada", "/topic mine");
  const told = atBob.told().filter((line) => line.startsWith("error"));
  assertEquals(told, [
    "error: Only the room's owner and admins may do that",
    "error: Only the room's owner may do that",
  ]);
  await atAda.saw("room-joined", { name: "bob" });
  atAda.clear();
  await atAda.type("/leave");
  assertMatch(atAda.told()[0] ?? "", /You own #lab, and it has no admin/);
  await atAda.type("/admin ada");
  assertMatch(
    atAda.told().at(-1) ?? "",
    /ada is the owner of this room, and may do more than its admins/,
  );
  await atAda.type("/admin bob", "/leave");
  assertEquals(atAda.told()[0], "note: bob is an admin of #lab");
  await atBob.saw("room-left", { name: "ada" });
});

Deno.test("rooms: an answer names the one whom it answers, and whoever was removed is told so", async () => {
  await using server = new TableServer();
  const { atAda, atBob } = await people(server);
  const atCyd = new Screen(await server.user("cyd"));
  await atAda.type("/room new lab bob cyd");
  for (const guest of [atBob, atCyd]) {
    await guest.saw("room-invited");
    await guest.type("/join #lab");
  }
  await atAda.saw("room-joined", { name: "cyd" });
  await atBob.saw("room-joined", { name: "cyd" });
  await atBob.type("lunch at noon?");
  await atCyd.saw("room-message", { text: "lunch at noon?" });
  await atCyd.type("/reply yes");
  const { quote } = await atAda.saw("room-message", { text: "yes" });
  assertEquals(quote, { isOwn: false, name: "bob", text: "lunch at noon?" });
  atAda.clear();
  await atAda.run("/history");
  assertMatch(String(atAda.all.at(-2)?.text), /cyd, answering bob's "lunch at noon\?": yes$/);
  await atAda.type("/remove cyd");
  await atCyd.saw("room-left", { room: "#lab", name: "cyd", by: "ada" });
  atCyd.clear();
  await atCyd.type("am I in?");
  assertEquals(atCyd.told(), ["error: You are not a member of this room"]);
});

Deno.test("rooms: whoever goes to one sees the last lines, whatever happened since", async () => {
  await using server = new TableServer();
  const { atAda } = await people(server);
  await atAda.type("/room new lab", "first", "second");
  for (let time = 0; time < 20; time++) await atAda.run(`/topic ${time}`);
  await atAda.type("/close");
  atAda.context.activeChat.recallsLines = true;
  atAda.clear();
  await atAda.type("/talk #lab");
  const [, ...past] = atAda.all.map(({ text }) => String(text).replace(/^.*you: /, ""));
  assertEquals(past, ["first", "second"]);
});

Deno.test("rooms: two of one name have tags, and one that was left needs none of the other", async () => {
  await using server = new TableServer();
  const { ada, atAda } = await people(server);
  await atAda.type("/room new lab", "/room new lab");
  const [one, other] = ada.rooms.all;
  const tags = [one, other].map((room) => `#lab~${room?.id.slice(0, 4)}`);
  assertEquals([one?.label, other?.label], tags);
  atAda.clear();
  await atAda.type("/talk #lab");
  assertEquals(atAda.told(), [`error: #lab may mean several rooms: write ${tags.join(" or ")}`]);
  await atAda.type(`/leave ${tags[0]}`);
  assertEquals([one?.label, other?.label], [tags[0], "#lab"]);
  await atAda.type("/close", "/talk #lab");
  assertEquals(atAda.context.activeChat.room?.id, other?.id);
  // Its tag still finds it, and the tag of the other one the room that was left.
  await atAda.type("/close", `/talk ${tags[1]}`);
  assertEquals(atAda.context.activeChat.room?.id, other?.id);
  await atAda.type(`/forget ${tags[0]}`);
  assertEquals(ada.rooms.all.map(({ label }) => label), ["#lab"]);
});

Deno.test("rooms: two whose names look alike have tags, too", async () => {
  await using server = new TableServer();
  const { ada, atAda } = await people(server);
  await atAda.type("/room new lab", "/room new lаb"); // with a Cyrillic letter
  const [one, other] = ada.rooms.all;
  const tags = [one, other].map((room) => `#${room?.name}~${room?.id.slice(0, 4)}`);
  assertEquals([one?.label, other?.label], tags);
  atAda.clear();
  await atAda.type("/talk #lab");
  assertEquals(atAda.told(), [`error: #lab may mean several rooms: write ${tags.join(" or ")}`]);
});

Deno.test("rooms: stand beside chats in /chats and /next, with what is unread", async () => {
  await using server = new TableServer();
  const { atAda, atBob } = await people(server);
  await atAda.type("/room new lab bob", "/talk bob");
  await atBob.saw("room-invited");
  await atBob.type("/join #lab", "anybody?");
  await atAda.saw("room-message", { text: "anybody?" });
  atAda.clear();
  await atAda.run("/chats");
  const [, room] = atAda.told();
  assertEquals(room, "note: 2  room #lab, 1 unread");
  await atAda.run("/next");
  assertEquals(atAda.context.activeChat.room?.label, "#lab");
  await atAda.type("/forget #lab");
  assertMatch(atAda.told().at(-1) ?? "", /You own #lab, .*\/forget again leaves all the same$/);
  await atAda.type("/forget #lab");
  await atBob.saw("room-left", { room: "#lab", name: "ada" });
  assertEquals(
    atAda.told().at(-1),
    "note: Deleted #lab and its history; you are no member any more",
  );
  assertEquals([...atAda.context.messenger.rooms], []);
});

Deno.test("rooms: whoever joins the lobby says something to all who have joined it", async () => {
  await using server = new TableServer();
  const { atAda, atBob } = await people(server);
  await atBob.type("/join #lobby");
  await atAda.type("/join #lobby", "is anyone in?");
  await atAda.saw("room-sent", { room: "#lobby", text: "is anyone in?" });
  atAda.clear();
  await atAda.type("/edit anybody?", "/topic talk", "/leave", "/room new lobby");
  assertEquals(atAda.told(), [
    "error: The lobby has only messages and answers",
    "error: The lobby has only messages and answers",
    "error: This name can't be used: expected another name, got that of the lobby",
  ]);
});

Deno.test("rooms: history shows as many messages as asked for, and tells how to see more", async () => {
  await using server = new TableServer();
  const ada = new Screen(await server.user("ada"));
  const past = async (...args: string[]) => {
    ada.clear();
    await ada.run(["/history", ...args].join(" "));
    return ada.told().map((line) => line.replace(/^note: \[.*\] you/, "you"));
  };
  await ada.type("/room new lab");
  assertEquals(await past(), ["note: Nothing was said in #lab yet"]);
  for (let count = 1; count <= 21; count++) await ada.run(`${count}`);
  const lines = Array.from({ length: 21 }, (_, index) => `you: ${index + 1}`);
  assertEquals(await past(), [
    ...lines.slice(1),
    "note: The last 20 messages in #lab; /history 40 shows more",
  ]);
  assertEquals(await past("40"), [
    ...lines,
    "note: That is the whole history in #lab: 21 messages",
  ]);
  assertEquals(await past("0"), ['error: Expected a number of lines from 1 to 1000, got "0"']);
});
