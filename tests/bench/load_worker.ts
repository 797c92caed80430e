/**
 * One process of the load: many users who log in and out as they are ordered (see load_orders.ts)
 * and count what they are told. It takes as little time as it can, so as not to slow down the server.
 *
 * Usage: load_worker.ts PORT FIRST-USER'S-NUMBER
 *
 * @module
 */

import { TextLineStream } from "@std/streams/text-line-stream";
import { encodeLogin } from "../../protocol/mod.ts";
import type { Answer, Order, UserRange } from "./load_orders.ts";
import { UpdateCounter } from "./update_counter.ts";

/** How many dials are under way at a time. */
const DIALS = 32;
const BUFFER = 8 * 1024;

const port = Number(Deno.args[0]);
const firstUser = Number(Deno.args[1]);
const users: (Deno.TcpConn | undefined)[] = [];
const count = { adds: 0, deletes: 0 };
let lastUpdate = 0;
/** What went wrong, also where no order was under way. */
let failure: unknown;
/** The updates that must have come before the order is carried out, and whom to tell then. */
let goal = { adds: 0, deletes: 0, reached: () => {}, failed: (_: unknown) => {} };

async function carryOut(order: Order): Promise<Answer> {
  if (failure !== undefined) throw failure;
  const told = new Promise<void>((reached, failed) => goal = { ...order, reached, failed });
  const start = now();
  if (order.logout !== undefined) logOut(order.logout);
  const dialled = logIn(order.login ?? { from: 0, to: 0 });
  checkGoal();
  await Promise.all([told, dialled]);
  return { start, end: lastUpdate };
}

async function logIn({ from, to }: UserRange): Promise<void> {
  let next = from;
  await Promise.all(Array.from({ length: DIALS }, async () => {
    while (next < to) await dial(next++);
  }));
}

async function dial(user: number): Promise<void> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  users[user] = connection;
  const number = firstUser + user;
  const name = `user${String(number).padStart(6, "0")}`;
  const login = encodeLogin({ name, port: 1024 + number % 60_000 });
  await connection.write(login);
  void follow(user, connection);
}

/** Reads until the connection ends. Never rejects. */
async function follow(user: number, connection: Deno.TcpConn): Promise<void> {
  const counter = new UpdateCounter(count);
  const buffer = new Uint8Array(BUFFER);
  try {
    for (;;) {
      const length = await connection.read(buffer);
      if (users[user] !== connection) return;
      if (length === null) throw new Error("the server closed on a user");
      counter.push(buffer, length);
      lastUpdate = now();
      checkGoal();
    }
  } catch (error) {
    if (users[user] === connection) goal.failed(failure ??= error);
  }
}

function logOut({ from, to }: UserRange): void {
  for (let user = from; user < to; user++) {
    const connection = users[user];
    users[user] = undefined;
    connection?.close();
  }
}

function checkGoal(): void {
  const adds = count.adds - goal.adds;
  const deletes = count.deletes - goal.deletes;
  if (adds === 0 && deletes === 0) goal.reached();
  if (adds <= 0 && deletes <= 0) return;
  // Where no order is under way, these may be the first ones of the next.
  goal.failed(new Error(`more updates came than there were (Adds: ${adds}, Deletes: ${deletes})`));
}

/** Milliseconds of a clock that all processes share. */
function now(): number {
  return performance.timeOrigin + performance.now();
}

const lines = Deno.stdin.readable.pipeThrough(new TextDecoderStream())
  .pipeThrough(new TextLineStream());
for await (const line of lines) {
  const answer = await carryOut(JSON.parse(line)).catch((error): Answer => ({
    error: error instanceof Error ? error.message : String(error),
  }));
  console.log(JSON.stringify(answer));
}
// Whoever gave the orders is gone.
Deno.exit();
