/** Somebody sends as much as will go, beside a friend: what the friend says is kept and delivered. */

import { assert, assertEquals } from "@std/assert";
import { MessageArchive } from "../../../client/app/message_archive.ts";
import { toClientEvent } from "../../../client/app/events.ts";
import { Profile } from "../../../client/storage/mod.ts";
import { SqliteStore } from "../../../client/storage/contacts/sqlite_store.ts";
import { TempFolder } from "../../helpers/disk.ts";
import { TableServer } from "../../helpers/table_server.ts";
import { poll } from "../../helpers/wait.ts";

Deno.test("flood: beside 16 MiB of a neighbour's text, a friend's messages are kept and delivered", async () => {
  using folder = new TempFolder();
  await using server = new TableServer(); // all of its users are in one network
  const archive = new MessageArchive(await Profile.read(folder.path), () => {});
  await archive.open();
  using store = await SqliteStore.open(`${folder.path}/contacts.db`, {
    alarm: () => {},
    keep: (message) => archive.keepIncoming(message, server.at),
  });
  const ada = await server.user("ada", { store });
  const [bob, eve] = [await server.user("bob"), await server.user("eve")];
  ada.subscribe((event) => {
    archive.keep(toClientEvent(event, "terminal"), server.at);
  });
  archive.threadNames.messenger = ada;
  const toBob = await ada.call(bob);
  await toBob.send("hello");
  const { chat: toAda } = await bob.saw("chat-opened", { name: "ada" });
  archive.last("bob", 0); // which has what was sent written

  const flood = await eve.call(ada);
  for (let n = 0; n < 1_024; n++) void flood.send(`${n} ${"x".repeat(16_000)}`).catch(() => {});
  const before = bob.outbox.length;
  for (let n = 0; n < 50; n++) {
    const message = await toAda.send(`${n} ${"y".repeat(16_000)}`);
    await message.delivered;
  }
  assertEquals([before, bob.outbox.length], [0, 0]);
  await ada.saw("error", { text: /^what eve says will come again: .*more than 512 Ki characters/ });
  const kept = () => archive.last("eve", 2_000).length;
  await poll(() => eve.outbox.length === 1_024 - kept(), "eve to hear what is kept");
  assert(kept() > 28 && kept() <= 33, `${kept()} of eve's`);
  const ofBob = archive.last("bob", 2_000).filter(({ what }) => what === "received");
  assertEquals(ofBob.length, 50);
  const errors = ada.events.all.filter(({ event }) => event === "error");
  assertEquals(errors.length, 1);
  await ada.quit();
  await archive.close();
});
