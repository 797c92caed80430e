/**
 * One process of the load: many users who log in and out as they are ordered (see load_orders.ts)
 * and count what they are told. It takes as little time as it can, so as not to slow down the server.
 *
 * Usage: load_worker.ts PORT FIRST-USER'S-NUMBER classic|mim2
 *
 * @module
 */

import { TextLineStream } from "@std/streams/text-line-stream";
import {
  createSignature,
  encodeLinkClientMessage,
  encodeLinkLogin,
  encodeLogin,
  GreetingDecoder,
  identityOf,
  type LinkOffer,
} from "../../protocol/mod.ts";
import type { Answer, Order, UserRange } from "./load_orders.ts";
import { RecordCounter, RecordCounts } from "./record_counter.ts";
import { UpdateCounter } from "./update_counter.ts";

/** How many dials are under way at a time. */
const DIALS = 32;
const BUFFER = 64 * 1024;
const SIGN_OF_LIFE = 30_000;

const port = Number(Deno.args[0]);
const firstUser = Number(Deno.args[1]);
const isMim2 = Deno.args[2] === "mim2";
const users: (Deno.TcpConn | undefined)[] = [];
/** The logins of those who are connected and have not sent them. */
const ready = new Map<number, Uint8Array>();
/** Each user's key, from its first login on: the private one and the public. */
const keys = new Map<number, { readonly key: Uint8Array; readonly identity: Uint8Array }>();
const count = { adds: 0, deletes: 0 };
const recordCounts = new RecordCounts();
/** The links of MIM/2 users. */
const links = new Map<number, RecordCounter>();
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
  if (order.dial !== undefined) await forEach(order.dial, dial);
  const dialed = forEach(order.login ?? { from: 0, to: 0 }, logIn);
  checkGoal();
  await Promise.all([told, dialed]);
  return { start, end: lastUpdate };
}

async function forEach(
  { from, to }: UserRange,
  work: (user: number) => Promise<void>,
): Promise<void> {
  let next = from;
  await Promise.all(Array.from({ length: DIALS }, async () => {
    while (next < to) await work(next++);
  }));
}

async function logIn(user: number): Promise<void> {
  if (!ready.has(user)) await dial(user);
  const login = ready.get(user);
  ready.delete(user);
  if (login !== undefined) await users[user]?.write(login);
}

async function dial(user: number): Promise<void> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  users[user] = connection;
  const number = firstUser + user;
  const name = `user${String(number).padStart(6, "0")}`;
  const at = { name, port: 1024 + number % 60_000 };
  if (!isMim2) {
    ready.set(user, encodeLogin(at));
    const counter = new UpdateCounter(count);
    return void follow(user, connection, (bytes) => counter.push(bytes, bytes.length));
  }
  const link = await openLink(connection);
  links.set(user, link.counter);
  ready.set(user, mim2Login(link, number, at));
  void follow(user, connection, (bytes) => {
    const { answer } = link.counter.push(bytes);
    if (answer !== undefined) connection.write(answer).catch(() => {});
  });
}

interface Link {
  readonly counter: RecordCounter;
  readonly handshakeHash: Uint8Array;
}

async function openLink(connection: Deno.TcpConn): Promise<Link> {
  const greeting = new GreetingDecoder();
  const buffer = new Uint8Array(BUFFER);
  const read = async () => {
    const length = await connection.read(buffer);
    if (length === null) throw new Error("the server closed on a user");
    return buffer.subarray(0, length);
  };
  let offer: LinkOffer | undefined;
  while (greeting.rest === undefined) {
    for (const message of greeting.push(await read())) {
      if (message.type === "welcome-end") offer = message.offer;
    }
  }
  if (offer === undefined) throw new Error("the server does not speak MIM/2");
  const counter = new RecordCounter(offer, count, recordCounts);
  await connection.write(counter.open());
  for (;;) {
    const { hash: handshakeHash } = counter.push(await read());
    if (handshakeHash !== undefined) return { counter, handshakeHash };
  }
}

function mim2Login(
  { counter, handshakeHash }: Link,
  number: number,
  { name, port }: { readonly name: string; readonly port: number },
): Uint8Array {
  const { key, identity } = keys.get(number) ?? newKey(number);
  const body = encodeLinkLogin({
    name,
    port,
    identity,
    signature: createSignature({ type: "login", handshakeHash, port, name }, key),
    capabilities: 0,
    availability: "online",
    status: "",
    addresses: [],
    previousSession: new Uint8Array(0),
  });
  return counter.encrypt(body);
}

function newKey(number: number) {
  const key = new Uint8Array(32);
  new DataView(key.buffer).setUint32(0, number + 1); // so that a name has the same in each round
  const both = { key, identity: identityOf(key) };
  keys.set(number, both);
  return both;
}

/** Reads until the connection ends. Never rejects. */
async function follow(
  user: number,
  connection: Deno.TcpConn,
  push: (bytes: Uint8Array) => void,
): Promise<void> {
  const buffer = new Uint8Array(BUFFER);
  try {
    for (;;) {
      const length = await connection.read(buffer);
      if (users[user] !== connection) return;
      if (length === null) throw new Error("the server closed on a user");
      push(buffer.subarray(0, length));
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
    links.delete(user);
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

if (isMim2) {
  // Whatever is said now and then does for the answer to a ping.
  const sign = encodeLinkClientMessage({ type: "pong", token: 0 });
  setInterval(() => {
    for (const [user, connection] of users.entries()) {
      const link = links.get(user);
      if (ready.has(user) || link === undefined) continue;
      connection?.write(link.encrypt(sign)).catch(() => {});
    }
  }, SIGN_OF_LIFE);
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
