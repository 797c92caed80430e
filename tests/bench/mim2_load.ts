import { checkFileDescriptors } from "./machine.ts";
import { Program } from "./program.ts";
import type { Figure, Section } from "./report.ts";
import { FIGURES, grouped, measure, type Round, sharing, start } from "./server.ts";
import { median, summarize } from "./statistics.ts";

/** How much longer the same may take with MIM/2 users. */
const GOAL = 1.3;
/** What is held to it. */
const HELD: readonly (keyof Round)[] = ["ramp", "logoutP50", "loginP50", "mass"];

/**
 * The server with MIM/2 users beside the same server with classic ones, in turn. All connect before the
 * time of a login begins, since the load would need longer than the server for keys and signatures.
 */
export async function benchMim2Load(users: number, processes: number): Promise<Section> {
  await checkFileDescriptors(users);
  const options = { dialsFirst: true } as const;
  await using classic = await start(Program.mimServer(), users, processes, options);
  await using mim2 = await start(Program.mimServer(), users, processes, {
    ...options,
    dialect: "mim2",
  });
  await measure([classic, mim2]);
  const keys = Object.keys(FIGURES) as (keyof Round)[];
  return {
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
