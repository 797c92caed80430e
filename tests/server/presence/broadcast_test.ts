import { setImmediate } from "node:timers";
import { assert, assertEquals } from "@std/assert";
import { Broadcast } from "../../../server/presence/broadcast.ts";
import { UpdateLog } from "../../../server/presence/update_log.ts";
import { Clock, FakeTime } from "../../helpers/time.ts";

/** Somebody who reads whatever there is as soon as it may be read. */
class Reader {
  cursor = 0;
  reads = 0;
  readonly #broadcast: Broadcast;

  constructor(broadcast: Broadcast) {
    this.#broadcast = broadcast;
    broadcast.join(this);
  }

  pump(): void {
    const { length } = this.#broadcast.log.view.from(this.cursor);
    if (length === 0) return;
    const before = this.cursor;
    this.cursor += length;
    this.reads++;
    this.#broadcast.moved(this, before);
  }
}

/** What was to be told in the next turn has been then. */
const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

Deno.test("a change is told in the next turn, all of one turn together", async () => {
  const broadcast = new Broadcast((oldest) => new UpdateLog(oldest), () => {});
  const readers = Array.from({ length: 500 }, () => new Reader(broadcast));
  for (let change = 0; change < 3; change++) {
    broadcast.append(new Uint8Array(10));
    broadcast.append(new Uint8Array(10));
    await nextTurn();
    assert(readers.every(({ cursor }) => cursor === broadcast.log.end));
  }
  assert(readers.every(({ reads }) => reads === 3));
  broadcast.close();
});

Deno.test("in a storm nobody is written every change by itself, and all get everything", async () => {
  using clock = new Clock();
  using time = new FakeTime();
  const broadcast = new Broadcast((oldest) => new UpdateLog(oldest), () => {});
  const readers = Array.from({ length: 5_000 }, () => new Reader(broadcast));
  assertEquals(broadcast.isBurst, false);
  for (let turn = 0; turn < 200; turn++) {
    for (let change = 0; change < 10; change++) broadcast.append(new Uint8Array(10));
    clock.advance(1);
    await time.pass(1);
    // Who has just been written may ask again, and reads no change before the others.
    for (const reader of readers) reader.pump();
  }
  assert(broadcast.isBurst);
  await time.pass(50);
  assert(readers.every(({ cursor }) => cursor === broadcast.log.end), "all were told");
  assert(readers.every(({ reads }) => reads < 10), `${readers[0]?.reads} writes`);
  assertEquals(broadcast.updates, 2_000);
  broadcast.close();
});

Deno.test("once no more comes for a while all are told, though the storm is not over yet", async () => {
  using clock = new Clock();
  using time = new FakeTime();
  const broadcast = new Broadcast((oldest) => new UpdateLog(oldest), () => {});
  const readers = Array.from({ length: 2_000 }, () => new Reader(broadcast));
  const pass = async (milliseconds: number) => {
    for (let passed = 0; passed < milliseconds; passed++) {
      clock.advance(1);
      await time.pass(1);
    }
  };
  const told = () => readers.every(({ cursor }) => cursor === broadcast.log.end);
  for (let change = 0; change < 30; change++) broadcast.append(new Uint8Array(10));
  await pass(1);
  assert(told(), "what came in one turn");
  for (let change = 0; change < 12; change++) {
    broadcast.append(new Uint8Array(10));
    await pass(1);
  }
  assertEquals(told(), false, "more is coming");
  await pass(9);
  assert(told(), "nothing more came");
  assert(broadcast.isBurst);
  broadcast.close();
});

Deno.test("closed in a storm, it leaves no timer behind", async () => {
  const broadcast = new Broadcast((oldest) => new UpdateLog(oldest), () => {});
  const readers = Array.from({ length: 500 }, () => new Reader(broadcast));
  for (let change = 0; change < 30; change++) broadcast.append(new Uint8Array(10));
  await nextTurn();
  broadcast.append(new Uint8Array(10));
  broadcast.close();
  assertEquals(readers[0]?.reads, 1);
});
