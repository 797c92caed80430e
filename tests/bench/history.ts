import { History } from "../../client/storage/history/history.ts";
import { Chatter } from "./chatter.ts";
import { Program } from "./program.ts";
import type { Figure, Section } from "./report.ts";
import { percentile, summarize } from "./statistics.ts";

const MESSAGES = 1_000_000;
const PEERS = 200;
const BATCH = 10_000;
const STARTS = 15;
const ROUNDS = 5;
const SEARCHES = 200;
const KEPT = 1_000;
const FORGOTTEN = 1_000;
/** What a screen shows of what was found. */
const FOUND = 20;
/** The most that half of all searches may take, in milliseconds. */
const SEARCH_GOAL = 50;
/** The most that opening may add to a start, so that the prompt is there after 400 ms. */
const OPEN_GOAL = 100;

/** The history of somebody who has written a lot: keeping, finding, opening, forgetting. */
export async function benchHistory(): Promise<Section> {
  const folder = await Deno.makeTempDir();
  try {
    return await measured(`${folder}/history.db`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function measured(path: string): Promise<Section> {
  const chatter = new Chatter();
  const filling = await fillHistory(path, chatter);
  const { size } = await Deno.stat(path);
  const open: number[] = [];
  for (let start = 0; start <= STARTS; start++) {
    const time = await openTime(path);
    if (start > 0) open.push(time);
  }
  await using history = await opened(path);
  const searches: readonly (readonly [string, () => string])[] = [
    ["a common word", () => chatter.word(chatter.below(20))],
    ["a word of medium frequency", () => chatter.word(500 + chatter.below(1_000))],
    ["a rare word", () => chatter.word(20_000 + chatter.below(30_000))],
    ["two common words", () => `${chatter.word(chatter.below(20))} ${chatter.word(20)}`],
    [
      "a common and a rare word",
      () => `${chatter.word(chatter.below(20))} ${chatter.word(20_000 + chatter.below(30_000))}`,
    ],
    [
      "three words of medium frequency",
      () => [0, 0, 0].map(() => chatter.word(100 + chatter.below(400))).join(" "),
    ],
    [
      "two letters that many words begin with",
      () => chatter.word(50 + chatter.below(100)).slice(0, 2),
    ],
    ["a word that nobody wrote", () => "zzzzzz"],
  ];
  const found = searches.flatMap(([what, words]) =>
    percentiles(`search: ${what}`, SEARCHES, () => history.search(words(), FOUND), SEARCH_GOAL)
  );
  const last = percentiles("last 50 lines of a chat", SEARCHES, () => {
    history.last(nameOf(chatter), 50);
  });
  const kept = percentiles("a message written, alone", KEPT, () => {
    history.append(message(chatter, Date.now()));
    history.last("", 0); // which has it written
  });
  const forgetting = await forget(history, chatter);
  return {
    title: `history: ${MESSAGES.toLocaleString("en")} messages with ${PEERS} peers; ` +
      `${ROUNDS} rounds of ${SEARCHES} searches, ${KEPT} messages`,
    notes: ["a word of the vocabulary has Zipf's frequency; a search ends after 20 finds"],
    figures: [
      { name: "filling it", unit: "s", better: "less", ...summarize([filling / 1_000]) },
      { name: "size of the file", unit: "MiB", better: "less", ...summarize([size / 2 ** 20]) },
      {
        name: "open it and read 50 lines, in a new process",
        unit: "ms",
        better: "less",
        ...summarize(open),
        goal: OPEN_GOAL,
      },
      ...found,
      ...last,
      ...kept,
      {
        name: `forget ${FORGOTTEN} messages with one peer`,
        unit: "ms",
        better: "less",
        ...summarize([forgetting]),
      },
    ],
  };
}

/** Fills a history with a million messages; how long that takes, in milliseconds. */
export async function fillHistory(path: string, chatter: Chatter): Promise<number> {
  await using history = await opened(path);
  const start = performance.now();
  for (let count = 1; count <= MESSAGES; count++) {
    history.append(message(chatter, 1_700_000_000_000 + count * 10_000));
    if (count % BATCH === 0) history.last("", 0);
  }
  return performance.now() - start;
}

async function openTime(path: string): Promise<number> {
  await using program = new Program("tests/bench/history_start.ts", [path, "peer0"]);
  return Number((await program.line("opened ")).split(" ")[1]);
}

async function forget(history: History, chatter: Chatter): Promise<number> {
  for (let count = 0; count < FORGOTTEN; count++) {
    history.append({ ...message(chatter, Date.now()), peer: { name: "mallory", address: "" } });
  }
  const start = performance.now();
  const count = await history.forget("mallory");
  if (count !== FORGOTTEN) {
    throw new Error(`expected ${FORGOTTEN} messages forgotten, got ${count}`);
  }
  return performance.now() - start;
}

/** The middle and the slowest hundredth of each round. */
function percentiles(name: string, count: number, work: () => unknown, goal?: number): Figure[] {
  const rounds = Array.from({ length: ROUNDS }, () =>
    Array.from({ length: count }, () => {
      const start = performance.now();
      work();
      return performance.now() - start;
    }));
  const figure = (share: number) => ({
    unit: "ms" as const,
    better: "less" as const,
    ...summarize(rounds.map((times) => percentile(times, share))),
  });
  return [
    { name: `${name}, p50`, ...figure(0.5), ...goal !== undefined && { goal } },
    { name: `${name}, p99`, ...figure(0.99) },
  ];
}

function message(chatter: Chatter, at: number) {
  return {
    peer: { name: nameOf(chatter), address: "192.0.2.7:40001" },
    server: "mim.example:4242",
    type: chatter.below(2) === 0 ? "sent" as const : "received" as const,
    text: chatter.text(),
    at,
  };
}

/** With some peers one talks far more than with others. */
function nameOf(chatter: Chatter): string {
  return `peer${chatter.below(1 + chatter.below(PEERS))}`;
}

async function opened(path: string): Promise<History> {
  const history = await History.open(path, (text) => console.error(text));
  if (history === undefined) throw new Error(`expected a history at ${path}, got none`);
  return history;
}
