import { assert, assertEquals } from "@std/assert";
import { MimServer } from "../../server/mod.ts";
import { TempFolder } from "../helpers/disk.ts";
import { TestProcess } from "../helpers/process.ts";
import { poll } from "../helpers/wait.ts";

/** So many kills in all, spread over pairs that talk at the same time. */
const KILLS = 100;
const PAIRS = 2;
/** How long a member lives at most after it is ready, in milliseconds. */
const LONGEST_LIFE = 150;

/** A member that is killed and started again, and what it has kept in all its runs. */
class Member implements AsyncDisposable {
  readonly #folder = new TempFolder();
  readonly #name: string;
  readonly #args: readonly string[];
  readonly kept = new Set<string>();
  #process: TestProcess | undefined;
  #runs = 0;

  constructor(name: string, port: number, guest: string) {
    this.#name = name;
    this.#args = [this.#folder.path, name, String(port), guest];
  }

  /** Starts it; without saying anything where it is the last time. */
  async start(last = false): Promise<TestProcess> {
    const args = last ? this.#args : [...this.#args, String(++this.#runs)];
    const name = `${this.#name} ${this.#runs}`;
    this.#process = TestProcess.deno("tests/survival/room_member.ts", args, { name });
    await this.#process.waitFor("ready");
    return this.#process;
  }

  /** Waits until it has said something more. */
  async speaks(): Promise<void> {
    const line = await this.#process?.waitFor(/^kept /);
    if (line !== undefined) this.kept.add(line.slice(5));
  }

  async kill(): Promise<void> {
    const process = this.#process;
    process?.kill("SIGKILL");
    await process?.exitCode();
    for (const line of process?.unread ?? []) {
      if (line.startsWith("kept ")) this.kept.add(line.slice(5));
      else assert(!line.startsWith("error "), `${this.#name}: ${line}`);
    }
    await process?.[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process?.[Symbol.asyncDispose]();
    this.#folder[Symbol.dispose]();
  }
}

/** The list of both, once it is the same and holds all of that. */
async function commonList(
  processes: readonly TestProcess[],
  kept: ReadonlySet<string>,
): Promise<string[]> {
  let list: string[] = [];
  await poll(
    () => {
      const [one, other] = processes.map(({ unread }) =>
        unread.findLast((line) => line.startsWith("list "))?.slice(5)
      );
      list = one?.split(",") ?? [];
      return one !== undefined && one === other && kept.isSubsetOf(new Set(list));
    },
    "both to have all that was kept, in the same order",
    () => {
      const sizes = processes.map(({ unread }) =>
        unread.findLast((line) => line.startsWith("list "))?.split(",").length
      );
      return `${sizes.join(" and ")} texts, ${kept.difference(new Set(list)).size} missing`;
    },
  );
  return list;
}

/** Two members of a room of their own, killed again and again. */
async function pair(number: number, port: number): Promise<void> {
  await using ada = new Member(`ada${number}`, port, `bob${number}`);
  await using bob = new Member(`bob${number}`, port, "");
  const both = [ada, bob];
  await Promise.all(both.map((member) => member.start()));
  for (const member of both) await member.speaks();
  for (let kill = 0; kill < KILLS / PAIRS; kill++) {
    await new Promise((resolve) => setTimeout(resolve, Math.random() * LONGEST_LIFE));
    const victim = Math.random() < 0.5 ? ada : bob;
    await victim.kill();
    await victim.start();
  }
  for (const member of both) await member.speaks();
  for (const member of both) await member.kill();
  const kept = new Set(both.flatMap((member) => [...member.kept]));
  const [atAda, atBob] = await Promise.all(both.map((member) => member.start(true)));
  assert(atAda && atBob);
  const list = await commonList([atAda, atBob], kept);
  assertEquals(new Set(list).size, list.length, "something is there twice");
  for (const member of both) await member.kill();
}

Deno.test("kill -9: members of rooms, killed at a hundred moments, end with the same list and all that was kept", async () => {
  using data = new TempFolder();
  await using server = MimServer.listen({ hostname: "127.0.0.1", port: 0, data: data.path });
  await Promise.all(Array.from({ length: PAIRS }, (_, number) => pair(number, server.port)));
});
