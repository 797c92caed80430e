import { Program } from "./program.ts";
import type { Section } from "./report.ts";
import { percentile, summarize } from "./statistics.ts";

/** Starts that count, after one that fills the caches. */
const STARTS = 15;
const ROUNDS = 3;
const LINES = 200;
/** The most that a start, and a whole `send`, may take, in milliseconds. */
const START_GOAL = 200;
/** The most that a line may take on its way, in milliseconds. */
const LINE_GOAL = 5;

const folder = Deno.makeTempDirSync();
addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));

/** The client as people meet it: how long it takes to be ready, and a line to be read. */
export async function benchClient(): Promise<Section> {
  await using server = Program.mimServer();
  const port = await server.port();
  const deno: number[] = [];
  const ready: number[] = [];
  const delivered: number[] = [];
  await using bob = new Program("client/main.ts", clientArgs(port, "recipient"));
  await bob.line("logged-in\t");
  const sender = [...clientArgs(port, "sender"), "send", "recipient", "hello"];
  for (let start = 0; start <= STARTS; start++) {
    const empty = await startTime("tests/bench/empty_program.ts", [], "ready");
    const client = await startTime(
      "client/main.ts",
      clientArgs(port, `starter${start}`),
      "logged-in\t",
    );
    const send = await startTime("client/main.ts", sender, "delivered\t");
    if (start === 0) continue;
    delivered.push(send);
    deno.push(empty);
    ready.push(client);
  }
  const rounds = await lineTimes(port);
  const line = { unit: "ms", better: "less" } as const;
  return {
    title: `client: ${STARTS} starts; ${ROUNDS} rounds of ${LINES} lines after a warm-up`,
    figures: [
      { name: "start to logged in", ...line, ...summarize(ready), goal: START_GOAL },
      { name: "start of send to its delivery", ...line, ...summarize(delivered), goal: START_GOAL },
      { name: "  of each, Deno alone (an empty program)", ...line, ...summarize(deno) },
      {
        name: "a line typed to ada shown by bob, p50",
        ...line,
        ...summarize(rounds.map((times) => percentile(times, 0.5))),
        goal: LINE_GOAL,
      },
      {
        name: "a line typed to ada shown by bob, p99",
        ...line,
        ...summarize(rounds.map((times) => percentile(times, 0.99))),
      },
    ],
  };
}

/** Each start is the first one: it has a new data folder, so a new key, and needs a new name. */
function clientArgs(port: number, name: string): string[] {
  const data = ["--data", `${folder}/${crypto.randomUUID()}`];
  return [
    ...data,
    "--plain",
    "--server",
    `127.0.0.1:${port}`,
    "--listen",
    "127.0.0.1",
    "--name",
    name,
  ];
}

async function startTime(path: string, args: readonly string[], line: string): Promise<number> {
  const start = performance.now();
  await using program = new Program(path, args);
  await program.line(line);
  return performance.now() - start;
}

/** Two clients chat, a line at a time; how long each line took, round by round. */
async function lineTimes(port: number): Promise<number[][]> {
  await using bob = new Program("client/main.ts", clientArgs(port, "bob"));
  await bob.line("logged-in\t");
  await using ada = new Program("client/main.ts", clientArgs(port, "ada"));
  await ada.line("logged-in\t");
  await ada.send("/talk bob");
  await ada.line("chat-opened\tbob\t");
  const rounds: number[][] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const times: number[] = [];
    for (let line = 0; line < LINES; line++) {
      const text = `lunch at noon? (${round}.${line})`;
      const start = performance.now();
      const sent = ada.send(text);
      await bob.line(`message\tada\t${text}`);
      times.push(performance.now() - start);
      await sent;
      await ada.line(`sent\tbob\t${text}`);
    }
    if (round > 0) rounds.push(times);
  }
  return rounds;
}
