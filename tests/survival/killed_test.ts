import { assertEquals } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { MimServer } from "../../server/mod.ts";
import { TestProcess } from "../helpers/process.ts";

/** So many kills in all, spread over pairs that talk at the same time. */
const KILLS = 100;
const PAIRS = 4;
/** How long a client lives at most after it is ready, in milliseconds. */
const LONGEST_LIFE = 120;

/** Numbers that are the same for the same seed (mulberry32). */
function randomFrom(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seed ^ seed >>> 15, 1 | seed);
    mixed = mixed + Math.imul(mixed ^ mixed >>> 7, 61 | mixed) ^ mixed;
    return ((mixed ^ mixed >>> 14) >>> 0) / 2 ** 32;
  };
}

/** A client that is killed and started again, and what it has kept in all its runs. */
class Mortal implements AsyncDisposable {
  readonly folder = Deno.makeTempDirSync();
  readonly name: string;
  readonly #port: number;
  readonly #peer: string;
  /** All that was in its outbox, or sent, as it has said. */
  readonly kept = new Set<string>();
  #process: TestProcess | undefined;
  #runs = 0;

  constructor(name: string, peer: string, port: number) {
    this.name = name;
    this.#peer = peer;
    this.#port = port;
  }

  /** Starts it; without sending anything new where it is the last time. */
  async start(last = false): Promise<TestProcess> {
    const args = [this.folder, this.name, String(this.#port), this.#peer];
    const run = last ? [] : [String(++this.#runs)];
    const name = `${this.name} ${this.#runs}`;
    const process = TestProcess.deno("tests/survival/person.ts", [...args, ...run], { name });
    this.#process = process;
    await process.waitFor("ready");
    return process;
  }

  /** Waits until it has said something more to its peer. */
  async speaks(): Promise<void> {
    const line = await this.#process?.waitFor(/^kept /);
    if (line !== undefined) this.kept.add(line.slice(5));
  }

  async kill(): Promise<void> {
    const process = this.#process;
    process?.kill("SIGKILL");
    await process?.exitCode();
    for (const line of process?.unread ?? []) {
      if (line.startsWith("kept ")) this.kept.add(line.slice(5));
      else assertEquals(line.startsWith("error "), false, `${this.name}: ${line}`);
    }
    await process?.[Symbol.asyncDispose]();
  }

  /** What it has received from its peer, as its history says. */
  received(): string[] {
    using db = new DatabaseSync(`${this.folder}/history.db`);
    return db.prepare("SELECT text FROM message WHERE kind = 0").all().map(({ text }) =>
      String(text)
    );
  }

  /** What waits in its outbox. */
  waiting(): string[] {
    using db = new DatabaseSync(`${this.folder}/contacts.db`);
    const decoder = new TextDecoder();
    return db.prepare("SELECT text FROM outbox").all().map(({ text }) =>
      text instanceof Uint8Array ? decoder.decode(text) : ""
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process?.[Symbol.asyncDispose]();
    await Deno.remove(this.folder, { recursive: true });
  }
}

/** All that one has kept is with the other, or waits; nothing is with the other twice. */
function assertNothingLost(from: Mortal, to: Mortal): void {
  const received = to.received();
  const there = new Set(received);
  assertEquals(received.length, there.size, `${to.name} has something twice`);
  const waiting = new Set(from.waiting());
  const lost = [...from.kept].filter((text) => !there.has(text) && !waiting.has(text));
  assertEquals(lost, [], `lost between ${from.name} and ${to.name}`);
}

async function pair(number: number, port: number, seed: number): Promise<number> {
  const random = randomFrom(seed);
  const [one, other] = [`ada${number}`, `bob${number}`];
  await using ada = new Mortal(one, other, port);
  await using bob = new Mortal(other, one, port);
  const both = [ada, bob] as const;
  await Promise.all([ada.start(), bob.start()]);
  for (let kill = 0; kill < KILLS / PAIRS; kill++) {
    await new Promise((resolve) => setTimeout(resolve, random() * LONGEST_LIFE));
    const victim = random() < 0.5 ? ada : bob;
    await victim.kill();
    await victim.start();
  }
  for (const mortal of both) await mortal.speaks(); // whatever time the machine had for them before
  for (const mortal of both) await mortal.kill();
  assertNothingLost(ada, bob);
  assertNothingLost(bob, ada);
  const last = await Promise.all([ada.start(true), bob.start(true)]);
  for (const process of last) await process.waitFor("empty");
  for (const mortal of both) await mortal.kill();
  assertEquals([ada.waiting(), bob.waiting()], [[], []]);
  assertNothingLost(ada, bob);
  assertNothingLost(bob, ada);
  return ada.kept.size + bob.kept.size;
}

Deno.test(`killed: at ${KILLS} random moments, every message arrives once or waits`, async () => {
  const data = await Deno.makeTempDir();
  await using server = MimServer.listen({ hostname: "127.0.0.1", port: 0, data });
  const seed = crypto.getRandomValues(new Int32Array(1))[0] ?? 0;
  console.log(`seed ${seed}`);
  const counts = await Promise.all(
    Array.from({ length: PAIRS }, (_, number) => pair(number, server.port, seed + number)),
  ).catch((error) => {
    throw new Error(`seed ${seed}: ${error instanceof Error ? error.message : error}`);
  });
  const messages = counts.reduce((sum, count) => sum + count);
  console.log(`${KILLS} kills, ${messages} messages`);
  await server.close();
  await Deno.remove(data, { recursive: true });
});
