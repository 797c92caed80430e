/** A server that has just started waits until it knows who is banned. */

import { assertEquals } from "@std/assert";
import { FirstBans } from "../../../server/cluster/first_bans.ts";
import { FakeTime } from "../../helpers/time.ts";

/** A start, and what has happened until now. */
class Start implements Disposable {
  readonly answers = Promise.withResolvers<void>();
  asked = 0;
  readonly bans = new FirstBans(() => {
    this.asked++;
    return this.answers.promise;
  });
  isKnown = false;

  constructor() {
    void this.bans.known?.then(() => this.isKnown = true);
  }

  [Symbol.dispose](): void {
    this.bans.end();
  }
}

Deno.test("first bans: they are known once the store is read and all others have told theirs", async () => {
  using time = new FakeTime();
  for (const isReadFirst of [true, false]) {
    using start = new Start();
    void start.bans.connect();
    void start.bans.connect();
    if (isReadFirst) start.bans.read();
    else start.answers.resolve();
    await time.pass(4_999);
    assertEquals([start.asked, start.isKnown], [1, false]);
    if (isReadFirst) start.answers.resolve();
    else start.bans.read();
    await time.pass(0);
    assertEquals([start.isKnown, start.bans.known], [true, undefined]);
    void start.bans.connect();
    assertEquals(start.asked, 1, "not again after a loss");
  }
  assertEquals(time.waiting, 0);
});

Deno.test("first bans: nobody waits for longer than five seconds, or without a connection", async () => {
  using time = new FakeTime();
  using silent = new Start();
  void silent.bans.connect();
  await time.pass(5_000);
  assertEquals([silent.isKnown, silent.bans.known], [true, undefined]);
  using lonely = new Start();
  lonely.bans.end();
  await time.pass(0);
  assertEquals([lonely.isKnown, lonely.asked], [true, 0]);
});
