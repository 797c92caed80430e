/** Commands for earlier messages: /reply, /edit, /delete, /react, /versions. */

import { assertEquals, assertMatch } from "@std/assert";
import type { ClientEvent } from "../../../client/app/mod.ts";
import { TextLines } from "../../../client/terminal/render/text.ts";
import { NO_CHATS } from "../../../client/terminal/render/view.ts";
import { Mim2Peer, Wire } from "../../helpers/peers.ts";
import { TableServer } from "../../helpers/table_server.ts";
import { testKey } from "../../fixtures/keys.ts";
import { Screen } from "../app/screen.ts";

/** The lines that a person sees for what was done, and said. */
function lines(events: readonly ClientEvent[]): string[] {
  const text = new TextLines();
  return events.flatMap((event) => text.of(event, new Date(), NO_CHATS))
    .map((line) => line.replace(/\[\d\d:\d\d\]/, "[--:--]"));
}

/** Ada and Bob in a chat, and Ada's screen; what is shown is recorded from there on. */
async function chatting(server: TableServer) {
  const [ada, bob] = [await server.user("ada"), await server.user("bob")];
  const screen = new Screen(ada);
  const shown: ClientEvent[] = [];
  const add = screen.add;
  Object.assign(screen.context, {
    emit: (event: ClientEvent) => {
      shown.push(event);
      add(event);
    },
  });
  await screen.run("/talk bob");
  const { chat } = await bob.saw("chat-opened");
  screen.clear();
  shown.length = 0;
  return { ada, bob, chat, screen, shown };
}

Deno.test("/reply: answers the newest of theirs, or the one that a number means", async () => {
  await using server = new TableServer();
  const { ada, bob, chat, screen, shown } = await chatting(server);
  await (await chat.send("lunch?")).delivered;
  await (await chat.send("or tea?")).delivered;
  await screen.type("both");
  await bob.saw("message", { text: "both" });
  await screen.type("/reply tea, please", "/reply 4 no, thanks");
  const answers = [
    (await bob.saw("message", { text: "tea, please" })).message,
    (await bob.saw("message", { text: "no, thanks" })).message,
  ];
  const received = ada.events.all.filter(({ event }) => event === "message");
  assertEquals(answers.map(({ reply }) => reply?.id), [received[1]?.id, received[0]?.id]);
  await (await chat.send("fine", { reply: answers[0] })).delivered;
  await ada.saw("message", { text: "fine" });
  await screen.type("/reply 99 x", "/reply", "/reply 1", "/reply 0 x");
  assertEquals(screen.told(), [
    "error: Expected the number of a message, 1 is the newest, got 99: there are 6",
    "error: Expected a text: /reply [N] TEXT",
    "error: Expected a text: /reply [N] TEXT",
    "error: Expected the number of a message, 1 is the newest, got 0: there are 6",
  ]);
  const said = shown.filter(({ type }) => type === "message" || type === "sent");
  assertMatch(lines(said).join("\n"), /> you: tea, please\n\[--:--\] bob: fine$/m);
});

Deno.test("/edit: changes the newest own message, or the one that a number means", async () => {
  await using server = new TableServer();
  const { bob, chat, screen, shown } = await chatting(server);
  await screen.type("first", "second");
  await bob.saw("message", { text: "second" });
  await (await chat.send("theirs")).delivered;
  await screen.type("/edit zweitens", "/edit 3 erstens", "/edit 1 no");
  await bob.saw("edited", { who: "ada", text: "zweitens" });
  await bob.saw("edited", { who: "ada", text: "erstens" });
  assertEquals(screen.told(), ["error: That is a message of bob's; you can change your own alone"]);
  assertEquals(
    lines(shown.filter(({ type }) => type === "edited")),
    [
      "[--:--] you (to bob) edited: zweitens (was: second)",
      "[--:--] you (to bob) edited: erstens (was: first)",
    ].map((line) => line.replace("you (to bob) edited", "you edited (to bob)")),
  );
  await screen.run("/versions");
  assertEquals(screen.told(), ["note: 1  second"]);
  await screen.run("/versions 1");
  assertEquals(screen.told(), ["note: That message was never edited or deleted"]);
});

