/** Where the sentences of the contract are tested: the machine's own network, and one in memory. */

import { World } from "../helpers/world.ts";

const WORLDS: Readonly<Record<string, () => World>> = {
  "real network": () => World.real(),
  "fake network": () => World.fake(),
  "fake network, byte by byte": () => World.fake({ mostAtOnce: 1 }),
};

/** Tests one sentence on every kind of network. */
export function contract(sentence: string, test: (world: World) => Promise<void>): void {
  for (const [name, start] of Object.entries(WORLDS)) {
    Deno.test(`${name}: ${sentence}`, async () => {
      await using world = start();
      await test(world);
    });
  }
}
