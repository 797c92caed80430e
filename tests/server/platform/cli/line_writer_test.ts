/** A whole server whose log nobody reads is tested in tests/survival/unread_log_test.ts. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { LineWriter, type Sink } from "../../../../server/platform/cli/line_writer.ts";

/** A stderr whose reader takes bytes when the test says so. */
class Reader implements Sink {
  read = "";
  #takes = Promise.withResolvers<number>();
  readonly #decoder = new TextDecoder();

  async write(bytes: Uint8Array): Promise<number> {
    const length = Math.min(await this.#takes.promise, bytes.length);
    this.#takes = Promise.withResolvers();
    this.read += this.#decoder.decode(bytes.subarray(0, length), { stream: true });
    return length;
  }

  /** Takes so many bytes of what is, or will be, written. */
  async take(most: number): Promise<void> {
    this.#takes.resolve(most);
    await new Promise((resolve) => setTimeout(resolve, 0));
  }

  break(error = new Error("No space left on device (os error 28)")): Promise<void> {
    this.#takes.reject(error);
    this.#takes = Promise.withResolvers();
    return new Promise((resolve) => setTimeout(resolve, 0));
  }
}

const droppedLine = (dropped: number) => `${dropped} lines dropped`;

Deno.test("line writer: lines come out in order, whatever the reader takes at a time", async () => {
  const reader = new Reader();
  const queue = new LineWriter(reader, { droppedLine });
  const lines = Array.from({ length: 30 }, (_, index) => `line ${index} 😀`);
  const text = lines.map((line) => `${line}\n`).join("");
  for (const line of lines) queue.line(line);
  for (let size = 1; reader.read.length < text.length; size++) await reader.take(size);
  await queue.flushed(60_000);
  assertEquals(reader.read, text);
});

Deno.test("line writer: what is too much is dropped, and one line says how many once the rest is read", async () => {
  const reader = new Reader();
  const queue = new LineWriter(reader, { droppedLine, maxUnreadBytes: 10 });
  for (const line of ["aaaa", "bbbb", "cccc", "d"]) queue.line(line);
  await reader.take(5);
  queue.line("e"); // there is room, but it would come before what says that some are missing
  await reader.take(5);
  await reader.take(100);
  assertEquals(reader.read, "aaaa\nbbbb\n3 lines dropped\n");
  queue.line("ffff");
  await reader.take(100);
  assertEquals(reader.read, "aaaa\nbbbb\n3 lines dropped\nffff\n");
});

Deno.test("line writer: what can't be written is counted, and the next line is tried", async () => {
  const reader = new Reader();
  const queue = new LineWriter(reader, { droppedLine, maxUnreadBytes: 10 });
  for (const line of ["aaaa", "bbbb", "cccc"]) queue.line(line);
  await reader.break();
  await reader.break();
  queue.line("dddd");
  await reader.break();
  queue.line("eeee");
  await reader.take(100);
  await reader.take(100);
  assertEquals(reader.read, "eeee\n4 lines dropped\n");
});

Deno.test("line writer: whoever waits for a reader that takes nothing waits no longer than it says", async () => {
  const queue = new LineWriter(new Reader(), { droppedLine });
  queue.line("hello");
  await queue.flushed(1);
});

Deno.test("line writer without a note: a reader that takes nothing holds up nothing, up to a limit", async () => {
  const output = new LineWriter(new Reader(), { maxUnreadBytes: 1000 });
  for (let lines = 0; lines < 9; lines++) output.line("x".repeat(99));
  output.line("x".repeat(200));
  const why = await output.ended;
  assertMatch(why?.message ?? "", /^nobody reads it, and 1101 bytes wait$/);
  output.line("into the void");
});

Deno.test("line writer without a note: whoever can wait does so while much is unread", async () => {
  const reader = new Reader();
  const output = new LineWriter(reader);
  output.line("little");
  await output.ready();
  output.line("x".repeat(300_000));
  let ready = false;
  const waiting = output.ready().then(() => ready = true);
  await reader.take(7);
  assert(!ready);
  await reader.take(400_000);
  await waiting;
});

Deno.test("line writer without a note: a reader that is gone is no fault; a full disk is", async () => {
  const gone = new Reader();
  const toNobody = new LineWriter(gone);
  toNobody.line("hello");
  await gone.break(new Deno.errors.BrokenPipe("Broken pipe (os error 32)"));
  assertEquals(await toNobody.ended, undefined);
  await toNobody.flushed();
  const full = new Reader();
  const toDisk = new LineWriter(full);
  toDisk.line("hello");
  await full.break();
  assertMatch((await toDisk.ended)?.message ?? "", /No space left/);
});
