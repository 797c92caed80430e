import { residentPeakKib } from "./machine.ts";
import { runArgs } from "../helpers/programs.ts";
import { RawClient } from "../helpers/raw_client.ts";
import { TestEnvironment } from "../helpers/test_environment.ts";

/** A line of so many bytes, its end included. */
const LINE = 1_000;
const PIECE = 64 * 1024;

/** What became of it. */
export interface SlowSend {
  /** The client's exit code. */
  readonly code: number;
  /** What the peer read, its caller's name not counted. */
  readonly bytes: number;
  /** The most memory that the client had; undefined where the system doesn't tell. */
  readonly peakKib: number | undefined;
  readonly seconds: number;
}

/**
 * `mim send bob < file` with a bob who reads slowly.
 *
 * @param size of the file, in bytes; a multiple of 1,000
 * @param rate how much bob reads in a second, in bytes
 */
export async function sendSlowly(size: number, rate: number): Promise<SlowSend> {
  await using env = TestEnvironment.real();
  const { at } = env.serve();
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  using _bob = await RawClient.login(at.port, "bob", listener.addr.port);
  const client = new Deno.Command(Deno.execPath(), {
    args: [
      ...runArgs("client"),
      ...[
        "--server",
        `${at.hostname}:${at.port}`,
        "--listen",
        "127.0.0.1",
        "--classic",
        "--name",
        "ada",
      ],
      ...["send", "bob"],
    ],
    cwd: new URL("../../", import.meta.url),
    stdin: "piped",
    stdout: "null",
  }).spawn();
  const start = performance.now();
  const writing = fileOf(size).pipeTo(client.stdin);
  const peak = { kib: undefined as number | undefined };
  let bytes = 0;
  {
    using connection = await listener.accept();
    bytes = await read(connection, rate, async () => {
      peak.kib = await residentPeakKib(client.pid) ?? peak.kib;
    });
  }
  await writing;
  const { code } = await client.status;
  const seconds = (performance.now() - start) / 1_000;
  return { code, bytes: bytes - "ada\n".length, peakKib: peak.kib, seconds };
}

/** Reads to the end, no faster than that; `look` is called about every megabyte. */
async function read(
  connection: Deno.Conn,
  rate: number,
  look: () => Promise<void>,
): Promise<number> {
  const buffer = new Uint8Array(PIECE);
  const start = performance.now();
  let looked = 0;
  for (let bytes = 0;;) {
    const length = await connection.read(buffer);
    if (length === null) return bytes;
    bytes += length;
    if (bytes - looked > 2 ** 20) {
      looked = bytes;
      await look();
    }
    const early = bytes / rate * 1_000 - (performance.now() - start);
    if (early > 1) await new Promise((resolve) => setTimeout(resolve, early));
  }
}

/** A file of lines. */
function fileOf(size: number): ReadableStream<Uint8Array<ArrayBuffer>> {
  const lines = new TextEncoder().encode(`${"x".repeat(LINE - 1)}\n`.repeat(64));
  let left = size;
  return new ReadableStream({
    pull(controller) {
      controller.enqueue(lines.slice(0, Math.min(left, lines.length)));
      left -= Math.min(left, lines.length);
      if (left === 0) controller.close();
    },
  });
}
