import { checkFileDescriptors, processorSeconds, residentKib } from "./machine.ts";
import { Program } from "./program.ts";
import type { Figure, Section } from "./report.ts";
import { grouped } from "./server.ts";
import { percentile, summarize } from "./statistics.ts";
import type { WatchingAnswer, WatchingOrder } from "./watching_orders.ts";

/** How many keys each user watches. */
const WATCHED = 50;
/** How many log in once more, and change their status, in each round. */
const SAMPLE = 200;
const ROUNDS = 3;
/** How many of a process log in before it says so. */
const STEP = 200;
/** How many do so in a second. */
const PER_SECOND = 50;
/** How long the server rests before its memory is read: it probes clients then, and collects garbage. */
const REST_MS = 10_000;
const GOALS = { memoryKib: 6, changeP99Ms: 50 };

/** A process of users. */
class Crowd {
  readonly program: Program;

  constructor(port: number, users: number) {
    this.program = new Program("tests/bench/watching_worker.ts", [
      ...[`${port}`, `${users}`, `${WATCHED}`],
    ]);
  }

  async order(order: WatchingOrder): Promise<WatchingAnswer> {
    await this.program.send(JSON.stringify(order));
    const answer: WatchingAnswer = JSON.parse(await this.program.line("{"));
    if (answer.error !== undefined) throw new Error(`${answer.error}${this.program.complaint}`);
    return answer;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.program[Symbol.asyncDispose]();
  }
}

/** Many users at a server that tells each only of those whom it watches. */
export async function benchWatching(users: number, processes: number): Promise<Section> {
  await checkFileDescriptors(users);
  await using server = Program.mimServer(undefined, { args: ["--full-table", "0"] });
  const port = await server.port();
  const emptyKib = await residentKib(server.pid) ?? NaN;
  await using closing = new AsyncDisposableStack();
  const crowds = Array.from(
    { length: processes },
    () => closing.use(new Crowd(port, users)),
  );
  const firstOf = (process: number) => Math.floor(users * process / processes);
  const ranges = crowds.map((_, at) => ({ from: firstOf(at), to: firstOf(at + 1) }));
  const all = (order: () => WatchingOrder) =>
    Promise.all(crowds.map((crowd) => crowd.order(order())));
  const [start, startProcessor] = [performance.now(), await processorSeconds(server.pid) ?? NaN];
  await Promise.all(crowds.map(async (crowd, at) => {
    const { from, to } = ranges[at] ?? { from: 0, to: 0 };
    for (let next = from; next < to; next += STEP) {
      const step = { from: next, to: Math.min(to, next + STEP), pauseMs: 0 };
      await crowd.order({ type: "login", ...step });
    }
  }));
  const rampSeconds = (performance.now() - start) / 1000;
  const rampProcessor = (await processorSeconds(server.pid) ?? NaN) - startProcessor;
  await new Promise((resolve) => setTimeout(resolve, REST_MS));
  const memoryKib = ((await residentKib(server.pid) ?? NaN) - emptyKib) / users;

  const pauseMs = 1_000 / PER_SECOND;
  const [logins, changesP50, changesP99]: number[][] = [[], [], []];
  let told = 0;
  await all(() => ({ type: "latencies" }));
  for (let round = 0; round < ROUNDS; round++) {
    const from = round * SAMPLE;
    // The last process has some come and go while the first one's change their status.
    const last = crowds.at(-1);
    const leaving = { from: users - SAMPLE, to: users, pauseMs } as const;
    const churn = last?.order({ type: "logout", ...leaving })
      .then(() => last.order({ type: "login", ...leaving }));
    const [first] = crowds;
    if (first === last) await churn;
    await first?.order({ type: "status", from, to: from + SAMPLE, pauseMs });
    logins?.push(percentile((await churn)?.times ?? [], 0.99));
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    for (const { times: [p50, p99], count = 0 } of await all(() => ({ type: "latencies" }))) {
      if (p50 !== undefined) changesP50?.push(p50);
      if (p99 !== undefined) changesP99?.push(p99);
      told += count;
    }
  }
  const figure = (name: string, unit: Figure["unit"], values: number[] = [], goal?: number) => ({
    ...{ name, unit, better: "less" as const },
    ...goal !== undefined && { goal },
    ...values.every((value) => !Number.isNaN(value)) && values.length > 0 && summarize(values),
  });
  return {
    title: `${grouped(users)} users who watch ${WATCHED} others each, at one server`,
    notes: [
      `${processes} processes play the users on the same cores, with all their cryptography`,
      `a login is connect, handshake, login, ${WATCHED} keys to watch, and all rows of these`,
      `${SAMPLE} log in again and ${SAMPLE} others change their status, ${PER_SECOND} a second, ` +
      `${ROUNDS} times; ${told} were told`,
    ],
    figures: [
      figure("memory for each user", "KiB", [memoryKib], GOALS.memoryKib),
      figure("all log in", "s", [rampSeconds]),
      figure("the server's processor time for each login", "ms", [rampProcessor * 1000 / users]),
      figure("login, 99th percentile", "ms", logins),
      figure("change of status to those who watch, median", "ms", changesP50),
      figure("the same, 99th percentile", "ms", changesP99, GOALS.changeP99Ms),
    ],
  };
}
