/** One `/trust` allows one classic chat under a pinned name: a call that waits, a dial, in any order. */

import { assertEquals } from "@std/assert";
import { ClientError } from "../../../../client/core/mod.ts";
import { TableServer } from "../../../helpers/table_server.ts";
import type { TableUser } from "../../../helpers/table_user.ts";
import { testKey } from "../../../fixtures/keys.ts";
import { Wire } from "../../../helpers/peers.ts";

/** Ada knows Bob by a key; two classic clients have his name now, and one of them calls and waits. */
interface Stage {
  readonly ada: TableUser;
  readonly one: TableUser;
  readonly other: TableUser;
  /** The caller hangs up. */
  hangUp(): Promise<void>;
}

function test(sentence: string, body: (stage: Stage) => Promise<void>): void {
  Deno.test(`one classic chat: ${sentence}`, async () => {
    await using server = new TableServer();
    const ada = await server.user("ada");
    const pin = { server: server.id, name: "bob", verified: false, since: 1 };
    await ada.store.keepPin({ ...pin, identity: testKey(0x44) });
    const [one, other] = [
      await server.user("bob", { key: null }),
      await server.user("bob", { key: null }),
    ];
    await using wire = await Wire.dial(server.network.host(one.address), ada.address, ada.port);
    await wire.say("bob\nlet me in\n");
    await ada.saw("incoming-call");
    await ada.trust.acceptKey("bob");
    await body({
      ada,
      one,
      other,
      async hangUp() {
        await wire.end();
        await ada.saw("incoming-call");
      },
    });
    assertEquals(openedIn(ada), 1);
    for (const chat of ada.chats.all) await chat.close();
    for (const user of [one, other]) {
      assertEquals(await outcome(ada.call(user)), "peer-key-mismatch", "the word is used up");
    }
    assertEquals(openedIn(ada), 1);
  });
}

/** What has become of a call. */
async function outcome(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return "opened";
  } catch (error) {
    if (error instanceof ClientError) return error.code;
    throw error;
  }
}

/** How many chats Ada has seen open. */
function openedIn({ events }: TableUser): number {
  return events.all.filter(({ event }) => event === "chat-opened").length;
}

async function accept({ calls }: TableUser): Promise<void> {
  const [caller] = calls.pending;
  if (caller === undefined) throw new Error("expected a call that waits");
  await caller.accept();
}

test("a call that waits is taken, and then nobody is dialed", async ({ ada, other }) => {
  await accept(ada);
  assertEquals(await outcome(ada.call(other)), "peer-key-mismatch");
  assertEquals(other.events.all, []);
});

test("a call that waits is taken while somebody is dialed", async ({ ada, other }) => {
  const calling = outcome(ada.call(other));
  await accept(ada);
  assertEquals(await calling, "peer-key-mismatch");
  assertEquals(other.events.all, [], "not even the name was told");
});

test("a call that waits is taken by calling its place", async ({ ada, one, other }) => {
  const calls = [ada.call(one), ada.call(other)].map(outcome);
  assertEquals(await Promise.all(calls), ["opened", "peer-key-mismatch"]);
  assertEquals([one.events.all, other.events.all], [[], []]);
});

test("two are dialed at once", async ({ ada, one, other }) => {
  ada.calls.pending[0]?.reject();
  const calls = [ada.call(one), ada.call(other)].map(outcome);
  assertEquals((await Promise.all(calls)).sort(), ["opened", "peer-key-mismatch"]);
});

test("somebody is dialed, and nobody else", async ({ ada, other, one }) => {
  assertEquals(await outcome(ada.call(other)), "opened");
  assertEquals(await outcome(ada.call(one)), "peer-key-mismatch");
  assertEquals(ada.calls.pending.length, 1, "who calls waits for an answer still");
});

test("what a caller has left is read, and then nobody is dialed", async ({ ada, one, hangUp }) => {
  await hangUp();
  assertEquals(await outcome(ada.call(one)), "peer-key-mismatch");
  assertEquals(one.events.all, []);
});
