import { fuzz } from "./fuzz.ts";
import { TARGETS } from "./targets.ts";

/** Each target reads so many, or the share of it that its weight leaves. */
const RUNS = 25_000;

for (const target of TARGETS) {
  const runs = RUNS / (target.weight ?? 1);
  Deno.test(`fuzz: ${target.name}, ${runs} times tampered with`, () => {
    fuzz(target, crypto.getRandomValues(new Int32Array(1))[0] ?? 0, runs);
  });
}
