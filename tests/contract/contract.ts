/** Where the sentences of the contract are tested: the machine's own network, and one in memory. */

import { TestEnvironment } from "../helpers/test_environment.ts";

const WORLDS: Readonly<Record<string, () => TestEnvironment>> = {
  "real network": () => TestEnvironment.real(),
  "fake network": () => TestEnvironment.fake(),
  "fake network, byte by byte": () => TestEnvironment.fake({ mostAtOnce: 1 }),
};

/** The networks of tests for a server with workers. */
const WORKERS = { "real network, two workers": () => TestEnvironment.real(2) };

/** Tests one sentence on every kind of network. */
export function contract(
  sentence: string,
  test: (env: TestEnvironment) => Promise<void>,
  worlds: Readonly<Record<string, () => TestEnvironment>> = WORLDS,
): void {
  for (const [name, start] of Object.entries(worlds)) {
    Deno.test(`${name}: ${sentence}`, async () => {
      await using env = start();
      await test(env);
    });
  }
}

/** Tests a sentence about the server, with workers, too; it takes servers that have `started`. */
export function serverContract(
  sentence: string,
  test: (env: TestEnvironment) => Promise<void>,
): void {
  contract(sentence, test, { ...WORLDS, ...WORKERS });
}
