/** Classic users whose machine is gone: their listeners are dialed now and then. */

import { assertEquals } from "@std/assert";
import { limits } from "../../../protocol/mod.ts";
import { FakeNetwork } from "../../../client/testing/fake_network.ts";
import { serverLimits } from "../../../server/limits.ts";
import { ClassicListeners } from "../../../server/classic/mod.ts";
import type { ClientSession } from "../../../server/session/mod.ts";
import { FakeTime } from "../../helpers/time.ts";

const INTERVAL_MS = serverLimits.classicDialIntervalMs;
const STEP_MS = 5_000;
const USER = "192.0.2.7";

type Machine = "listening" | "refusing" | "silent";

/** A classic user's machine, and what becomes of the session. */
class Scene {
  state: Machine = "listening";
  dials = 0;
  reason: string | undefined;
  /** The reports about the machine: in doubt, or not any more. */
  readonly doubts: boolean[] = [];
  readonly #session: ClientSession;
  readonly #time: FakeTime;
  #now = 0;
  readonly listeners: ClassicListeners;

  constructor(time: FakeTime, address = USER, port = 4000) {
    this.#time = time;
    const host = new FakeNetwork().host("192.0.2.1");
    this.listeners = new ClassicListeners(
      {
        listen: (at) => host.listen(at),
        connect: ({ signal }) => {
          this.dials++;
          if (this.state === "refusing") return Promise.reject(new Deno.errors.ConnectionRefused());
          const { promise, reject } = Promise.withResolvers<never>();
          if (this.state === "silent") {
            signal?.addEventListener("abort", () => reject(signal.reason));
            return promise;
          }
          return Promise.resolve({ close: () => {} } as Deno.TcpConn);
        },
      },
      false,
      INTERVAL_MS,
      (_, isDoubtful) => this.doubts.push(isDoubtful),
    );
    const session = {
      address,
      end: ({ reason }: { reason: string }) => {
        this.reason = reason;
        this.listeners.remove(session);
      },
    } as unknown as ClientSession;
    this.#session = session;
    this.listeners.add(session, port, 0);
  }

  /** Somebody could not reach it. */
  report(): void {
    this.listeners.report(this.#session, this.#now);
  }

  /** The server looks now and then, for so long. */
  async pass(milliseconds: number): Promise<void> {
    for (const until = this.#now + milliseconds; this.#now < until; this.#now += STEP_MS) {
      this.listeners.tick(this.#now);
      await this.#time.pass(STEP_MS);
    }
  }
}

function test(sentence: string, body: (scene: Scene) => Promise<void>): void {
  Deno.test(`a classic user's machine: ${sentence}`, async () => {
    using time = new FakeTime();
    const scene = new Scene(time);
    await body(scene);
    await scene.listeners.close();
  });
}

test("one that has answered and is gone is noticed within minutes", async (scene) => {
  await scene.pass(INTERVAL_MS + INTERVAL_MS / 5 + 2_000);
  assertEquals([scene.dials, scene.reason], [2, undefined], "dialed at a slow rate");
  scene.state = "silent";
  await scene.pass(INTERVAL_MS + 3 * (serverLimits.classicRedialMs + limits.probeTimeoutMs));
  assertEquals(scene.dials, 2 + serverLimits.missedClassicDials);
  assertEquals(scene.reason?.startsWith("its machine has not answered 3 dials within"), true);
});

test("one that answers again is there", async (scene) => {
  await scene.pass(INTERVAL_MS);
  scene.state = "silent";
  await scene.pass(INTERVAL_MS / 5 + serverLimits.classicRedialMs);
  scene.state = "listening";
  await scene.pass(3 * INTERVAL_MS);
  assertEquals(scene.reason, undefined);
});

test("one that somebody could not reach is dialed soon, and in doubt until it answers", async (scene) => {
  await scene.pass(INTERVAL_MS);
  const { dials } = scene;
  scene.state = "silent";
  for (let reports = 0; reports < 5; reports++) scene.report();
  await scene.pass(limits.probeTimeoutMs + STEP_MS);
  assertEquals([scene.dials - dials, scene.doubts], [1, [true]]);
  scene.state = "listening";
  await scene.pass(serverLimits.classicRedialMs + STEP_MS);
  assertEquals([scene.doubts, scene.reason], [[true, false], undefined]);
  scene.state = "silent";
  scene.report();
  const atMost = serverLimits.missedClassicDials *
    (serverLimits.classicRedialMs + limits.probeTimeoutMs);
  await scene.pass(atMost + STEP_MS);
  assertEquals(scene.doubts, [true, false, true]);
  assertEquals(scene.reason?.startsWith("its machine has not answered 3 dials within"), true);
});

test("one where nothing listens is there", async (scene) => {
  scene.state = "refusing";
  await scene.pass(3 * INTERVAL_MS);
  assertEquals([scene.dials > 1, scene.reason], [true, undefined]);
});

test("one that has never answered may be behind a firewall", async (scene) => {
  scene.state = "silent";
  await scene.pass(3 * INTERVAL_MS);
  assertEquals([scene.dials > 1, scene.reason], [true, undefined]);
});

Deno.test("a classic user's machine: no port of the system and nothing on this machine is dialed", async () => {
  using time = new FakeTime();
  for (
    const [address, port] of [[USER, 80], [USER, 0], ["127.0.0.1", 4000], [
      "fe80::1",
      4000,
    ]] as const
  ) {
    const scene = new Scene(time, address, port);
    await scene.pass(INTERVAL_MS);
    assertEquals(scene.dials, 0, `${address} ${port}`);
    await scene.listeners.close();
  }
});
