/**
 * Measures the server's memory per idle user and its login ramp: `deno run -A tests/bench/idle.ts
 * [--users N] [--rounds N] [--beside FOLDER]`. FOLDER is another copy of the project, whose server is
 * measured in turn; it has to speak the same edition of MIM/2.
 *
 * @module
 */

import { integer, parseOptions, text } from "../../server/platform/cli/flags.ts";
import { Load } from "./load.ts";
import type { Dialect } from "./load_orders.ts";
import { checkFileDescriptors, processorSeconds, residentKib } from "./machine.ts";
import { Program } from "./program.ts";
import { summarize } from "./statistics.ts";

const PROCESSES = 2;
const V8_FLAGS = "--max-semi-space-size=8";
/** How long the server rests after a ramp: it probes MIM/2 clients then, and collects garbage. */
const REST_MS = 10_000;

interface Result {
  /** Of the server, until all are connected and, in MIM/2, have shaken hands. */
  readonly dialSeconds: number;
  readonly rampSeconds: number;
  /** Of the server, in the ramp. */
  readonly processorSeconds: number;
  readonly idleKib: number;
}

async function measure(root: URL, users: number, dialect: Dialect): Promise<Result> {
  Deno.env.set("DENO_V8_FLAGS", V8_FLAGS); // as the task `server` has it
  await using server = Program.mimServer(root);
  Deno.env.delete("DENO_V8_FLAGS");
  const port = await server.port();
  const empty = await residentKib(server.pid) ?? NaN;
  await using load = await Load.start(port, users, PROCESSES, { dialect });
  const start = await processorSeconds(server.pid) ?? NaN;
  if (dialect === "mim2") await load.dial(); // the load would need longer than the server for it
  const before = await processorSeconds(server.pid) ?? NaN;
  const ramp = await load.ramp();
  const after = await processorSeconds(server.pid) ?? NaN;
  await new Promise((resolve) => setTimeout(resolve, REST_MS));
  const resident = await residentKib(server.pid) ?? NaN;
  return {
    dialSeconds: before - start,
    rampSeconds: ramp / 1000,
    processorSeconds: after - before,
    idleKib: (resident - empty) / users,
  };
}

const options = parseOptions(Deno.args, {
  users: integer(100_000),
  rounds: integer(100),
  beside: text,
});
const { users = 5_000, rounds = 3, beside } = options;
await checkFileDescriptors(users);
const here = new URL("../../", import.meta.url);
const roots = new Map([["this", here]]);
if (beside !== undefined) roots.set(beside, new URL(`${beside}/`, "file:///"));
for (const dialect of ["classic", "mim2"] as const) {
  const results = new Map<string, Result[]>();
  for (let round = 0; round < rounds; round++) {
    for (const [name, root] of roots) {
      const result = await measure(root, users, dialect);
      results.getOrInsertComputed(name, () => []).push(result);
    }
  }
  for (const [name, all] of results) {
    const ramp = summarize(all.map(({ rampSeconds }) => rampSeconds));
    const processor = summarize(all.map(({ processorSeconds }) => processorSeconds));
    const dial = summarize(all.map(({ dialSeconds }) => dialSeconds));
    const idle = summarize(all.map(({ idleKib }) => idleKib));
    const of = ({ median, min, max }: typeof ramp, unit: string) =>
      `${median.toFixed(1)} ${unit} (${min.toFixed(1)} to ${max.toFixed(1)})`;
    console.log(
      `${dialect}, ${users} users, ${name}: ramp ${of(ramp, "s")}, its processor time ` +
        `${of(processor, "s")}, to connect before it ${of(dial, "s")}, idle user ${
          of(idle, "KiB")
        }`,
    );
  }
}
