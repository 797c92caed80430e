/** A server that lists as many users as a client takes, and more: the client keeps within its memory. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { clientLimits } from "../../client/core/limits.ts";
import type { LinkEntry, LinkUpdate } from "../../protocol/mod.ts";
import { Mim2Server, row } from "../helpers/fake_server.ts";
import { newHome, runArgs } from "../helpers/programs.ts";
import { TestEnvironment } from "../helpers/test_environment.ts";

const MIB = 2 ** 20;
/** The table's limit, and as much for the program, the bytes on their way and its output. */
const MOST_BYTES = 2 * clientLimits.onlineBytes;
const SAMPLE_MS = 20;
const ROWS_AT_ONCE = 500;

/** The most memory that a process has had, sampled until it ends. */
async function peakBytes(process: Deno.ChildProcess): Promise<number> {
  let most = 0;
  const sample = setInterval(() => {
    try {
      const status = Deno.readTextFileSync(`/proc/${process.pid}/status`);
      most = Math.max(most, Number(/VmHWM:\s*(\d+) kB/.exec(status)?.[1] ?? 0) * 1024);
    } catch {
      // It has just ended.
    }
  }, SAMPLE_MS);
  await process.status;
  clearInterval(sample);
  return most;
}

/** Rows with numbers in their names and sessions. */
function rowsFrom(first: number, end: number, details: Partial<LinkEntry>): LinkUpdate[] {
  return Array.from({ length: end - first }, (_, at) => {
    const session = new Uint8Array(8);
    new DataView(session.buffer).setUint32(4, first + at);
    return { type: "add", entry: row({ name: `user ${first + at}`, session, ...details }) };
  });
}

const ROWS = {
  "about as many users as a client takes": { count: 130_000, isTaken: true, details: {} },
  "200,000 users": { count: 200_000, isTaken: false, details: {} },
  "200,000 users with rows as long as they may be": {
    count: 200_000,
    isTaken: false,
    details: { status: "x".repeat(256), addresses: Array<string>(4).fill("2001:db8::1:2:3:4") },
  },
};

for (const [what, { count, isTaken, details }] of Object.entries(ROWS)) {
  Deno.test({
    name: `a server that lists ${what} takes bounded memory of a client`,
    ignore: Deno.build.os !== "linux",
    async fn() {
      await using env = TestEnvironment.real();
      const at = new Mim2Server().listen(env, async (visit) => {
        await visit.welcome();
        await visit.say(visit.accepted(), { type: "add", entry: visit.own });
        for (let number = 0; number < count; number += ROWS_AT_ONCE) {
          await visit.say(...rowsFrom(number, Math.min(number + ROWS_AT_ONCE, count), details));
        }
        await visit.say({ type: "complete", rows: count + 1 });
      });
      const args = ["--server", `${at.hostname}:${at.port}`, "--name", "ada", "--plain", "who"];
      const process = new Deno.Command(Deno.execPath(), {
        args: [...runArgs("client", newHome()), ...args],
        env: { NO_COLOR: "1" },
        stdin: "null",
        stdout: "piped",
        stderr: "null",
      }).spawn();
      const [peak, output] = await Promise.all([
        peakBytes(process),
        new Response(process.stdout).text(),
      ]);
      assert(peak > 0 && peak < MOST_BYTES, `${Math.round(peak / MIB)} MiB`);
      const { code } = await process.status;
      if (isTaken) {
        assertEquals([code, output.trimEnd().split("\n").at(-1)], [0, `users\t${count + 1}`]);
      } else {
        assertEquals(code, 4);
        assertMatch(output, /^error\t[^\n]*expected a table/);
      }
    },
  });
}
