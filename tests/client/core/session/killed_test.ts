/** Either client is killed at any moment: every message arrives once, in order. */

import { assert, assertEquals } from "@std/assert";
import { type Incoming, MemoryStore, type Outgoing } from "../../../../client/core/mod.ts";
import { TableServer } from "../../../helpers/table_server.ts";
import type { TableUser } from "../../../helpers/table_user.ts";
import { testKey } from "../../../fixtures/keys.ts";
import { delayedNetwork, KillableNetwork } from "../../../helpers/faults.ts";
import { poll } from "../../../helpers/wait.ts";

const MOMENTS = 200;
const TEXTS = Array.from({ length: 8 }, (_, at) => `text ${at}`);

/** What outlives a program, and what it has kept. */
class Disk extends MemoryStore {
  readonly queued: string[] = [];
  readonly received: string[] = [];

  override queue(messages: readonly Outgoing[]): Promise<void> {
    this.queued.push(...messages.map(({ text }) => text));
    return super.queue(messages);
  }

  override async receive(message: Incoming): Promise<"inserted" | "duplicate"> {
    const answer = await super.receive(message);
    if (answer === "inserted") this.received.push(message.text);
    return answer;
  }
}

/** A disk as one run of a program has it: once that is killed, nothing of it gets there any more. */
function untilKilled(disk: Disk, dead: () => boolean): Disk {
  return new Proxy(disk, {
    get(disk, name) {
      const value: unknown = Reflect.get(disk, name, disk);
      if (typeof value !== "function") return value;
      return (...args: unknown[]): unknown => {
        if (!dead()) return value.apply(disk, args);
        if (name === "receive") return new Promise(() => {});
        return Promise.resolve(name === "outbox" || name === "pins" ? [] : undefined);
      };
    },
  });
}

/** One run of somebody's program. */
class Run {
  readonly user: TableUser;
  readonly #network: KillableNetwork;
  #dead = false;

  constructor(server: TableServer, name: string, key: number, disk: Disk, turns: () => number) {
    const address = server.machine();
    this.#network = new KillableNetwork(server.network.host(address));
    const store = untilKilled(disk, () => this.#dead);
    const network = delayedNetwork(this.#network, turns);
    this.user = server.offlineUser(name, { key: testKey(key), store, address, network });
  }

  kill(): void {
    this.#dead = true;
    this.#network.kill();
    void this.user.quit(); // or its listener would be tried again and again; nobody hears of it
  }
}

/** A generator of the same numbers each time (Park and Miller's). */
function numbers(seed: number): (below: number) => number {
  let state = seed * 7_919 + 1;
  return (below) => (state = state * 48_271 % 2_147_483_647) % below;
}

Deno.test(`killed: at ${MOMENTS} moments, on either side, every message arrives once and in order`, async () => {
  let unfinished = 0;
  for (let moment = 0; moment < MOMENTS; moment++) {
    const random = numbers(moment);
    const late = () => random(3);
    await using server = new TableServer();
    const [adas, bobs] = [new Disk(), new Disk()];
    // Whose key is smaller matters where both dial.
    const [adasKey, bobsKey] = moment % 2 === 0 ? [1, 2] : [2, 1];
    const start = async (name: "ada" | "bob") => {
      const run = name === "ada"
        ? new Run(server, name, adasKey, adas, late)
        : new Run(server, name, bobsKey, bobs, late);
      await run.user.login();
      await server.update();
      return run;
    };
    const runs = { ada: await start("ada"), bob: await start("bob") };
    let stop = false;
    const talk = async ({ user }: Run): Promise<void> => {
      for (const text of TEXTS.filter((text) => !adas.queued.includes(text))) {
        if (stop) return;
        const chat = user.trust.contacts[0] === undefined
          ? await user.call(runs.bob.user)
          : user.chats.with(user.trust.contacts[0]);
        void chat.send(text).catch(() => {});
        for (let turns = random(2); turns > 0; turns--) await turn();
      }
    };
    await runs.ada.user.call(runs.bob.user);
    const talking = talk(runs.ada);
    // Turns of the event loop, and parts of one: before, while and after something is on its way.
    for (let turns = random(4); turns > 0; turns--) await turn();
    for (let parts = random(60); parts > 0; parts--) await Promise.resolve();
    stop = true;
    if ((await adas.outbox()).length > 0) unfinished++;
    const victim = random(2) === 0 ? "ada" : "bob";
    runs[victim].kill();
    await talking;
    stop = false;
    runs[victim] = await start(victim);
    await talk(runs.ada);
    await poll(() => bobs.received.length >= TEXTS.length, `everything, moment ${moment}`);
    await poll(
      async () => (await adas.outbox()).length === 0,
      `all acknowledged, moment ${moment}`,
    );
    assertEquals(bobs.received, TEXTS, `moment ${moment}`);
  }
  assert(unfinished > MOMENTS / 10, `only ${unfinished} were killed on the way`);
});

function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}
