/** Messages that are new since the user left: counted across restarts, and shown from where on. */

import { assertEquals } from "@std/assert";
import { type ClientEvent, Context, MessageArchive } from "../../../client/app/mod.ts";
import { Profile } from "../../../client/storage/mod.ts";
import { SqliteStore } from "../../../client/storage/contacts/mod.ts";
import { TextLines } from "../../../client/terminal/render/text.ts";
import { NO_CHATS } from "../../../client/terminal/render/view.ts";
import { testKey } from "../../fixtures/keys.ts";
import { TableServer } from "../../helpers/table_server.ts";
import type { TableUser } from "../../helpers/table_user.ts";

/** Ada at a prompt with a history, which outlives her program. */
class Ada implements AsyncDisposable {
  readonly user: TableUser;
  readonly context: Context;
  readonly shown: ClientEvent[] = [];
  readonly #archive: MessageArchive;
  readonly #store: SqliteStore;

  static async start(server: TableServer, folder: string): Promise<Ada> {
    const fail = (text: string) => {
      throw new Error(text);
    };
    const archive = new MessageArchive(new Profile(folder, {}, ""), fail);
    await archive.open();
    const store = await SqliteStore.open(`${folder}/contacts.db`, {
      alarm: fail,
      keep: (message) => archive.keepIncoming(message, server.at),
      actions: archive,
    });
    const user = server.offlineUser("ada", { store, key: testKey(0x31) });
    const ada = new Ada(user, archive, store);
    await user.login();
    await server.update();
    return ada;
  }

  private constructor(user: TableUser, archive: MessageArchive, store: SqliteStore) {
    this.user = user;
    this.#archive = archive;
    this.#store = store;
    this.context = new Context(user, {
      emit: (event) => this.shown.push(event),
      isTyping: () => true, // no chat becomes the current one by itself
      quit: () => {},
    });
    this.context.archive = archive;
    this.context.activeChat.recallsLines = true;
  }

  /** The lines of earlier messages and notes, as a person sees them, without times. */
  get lines(): string[] {
    const text = new TextLines();
    return this.shown.filter(({ type }) => type === "past" || type === "note")
      .flatMap((event) => text.of(event, new Date(), NO_CHATS))
      .map((line) => line.replace(/^\[.*?\] /, ""));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.user.leave();
    await this.#archive.close();
    this.#store.close();
  }
}

Deno.test("unread: what came and was not seen is told at the next start, and shown from where on", async () => {
  await using server = new TableServer();
  const folder = await Deno.makeTempDir();
  const bob = await server.user("bob");
  {
    await using ada = await Ada.start(server, folder);
    const chat = await ada.context.messenger.chats.call(ada.user.sees(bob));
    await (await chat.send("hello")).delivered;
    const { chat: atBob } = await bob.saw("chat-opened");
    ada.context.activeChat.goTo(chat);
    await (await atBob.send("seen")).delivered;
    ada.context.activeChat.target = undefined; // she looks elsewhere
    for (const text of ["one", "two", "three"]) await (await atBob.send(text)).delivered;
    await ada.user.saw("message", { text: "three" });
    assertEquals([...ada.context.activeChat.unread.values()], [3]);
  }
  {
    await using ada = await Ada.start(server, folder);
    await ada.context.noteUnread();
    assertEquals(ada.lines.at(-1), "New since you left: bob 3");
    ada.shown.length = 0;
    const chat = await ada.context.messenger.chats.call(ada.user.sees(bob));
    assertEquals(ada.lines.slice(0, 6), [
      "you: hello",
      "bob: seen",
      "--- new since you left: 3 ---",
      "bob: one",
      "bob: two",
      "bob: three",
    ]);
    assertEquals(chat, ada.context.activeChat.current, "a call of her own is what she looks at");
  }
  await using ada = await Ada.start(server, folder);
  ada.shown.length = 0;
  await ada.context.noteUnread();
  assertEquals(ada.lines, [], "she has seen them");
  await Deno.remove(folder, { recursive: true }).catch(() => {});
});
