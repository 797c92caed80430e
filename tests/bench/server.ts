import { Load, type LoadOptions } from "./load.ts";
import { checkFileDescriptors, processorSeconds, residentKib } from "./machine.ts";
import { Program } from "./program.ts";
import type { Figure, Section } from "./report.ts";
import { percentile, summarize } from "./statistics.ts";

/** Rounds that count, after one that warms up. */
const ROUNDS = 3;
/** Logouts and logins one by one, in each round. */
const EVENTS = 40;
/** One in so many logs out in the mass logout. */
const MASS = 10;
/** The plain server takes minutes with more users than this. */
const PLAIN_USERS = 500;
/** How long the server rests after a ramp, in milliseconds: it probes MIM/2 clients then, and tells of it. */
const REST_MS = 4_000;

/** What one round gives: a number for each figure; undefined where it can't be known here. */
export type Round = Readonly<Record<keyof typeof FIGURES, number | undefined>>;

/** What is measured in each round. */
export const FIGURES = {
  ramp: { name: "ramp: everyone told of everyone", unit: "s", better: "less" },
  logoutP50: { name: "one logout told to all, p50", unit: "ms", better: "less" },
  logoutP99: { name: "one logout told to all, p99", unit: "ms", better: "less" },
  loginP50: { name: "one login told to all, p50", unit: "ms", better: "less" },
  loginP99: { name: "one login told to all, p99", unit: "ms", better: "less" },
  mass: { name: "mass logout, deliveries a second", unit: "", better: "more" },
  event: { name: "one logout or login, server's processor time", unit: "ms", better: "less" },
  processor: { name: "whole round, server's processor time", unit: "s", better: "less" },
  memory: { name: "resident memory", unit: "MiB", better: "less" },
  perUser: { name: "memory per user, above empty", unit: "KiB", better: "less" },
} as const;

/** A server under load. */
export interface Subject extends AsyncDisposable {
  readonly program: Program;
  readonly load: Load;
  /** Resident memory before the first user came. */
  readonly emptyKib: number | undefined;
  readonly rounds: Round[];
}

/**
 * The server under load, and beside the plain one under the same load, in turn.
 *
 * @param users how many users the server alone is measured with
 * @param processes how many processes play them
 */
export async function* benchServer(users: number, processes: number): AsyncGenerator<Section> {
  await checkFileDescriptors(users);
  const by = `users by ${processes} processes, ${ROUNDS} rounds after a warm-up`;
  if (users > PLAIN_USERS) {
    await using mim = await start(Program.mimServer(), users, processes);
    await measure([mim]);
    yield {
      title: `server: ${grouped(users)} ${by}`,
      notes: sharing(processes),
      figures: figuresOf(mim.rounds),
    };
  }
  const fewer = Math.min(users, PLAIN_USERS);
  await using mim = await start(Program.mimServer(), fewer, processes);
  await using plain = await start(Program.plainServer(), fewer, processes);
  await measure([mim, plain]);
  yield {
    title: `server beside a plain one: ${grouped(fewer)} ${by}, in turn`,
    notes: [
      "plain: node:net in Deno, a socket.write per update and client" +
      (users > fewer ? `; too slow to wait for with ${grouped(users)} users` : ""),
      ...sharing(processes),
    ],
    figures: figuresOf(mim.rounds),
    plain: figuresOf(plain.rounds),
  };
}

/** Starts the load of a server. */
export async function start(
  program: Program,
  users: number,
  processes: number,
  options: LoadOptions = {},
): Promise<Subject> {
  await using started = new AsyncDisposableStack();
  started.use(program);
  const port = await program.port();
  const emptyKib = await residentKib(program.pid);
  const load = started.use(await Load.start(port, users, processes, options));
  const both = started.move();
  return { program, load, emptyKib, rounds: [], [Symbol.asyncDispose]: () => both.disposeAsync() };
}

/** Takes turns, so that a busy moment of the machine hits all of them. */
export async function measure(subjects: readonly Subject[]): Promise<void> {
  for (let round = 0; round <= ROUNDS; round++) {
    for (const subject of subjects) {
      try {
        const result = await oneRound(subject);
        if (round > 0) subject.rounds.push(result);
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        throw new Error(message + subject.program.complaint, { cause: error });
      }
    }
  }
}

async function oneRound({ program, load, emptyKib }: Subject): Promise<Round> {
  const before = await processorSeconds(program.pid);
  const ramp = await load.ramp();
  await new Promise((resolve) => setTimeout(resolve, REST_MS));
  const resident = await residentKib(program.pid);
  const users = load.online;
  const logouts: number[] = [];
  const logins: number[] = [];
  const eventsFrom = await processorSeconds(program.pid);
  for (let event = 0; event < EVENTS; event++) {
    logouts.push(await load.logOut(1, 0));
    logins.push(await load.ramp());
  }
  const eventsTo = await processorSeconds(program.pid);
  const leaving = Math.floor(users / MASS);
  const mass = await load.logOut(leaving, 0);
  const deliveries = leaving * load.online;
  const after = await processorSeconds(program.pid);
  await load.empty();
  return {
    ramp: ramp / 1000,
    logoutP50: percentile(logouts, 0.5),
    logoutP99: percentile(logouts, 0.99),
    loginP50: percentile(logins, 0.5),
    loginP99: percentile(logins, 0.99),
    mass: deliveries / mass * 1000,
    event: scaled(eventsFrom, eventsTo, 1000 / (2 * EVENTS)),
    processor: scaled(before, after, 1),
    memory: resident === undefined ? undefined : resident / 1024,
    perUser: scaled(emptyKib, resident, 1 / users),
  };
}

/** How much more there is than before, times a factor; undefined where either isn't known. */
function scaled(from: number | undefined, to: number | undefined, factor: number) {
  return from === undefined || to === undefined ? undefined : (to - from) * factor;
}

/** What a reader must know where the load takes the server's cores. */
export function sharing(processes: number): string[] {
  if (navigator.hardwareConcurrency > processes) return [];
  return [
    "the load needs the server's cores here: how long one logout or login takes says more about " +
    "the machine than about the server, which its processor time tells apart",
  ];
}

function figuresOf(rounds: readonly Round[]): Figure[] {
  const keys = Object.keys(FIGURES) as (keyof typeof FIGURES)[];
  return keys.map((key) => {
    const values = rounds.map((round) => round[key]).filter((value) => value !== undefined);
    return { ...FIGURES[key], ...(values.length === 0 ? undefined : summarize(values)) };
  });
}

/** A number with its thousands apart. */
export function grouped(number: number): string {
  return number.toLocaleString("en");
}
