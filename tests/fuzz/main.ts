/**
 * Fuzzing for as long as one likes: `deno task fuzz [--seconds N] [--only NAME] [--seed N]`.
 *
 * @module
 */

import { fuzz } from "./fuzz.ts";
import { TARGETS } from "./targets.ts";
import { runRoomModel } from "../client/core/rooms/room_model.ts";
import { integer, parseOptions, text, UsageError } from "../../server/platform/cli/flags.ts";

/** Members of a room do anything in any order; this takes some minutes. */
const ROOM_MODEL = "room model";
const ROOM_MODEL_RUNS = 1_000;
/** So many runs go by between two looks at the clock. */
const RUNS = 20_000;

try {
  const flags = parseOptions(Deno.args, {
    seconds: integer(1e6),
    only: text,
    seed: integer(2 ** 31 - 1),
  });
  const seconds = flags.seconds ?? 600;
  const only = flags.only ?? "";
  const targets = TARGETS.filter(({ name }) => name.includes(only));
  if (targets.length === 0 && only !== ROOM_MODEL) {
    const names = [...TARGETS.map(({ name }) => name), ROOM_MODEL];
    throw new UsageError(`expected one of ${names.join(", ")}`);
  }
  let seed = flags.seed ?? crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
  for (const target of targets) {
    const end = performance.now() + seconds * 1000 / targets.length;
    let runs = 0;
    const size = RUNS / (target.weight ?? 1);
    do {
      fuzz(target, seed++ | 0, size);
      runs += size;
    } while (performance.now() < end);
    console.log(`${target.name}: ${runs} runs, the last of seed ${(seed - 1) | 0}`);
  }
  if (ROOM_MODEL.includes(only)) {
    await runRoomModel(ROOM_MODEL_RUNS, seed | 0);
    console.log(`${ROOM_MODEL}: ${ROOM_MODEL_RUNS} runs of seed ${seed | 0}`);
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  Deno.exit(error instanceof UsageError ? 2 : 1);
}
