/** What it does for a whole server whose log nobody reads: tests/survival/unread_log_test.ts. */

import { assertEquals } from "@std/assert";
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

  break(): Promise<void> {
    this.#takes.reject(new Error("No space left on device (os error 28)"));
    this.#takes = Promise.withResolvers();
    return new Promise((resolve) => setTimeout(resolve, 0));
  }
}

const note = (dropped: number) => `${dropped} lines dropped`;

Deno.test("lines come out in order, whatever the reader takes at a time", async () => {
  const reader = new Reader();
  const queue = new LineWriter(reader, note);
  const lines = Array.from({ length: 30 }, (_, index) => `line ${index} 😀`);
  const text = lines.map((line) => `${line}\n`).join("");
  for (const line of lines) queue.line(line);
  for (let size = 1; reader.read.length < text.length; size++) await reader.take(size);
  await queue.flushed(60_000);
  assertEquals(reader.read, text);
});

Deno.test("what is too much is dropped, and one line says how many once the rest is read", async () => {
  const reader = new Reader();
  const queue = new LineWriter(reader, note, 10);
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

Deno.test("what can't be written is counted, and the next line is tried", async () => {
  const reader = new Reader();
  const queue = new LineWriter(reader, note, 10);
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

Deno.test("whoever waits for a reader that takes nothing waits no longer than it says", async () => {
  const queue = new LineWriter(new Reader(), note);
  queue.line("hello");
  await queue.flushed(1);
});
