/** Either client is killed at any moment: every message arrives once, in order. */

import { assert, assertEquals } from "@std/assert";
import { type Incoming, MemoryStore, type Outgoing } from "../../../../client/core/mod.ts";
import { KeyedTown, type KeyedUser } from "../../../helpers/keyed_user.ts";
import { testKey } from "../../../fixtures/keys.ts";
import { delayedNetwork, KillableNetwork } from "../../../helpers/faults.ts";
import { poll } from "../../../helpers/wait.ts";

const MOMENTS = 200;
const TEXTS = Array.from({ length: 8 }, (_, at) => `text ${at}`);

/** What outlives a program, and what it has kept. */
class Disk extends MemoryStore {
  readonly queued: string[] = [];
  readonly received: string[] = [];

  override queue(messages: readonly Outgoing[]): void {
    super.queue(messages);
    this.queued.push(...messages.map(({ text }) => text));
  }

  override async receive(message: Incoming): Promise<"new" | "again"> {
    const answer = await super.receive(message);
    if (answer === "new") this.received.push(message.text);
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
        return name === "receive" ? new Promise(() => {}) : name === "outbox" ? [] : undefined;
      };
    },
  });
}

/** One run of somebody's program. */
class Run {
  readonly user: KeyedUser;
  readonly #network: KillableNetwork;
  #dead = false;

  constructor(town: KeyedTown, name: string, key: number, disk: Disk, turns: () => number) {
    const address = town.machine();
    this.#network = new KillableNetwork(town.network.host(address));
    const store = untilKilled(disk, () => this.#dead);
    const network = delayedNetwork(this.#network, turns);
    this.user = town.user(name, { key: testKey(key), store, address, network });
  }

  kill(): void {
    this.#dead = true;
    this.#network.kill();
    this.user.vanish();
    this.user.deafen(); // or its listener would be tried again and again
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
    await using town = new KeyedTown();
    const [adas, bobs] = [new Disk(), new Disk()];
    // Whose key is smaller matters where both dial.
    const [adasKey, bobsKey] = moment % 2 === 0 ? [1, 2] : [2, 1];
    const runs = {
      ada: new Run(town, "ada", adasKey, adas, late),
      bob: new Run(town, "bob", bobsKey, bobs, late),
    };
    let stop = false;
    const talk = async ({ user }: Run): Promise<void> => {
      for (const text of TEXTS.filter((text) => !adas.queued.includes(text))) {
        if (stop) return;
        const chat = user.chats.pins.all[0] === undefined
          ? await user.call(runs.bob.user)
          : user.chats.with(user.chats.pins.all[0]);
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
    if (adas.outbox().length > 0) unfinished++;
    const victim = random(2) === 0 ? "ada" : "bob";
    runs[victim].kill();
    await talking;
    stop = false;
    runs[victim] = victim === "ada"
      ? new Run(town, "ada", adasKey, adas, late)
      : new Run(town, "bob", bobsKey, bobs, late);
    // The server tells who has just logged in of all the others, too.
    const { user } = runs[victim];
    for (const other of town.users) {
      user.bus.emit({ type: "user-reachable", user: user.sees(other) });
    }
    await talk(runs.ada);
    await poll(() => bobs.received.length >= TEXTS.length, `everything, moment ${moment}`);
    await poll(() => adas.outbox().length === 0, `all acknowledged, moment ${moment}`);
    assertEquals(bobs.received, TEXTS, `moment ${moment}`);
  }
  assert(unfinished > MOMENTS / 10, `only ${unfinished} were killed on the way`);
});

function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}
