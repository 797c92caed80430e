/** Actions on messages reach their rows, in this run and in a later one. */

import { assertEquals, assertMatch } from "@std/assert";
import { MessageArchive } from "../../../client/app/mod.ts";
import { Profile } from "../../../client/storage/mod.ts";
import { SqliteStore } from "../../../client/storage/contacts/mod.ts";
import { RequestHandler } from "../../../client/window/api/request_handler.ts";
import type { MessageRow, Request, RequestResult } from "../../../client/window/messages.ts";
import { WindowState } from "../../../client/window/state/mod.ts";
import { testKey } from "../../fixtures/keys.ts";
import { TableServer } from "../../helpers/table_server.ts";
import type { TableUser } from "../../helpers/table_user.ts";
import { poll } from "../../helpers/wait.ts";

/** A user with a history and a window that no page shows. */
class WindowUser implements AsyncDisposable {
  readonly user: TableUser;
  readonly state: WindowState;
  readonly #archive: MessageArchive;
  readonly #store: SqliteStore;
  readonly #handler: RequestHandler;

  static async open(server: TableServer, folder: string): Promise<WindowUser> {
    const profile = new Profile(folder, {}, "");
    const archive = new MessageArchive(profile, (text) => {
      throw new Error(text);
    });
    await archive.open();
    const store = await SqliteStore.open(`${folder}/contacts.db`, {
      alarm: (text) => {
        throw new Error(text);
      },
      keep: (message) => archive.keepIncoming(message, server.at),
      actions: archive,
    });
    const user = await server.user("ada", { store, key: testKey(0x31) });
    return new WindowUser(user, archive, store, profile);
  }

  private constructor(
    user: TableUser,
    archive: MessageArchive,
    store: SqliteStore,
    profile: Profile,
  ) {
    this.user = user;
    this.#archive = archive;
    this.#store = store;
    this.state = new WindowState(user, archive);
    this.#handler = new RequestHandler(this.state, profile, () => Promise.resolve());
  }

  async ask(request: Request): Promise<RequestResult | undefined> {
    let result: RequestResult | undefined;
    await this.#handler.handle(request, (answer) => result = answer);
    return result;
  }

  get chat(): number {
    return this.state.conversations.all[0]?.id ?? 0;
  }

  /** The rows of the only conversation, as a page that opens it gets them. */
  get rows(): readonly MessageRow[] {
    return this.state.conversations.get(this.chat).newest.messages;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.state.close();
    await this.user.leave();
    await this.#archive.close();
    this.#store.close();
  }
}

/** The texts, marks and reactions in rows. */
function shown(rows: readonly MessageRow[]): unknown[] {
  return rows.map(({ text, isEdited, isDeleted, reactions = [] }) => [
    text,
    ...isEdited ? ["edited"] : [],
    ...isDeleted ? ["deleted"] : [],
    ...reactions.map(({ emoji, isMine, others }) => [emoji, isMine, ...others].join(" ")),
  ]);
}

