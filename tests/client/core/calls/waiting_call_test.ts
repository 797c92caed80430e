/** A call that waits for the user is one call for as long as it waits, over whatever connections. */

import { assert, assertEquals } from "@std/assert";
import type { Caller } from "../../../../client/core/mod.ts";
import { clientLimits } from "../../../../client/core/limits.ts";
import { PendingCalls } from "../../../../client/window/state/pending_calls.ts";
import { limits } from "../../../../protocol/mod.ts";
import type { Network } from "../../../../server/mod.ts";
import { newIdentity } from "../../../fixtures/keys.ts";
import { TempFolder } from "../../../helpers/disk.ts";
import { CutNetwork } from "../../../helpers/faults.ts";
import { TestEnvironment } from "../../../helpers/test_environment.ts";
import { FakeTime } from "../../../helpers/time.ts";

/** When an acknowledgement is overdue, however that falls. */
const TOO_LONG = limits.unreachableTimeoutMs * 1.25;

/** Ada has called bob, who asks first, and said something; her links can be cut. */
async function waiting(env: TestEnvironment, data: string, time: FakeTime) {
  const { at } = env.serve({ data });
  const machine = env.machine();
  const link = new CutNetwork(machine.network);
  const dials: number[] = [];
  const network: Network = {
    ...link.network,
    connect: (to) => {
      dials.push(to.port);
      return link.network.connect(to);
    },
  };
  const keys = () => ({ identity: newIdentity(), reconnect: true, listen: {} });
  const bob = env.user("bob", at, undefined, keys());
  const ada = env.user("ada", at, { ...machine, network }, keys());
  for (const user of [bob, ada]) await user.login();
  bob.calls.unknownCallers = "ask";
  const { port } = await bob.saw("listening");
  const chat = await ada.call("bob");
  await chat.send("may I?");
  const { caller } = await bob.saw("incoming-call", { name: "ada" });
  await hears(caller, 1, time);
  const rows = new PendingCalls(bob);
  const [row] = rows.callers;
  assert(row !== undefined);
  const dialsOfBob = () => dials.filter((dialed) => dialed === port).length;
  return { ada, bob, chat, caller, rows, row, link, dialsOfBob };
}

async function hears(caller: Caller, messages: number, time: FakeTime): Promise<void> {
  for (let turns = 0; turns < 100 && caller.waiting < messages; turns++) await time.pass(10);
  assertEquals(caller.waiting, messages);
}

function waitingTest(
  name: string,
  test: (env: TestEnvironment, data: string, time: FakeTime) => Promise<void>,
) {
  Deno.test(`waiting call: ${name}`, async () => {
    using time = new FakeTime();
    using folder = new TempFolder();
    await using env = TestEnvironment.fake();
    await test(env, folder.path, time);
  });
}

waitingTest("while the user thinks, the caller does not call again", async (env, data, time) => {
  const { ada, bob, caller, rows, row, dialsOfBob } = await waiting(env, data, time);
  const dialed = dialsOfBob();
  for (let passed = 0; passed < 5 * TOO_LONG; passed += 500) await time.pass(500);
  assertEquals(dialsOfBob(), dialed);
  assertEquals(bob.calls.pending, [caller]);
  assertEquals(rows.callers, [row]);
  assertEquals(row.preview, "may I?");
  await caller.accept();
  await bob.saw("message", { text: "may I?" });
  await ada.saw("delivered", { text: "may I?" });
});

waitingTest("a caller whose link was cut goes on with the same call", async (env, data, time) => {
  const { ada, bob, chat, caller, rows, row, link, dialsOfBob } = await waiting(env, data, time);
  const dialed = dialsOfBob();
  for (let cuts = 0; cuts < 3; cuts++) {
    link.cut();
    for (let passed = 0; passed < 20_000; passed += TOO_LONG) await time.pass(TOO_LONG);
  }
  assert(dialsOfBob() > dialed, "ada should have called again");
  await chat.send("still there");
  await hears(caller, 2, time);
  const { address: _before, ...same } = row;
  const [{ address: _, ...now } = row] = rows.callers;
  assertEquals(now, { ...same, preview: "may I?\nstill there" });
  await caller.accept();
  await ada.saw("delivered", { text: "still there" });
  const said = bob.events.all.filter(({ event }) => event === "message").map(({ text }) => text);
  assertEquals(said, ["may I?", "still there"]);
  assertEquals(bob.events.all.filter(({ event }) => event === "incoming-call").length, 1);
});

waitingTest("it ends after two minutes from the first call", async (env, data, time) => {
  const { ada, bob, link } = await waiting(env, data, time);
  await time.pass(clientLimits.pendingCallTimeoutMs / 2);
  link.cut();
  await time.pass(clientLimits.pendingCallTimeoutMs / 2);
  await bob.saw("call-ended", { name: "ada" });
  await ada.saw("chat-closed", { by: "them" });
  assertEquals(bob.calls.pending, []);
});
