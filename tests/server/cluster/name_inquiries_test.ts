/** Questions of a server of a cluster to the others: whether one of them knows whose a name is. */

import { assertEquals, assertMatch } from "@std/assert";
import { clusterLimits } from "../../../server/cluster/cluster_limits.ts";
import type { ClusterMessage } from "../../../server/cluster/cluster_message.ts";
import { type NameAnswer, NameInquiries } from "../../../server/cluster/name_inquiries.ts";
import { LogRecords } from "../../helpers/log_records.ts";
import { FakeTime } from "../../helpers/time.ts";

/** Asks among nodes that a case adds and removes. */
class Asking {
  readonly present = new Set(["one", "two"]);
  readonly sent: Extract<ClusterMessage, { type: "name" }>[] = [];
  /** Whether this node hears itself. */
  isHeard = true;
  readonly inquiries = new NameInquiries("self", (message) => {
    if (message.type !== "name") return;
    this.sent.push(message);
    if (this.isHeard) queueMicrotask(() => this.hear("self"));
  }, () => this.present);
  answer: NameAnswer | undefined;

  ask(): void {
    // Connected long ago: all others are known.
    void this.inquiries.ask("key", 1e9).then((answer) => this.answer = answer);
  }

  hear(from: string, isKnown = false): void {
    const { request = -1 } = this.sent[0] ?? {};
    this.inquiries.take(from, { type: "known", request, isKnown });
  }

  /** The answer of one that can't tell. */
  hearUnsure(from: string): void {
    const { request = -1 } = this.sent[0] ?? {};
    this.inquiries.take(from, { type: "known", request, isKnown: undefined });
  }
}

Deno.test("name inquiries: a name is free once all others have said that they do not know it", async () => {
  using time = new FakeTime();
  const asking = new Asking();
  asking.ask();
  asking.hear("one");
  await time.pass(0);
  assertEquals(asking.answer, undefined);
  asking.hear("two");
  await time.pass(0);
  assertEquals(asking.answer, "unknown");
  assertEquals(asking.sent.length, 1);
});

Deno.test("name inquiries: it is known as soon as one of them knows it", async () => {
  using time = new FakeTime();
  const asking = new Asking();
  asking.ask();
  asking.hear("two", true);
  await time.pass(0);
  assertEquals(asking.answer, "known");
});

Deno.test("name inquiries: who stops, or dies, before it answers is waited for no longer", async () => {
  using time = new FakeTime();
  const asking = new Asking();
  asking.ask();
  asking.hear("one");
  await time.pass(clusterLimits.silenceMs - 1_000);
  assertEquals(asking.answer, undefined);
  asking.present.delete("two");
  await time.pass(1_000);
  assertEquals(asking.answer, "unknown");
});

Deno.test("name inquiries: a question that does not even come back is answered by nobody", async () => {
  using time = new FakeTime();
  const asking = new Asking();
  asking.present.clear();
  asking.isHeard = false;
  asking.ask();
  await time.pass(clusterLimits.silenceMs);
  assertEquals(asking.answer, "unsure");
  const again = new Asking();
  again.present.clear();
  again.ask();
  await time.pass(0);
  assertEquals(again.answer, "unknown");
});

Deno.test("name inquiries: a question that was lost is asked again", async () => {
  using time = new FakeTime();
  const asking = new Asking();
  asking.ask();
  asking.hear("one");
  await time.pass(1_000);
  assertEquals(asking.sent.map(({ key }) => key), ["key", "key"]);
  asking.hear("two");
  await time.pass(0);
  assertEquals(asking.answer, "unknown");
});

Deno.test("name inquiries: nobody decides while one that is there never answers", async () => {
  using time = new FakeTime();
  const asking = new Asking();
  asking.ask();
  asking.hear("one");
  await time.pass(clusterLimits.silenceMs + 1_000);
  assertEquals(asking.answer, "unsure");
});

Deno.test("name inquiries: once this server stops, nobody waits, and nobody is asked", async () => {
  using _time = new FakeTime();
  const asking = new Asking();
  const before = asking.inquiries.ask("key", 1e9);
  asking.inquiries.close();
  assertEquals(await before, "unsure");
  assertEquals(await asking.inquiries.ask("key", 1e9), "unsure");
  assertEquals(asking.sent.length, 1);
});

Deno.test("name inquiries: one that can't tell is not waited for; another one may know it", async () => {
  using time = new FakeTime();
  await using log = await LogRecords.start();
  const asking = new Asking();
  asking.ask();
  asking.hearUnsure("one");
  await time.pass(0);
  assertEquals(asking.answer, undefined);
  asking.hear("two");
  await time.pass(0);
  assertEquals([asking.answer, asking.inquiries.isAnswered], ["unsure", false]);
  assertMatch(
    log.shown.join("\n"),
    /^warning server: cluster: node one can't tell whose a name is/,
  );
  const other = new Asking();
  other.ask();
  other.hearUnsure("one");
  other.hear("two", true);
  await time.pass(0);
  assertEquals([other.answer, other.inquiries.isAnswered], ["known", true]);
});

Deno.test("name inquiries: the log names who does not answer, now and then, and it is asked until it does", async () => {
  using time = new FakeTime();
  await using log = await LogRecords.start();
  const asking = new Asking();
  assertEquals(asking.inquiries.isAnswered, true);
  for (let count = 0; count < 3; count++) {
    asking.ask();
    asking.hear("one");
  }
  await time.pass(clusterLimits.silenceMs);
  assertEquals(asking.inquiries.isAnswered, false);
  const [line = "", ...others] = log.shown;
  assertMatch(line, /^warning server: cluster: node .*two.* is there, but has not answered .* 7 s/);
  assertEquals(others, []);
  asking.sent.length = 0;
  asking.inquiries.tick(2e9);
  asking.inquiries.tick(2e9 + 1);
  assertEquals(asking.sent.map(({ key }) => key), ["key"]);
  for (const node of asking.present) asking.hear(node);
  await time.pass(0);
  assertEquals(asking.inquiries.isAnswered, true);
  asking.inquiries.tick(3e9);
  assertEquals(asking.sent.length, 1);
});

Deno.test("name inquiries: with a lost connection nobody is said not to answer", async () => {
  using time = new FakeTime();
  await using log = await LogRecords.start();
  const asking = new Asking();
  asking.ask();
  asking.inquiries.disconnect();
  await time.pass(clusterLimits.silenceMs);
  assertEquals([asking.answer, asking.inquiries.isAnswered], ["unsure", true]);
  assertEquals(log.shown, []);
});
