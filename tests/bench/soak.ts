/**
 * Soaks the server: users who come and go for as long as one likes, some of them slow, deaf or rude.
 * Memory and lag are printed every ten seconds and drawn in the end.
 *
 * @module
 */

import { checkFileDescriptors } from "./machine.ts";
import { newHome } from "../helpers/programs.ts";
import { Program } from "./program.ts";
import { growth, type Sample, svg } from "./trend.ts";
import { integer, parseOptions, text, UsageError } from "../../server/platform/cli/flags.ts";

const EVERY = 10;
/** Before this, in seconds, memory may grow as it likes: programs warm up. */
const WARM = 120;
/** By how much it may grow after that. */
const MAY_GROW = 0.05;
const USERS = 2_000;
const LOGINS = 20;

const HELP = `Soaks the MIM server: ${USERS} users, ${LOGINS} logins and logouts a second.

Usage: deno task bench:soak [options]

  --minutes N    how long                        (10)
  --svg FILE     where the plot is written       (soak.svg)
  --help

Exit codes: 0 memory did not trend up by more than ${MAY_GROW * 100} % after the first
  ${WARM / 60} minutes; 1 it did, or the soak failed; 2 usage`;

async function main(): Promise<number> {
  const flags = parseOptions(Deno.args, {
    minutes: integer(10_000),
    svg: text,
    help: "switch",
  });
  if (flags.help) {
    console.log(HELP);
    return 0;
  }
  const seconds = (flags.minutes ?? 10) * 60;
  const file = flags.svg ?? "soak.svg";
  await checkFileDescriptors(USERS);
  const samples = await soak(seconds);
  const title = `MIM server, ${USERS} users, ${LOGINS} logins and logouts a second`;
  await Deno.writeTextFile(file, svg(samples, title));
  console.log(`drawn into ${file}`);
  const warm = samples.filter(({ time }) => time >= WARM);
  if (warm.length < 2) {
    console.log(`too short to tell a trend: take more than ${WARM / 60} minutes`);
    return 0;
  }
  const grown = growth(warm);
  console.log(`memory after the first ${WARM / 60} minutes: ${(grown * 100).toFixed(1)} %`);
  return grown <= MAY_GROW ? 0 : 1;
}

async function soak(seconds: number): Promise<Sample[]> {
  const metrics = `127.0.0.1:${freePort()}`;
  const listen = ["--hostname", "127.0.0.1", "--port", "0"];
  await using server = new Program("server/main.ts", [
    ...listen,
    "--log",
    "error",
    "--metrics",
    metrics,
    "--data",
    newHome(),
  ]);
  const port = await server.port();
  await using worker = new Program("tests/bench/soak_worker.ts", [
    `${port}`,
    `${USERS}`,
    `${LOGINS}`,
  ]);
  await worker.line("ready");
  console.log("  time   users  memory   slowest  refused");
  const samples: Sample[] = [];
  const start = performance.now();
  for (let time = 0; time <= seconds; time += EVERY) {
    const wait = Math.max(0, start + time * 1000 - performance.now());
    await new Promise((resolve) => setTimeout(resolve, wait));
    const text = await (await fetch(`http://${metrics}/metrics`)).text();
    const value = (name: string) =>
      [...text.matchAll(new RegExp(`^${name}(?:\\{.*\\})? (\\S+)$`, "gm"))]
        .reduce((sum, [, number]) => sum + Number(number), 0);
    const memory = value("process_resident_memory_bytes") / 2 ** 20;
    const lag = value("mim_slowest_lag_bytes") / 1024;
    samples.push({ time, memory, lag });
    console.log(
      `${time}`.padStart(4) + " s" + `${value("mim_users")}`.padStart(8) +
        `${memory.toFixed(1)} MiB`.padStart(11) + `${lag.toFixed(1)} KiB`.padStart(11) +
        `${value("mim_rejections_total")}`.padStart(8),
    );
  }
  return samples;
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

if (import.meta.main) {
  Deno.addSignalListener("SIGINT", () => {
    Program.killAll();
    Deno.exit(130);
  });
  try {
    Deno.exit(await main());
  } catch (error) {
    console.error(`soak: ${error instanceof Error ? error.message : String(error)}`);
    Deno.exit(error instanceof UsageError ? 2 : 1);
  }
}
