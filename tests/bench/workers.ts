import { checkFileDescriptors } from "./machine.ts";
import { Program } from "./program.ts";
import type { Figure, Section } from "./report.ts";
import { FIGURES, grouped, measure, type Round, sharing, start } from "./server.ts";
import { median, summarize } from "./statistics.ts";

const WORKERS = 2;
/** The figures that are compared. */
const COMPARED = ["ramp", "logoutP50", "loginP50", "mass"] as const;
/** The figures that are shown. */
const SHOWN: readonly (keyof Round)[] = [...COMPARED, "processor", "memory"];

/**
 * A server with workers beside one without, in turn, on one core and on two: how it scales. Cores are pinned
 * where there is `taskset`. The load runs on all of them.
 */
export async function* benchWorkers(users: number, processes: number): AsyncGenerator<Section> {
  await checkFileDescriptors(users);
  for (const cores of (await canPin()) ? ["0", "0,1"] : [undefined]) {
    for (const dialect of ["classic", "mim2"] as const) {
      const options = { dialect, dialsFirst: dialect === "mim2" };
      const server = (workers: number) =>
        Program.mimServer(undefined, { cores, args: ["--workers", `${workers}`] });
      await using one = await start(server(1), users, processes, options);
      await using more = await start(server(WORKERS), users, processes, options);
      await measure([one, more]);
      const where = cores === undefined ? "not pinned" : `pinned to core ${cores}`;
      yield {
        title: `${WORKERS} workers beside one thread, ${where}: ${
          grouped(users)
        } ${dialect} users, times as fast`,
        notes: [
          ...sharing(processes),
          ...SHOWN.map((key) => `${FIGURES[key].name}: ${both(key, one.rounds, more.rounds)}`),
        ],
        figures: COMPARED.map((key) => scaling(key, one.rounds, more.rounds)),
      };
    }
  }
}

async function canPin(): Promise<boolean> {
  if (navigator.hardwareConcurrency < 2) return false;
  try {
    const command = new Deno.Command("taskset", { args: ["-c", "0,1", "true"], stderr: "null" });
    return (await command.output()).success;
  } catch {
    return false; // another system
  }
}

function scaling(
  key: typeof COMPARED[number],
  one: readonly Round[],
  more: readonly Round[],
): Figure {
  const { name, better } = FIGURES[key];
  const values = more.flatMap((round, index) => {
    const [with_, without] = [round[key], one[index]?.[key]];
    if (with_ === undefined || without === undefined) return [];
    return [better === "less" ? without / with_ : with_ / without];
  });
  return { name, unit: "", better: "more", ...values.length > 0 && summarize(values) };
}

function both(key: keyof Round, one: readonly Round[], more: readonly Round[]): string {
  const shown = (rounds: readonly Round[]) => {
    const values = rounds.map((round) => round[key]).filter((value) => value !== undefined);
    const middle = values.length === 0 ? "n/a" : median(values).toPrecision(3);
    return `${middle} ${FIGURES[key].unit}`.trimEnd();
  };
  return `one thread ${shown(one)}, ${WORKERS} workers ${shown(more)}`;
}
