/** Nodes of a cluster on a network that loses, doubles, delays and reorders messages, with a clock of their own. */

import { assert, assertEquals } from "@std/assert";
import { clusterLimits } from "../../server/cluster/cluster_limits.ts";
import type { NodeRequest, TableMessage } from "../../server/cluster/cluster_message.ts";
import { ClusterTable } from "../../server/cluster/cluster_table.ts";

/** How often nodes look at the time. */
export const TICK_MS = clusterLimits.tickMs;

/** The fate of a message between two nodes. */
export interface Fate {
  readonly isLost: boolean;
  readonly isDoubled: boolean;
  readonly delayMs: number;
}

/** Nothing happens to it. */
export const GOOD: Fate = { isLost: false, isDoubled: false, delayMs: 0 };

/** One node with the rows of others as it was told of them. */
export class Node {
  readonly id: string;
  readonly table: ClusterTable;
  readonly own = new Map<string, string>();
  readonly told = new Map<string, string>();
  readonly requests: NodeRequest[] = [];
  readonly gone: string[] = [];
  isOnline = true;
  #sessions = 0;
  readonly #world: World;

  constructor(id: string, world: World) {
    this.id = id;
    this.#world = world;
    this.table = new ClusterTable(id, {
      send: (message, to) => world.send(this, message, to),
      onChange: (change) => {
        if (change.type === "delete") assert(this.told.delete(change.session), "a row to delete");
        else {
          this.told.set(change.session, new TextDecoder().decode(change.row));
          world.assertOnce(this);
        }
      },
      onEnded: ({ session }) => this.logOut(session),
      userOf: (row) => userIn(new TextDecoder().decode(row)),
      onRequest: (_, request) => this.requests.push(request),
      onNode: () => {},
      onGone: (node) => this.gone.push(node),
    }, () => world.random());
  }

  /** Somebody logs in; one who has a name is there as a user with a key. */
  logIn(user?: string): string {
    const session = this.id.slice(0, 8) + (++this.#sessions).toString(16).padStart(8, "0");
    this.set(session, user === undefined ? "here" : `${user}: here`);
    return session;
  }

  /** A user of another node logs in here, and names the session before. */
  moveHere(user: string, before: string): string {
    this.#world.moved.add(before);
    this.table.end(before, user);
    assert(!this.told.has(before), "the session before is told of still");
    return this.logIn(user);
  }

  /** How many sessions of a user somebody at this node sees. */
  count(user: string): number {
    return [...this.own.values(), ...this.told.values()].filter((row) => userIn(row) === user)
      .length;
  }

  set(session: string, row: string): void {
    this.own.set(session, row);
    this.table.put(session, new TextEncoder().encode(row));
  }

  logOut(session: string): void {
    this.own.delete(session);
    this.table.delete(session);
  }
}

/** A few nodes, their network and their clock. */
export class World {
  now = 0;
  readonly nodes: Node[] = [];
  /** The sessions whose users have moved to another node. */
  readonly moved = new Set<string>();
  /** The fate of a message; both ends are named. */
  fate: (from: Node, to: Node) => Fate = () => GOOD;
  readonly random: () => number;
  #waiting: { readonly at: number; readonly order: number; readonly deliver: () => void }[] = [];
  #order = 0;

  constructor(count: number, random: () => number = () => 0.5) {
    this.random = random;
    for (let index = 0; index < count; index++) this.add();
  }

  add(): Node {
    const node = new Node((this.nodes.length + 1).toString(16).repeat(64), this);
    this.nodes.push(node);
    return node;
  }

  node(index: number): Node {
    const node = this.nodes[index];
    if (node === undefined) throw new RangeError(`expected a node ${index}`);
    return node;
  }

  send(from: Node, message: TableMessage, to: string | undefined): void {
    for (const node of this.nodes) {
      if (to !== undefined && node.id !== to) continue;
      const { isLost, isDoubled, delayMs } = this.fate(from, node);
      if (isLost) continue;
      for (let copy = 0; copy < (isDoubled ? 2 : 1); copy++) {
        this.#waiting.push({
          at: this.now + delayMs,
          order: this.#order++,
          deliver: () => node.isOnline && node.table.receive(from.id, message, this.now),
        });
      }
    }
  }

  /** Lets time pass. */
  pass(ms: number): void {
    for (const until = this.now + ms; this.now < until; this.now += TICK_MS) {
      for (const node of this.nodes) if (node.isOnline) node.table.tick(this.now);
      this.deliver();
    }
  }

  /** Delivers what is due, and what that leads to. */
  deliver(): void {
    for (const node of this.nodes) if (node.isOnline) node.table.flush();
    for (;;) {
      const due = this.#waiting.filter(({ at }) => at <= this.now);
      if (due.length === 0) return;
      this.#waiting = this.#waiting.filter(({ at }) => at > this.now);
      due.sort((one, other) => one.at - other.at || one.order - other.order);
      for (const { deliver } of due) deliver();
    }
  }

  /** Nobody is told of two sessions of one user, if the later one named the one before. */
  assertOnce({ told }: Node): void {
    const users = [...told].flatMap(([session, row]) => {
      const user = userIn(row);
      return user === undefined ? [] : [[session, user] as const];
    });
    for (const [session, user] of users) {
      if (!this.moved.has(session)) continue;
      const others = users.filter(([other, same]) => other !== session && same === user);
      assertEquals(others, [], `${user} is there twice`);
    }
  }

  /** Each node that is online knows all rows of the others that are, and no more. */
  assertSame(): void {
    const online = this.nodes.filter(({ isOnline }) => isOnline);
    for (const node of online) {
      const others = online.filter((other) => other !== node).flatMap(({ own }) => [...own]);
      assertEquals(sorted(node.told), sorted(others));
      assertEquals(node.table.counts(this.now).remoteUsers, others.length);
    }
  }
}

/** The user in a row, as `NAME: …`. */
function userIn(row: string): string | undefined {
  return /^(\w+): /.exec(row)?.[1];
}

function sorted(rows: Iterable<[string, string]>): string[] {
  return Array.from(rows, ([session, row]) => `${session} ${row}`).sort();
}
