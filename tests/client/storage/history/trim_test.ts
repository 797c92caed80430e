/** Which messages go if the history is too large: those of the strangers who have sent the most. */

import { assert, assertEquals } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import type { History, NewMessage } from "../../../../client/storage/history/history.ts";
import { poll } from "../../../helpers/wait.ts";
import { message, TempHistory } from "./temp_history.ts";

const MOST = 2 ** 20;
const TEXT = "as long as people write ".repeat(40);

/** A history into which somebody writes. */
class Stage implements AsyncDisposable {
  readonly temp = new TempHistory();
  readonly history: History;
  #marks = 0;

  static async open(): Promise<Stage> {
    const temp = new TempHistory();
    return new Stage(temp, await temp.open(MOST));
  }

  private constructor(temp: TempHistory, history: History) {
    this.temp = temp;
    this.history = history;
  }

  /** Somebody says so many things from an address. */
  says(name: string, address: string, times: number, more: Partial<NewMessage> = {}): void {
    for (let time = 0; time < times; time++) {
      const peer = { name, address: `${address}:40001` };
      this.history.append(message(name, `${time} ${TEXT}`, { peer, ...more }));
    }
  }

  /** The same as messages of MIM/2. */
  saysWithKey(name: string, address: string, times: number): void {
    for (let time = 0; time < times; time++) {
      this.says(name, address, 1, { mark: `mark ${++this.#marks}` });
    }
  }

  count(name: string): number {
    return this.history.last(name, 100_000).length;
  }

  /** Until the file is as small as it is to be. */
  async trimmed(): Promise<void> {
    using db = new DatabaseSync(this.temp.path);
    const bytes = () => {
      const sql = "SELECT (page_count - freelist_count) * page_size AS bytes " +
        "FROM pragma_page_count, pragma_freelist_count, pragma_page_size";
      return Number(db.prepare(sql).get()?.bytes);
    };
    await poll(
      () => {
        this.history.last("", 0); // which has all written
        return bytes() < MOST;
      },
      "the history to be small",
      () => `${bytes()} bytes`,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.temp[Symbol.asyncDispose]();
  }
}

Deno.test("trim: the strangers who have sent the most lose the most, the oldest first", async () => {
  await using stage = await Stage.open();
  stage.says("carol", "198.51.100.1", 30);
  // Under ever other names, from all over its network.
  for (let n = 0; n < 2_000; n++) stage.says(`eve ${n}`, `203.0.113.${n % 256}`, 1);
  await stage.trimmed();
  assertEquals(stage.count("carol"), 30);
  assertEquals([stage.count("eve 0"), stage.count("eve 1999")], [0, 1]);
  assertEquals(stage.temp.notes, []);
});

Deno.test("trim: a chat in which the user has written stays, and so does everything of the user's", async () => {
  await using stage = await Stage.open();
  stage.says("bob", "192.0.2.7", 1, { type: "sent", text: "hello" });
  stage.says("bob", "192.0.2.7", 100);
  stage.saysWithKey("bob", "198.51.100.9", 100); // on the road; the key says that it is the same
  stage.says("dave", "192.0.2.8", 1, { type: "failed", text: "are you there?" });
  stage.says("mallory", "203.0.113.66", 3_000);
  await stage.trimmed();
  assertEquals([stage.count("bob"), stage.count("dave")], [201, 1]);
  assert(stage.count("mallory") < 1_000);
});

Deno.test("trim: in classic MIM a name counts only at the addresses that the user has written to", async () => {
  await using stage = await Stage.open();
  stage.says("bob", "192.0.2.7", 1, { type: "sent", text: "hello" });
  stage.says("bob", "192.0.2.9", 50);
  stage.says("bob", "203.0.113.66", 3_000);
  await stage.trimmed();
  const hosts = stage.history.last("bob", 100_000).map(({ peer }) => peer.address);
  assertEquals(hosts.filter((host) => host === "192.0.2.9:40001").length, 50);
});

Deno.test("trim: if all is of chats in which the user has written, nothing goes, and that is said once", async () => {
  await using stage = await Stage.open();
  stage.says("bob", "192.0.2.7", 1, { type: "sent", text: "hello" });
  stage.says("bob", "192.0.2.7", 3_000);
  stage.history.last("", 0);
  await poll(() => stage.temp.notes.length > 0, "a note");
  stage.says("bob", "192.0.2.7", 2_000);
  assertEquals(stage.count("bob"), 5_001);
  await stage.history.close();
  assertEquals(stage.temp.notes, [
    "The history is larger than 1 MiB. All of it belongs to chats in which you have written, so " +
    "nothing is deleted",
  ]);
});

Deno.test("trim: IPv6 addresses count by their /64", async () => {
  await using stage = await Stage.open();
  stage.says("carol", "[2001:db8:1::1]", 30);
  for (let n = 0; n < 2_000; n++) stage.says(`eve ${n}`, `[2001:db8:2::${n.toString(16)}]`, 1);
  await stage.trimmed();
  assertEquals(stage.count("carol"), 30);
  assertEquals(stage.count("eve 0"), 0);
});
