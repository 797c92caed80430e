import { assert, assertEquals, assertMatch } from "@std/assert";
import { Output } from "../../../client/terminal/output.ts";
import type { Sink } from "../../../server/platform/cli/line_writer.ts";

/** A stdout whose reader takes so many bytes at a time, when the test says so. */
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

  break(error: Error): void {
    this.#takes.reject(error);
  }
}

Deno.test("output: lines come out in order, whatever the reader takes at a time", async () => {
  const reader = new Reader();
  const output = new Output(reader);
  const lines = Array.from({ length: 50 }, (_, index) => `line ${index} 😀`);
  lines.forEach(output.line);
  const flushed = output.flushed();
  for (let size = 1; reader.read.length < lines.join("\n").length + 1; size++) {
    await reader.take(size);
  }
  await flushed;
  assertEquals(reader.read, lines.map((line) => `${line}\n`).join(""));
});

Deno.test("output: a reader that takes nothing holds up nothing, up to a limit", async () => {
  const output = new Output(new Reader(), 1000);
  for (let lines = 0; lines < 9; lines++) output.line("x".repeat(99));
  output.line("x".repeat(200));
  const why = await output.ended;
  assertMatch(why?.message ?? "", /^nobody reads it, and 1101 bytes wait$/);
  output.line("into the void");
});

Deno.test("output: whoever can wait does so while much is unread", async () => {
  const reader = new Reader();
  const output = new Output(reader);
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

Deno.test("output: a reader that is gone is no fault; a full disk is", async () => {
  const gone = new Reader();
  const toNobody = new Output(gone);
  toNobody.line("hello");
  gone.break(new Deno.errors.BrokenPipe("Broken pipe (os error 32)"));
  assertEquals(await toNobody.ended, undefined);
  await toNobody.flushed();
  const full = new Reader();
  const toDisk = new Output(full);
  toDisk.line("hello");
  full.break(new Error("No space left on device (os error 28)"));
  assertMatch((await toDisk.ended)?.message ?? "", /No space left/);
});
