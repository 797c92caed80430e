/** What connections that never log in leave behind: nothing. */

import { assert, assertEquals } from "@std/assert";
import { systemNetwork } from "../../server/mod.ts";
import { TestProcess } from "../helpers/process.ts";
import { Crowd } from "./crowd.ts";

/** Half of them send nothing, half a byte a second. */
const MANY = 2_000;
const DRIP = 1_000;
/** How long the server waits for a login, in milliseconds. */
const LOGIN_TIME = 2_000;
/** Rounds at most, the first of which warms up. */
const ROUNDS = 4;
/** In KiB. Memory differs by 0.5 MiB from round to round; what a session costs, times all, is 16 MiB. */
const BOUND = 4 * 1024;

Deno.test("1,000 silent connections and 1,000 of a byte a second, closed in time, leave no memory behind", async () => {
  // A young generation of full size would still grow after many rounds.
  await using server = new TestProcess({
    name: "server",
    command: Deno.execPath(),
    args: [
      "run",
      "--quiet",
      "--no-prompt",
      "--v8-flags=--expose-gc,--max-semi-space-size=1",
      "--allow-net",
    ]
      .concat("tests/survival/memory_server.ts", `${LOGIN_TIME}`),
  });
  const port = Number((await server.waitFor(/^listening /)).split(" ")[1]);
  const memoryAfter = async () => {
    using crowd = await Crowd.come(systemNetwork, { hostname: "127.0.0.1", port }, MANY, DRIP);
    await crowd.gone();
    await server.send("how much?");
    const [, connections, , memory] = (await server.waitFor(/^connections /)).split(" ");
    assertEquals(connections, "0");
    return Number(memory);
  };
  const memory = [await memoryAfter()];
  const growth = () => (memory.at(-1) ?? 0) - (memory.at(-2) ?? 0);
  // A leak shows in every round, a busy moment's memory in one.
  do memory.push(await memoryAfter()); while (growth() > BOUND && memory.length < ROUNDS);
  assert(growth() <= BOUND, `KiB after each round: ${memory}`);
});
