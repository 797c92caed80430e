/** Where the sentences of the contract are tested: the machine's own network, and one in memory. */

import { TestEnvironment } from "../helpers/test_environment.ts";

const WORLDS: Readonly<Record<string, () => TestEnvironment>> = {
  "real network": () => TestEnvironment.real(),
  "fake network": () => TestEnvironment.fake(),
  "fake network, byte by byte": () => TestEnvironment.fake({ mostAtOnce: 1 }),
};

/** Tests one sentence on every kind of network. */
export function contract(sentence: string, test: (env: TestEnvironment) => Promise<void>): void {
  for (const [name, start] of Object.entries(WORLDS)) {
    Deno.test(`${name}: ${sentence}`, async () => {
      await using env = start();
      await test(env);
    });
  }
}
