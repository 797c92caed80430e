/** The list of threads: last message, unread messages, drafts, over restarts. */

import { assertEquals } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { message, TempHistory } from "./temp_history.ts";

Deno.test("threads: unread messages and drafts are the same after a restart", async () => {
  await using temp = new TempHistory();
  const first = await temp.open();
  first.append(message("bob", "one"));
  first.append(message("carol", "hello"));
  first.append(message("bob", "two"));
  first.append({ thread: "bob", unread: 1, draft: "half a sen" });
  first.append({ thread: "dave", draft: "nothing sent yet", muted: true });
  await first.close();

  const history = await temp.open();
  const short = () =>
    history.threads(10).map(({ thread, last, unread, draft, muted }) => [
      thread,
      last?.text,
      unread,
      draft,
      muted,
    ]);
  assertEquals(short(), [
    ["bob", "two", 1, "half a sen", false],
    ["carol", "hello", 1, "", false],
    ["dave", undefined, 0, "nothing sent yet", true],
  ]);
  // Whoever answers has read what came before, in any face.
  history.append(message("carol", "hi", { type: "sent" }));
  history.append({ thread: "bob", draft: "" });
  assertEquals(short().map(([name, , unread, draft]) => [name, unread, draft]), [
    ["carol", 0, ""],
    ["bob", 1, ""],
    ["dave", 0, "nothing sent yet"],
  ]);
  assertEquals(history.threads(1).length, 1);
  assertEquals(history.names(1).length, 1);
  // Forgetting a peer forgets the draft, too.
  history.append({ thread: "carol", draft: "secret" });
  await history.forget("carol");
  assertEquals(short().map(([name]) => name), ["bob", "dave"]);
});

Deno.test("threads: a history of an earlier version counts as read", async () => {
  await using temp = new TempHistory();
  const first = await temp.open();
  first.append(message("bob", "one"));
  await first.close();
  {
    using db = new DatabaseSync(temp.path);
    db.exec("DROP TABLE thread; DROP VIEW thread_seen; DROP VIEW thread_names");
  }
  const history = await temp.open();
  history.append(message("bob", "two"));
  assertEquals(history.threads(10).map(({ unread }) => unread), [1]);
});

Deno.test("threads: a peer's other names are remembered, the newest first, and go along", async () => {
  await using temp = new TempHistory();
  const history = await temp.open();
  history.append(message("bob", "one"));
  for (const otherName of ["rob", "robert", "rob"]) history.append({ thread: "bob", otherName });
  const otherNames = () => history.facts().map(({ thread, otherNames }) => [thread, ...otherNames]);
  assertEquals(otherNames(), [["bob", "rob", "robert"]]);
  history.append({ thread: "bob", alias: "Bobby" });
  history.renameThread("bob", "rob");
  assertEquals(otherNames(), [["rob", "bob", "robert"]]);
  assertEquals(history.facts()[0]?.alias, "Bobby");
  history.append(message("carol", "two"));
  history.renameThread("rob", "carol"); // who is here already
  assertEquals(otherNames(), [["carol", "rob", "bob", "robert"]]);
  for (let at = 0; at < 100; at++) history.append({ thread: "carol", otherName: `name ${at}` });
  assertEquals(otherNames()[0]?.length, 17);
});
