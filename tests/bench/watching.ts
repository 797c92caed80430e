import { testKey } from "../fixtures/keys.ts";
import { newHome } from "../helpers/programs.ts";
import { missingNats, NatsServer } from "../helpers/nats_server.ts";
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

  constructor(ports: readonly number[], users: number) {
    this.program = new Program("tests/bench/watching_worker.ts", [
      ...[`${ports}`, `${users}`, `${WATCHED}`],
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

/** Servers that tell each user only of those whom it watches. */
class Servers implements AsyncDisposable {
  readonly ports: number[] = [];
  readonly #stack = new AsyncDisposableStack();
  readonly #programs: Program[] = [];

  /** @param count of more than one all are nodes of a cluster */
  static async start(count: number): Promise<Servers> {
    const servers = new Servers();
    if (count === 1) return await servers.#add([]);
    if (missingNats !== undefined) throw new Error(missingNats);
    const nats = servers.#stack.use(await NatsServer.start());
    for (let node = 0; node < count; node++) {
      const data = newHome();
      await Deno.writeTextFile(`${data}/server.key`, `${testKey(9).toHex()}\n`, { mode: 0o600 });
      await servers.#add(["--cluster", nats.address, "--data", data]);
    }
    return servers;
  }

  async #add(args: readonly string[]): Promise<this> {
    const server = Program.mimServer(undefined, { args: ["--full-table", "0", ...args] });
    this.#programs.push(this.#stack.use(server));
    this.ports.push(await server.port());
    return this;
  }

  /** Of all together. */
  async residentKib(): Promise<number> {
    return await this.#sum(residentKib);
  }

  /** Of all together. */
  async processorSeconds(): Promise<number> {
    return await this.#sum(processorSeconds);
  }

  async #sum(measure: (pid: number) => Promise<number | undefined>): Promise<number> {
    const values = await Promise.all(this.#programs.map(({ pid }) => measure(pid)));
    return values.reduce<number>((sum, value) => sum + (value ?? NaN), 0);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }
}

/**
 * Many users at servers that tell each only of those whom it watches.
 *
 * @param nodes how many servers; more than one are a cluster, with the users spread over them
 */
export async function benchWatching(
  users: number,
  processes: number,
  nodes: number,
): Promise<Section> {
  await checkFileDescriptors(Math.ceil(users / Math.min(nodes, processes)));
  await using servers = await Servers.start(nodes);
  const emptyKib = await servers.residentKib();
  await using closing = new AsyncDisposableStack();
  const crowds = Array.from(
    { length: processes },
    () => closing.use(new Crowd(servers.ports, users)),
  );
  const firstOf = (process: number) => Math.floor(users * process / processes);
  const ranges = crowds.map((_, at) => ({ from: firstOf(at), to: firstOf(at + 1) }));
  const all = (order: () => WatchingOrder) =>
    Promise.all(crowds.map((crowd) => crowd.order(order())));
  const [start, startProcessor] = [performance.now(), await servers.processorSeconds()];
  await Promise.all(crowds.map(async (crowd, at) => {
    const { from, to } = ranges[at] ?? { from: 0, to: 0 };
    for (let next = from; next < to; next += STEP) {
      const step = { from: next, to: Math.min(to, next + STEP), pauseMs: 0 };
      await crowd.order({ type: "login", ...step });
    }
  }));
  const rampSeconds = (performance.now() - start) / 1000;
  const rampProcessor = await servers.processorSeconds() - startProcessor;
  await new Promise((resolve) => setTimeout(resolve, REST_MS));
  const memoryKib = (await servers.residentKib() - emptyKib) / users;

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
    title: `${grouped(users)} users who watch ${WATCHED} others each, at ${
      nodes === 1 ? "one server" : `${nodes} servers of a cluster`
    }`,
    notes: [
      `${processes} processes play the users on the same cores, with all their cryptography`,
      `a login is connect, handshake, login, ${WATCHED} keys to watch, and all rows of these`,
      `${SAMPLE} log in again and ${SAMPLE} others change their status, ${PER_SECOND} a second, ` +
      `${ROUNDS} times; ${told} were told`,
    ],
    figures: [
      figure("memory for each user", "KiB", [memoryKib], GOALS.memoryKib),
      figure("all log in", "s", [rampSeconds]),
      figure("the servers' processor time for each login", "ms", [rampProcessor * 1000 / users]),
      figure("login, 99th percentile", "ms", logins),
      figure("change of status to those who watch, median", "ms", changesP50),
      figure("the same, 99th percentile", "ms", changesP99, GOALS.changeP99Ms),
    ],
  };
}
