/** Leases: at most one program holds one, whatever stands still, is late or is set. */

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  holderOf,
  Lease,
  type Moment,
  renewalMsOf,
} from "../../../../server/platform/storage/lease.ts";
import { isLeaseRenewed, LeaseFile } from "../../../../server/platform/storage/lease_file.ts";
import { TempFolder } from "../../../helpers/disk.ts";
import { inTime, poll } from "../../../helpers/wait.ts";

const LEASE_MS = 1_000;

/** A program that wants the lease, and its clocks: they run at a speed of their own, and one may be set. */
class Node {
  lease: Lease;
  /** Whether its machine reads and writes right now, and until when it stands still. */
  stillUntil = 0;
  /** The step under way: what is done next, and when. */
  next: { readonly at: number; readonly run: () => void };
  readonly #speed: number;
  #set = 0;
  #starts = 0;

  constructor(readonly name: string, speed: number, private readonly world: World) {
    this.#speed = speed;
    this.lease = this.#newLease();
    this.next = { at: 0, run: () => this.#begin() };
  }

  now(): Moment {
    const steady = this.world.time * this.#speed;
    return { steady, wall: steady + this.#set };
  }

  /** Nothing runs for so long; what was begun goes on afterwards. */
  stop(ms: number): void {
    this.stillUntil = Math.max(this.stillUntil, this.world.time + ms);
  }

  restart(): void {
    this.lease = this.#newLease();
    this.next = { at: this.world.time, run: () => this.#begin() };
  }

  set(ms: number): void {
    this.#set += ms;
  }

  #newLease(): Lease {
    return new Lease(`${this.name}${this.#starts++}`, this.name, LEASE_MS);
  }

  #begin(): void {
    const { lease, world } = this;
    const began = this.now();
    this.#later(world.delay(), () => {
      const record = world.record;
      this.#later(world.delay(), () => {
        const own = lease.read(record, this.now());
        if (own === undefined) return this.#later(lease.stepMs, () => this.#begin());
        if (!lease.mayWrite(began, this.now())) {
          return this.#later(lease.stepMs, () => this.#begin());
        }
        // The system may still be late.
        this.#later(world.delay(), () => {
          world.record = own;
          this.#later(world.delay(), () => {
            lease.written(began, this.now());
            this.#later(lease.stepMs, () => this.#begin());
          });
        });
      });
    });
  }

  #later(ms: number, run: () => void): void {
    this.next = { at: this.world.time + ms, run };
  }
}

class World {
  time = 0;
  record: string | undefined;
  readonly nodes: readonly Node[];

  constructor(readonly delay: () => number, speeds: readonly number[]) {
    this.nodes = speeds.map((speed, at) => new Node("abc".charAt(at), speed, this));
  }

  get holders(): string[] {
    return this.nodes.filter((node) => node.lease.isHeld(node.now())).map(({ name }) => name);
  }

  /** Lets so much time pass; at no moment may two hold the lease. */
  pass(ms: number): void {
    const until = this.time + ms;
    for (; this.time < until; this.time += 10) {
      for (const node of this.nodes) {
        while (node.stillUntil <= this.time && node.next.at <= this.time) node.next.run();
      }
      assert(this.holders.length <= 1, `${this.holders} at ${this.time}`);
    }
  }
}

const anyFault = fc.record({
  after: fc.nat(2_000),
  node: fc.nat(2),
  fault: fc.oneof(
    fc.record({ type: fc.constant("stop" as const), ms: fc.nat(6_000) }),
    fc.record({ type: fc.constant("restart" as const), ms: fc.constant(0) }),
    fc.record({ type: fc.constant("set" as const), ms: fc.integer({ min: -9_000, max: 9_000 }) }),
    fc.record({ type: fc.constant("remove" as const), ms: fc.constant(0) }),
  ),
});

Deno.test("lease: whatever stops, is killed or is set, two never hold it, and one does in the end", () => {
  fc.assert(
    fc.property(
      fc.array(anyFault, { maxLength: 25 }),
      fc.array(fc.double({ min: 0.91, max: 1.1, noNaN: true }), { minLength: 2, maxLength: 3 }),
      fc.infiniteStream(fc.oneof({ weight: 9, arbitrary: fc.nat(20) }, fc.nat(1_500))),
      (faults, speeds, delays) => {
        const world = new World(() => delays.next().value ?? 0, speeds);
        for (const { after, node: at, fault } of faults) {
          world.pass(after);
          const node = world.nodes[at % world.nodes.length];
          if (fault.type === "stop") node?.stop(fault.ms);
          else if (fault.type === "restart") node?.restart();
          else if (fault.type === "set") node?.set(fault.ms);
          else world.record = undefined;
        }
        const calm = new World(() => 5, speeds);
        calm.record = world.record;
        calm.pass(5 * LEASE_MS);
        assertEquals(calm.holders.length, 1);
      },
    ),
    { numRuns: 300 },
  );
});

