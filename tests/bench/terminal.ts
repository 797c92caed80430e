import { Wire } from "../helpers/peers.ts";
import { dataFolderIn, runArgs } from "../helpers/programs.ts";
import { RawClient } from "../helpers/raw_client.ts";
import { sendSlowly } from "./slow_send.ts";
import { TestTerminal } from "../helpers/terminal.ts";
import { type Place, TestEnvironment } from "../helpers/test_environment.ts";
import { Chatter } from "./chatter.ts";
import { fillHistory } from "./history.ts";
import { residentKib, residentPeakKib } from "./machine.ts";
import type { Figure, Section } from "./report.ts";
import { percentile, summarize } from "./statistics.ts";

/** Starts that count, after one that fills the caches. */
const STARTS = 15;
const ROUNDS = 5;
const KEYS = 200;
/** Characters that come at once, as from a program that types. */
const AT_ONCE = 1_500;
/** Messages in a second while keys are pressed. */
const RATE = 50;
const MESSAGES = 100_000;
const BURST = 5_000;
const FILE = 100_000_000;
/** How much of the file the peer reads in a second. */
const READ_RATE = 10_000_000;
const ms = { unit: "ms", better: "less" } as const;
const mib = { unit: "MiB", better: "less" } as const;

/** The client on a real terminal, and `send` with a large file, both with a data folder of their own. */
export async function* benchTerminal(): AsyncGenerator<Section> {
  const folder = await Deno.makeTempDir();
  try {
    yield await onTerminal(folder);
    yield await slowSend();
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function onTerminal(folder: string): Promise<Section> {
  await using env = TestEnvironment.real();
  const { at } = env.serve();
  const start = (home: string) => startTimes(at, `${folder}/${home}`);
  const figures: Figure[] = [
    { name: "start to the prompt", ...ms, ...summarize(await start("new")), goal: 400 },
  ];
  const full = dataFolderIn(`${folder}/full`);
  await Deno.mkdir(full, { recursive: true, mode: 0o700 });
  await fillHistory(`${full}/history.db`, new Chatter());
  const name = "start to the prompt, a million messages in the history";
  figures.push({ name, ...ms, ...summarize(await start("full")), goal: 400 });
  await using ada = await Chatting.start(at, `${folder}/full`);
  const rounds: number[][] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const times = await ada.keyTimes();
    if (round > 0) rounds.push(times);
  }
  for (const [name, share, goal] of [["p50", 0.5, undefined], ["p99", 0.99, 20]] as const) {
    const values = rounds.map((times) => percentile(times, share));
    const figure = { name: `a key shown while ${RATE} messages a second arrive, ${name}`, ...ms };
    figures.push({ ...figure, ...summarize(values), ...goal !== undefined && { goal } });
  }
  const atOnce: number[] = [];
  for (let round = 0; round < ROUNDS; round++) atOnce.push(await ada.timeAtOnce());
  figures.push({
    name: `${AT_ONCE.toLocaleString("en")} characters typed at once`,
    ...ms,
    ...summarize(atOnce),
  });
  const { before, after, peak } = await ada.memory();
  figures.push({ name: "memory with some messages received", ...mib, ...before });
  const received = `memory with ${MESSAGES.toLocaleString("en")} messages received`;
  figures.push({ name: received, ...mib, ...after, goal: 120 });
  figures.push({ name: `${received}, at most`, ...mib, ...peak });
  return {
    title: `terminal: ${STARTS} starts; ${ROUNDS} rounds of ${KEYS} keys after a warm-up`,
    notes: ["until the emulated screen shows it, in the process that measures"],
    figures,
  };
}

async function slowSend(): Promise<Section> {
  const { code, bytes, peakKib, seconds } = await sendSlowly(FILE, READ_RATE);
  if (code !== 0 || bytes !== FILE) {
    throw new Error(`expected ${FILE} bytes and exit code 0, got ${bytes} and ${code}`);
  }
  return {
    title: `send: a file of ${FILE / 1e6} MB to a peer that reads ${READ_RATE / 1e6} MB/s`,
    figures: [
      { name: "memory at most", ...mib, ...inMib(peakKib), goal: 150 },
      { name: "time", unit: "s", better: "less", ...summarize([seconds]) },
    ],
  };
}

function client(at: Place, home: string): TestTerminal {
  const options = ["--server", `${at.hostname}:${at.port}`, "--listen", "127.0.0.1", "--classic"];
  return new TestTerminal([...runArgs("client", home), ...options, "--name", "ada"]);
}

/** How long it takes until a prompt is up: lines that are printed leave the cursor at the left. */
async function startTimes(at: Place, home: string): Promise<number[]> {
  const times: number[] = [];
  for (let start = 0; start <= STARTS; start++) {
    const begun = performance.now();
    await using ada = client(at, home);
    await ada.when(() => ada.cursorColumn > 0, "a prompt");
    if (start > 0) times.push(performance.now() - begun);
  }
  return times;
}

/** A client on a terminal, and somebody who writes to it without being answered. */
class Chatting implements AsyncDisposable {
  readonly #terminal: TestTerminal;
  readonly #peer: Wire;
  #said = 0;

  private constructor(terminal: TestTerminal, peer: Wire) {
    this.#terminal = terminal;
    this.#peer = peer;
  }

  static async start(at: Place, home: string): Promise<Chatting> {
    using watcher = await RawClient.login(at.port, "watcher");
    const terminal = client(at, home);
    await terminal.shows(/^You are online as ada$/);
    await watcher.until(() => watcher.updates.includes("A ada"), "ada in the table");
    const port = watcher.entries.find(({ entry }) => entry.name === "ada")?.entry.port ?? 0;
    const peer = await Wire.call({ hostname: "127.0.0.1", port }, "bob");
    await peer.sayLines("hello");
    await terminal.shows(/bob.*hello$/);
    return new Chatting(terminal, peer);
  }

  /** How long each key takes to the screen while messages arrive, in milliseconds. */
  async keyTimes(): Promise<number[]> {
    const failed = Promise.withResolvers<never>();
    const timer = setInterval(() => this.#say(1).catch(failed.reject), 1_000 / RATE);
    try {
      return await Promise.race([this.#typeKeys(), failed.promise]);
    } finally {
      clearInterval(timer);
    }
  }

  /** How long many characters that come at once take to the screen, in milliseconds. */
  async timeAtOnce(): Promise<number> {
    const pressed = performance.now();
    this.#terminal.type("word ".repeat(AT_ONCE / 5 - 1) + "done.");
    await this.#terminal.when(() => this.#terminal.rowAt(0).endsWith("done."), "all of it");
    const time = performance.now() - pressed;
    this.#terminal.type("\x15");
    await this.#terminal.when(() => this.#terminal.rowAt(0).endsWith(">"), "an empty line");
    return time;
  }

  /** Memory before and after many messages. */
  async memory() {
    const { pid } = this.#terminal;
    const before = inMib(await residentKib(pid));
    while (this.#said < MESSAGES) {
      await this.#say(Math.min(BURST, MESSAGES - this.#said));
      const last = `message ${this.#said} `;
      await this.#terminal.when(() => this.#terminal.rowAt(-1).includes(last), last);
    }
    const after = inMib(await residentKib(pid));
    return { before, after, peak: inMib(await residentPeakKib(pid)) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#peer[Symbol.dispose]();
    await this.#terminal[Symbol.asyncDispose]();
  }

  async #say(count: number): Promise<void> {
    const line = () => `message ${++this.#said} as long as people write when they have lunch`;
    await this.#peer.sayLines(...Array.from({ length: count }, line));
  }

  async #typeKeys(): Promise<number[]> {
    const times: number[] = [];
    let typed = "";
    for (let key = 0; key < KEYS; key++) {
      if (typed.length === 20) {
        this.#terminal.type("\x15"); // Ctrl-U: the line anew
        typed = "";
      }
      const letter = String.fromCharCode(97 + key % 26);
      typed += letter;
      const pressed = performance.now();
      this.#terminal.type(letter);
      await this.#terminal.when(() => this.#terminal.rowAt(0).endsWith(` ${typed}`), typed);
      times.push(performance.now() - pressed);
      // Keys and messages come at all distances from each other.
      await new Promise((resolve) => setTimeout(resolve, 5 + key * 7 % 30));
    }
    this.#terminal.type("\x15");
    return times;
  }
}

function inMib(kib: number | undefined) {
  return kib === undefined ? {} : summarize([kib / 1_024]);
}
