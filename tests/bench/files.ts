import { newHome } from "../helpers/programs.ts";
import { writeAll } from "../../server/platform/net/byte_stream.ts";
import { hashOf } from "../../client/core/files/piece_hashes.ts";
import { PIECE_BYTES, rootOf } from "../../protocol/mod.ts";
import { residentPeakKib } from "./machine.ts";
import { Program } from "./program.ts";
import type { Section } from "./report.ts";
import { percentile, summarize } from "./statistics.ts";

const SIZE = 1_000_000_000;
const SMALL_FILES = 10_000;
const LINES = 100;
const LINE_INTERVAL_MS = 20;
const ROUNDS = 3;

/** Files between two clients of this machine, as processes. */
export async function benchFiles(): Promise<Section> {
  const folder = await Deno.makeTempDir({ prefix: "mim-bench-" });
  try {
    return await measure(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function measure(folder: string): Promise<Section> {
  await using server = Program.mimServer();
  const address = `127.0.0.1:${await server.port()}`;
  await using ada = client("ada", address);
  await using bob = client("bob", address);
  await Promise.all([ada.line("logged-in\t"), bob.line("logged-in\t")]);
  await ada.send("/talk bob");
  await ada.line("chat-opened\t");
  const large = `${folder}/large`;
  const root = await writeLarge(large);
  const speeds: number[] = [];
  let count = 0;
  /** Seconds from taking an offer to the file's being there. */
  const take = async (path: string, into: string, meanwhile = () => Promise.resolve()) => {
    await ada.send(`/sendfile ${path}`);
    await bob.line("file-offered\t");
    const start = performance.now();
    await bob.send(`/getfile ${++count} ${into}`);
    await meanwhile();
    await bob.line("file-received\t");
    return (performance.now() - start) / 1000;
  };
  for (let round = 0; round < ROUNDS; round++) {
    speeds.push(SIZE / 1e6 / await take(large, `${folder}/in${round}`));
    if (round > 0) await Deno.remove(`${folder}/in${round}`, { recursive: true });
  }
  const peaks = await Promise.all([ada, bob].map(({ pid }) => residentPeakKib(pid)));
  const memory = Math.max(...peaks.map((peak) => peak ?? 0)) / 1024;
  const delays: number[] = [];
  await take(large, `${folder}/chat`, async () => {
    for (let line = 0; line < LINES; line++) {
      const start = performance.now();
      await ada.send(`line ${line}`);
      await bob.line(`message\tada\tline ${line}`);
      delays.push(performance.now() - start);
      await new Promise((resolve) => setTimeout(resolve, LINE_INTERVAL_MS));
    }
  });
  await Deno.remove(`${folder}/chat`, { recursive: true });
  await Deno.mkdir(`${folder}/part`);
  const part = `${folder}/part/.${root.subarray(0, 8).toHex()}.part`;
  await Deno.copyFile(`${folder}/in0/large`, part);
  await Deno.truncate(part, SIZE * 0.99);
  const resumed = await take(large, `${folder}/part`);
  for (let at = 0; at < SMALL_FILES; at++) {
    const group = `${folder}/small/${at % 100}`;
    if (at < 100) await Deno.mkdir(group, { recursive: true });
    await Deno.writeTextFile(`${group}/${at}`, `content ${at}`);
  }
  const small = SMALL_FILES / await take(`${folder}/small`, `${folder}/many`);
  return {
    title: "Files, two clients on this machine",
    notes: [
      "both programs, and the one that measures, share this machine; memory is the peak of either",
    ],
    figures: [
      { name: "1 GB", unit: "MB/s", better: "more", goal: 150, ...summarize(speeds) },
      { name: "memory", unit: "MiB", better: "less", goal: 150, ...summarize([memory]) },
      {
        name: "a line of chat meanwhile, p99",
        unit: "ms",
        better: "less",
        goal: 20,
        ...summarize([percentile(delays, 0.99)]),
      },
      {
        name: "1 GB with 1 % missing",
        unit: "s",
        better: "less",
        goal: 3,
        ...summarize([resumed]),
      },
      {
        name: "files a second, of 10,000 small ones",
        unit: "",
        better: "more",
        goal: 1_000,
        ...summarize([small]),
      },
    ],
  };
}

function client(name: string, server: string): Program {
  const options = ["--plain", "--no-discover", "--no-history", "--data", newHome()];
  return new Program("client/main.ts", [...options, "--name", name, "--server", server]);
}

/** Writes the large file, and returns its root. */
async function writeLarge(path: string): Promise<Uint8Array> {
  using file = await Deno.open(path, { write: true, createNew: true });
  const piece = new Uint8Array(PIECE_BYTES);
  const hashes: number[] = [];
  for (let left = SIZE; left > 0; left -= PIECE_BYTES) {
    for (let at = 0; at < PIECE_BYTES; at += 65_536) {
      crypto.getRandomValues(piece.subarray(at, at + 65_536));
    }
    const bytes = piece.subarray(0, Math.min(left, PIECE_BYTES));
    hashes.push(...hashOf(bytes));
    await writeAll(file, bytes);
  }
  return rootOf(Uint8Array.from(hashes));
}