Deno.test("window state: edits, deletes, reactions and replies are in the rows, also of a later run", async () => {
  await using server = new TableServer();
  const folder = await Deno.makeTempDir();
  const bob = await server.user("bob");
  const expected = [
    ["lunch at one?", "edited", "👍 true bob"],
    ["", "deleted"],
    ["yes"],
    ["see you"],
  ];
  {
    await using ada = await WindowUser.open(server, folder);
    const { state, user } = ada;
    const row = state.users.rows.find(({ name }) => name === "bob");
    await ada.ask({ type: "call", user: row?.id ?? 0 });
    const { chat } = ada;
    assertEquals(state.conversations.get(chat).head.actions, "now");
    await ada.ask({ type: "send", chat, text: "lunch at noon?", requestId: "1", reply: 0 });
    await ada.ask({ type: "send", chat, text: "oops", requestId: "2", reply: 0 });
    const { message, chat: atBob } = await bob.saw("message", { text: "lunch at noon?" });
    await bob.saw("message", { text: "oops" });
    await poll(() => ada.rows.every(({ state }) => state === "delivered"), "delivered");
    const [first, second] = ada.rows;
    await ada.ask({ type: "edit", chat, message: first?.id ?? 0, text: "lunch at one?" });
    await ada.ask({ type: "delete", chat, message: second?.id ?? 0 });
    await ada.ask({ type: "react", chat, message: first?.id ?? 0, emoji: "👍" });
    await atBob.react(message, "👍");
    await user.saw("reacted", { who: "bob" });
    await (await atBob.send("yes", { reply: message })).delivered;
    await poll(() => ada.rows.length === 3, "the answer");
    const answer = ada.rows[2];
    assertEquals(answer?.reply, { message: first?.id ?? 0, from: "me", text: "lunch at one?" });
    await ada.ask({ type: "send", chat, text: "see you", requestId: "3", reply: answer?.id ?? 0 });
    await bob.saw("message", { text: "see you" });
    assertEquals(ada.rows[3]?.reply, { message: answer?.id ?? 0, from: "them", text: "yes" });
    assertEquals(shown(ada.rows), expected);
    await poll(() => user.outbox.length === 0, "delivered");
    const versions = await ada.ask({ type: "versions", chat, message: first?.id ?? 0 });
    assertEquals(versions?.type === "versions" && versions.versions.map(({ text }) => text), [
      "lunch at noon?",
      "lunch at one?",
    ]);
  }
  await using ada = await WindowUser.open(server, folder);
  const { chat, rows } = ada;
  assertEquals(shown(rows), expected);
  assertEquals(rows[2]?.reply, { message: rows[0]?.id ?? 0, from: "me", text: "lunch at one?" });
  assertEquals(rows[3]?.reply, { message: rows[2]?.id ?? 0, from: "them", text: "yes" });
  await ada.ask({ type: "unreact", chat, message: rows[0]?.id ?? 0, emoji: "👍" });
  await ada.ask({ type: "edit", chat, message: rows[3]?.id ?? 0, text: "see you at one" });
  await bob.saw("edited", { text: "see you at one" });
  assertEquals(shown(ada.rows), [
    ["lunch at one?", "edited", "👍 false bob"],
    ["", "deleted"],
    ["yes"],
    ["see you at one", "edited"],
  ]);
  const old = await ada.ask({ type: "versions", chat, message: rows[1]?.id ?? 0 });
  assertEquals(old?.type === "versions" && old.versions.map(({ text }) => text), ["oops"]);
  const problem = await ada.ask({ type: "edit", chat, message: rows[2]?.id ?? 0, text: "no" });
  assertMatch(JSON.stringify(problem), /the user's own/);
  await poll(() => ada.user.outbox.length === 0, "delivered");
  await Deno.remove(folder, { recursive: true }).catch(() => {});
});

Deno.test("window state: only an address of this machine is stored as the own one, and it can be reset", async () => {
  await using server = new TableServer();
  const folder = await Deno.makeTempDir();
  {
    await using ada = await WindowUser.open(server, folder);
    const set = (value: string) => ada.ask({ type: "set-setting", key: "listen", value });
    const stored = () => ada.state.snapshot.me.settings?.listen;
    assertEquals(await set("127.0.0.1:4321"), undefined);
    for (const value of ["nonsense.invalid", "192.0.2.7", "192.0.2.7:4321", "a b", "4321"]) {
      const problem = await set(value);
      assertEquals(problem?.type === "problem" && problem.code, "invalid-setting", value);
    }
    assertMatch(await Deno.readTextFile(`${folder}/config.json`), /"127\.0\.0\.1:4321"/);
    assertEquals(await set(":4322"), undefined);
    assertEquals(await set(""), undefined);
    assertEquals((await Deno.readTextFile(`${folder}/config.json`)).includes("listen"), false);
    assertEquals(stored() ?? "", "");
  }
  await Deno.remove(folder, { recursive: true }).catch(() => {});
});

Deno.test("window state: what the peer has seen is in the heading, also of a later run", async () => {
  await using server = new TableServer();
  const folder = await Deno.makeTempDir();
  const bob = await server.user("bob");
  bob.sharesSeen = true;
  {
    await using ada = await WindowUser.open(server, folder);
    await ada.ask({ type: "set-setting", key: "seen", value: "on" });
    const row = ada.state.users.rows.find(({ name }) => name === "bob");
    await ada.ask({ type: "call", user: row?.id ?? 0 });
    const { chat } = ada;
    await ada.ask({ type: "send", chat, text: "hello", requestId: "1", reply: 0 });
    (await bob.saw("message")).chat.markSeen();
    await ada.user.saw("seen");
    assertEquals(ada.state.conversations.get(chat).head.seenUpTo, ada.rows[0]?.id);
    await poll(() => ada.user.outbox.length === 0, "delivered");
  }
  await using ada = await WindowUser.open(server, folder);
  assertEquals(ada.state.conversations.get(ada.chat).head.seenUpTo, ada.rows[0]?.id);
  await Deno.remove(folder, { recursive: true }).catch(() => {});
});