Deno.test("/edit: without a text the message comes back into the line, and its number holds", async () => {
  await using server = new TableServer();
  const { ada, bob, chat, screen } = await chatting(server);
  await screen.type("lunch at noon?", "/edit");
  assertEquals(screen.told(), ["error: Expected a text: /edit [N] TEXT"]);
  let line = "";
  screen.context.fillLine = (text) => {
    line = text;
    return true;
  };
  await screen.run("/edit");
  assertEquals(line, "/edit 1 lunch at noon?");
  await (await chat.send("meanwhile")).delivered;
  await ada.saw("message", { text: "meanwhile" });
  await screen.run("/edit 1 lunch at one?");
  await bob.saw("edited", { text: "lunch at one?" });
  assertEquals(screen.told(), []);
});

Deno.test("/delete: takes the newest own message back, and says what that means", async () => {
  await using server = new TableServer();
  const { bob, screen, shown } = await chatting(server);
  await screen.type("keep", "oops");
  await bob.saw("message", { text: "oops" });
  await screen.run("/delete");
  await bob.saw("deleted", { text: "oops" });
  assertEquals(screen.told(), [
    "note: The others are asked to delete it; whoever has read it may keep it",
  ]);
  await screen.run("/delete");
  await bob.saw("deleted", { text: "keep" });
  assertEquals(lines(shown.filter(({ type }) => type === "deleted")), [
    "[--:--] you deleted (to bob): oops",
    "[--:--] you deleted (to bob): keep",
  ]);
  await screen.type("/delete 1 x", "/versions");
  assertEquals(screen.told().slice(1), [
    'error: Expected /delete [N], got "x"',
    "note: 1  oops",
  ]);
});

Deno.test("/react: sets a reaction, and the same again takes it back", async () => {
  await using server = new TableServer();
  const { bob, chat, screen } = await chatting(server);
  await (await chat.send("lunch?")).delivered;
  await screen.type("/react 👍");
  await bob.saw("reacted", { who: "ada", text: "👍", on: "yes" });
  await screen.type("/react 1 🎉", "/react 👍");
  await bob.saw("reacted", { text: "🎉", on: "yes" });
  await bob.saw("reacted", { text: "👍", on: "no" });
  await screen.type("/react", "/react two words", `/react ${"x".repeat(33)}`);
  assertEquals(screen.told(), [
    'error: Expected an emoji: /react [N] EMOJI, got ""',
    'error: Expected an emoji: /react [N] EMOJI, got "two words"',
    `error: Expected an emoji: /react [N] EMOJI, got "${"x".repeat(33)}"`,
  ]);
});

Deno.test("messages: without a chat, or in classic MIM, nothing is done and it is said why", async () => {
  await using server = new TableServer();
  const ada = await server.user("ada");
  const carol = new Screen(await server.user("carol", { key: null }));
  const screen = new Screen(ada);
  await screen.type("/reply x", "/edit x", "/delete", "/react 👍");
  const none = "error: No chat is open; /talk NAME starts one";
  assertEquals(screen.told(), [none, none, none, none]);
  await screen.type("/talk carol", "hello");
  screen.clear();
  await screen.type("/edit x", "/reply x", "/delete 1", "/react 👍");
  const classic =
    "error: carol speaks classic MIM, in which messages can't be answered, changed, " +
    "deleted or reacted to";
  assertEquals(screen.told(), [classic, classic, classic, classic]);
  carol.clear();
  await carol.type("/join #lobby");
  assertEquals(carol.told(), [
    "error: There are no rooms without a key: this client speaks classic MIM only",
  ]);
});

Deno.test("messages: a peer whose version is older is named, and the action waits", async () => {
  await using server = new TableServer();
  const ada = await server.user("ada");
  const key = testKey(0x83);
  await server.pin(ada, "old", key);
  const wire = await Wire.dial(server.network.host("198.18.9.9"), ada.address, ada.port);
  const peer = await Mim2Peer.call(wire, { name: "old", key });
  const screen = new Screen(ada);
  const { chat } = await ada.saw("chat-opened");
  screen.context.activeChat.goTo(chat);
  await peer.text("hello", 1);
  await ada.saw("message");
  screen.clear();
  await screen.type("/react 👍", "/reply hi");
  assertEquals(screen.told(), [
    "note: Your reaction waits: old's version of MIM knows no edits, deletes and reactions; it " +
    "needs a newer MIM there",
    "note: old's version of MIM knows no replies: it gets the text alone",
  ]);
  const { text, id } = await peer.hearText();
  assertEquals(text, "hi");
  await peer.say({ type: "received", id });
  await ada.saw("delivered", { text: "hi" });
  peer.wire.close();
  await ada.saw("chat-closed");
});