Deno.test("lease: another takes it within three times its length, and whoever had it waits then", () => {
  const world = new World(() => 5, [1, 1]);
  world.pass(2 * LEASE_MS);
  const [first = ""] = world.holders;
  const [had, other] = first === "a" ? world.nodes : world.nodes.toReversed();
  assert(had !== undefined && other !== undefined);
  had.stop(60_000);
  world.pass(3 * LEASE_MS);
  assertEquals(world.holders, [other.name]);
  world.pass(60_000);
  assertEquals(world.holders, [other.name]);
  assertEquals(holderOf(world.record), other.name);
});

Deno.test("lease: one that is given up is taken sooner; a damaged record keeps nobody out", () => {
  const world = new World(() => 5, [1, 1]);
  world.pass(2 * LEASE_MS);
  const had = world.nodes.find(({ name }) => name === world.holders[0]);
  assert(had !== undefined);
  world.record = had.lease.release(world.record);
  assertEquals(renewalMsOf(world.record), 0);
  had.stop(Infinity);
  world.pass(1.8 * LEASE_MS);
  assertEquals(world.holders.length, 1);
  for (const rubbish of ["", "{}", "\0".repeat(512), '{"leaseMs":1e99}', "[]", "null"]) {
    const world = new World(() => 5, [1]);
    world.record = rubbish;
    if (rubbish.includes("1e99")) continue; // ten minutes, at most
    world.pass(3 * LEASE_MS);
    assertEquals(world.holders, ["a"], rubbish);
  }
});

Deno.test("lease: a step that stood still writes no record, which could hide that of another holder", () => {
  const at = (ms: number): Moment => ({ steady: ms, wall: ms });
  const lease = new Lease("id", "a", LEASE_MS);
  const claim = lease.read(undefined, at(0));
  const steps = 2 * lease.stepMs;
  assertEquals(lease.mayWrite(at(0), at(0)), true);
  assertEquals(lease.mayWrite(at(0), at(steps - 1)), true);
  assertEquals(lease.mayWrite(at(0), at(steps)), false, "a claim is late");
  assertEquals(lease.mayWrite(at(0), at(60_000)), false, "a claim is very late");
  assertEquals(lease.mayWrite(at(0), { steady: 1, wall: 60_000 }), false, "the clock was set");
  lease.written(at(0), at(1));
  assert(lease.read(claim, at(2_000)) !== undefined);
  assertEquals(lease.mayWrite(at(2_000), at(2_000 + steps)), false, "the second claim is late");
  lease.written(at(2_000), at(2_001));
  assertEquals(lease.isHeld(at(2_999)), true);
  assert(lease.read(claim, at(2_500)) !== undefined);
  assertEquals(lease.mayWrite(at(2_500), at(2_999)), true);
  assertEquals(lease.mayWrite(at(2_500), at(3_000)), false, "the lease has ended");
  assertEquals(lease.mayWrite(at(2_990), at(3_001)), false, "the lease has ended, in this step");
});

Deno.test("lease file: two in one folder; one waits until the other gives it up", async () => {
  using folder = new TempFolder();
  const path = `${folder.path}/lease`;
  const waited: (string | undefined)[] = [];
  const failed: string[] = [];
  const events = {
    onWaiting: (holder: string | undefined) => waited.push(holder),
    onFailure: (reason: string) => failed.push(reason),
  };
  const first = new LeaseFile(path, "first", 500, events);
  try {
    await inTime(first.until(true), "the lease");
    assertEquals(await isLeaseRenewed(path), true);
    const second = new LeaseFile(path, "second", 500, events);
    try {
      await poll(() => waited.includes("first"), "the name of whoever has it");
      assertEquals(second.isHeld, false);
      await first.release();
      await inTime(second.until(true), "the lease of the first");
    } finally {
      await second.release();
    }
  } finally {
    await first.release();
  }
  assertEquals(await isLeaseRenewed(path), false);
  assertEquals(failed, []);
  if (Deno.build.os !== "windows") assertEquals((Deno.statSync(path).mode ?? 0) & 0o777, 0o600);
});
