/** What was said in a room, as text and as JSON. */

import { assertEquals, assertRejects } from "@std/assert";
import { historyCommand, type HistoryTask } from "../../../client/cli/history_command.ts";
import { loadIdentity, openStore, Profile } from "../../../client/storage/mod.ts";
import { createTestNetwork } from "../../../client/testing/mod.ts";
import { UsageError } from "../../../server/platform/cli/flags.ts";
import { TempFolder } from "../../helpers/disk.ts";
import { poll } from "../../helpers/wait.ts";

/** The lines that `history export` writes. */
async function exported(
  folder: string,
  who: string,
  format: HistoryTask["format"] = "text",
): Promise<string[]> {
  const lines: string[] = [];
  const output = { line: (text: string) => void lines.push(text), ready: () => Promise.resolve() };
  const task = { type: "history", who, format } as const;
  const alarm = (text: string) => {
    throw new Error(text);
  };
  assertEquals(await historyCommand(task, new Profile(folder), output, alarm), 0);
  return lines;
}

Deno.test("history export: a room, as text and as JSON, oldest first, without a login", async () => {
  using folder = new TempFolder();
  {
    await using network = createTestNetwork();
    using store = await openStore(folder.path);
    const bob = await network.login("bob", { store, identity: await loadIdentity(folder.path) });
    const ada = await network.login("ada");
    const room = await bob.rooms.create("lab");
    const invited = ada.waitFor("room-invited", { timeoutMs: 60_000 });
    await room.invite(await bob.users.find("ada", { timeoutMs: 60_000 }));
    const theirs = (await invited).room;
    await theirs.join();
    const first = await room.send("one\nand \x1b[2J more");
    await poll(async () => await theirs.find(first.id) !== undefined, "ada to have it");
    await theirs.react(first.id, "👍");
    const answer = await theirs.send("to", { replyTo: first.id });
    await theirs.edit(answer.id, "two");
    const gone = await theirs.send("gone");
    await theirs.delete(gone.id);
    await poll(async () => {
      const [said, answered, last] = await Promise.all(
        [first, answer, gone].map(({ id }) => room.find(id)),
      );
      return said?.reactions.length === 1 && answered?.text === "two" && last?.isDeleted === true;
    }, "bob to have all");
    await bob.rooms.create("other");
  }
  const text = (await exported(folder.path, "#LAB")).map((line) =>
    line.replace(/^\d{4}-\d\d-\d\d \d\d:\d\d /, "")
  );
  // Ada is no contact, and no server is asked who she is: her name has the tag of her key.
  const tag = /~[a-z2-7]{4}-[a-z2-7]{4}/;
  assertEquals(text.slice(1).map((line) => tag.test(line)), [true, true]);
  assertEquals(
    text.map((line) => line.replace(tag, "").replace(/\n {4}and [^\p{C}]+ more$/u, " …")),
    [
      "me: one …",
      "ada: two (edited)",
      "ada (deleted): ",
    ],
  );
  const records = JSON.parse((await exported(folder.path, "#lab", "json")).join("\n"));
  const [one, two, three] = records;
  assertEquals([one.from, one.text, one.reactions], [
    "me",
    "one\nand \x1b[2J more",
    [{ by: two.name, emoji: "👍" }],
  ]);
  assertEquals([two.name.replace(tag, ""), two.from, two.text, two.edited, two.replyTo], [
    "ada",
    "them",
    "two",
    true,
    one.id,
  ]);
  assertEquals([three.text, three.deleted, three.key, records.length], ["", true, two.key, 3]);
  assertEquals(await exported(folder.path, "#other"), []);
  for (const [who, why] of [["#nowhere", "no room #nowhere"], ["#lobby", "not stored"]] as const) {
    await assertRejects(() => exported(folder.path, who), UsageError, why);
  }
  using empty = new TempFolder();
  await assertRejects(() => exported(empty.path, "#lab"), UsageError, "no room #lab");
  assertEquals([...Deno.readDirSync(empty.path)], []);
});
