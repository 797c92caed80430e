/**
 * Measures the codec, the server under load, the client and its history, on this machine, with nothing but Deno.
 *
 * @module
 */

import { benchClient } from "./client.ts";
import { benchCluster } from "./cluster.ts";
import { benchCodec } from "./codec.ts";
import { benchCuts } from "./cuts.ts";
import { benchDeaf } from "./deaf.ts";
import { benchFiles } from "./files.ts";
import { benchHistory } from "./history.ts";
import { benchMim2Load } from "./mim2_load.ts";
import { Program } from "./program.ts";
import { ratio, type Section, table } from "./report.ts";
import { benchRooms } from "./rooms.ts";
import { benchSecure } from "./secure.ts";
import { benchServer } from "./server.ts";
import { benchTerminal } from "./terminal.ts";
import { benchWatching } from "./watching.ts";
import { benchWindow } from "./window.ts";
import { benchWorkers } from "./workers.ts";
import { integer, oneOf, parseOptions, UsageError } from "../../server/platform/cli/flags.ts";

const PARTS = ["codec", "server", "mim2-load", "deaf", "client", "secure"] as const;
/** Users beside those who never read. */
const DEAF_USERS = 500;
/** They take a minute more each, a native terminal or Chromium: only where they are asked for. */
const ON_REQUEST = [
  "workers",
  "watching",
  "history",
  "terminal",
  "window",
  "rooms",
  "files",
  "cuts",
  "cluster",
] as const;
type Part = typeof PARTS[number] | typeof ON_REQUEST[number];
const EXIT = { done: 0, unexpected: 1, usage: 2, interrupted: 130, terminated: 143 };

const HELP = `Benchmarks of MIM, in three to four minutes. Close what else keeps the machine busy.

Usage: deno task bench [options]

  --users N        users of the server under load               (2000)
  --processes N    processes that play the users, 1 to 8        (2)
  --nodes N        servers of watching users: a cluster, 1 to 8 (1)
  --outage SECONDS how long NATS is gone in the part cluster    (0)
  --only PART      ${PARTS.join(", ")}                        (all of them)
                   or workers, the server in threads, on one core and on two,
                   or watching, users who are told only of some others,
                   or history, which fills one with a million messages,
                   or terminal, the client as people and scripts use it,
                   or window, the client in Chromium
                   or rooms, of 16 and of 64 members
                   or files, between two clients
                   or cuts, 1 GB that is cut twenty times (Linux, root)
                   or cluster, three servers with NATS, and what happens to them
  --json           all figures as one JSON object, instead of tables
  --help

What is shown are medians, with the smallest and the largest value. Times differ between machines:
what can be compared are the ratios to the plain server, measured in turn in the same run.

Exit codes: 0 done, whether goals are reached or not; 1 a measurement failed, 2 usage`;

async function main(): Promise<number> {
  const { json: asJson, ...flags } = parseOptions(Deno.args, {
    users: integer(100_000),
    processes: integer(8),
    nodes: integer(8),
    outage: integer(3_600),
    only: oneOf([...PARTS, ...ON_REQUEST]),
    json: "switch",
    help: "switch",
  });
  if (flags.help) {
    console.log(HELP);
    return EXIT.done;
  }
  const users = flags.users ?? 2_000;
  const processes = flags.processes ?? 2;
  if (processes < 1) throw new UsageError("expected --processes to be at least 1, got 0");
  // The first process has all those who leave at once: a tenth of the users.
  if (users < processes * 10) {
    throw new UsageError(`expected --users to be at least ${processes * 10}, got ${users}`);
  }
  const nodes = flags.nodes ?? 1;
  if (nodes < 1) throw new UsageError("expected --nodes to be at least 1, got 0");
  const outageMs = (flags.outage ?? 0) * 1_000;
  const only = flags.only;
  const machine = machineFacts();
  if (!asJson) console.log(`MIM benchmarks: ${Object.values(machine).join(", ")}`);
  const sections: Section[] = [];
  const parts = only === undefined ? PARTS : [only];
  for await (const section of measured(parts, users, processes, nodes, outageMs)) {
    sections.push(section);
    if (!asJson) console.log(`\n${table(section)}`);
  }
  if (asJson) console.log(JSON.stringify({ machine, sections: sections.map(withRatios) }, null, 2));
  return EXIT.done;
}

async function* measured(
  parts: readonly Part[],
  users: number,
  processes: number,
  nodes: number,
  outageMs: number,
): AsyncGenerator<Section> {
  if (parts.includes("codec")) yield await benchCodec();
  if (parts.includes("server")) yield* benchServer(users, processes);
  if (parts.includes("mim2-load")) yield* benchMim2Load(users, processes);
  if (parts.includes("deaf")) yield await benchDeaf(Math.min(users, DEAF_USERS), processes);
  if (parts.includes("client")) yield await benchClient();
  if (parts.includes("secure")) yield await benchSecure();
  if (parts.includes("workers")) yield* benchWorkers(users, processes);
  if (parts.includes("watching")) yield await benchWatching(users, processes, nodes);
  if (parts.includes("history")) yield await benchHistory();
  if (parts.includes("terminal")) yield* benchTerminal();
  if (parts.includes("window")) yield* benchWindow();
  if (parts.includes("rooms")) yield await benchRooms();
  if (parts.includes("files")) yield await benchFiles();
  if (parts.includes("cuts")) yield await benchCuts();
  if (parts.includes("cluster")) yield await benchCluster(users, outageMs);
}

function machineFacts() {
  return {
    deno: `Deno ${Deno.version.deno}`,
    system: `${Deno.build.os} on ${Deno.build.arch}`,
    cores: `${navigator.hardwareConcurrency} cores`,
  };
}

function withRatios(section: Section): Section {
  const { figures, plain } = section;
  if (plain === undefined) return section;
  const compared = figures.map((figure, index) => {
    const other = plain[index];
    return other === undefined ? figure : { ...figure, timesBetter: ratio(figure, other) };
  });
  return { ...section, figures: compared };
}

/** Takes the processes along when this one is stopped. */
function endWith(signal: Deno.Signal, code: number): void {
  Deno.addSignalListener(signal, () => {
    Program.killAll();
    Deno.exit(code);
  });
}

if (import.meta.main) {
  endWith("SIGINT", EXIT.interrupted);
  if (Deno.build.os !== "windows") endWith("SIGTERM", EXIT.terminated);
  try {
    Deno.exit(await main());
  } catch (error) {
    console.error(`bench: ${error instanceof Error ? error.message : String(error)}`);
    Deno.exit(error instanceof UsageError ? EXIT.usage : EXIT.unexpected);
  }
}
