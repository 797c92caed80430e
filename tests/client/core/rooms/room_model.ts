/** A model of rooms: what members do in any order, links cut and opened between, ends in one list for all. */

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { ClientError } from "../../../../client/core/errors.ts";
import { RoomWorld } from "../../../fixtures/room_world.ts";

/** The state of a test run so far. */
interface Model {
  sent: number;
}

const MEMBERS = 5;
const MESSAGES = 200;

type Step = fc.AsyncCommand<Model, RoomWorld>;

/** Something that may fail since the member may not do it. */
function step(name: string, run: (world: RoomWorld, model: Model) => Promise<void>): Step {
  return {
    check: () => true,
    run: async (model, world) => {
      world.clock.tick(7);
      try {
        await run(world, model);
      } catch (error) {
        if (!(error instanceof ClientError) || !error.is("room-failed")) throw error;
      }
    },
    toString: () => name,
  };
}

const who = fc.nat(MEMBERS - 1);
const two = fc.tuple(who, who);

const saying = fc.tuple(who, fc.integer({ min: 1, max: 25 })).map(([one, count]) =>
  step(`user${one} says ${count}`, async (world, model) => {
    const { room } = world.member(one);
    for (let at = 0; at < count && room?.state === "joined" && model.sent < MESSAGES; at++) {
      await room.send(`${model.sent++}`);
      world.clock.tick();
    }
  })
);

/** Much is said, and now and then something else happens. */
const commands = [
  ...Array.from({ length: 8 }, () => saying),
  two.map(([one, other]) =>
    step(`cut ${one}-${other}`, (world) => Promise.resolve(world.cut(one, other)))
  ),
  two.map(([one, other]) =>
    step(`link ${one}-${other}`, (world) => Promise.resolve(world.link(one, other)))
  ),
  who.map((one) => step(`isolate ${one}`, (world) => Promise.resolve(world.cutAll(one)))),
  fc.constant(step("link all", (world) => Promise.resolve(world.linkAll()))),
  fc.nat(30).map((turns) =>
    step(`wait ${turns}`, async () => {
      for (let turn = 0; turn < turns; turn++) await Promise.resolve();
    })
  ),
  fc.constant(step("quiet", (world) => world.quiet())),
  who.map((one) =>
    step(`restart ${one}`, async (world) => {
      world.cutAll(one);
      await world.member(one).restart();
    })
  ),
  two.map(([one, other]) =>
    step(`user${one} invites user${other}`, async (world) => {
      const { name, keys: { identity } } = world.member(other);
      await world.member(one).room?.invite({ name, identity });
    })
  ),
  who.map((one) => step(`user${one} joins`, async (world) => await world.member(one).room?.join())),
  who.map((one) =>
    step(`user${one} leaves`, async (world) => {
      if (one !== 0) await world.member(one).room?.leave();
    })
  ),
  two.map(([one, other]) =>
    step(`user${one} removes user${other}`, async (world) => {
      await world.member(one).room?.remove(world.member(other).keys.identity);
    })
  ),
  fc.tuple(two, fc.boolean()).map(([[one, other], isAdmin]) =>
    step(`user${one} makes user${other} ${isAdmin ? "an" : "no"} admin`, async (world) => {
      await world.member(one).room?.setAdmin(world.member(other).keys.identity, isAdmin);
    })
  ),
  fc.tuple(who, fc.boolean()).map(([one, membersInvite]) =>
    step(`user${one} sets ${membersInvite}`, async (world) => {
      await world.member(one).room?.set({ topic: `${world.clock.now}`, membersInvite });
    })
  ),
];

const skews = fc.array(fc.integer({ min: -60_000, max: 60_000 }), {
  minLength: MEMBERS,
  maxLength: MEMBERS,
});

/**
 * Runs the model so many times.
 *
 * @throws {Error} with the seed and the steps, if members end up with different lists
 */
export async function runRoomModel(numRuns: number, seed?: number): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.commands(commands, { size: "max", maxCommands: 50 }), skews, runOnce),
    { numRuns, ...seed !== undefined && { seed } },
  );
}

async function runOnce(steps: Iterable<Step>, skewsMs: readonly number[]): Promise<void> {
  const world = new RoomWorld(MEMBERS, skewsMs);
  try {
    await fc.asyncModelRun(async () => {
      const room = await world.member(0).rooms.create("lab");
      world.linkAll();
      for (const { name, keys: { identity } } of world.members.slice(1, 4)) {
        await room.invite({ name, identity });
      }
      await world.quiet();
      for (const member of world.members.slice(1, 3)) await member.room?.join();
      await world.quiet();
      return { model: { sent: 0 }, real: world };
    }, steps);
    await settle(world);
    await check(world);
  } finally {
    await world.close();
  }
}

/** Opens all links anew, twice: what a first summary brings may be what a second one is about. */
async function settle(world: RoomWorld): Promise<void> {
  for (let round = 0; round < 3; round++) {
    world.cutAll();
    world.clock.tick(1_000);
    world.linkAll();
    await world.quiet();
  }
}

async function check(world: RoomWorld): Promise<void> {
  const [owner] = world.members;
  const own = await owner?.items() ?? [];
  const expected = own.map((
    item,
  ) => [item.id, item.time, item.type === "message" ? item.text : ""]);
  assertEquals(new Set(own.map(({ id }) => id)).size, own.length, "an entry is shown twice");
  const rolesOf = (member: typeof owner) =>
    member?.room?.members.map(({ identity, role }) => [`${identity}`, role]).sort();
  for (const member of world.members) {
    const isMember = owner?.room?.members.some(({ identity, role }) =>
      identity.equals(member.keys.identity) && role !== "guest"
    );
    if (!isMember) continue;
    const items = await member.items();
    const shown = items.map((
      item,
    ) => [item.id, item.time, item.type === "message" ? item.text : ""]);
    assertEquals(shown, expected, `${member.name} has another list`);
    assertEquals(rolesOf(member), rolesOf(owner), `${member.name} has other members`);
    assert(member.room?.state === "joined", `${member.name} does not know that it is a member`);
  }
}
