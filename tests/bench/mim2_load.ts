import { checkFileDescriptors, processorSeconds } from "./machine.ts";
import { Program } from "./program.ts";
import type { Figure, Section } from "./report.ts";
import { FIGURES, grouped, measure, type Round, sharing, start } from "./server.ts";
import { median, summarize } from "./statistics.ts";

/** What a MIM/2 login may cost the server more than a classic one, in milliseconds. */
const LOGIN_GOAL = 0.6;
const LOGINS = 500;
const ROUNDS = 3;
/** How much longer the same may take with MIM/2 users. */
const GOAL = 1.3;
/** What is held to it. */
const HELD: readonly (keyof Round)[] = ["ramp", "logoutP50", "loginP50", "mass"];

/**
 * The server with MIM/2 users beside the same server with classic ones, in turn. All connect before the
 * time of a login begins, and have shaken hands
 * since the load would need longer than the server for keys and signatures.
 */
export async function* benchMim2Load(users: number, processes: number): AsyncGenerator<Section> {
  yield await benchLogin();
  await checkFileDescriptors(users);
  const options = { dialsFirst: true } as const;
  await using classic = await start(Program.mimServer(), users, processes, options);
  await using mim2 = await start(Program.mimServer(), users, processes, {
    ...options,
    dialect: "mim2",
  });
  await measure([classic, mim2]);
  const keys = Object.keys(FIGURES) as (keyof Round)[];
  yield {
    title: `${grouped(users)} MIM/2 users beside as many classic ones, times as long or as much`,
    notes: [
      "each round of MIM/2 divided by the round of classic before it; all are connected before a " +
      "login's time begins",
      ...sharing(processes),
      ...keys.map((key) => `${FIGURES[key].name}: ${both(key, classic.rounds, mim2.rounds)}`),
    ],
    figures: keys.map((key) => ratios(key, classic.rounds, mim2.rounds)),
  };
}

/** One user who logs in and out, with nobody else to be told. */
async function benchLogin(): Promise<Section> {
  const times = { classic: [] as number[], mim2: [] as number[] };
  await using classic = await start(Program.mimServer(), 2, 1, { dialsFirst: true });
  await using mim2 = await start(Program.mimServer(), 2, 1, { dialsFirst: true, dialect: "mim2" });
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [dialect, { program, load }] of Object.entries({ classic, mim2 })) {
      const before = await processorSeconds(program.pid);
      for (let login = 0; login < LOGINS; login++) {
        await load.ramp();
        await load.logOut(1, 0);
      }
      const after = await processorSeconds(program.pid);
      if (round === 0 || before === undefined || after === undefined) continue;
      times[dialect === "mim2" ? "mim2" : "classic"].push((after - before) * 1000 / LOGINS);
    }
  }
  const more = times.mim2.map((time, index) => time - (times.classic[index] ?? 0));
  const figure = (name: string, values: readonly number[], goal?: number): Figure => ({
    name,
    unit: "ms",
    better: "less",
    ...goal === undefined ? undefined : { goal },
    ...values.length === 0 ? undefined : summarize(values),
  });
  return {
    title: `one connection, login and logout, ${LOGINS} times, ${ROUNDS} rounds after a warm-up`,
    notes: ["the server's processor time; a MIM/2 client's listener is probed, too"],
    figures: [
      figure("a classic one", times.classic),
      figure("one in MIM/2", times.mim2),
      figure("what MIM/2 adds", more, LOGIN_GOAL),
    ],
  };
}

function ratios(
  key: keyof Round,
  classic: readonly Round[],
  mim2: readonly Round[],
): Figure {
  const { name, better } = FIGURES[key];
  const values = mim2.flatMap((round, index) => {
    const [one, other] = [round[key], classic[index]?.[key]];
    if (one === undefined || other === undefined) return [];
    return [better === "less" ? one / other : other / one];
  });
  const goal = HELD.includes(key) ? { goal: GOAL } : undefined;
  return { name, unit: "", better: "less", ...goal, ...values.length > 0 && summarize(values) };
}

function both(key: keyof Round, classic: readonly Round[], mim2: readonly Round[]): string {
  const shown = (rounds: readonly Round[]) => {
    const values = rounds.map((round) => round[key]).filter((value) => value !== undefined);
    const middle = values.length === 0 ? "n/a" : median(values).toPrecision(3);
    return `${middle} ${FIGURES[key].unit}`.trimEnd();
  };
  return `classic ${shown(classic)}, MIM/2 ${shown(mim2)}`;
}
