/** The stage of the tests of the call screener. */

import type { TestUser } from "../../../helpers/test_user.ts";
import { FakeTime } from "../../../helpers/time.ts";
import { watchHarm } from "../../../fixtures/harmless.ts";
import type { Wire } from "../../../helpers/peers.ts";
import { type Machine, type Place, TestEnvironment } from "../../../helpers/test_environment.ts";

/** Ada, who is called, and bob, both online without keys, and their network. */
export interface Stage {
  readonly env: TestEnvironment;
  readonly at: Place;
  readonly ada: TestUser;
  readonly bob: TestUser;
  /** A bare call to Ada, from a machine of its own if none is given. */
  readonly call: (first: string, from?: Machine) => Promise<Wire>;
}

/** Defines a test of the call screener. */
export function test(
  sentence: string,
  body: (stage: Stage, time: FakeTime) => Promise<void>,
): void {
  Deno.test(`call screener: ${sentence}`, async () => {
    using time = new FakeTime();
    await using env = TestEnvironment.fake();
    const { at } = env.serve();
    const [ada, bob] = await env.online(at, "ada", "bob");
    const assertNoHarm = watchHarm(ada);
    const { port } = await ada.saw("listening");
    await ada.saw("online", { name: "bob" });
    const hostname = [...ada.users][0]?.address ?? "";
    ada.events.clear();
    const call = async (first: string, from?: Machine) => {
      const wire = await env.dial({ hostname, port }, from);
      await wire.say(first);
      return wire;
    };
    await body({ env, at, ada, bob, call }, time);
    assertNoHarm();
  });
}
