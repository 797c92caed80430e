import { encodeLogin, limits } from "../../protocol/mod.ts";
import { Load } from "./load.ts";
import { Program } from "./program.ts";
import type { Section } from "./report.ts";
import { percentile, summarize } from "./statistics.ts";
import { serverLimits } from "../../server/limits.ts";

/** Users who log in and never read. */
const DEAF = 5;
/** Rounds that count, after one that warms up. */
const ROUNDS = 5;
/** Logouts and logins one by one, in each round. */
const EVENTS = 100;
/** How far those who never read are behind when it begins: less than has the server drop them. */
const LAG = serverLimits.updateLagBytes / 2;
/** The system takes some MiB for each of them before anybody is behind. */
const MOST_PASSERS_BY = 60_000;
const AT_ONCE = 200;
/** How much longer others may have to wait beside those who never read. */
const GOAL = 2;

/** A server, and users who are told of each other. */
interface Subject extends AsyncDisposable {
  readonly program: Program;
  readonly load: Load;
  /** Milliseconds from each logout or login until all others were told, round by round. */
  readonly rounds: number[][];
}

/**
 * How long others wait beside clients that log in and never read, and without those, in turn.
 *
 * @param users how many others
 * @param processes how many processes play them
 */
export async function benchDeaf(users: number, processes: number): Promise<Section> {
  await using deaf = await start(users, processes, DEAF);
  await using none = await start(users, processes, 0);
  const lags: number[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    for (const subject of [deaf, none]) {
      const times = await oneRound(subject);
      if (round > 0) subject.rounds.push(times);
    }
    lags.push(await lagOf(deaf.program));
  }
  if (Math.min(...lags) < LAG) {
    throw new Error(`expected those who never read to be ${LAG} bytes behind, got ${lags}`);
  }
  const p99s = ({ rounds }: Subject) => rounds.map((times) => percentile(times, 0.99));
  const ratios = p99s(deaf).map((time, round) => time / (p99s(none)[round] ?? NaN));
  const time = (subject: Subject, share: number) => ({
    unit: "ms",
    better: "less",
    ...summarize(subject.rounds.map((times) => percentile(times, share))),
  } as const);
  const name = "one logout or login told to all";
  return {
    title: `server: ${users} users by ${processes} processes beside ${DEAF} who log in and never ` +
      `read, and without them, in turn; ${ROUNDS} rounds of ${2 * EVENTS} after a warm-up`,
    figures: [
      { name: `${name}, p50`, ...time(deaf, 0.5) },
      { name: `${name}, p99`, ...time(deaf, 0.99) },
      { name: "  without those who never read, p50", ...time(none, 0.5) },
      { name: "  without those who never read, p99", ...time(none, 0.99) },
      {
        name: "p99 beside them over p99 without them",
        unit: "",
        better: "less",
        ...summarize(ratios),
        goal: GOAL,
      },
      {
        name: "how far behind the slowest of them is",
        unit: "MiB",
        better: "less",
        ...summarize(lags.map((lag) => lag / 2 ** 20)),
      },
    ],
  };
}

async function start(users: number, processes: number, deaf: number): Promise<Subject> {
  await using started = new AsyncDisposableStack();
  const program = started.use(new Program("tests/bench/lag_server.ts"));
  const port = await program.port();
  for (let user = 0; user < deaf; user++) {
    const connection = started.use(await Deno.connect({ hostname: "127.0.0.1", port }));
    await connection.write(encodeLogin({ name: "deaf", port: 1 }));
  }
  if (deaf > 0) await deafen(program, port);
  const load = started.use(await Load.start(port, users, processes, { others: deaf }));
  await load.ramp();
  const all = started.move();
  return { program, load, rounds: [], [Symbol.asyncDispose]: () => all.disposeAsync() };
}

async function oneRound({ load }: Subject): Promise<number[]> {
  const times: number[] = [];
  for (let event = 0; event < EVENTS; event++) {
    times.push(await load.logOut(1, 0));
    times.push(await load.ramp());
  }
  return times;
}

/** Others come and go until those who never read are as far behind as they shall be. */
async function deafen(program: Program, port: number): Promise<void> {
  for (let passed = 0; passed < MOST_PASSERS_BY; passed += AT_ONCE) {
    await Promise.all(Array.from({ length: AT_ONCE }, () => passBy(port)));
    if (await lagOf(program) >= LAG) return;
  }
  throw new Error(`expected a lag of ${LAG} bytes, got ${await lagOf(program)}`);
}

/** Logs in and out again, under a name as long as may be. */
async function passBy(port: number): Promise<void> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  await connection.write(encodeLogin({ name: "n".repeat(limits.nameUnits), port: 1 }));
  await connection.closeWrite();
  const buffer = new Uint8Array(4_096);
  while (await connection.read(buffer) !== null);
}

async function lagOf(program: Program): Promise<number> {
  await program.send("");
  return Number((await program.line("lag ")).slice("lag ".length));
}
