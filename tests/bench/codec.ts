import {
  type Decoder,
  DecoderStream,
  encodeAdd,
  encodeLine,
  encodeWelcome,
  LineDecoder,
  type PresenceEntry,
  ServerDecoder,
} from "../../protocol/mod.ts";
import { concat } from "@std/bytes/concat";
import type { Section } from "./report.ts";
import { summarize } from "./statistics.ts";

const ENTRIES = 10_000;
const LINES = 200_000;
const CHUNK = 16 * 1024;
const WARM_UP = 5;
const RUNS = 20;
/** The most that decoding the table may take, in milliseconds. */
const GOAL = 40;

/** What bytes to messages and back takes in one process, without any socket. */
export async function benchCodec(): Promise<Section> {
  const entries = Array.from({ length: ENTRIES }, (_, index): PresenceEntry => ({
    name: `user${String(index).padStart(6, "0")}`,
    address: `192.0.2.${index % 256}`,
    port: 1024 + index,
  }));
  const table = chunksOf(concat([encodeWelcome("Hello"), ...entries.map(encodeAdd)]));
  const lines = Array.from(
    { length: LINES },
    (_, index) =>
      encodeLine(
        index % 4 === 0 ? `${index}: über naïve Füße 👩‍🚀` : `${index}: lunch at noon today?`,
      ),
  );
  const text = concat(lines);
  const textChunks = chunksOf(text);

  const decode = await times(() => decodeTable(table));
  const encode = await times(() => {
    for (const entry of entries) encodeAdd(entry);
  });
  const cut = await times(() => drain(new LineDecoder(), textChunks, LINES));
  const megabytes = text.length / 1e6;
  return {
    title: `codec: ${RUNS} runs after ${WARM_UP} that warm up`,
    figures: [
      {
        name: "10,000 Adds decoded: ServerDecoder, 16 KiB chunks",
        unit: "ms",
        better: "less",
        ...summarize(decode),
        goal: GOAL,
      },
      { name: "10,000 Adds encoded", unit: "ms", better: "less", ...summarize(encode) },
      {
        name: "lines decoded: LineDecoder, 16 KiB chunks",
        unit: "MB/s",
        better: "more",
        ...summarize(cut.map((milliseconds) => megabytes / milliseconds * 1000)),
      },
    ],
  };
}

async function decodeTable(chunks: readonly Uint8Array[]): Promise<void> {
  let adds = 0;
  for await (
    const { type } of ReadableStream.from(chunks).pipeThrough(
      new DecoderStream(new ServerDecoder()),
    )
  ) {
    if (type === "add") adds++;
  }
  expectCount(adds, ENTRIES);
}

function drain<Message>(
  decoder: Decoder<Message>,
  chunks: readonly Uint8Array[],
  expected: number,
): void {
  let messages = 0;
  for (const chunk of chunks) for (const _ of decoder.push(chunk)) messages++;
  decoder.end();
  expectCount(messages, expected);
}

/** Measures something that is wrong? Better not at all. */
function expectCount(actual: number, expected: number): void {
  if (actual !== expected) throw new Error(`expected ${expected} messages, got ${actual}`);
}

/** How long each run takes that isn't one of the first, in milliseconds. */
async function times(run: () => unknown): Promise<number[]> {
  const taken: number[] = [];
  for (let index = 0; index < WARM_UP + RUNS; index++) {
    const start = performance.now();
    await run();
    taken.push(performance.now() - start);
  }
  return taken.slice(WARM_UP);
}

function chunksOf(bytes: Uint8Array): Uint8Array[] {
  return Array.from(
    { length: Math.ceil(bytes.length / CHUNK) },
    (_, index) => bytes.subarray(index * CHUNK, (index + 1) * CHUNK),
  );
}
