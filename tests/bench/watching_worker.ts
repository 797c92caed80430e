/**
 * One process of users at a server that tells only of those who are watched. It carries out an order a line
 * (see watching_orders.ts), and answers each with a line.
 *
 * Usage: watching_worker.ts PORTS USERS WATCHED
 *
 * PORTS are those of the servers, with commas: users go to them in turn.
 *
 * @module
 */

import { TextLineStream } from "@std/streams/text-line-stream";
import {
  capabilities,
  createSignature,
  encodeLinkClientMessage,
  encodeLinkLogin,
  GreetingDecoder,
  identityOf,
  LinkClient,
  type LinkServerMessage,
  type WatchedItem,
} from "../../protocol/mod.ts";
import { writeAll } from "../../server/platform/net/byte_stream.ts";
import { percentile } from "./statistics.ts";
import type { WatchingAnswer, WatchingOrder } from "./watching_orders.ts";

/** How many log in at a time. */
const LOGINS = 16;
const BUFFER_BYTES = 16 * 1024;
/** So many keys go in one message. */
const ITEMS_PER_MESSAGE = 100;
const SIGN_OF_LIFE_MS = 30_000;

const ports = (Deno.args[0] ?? "").split(",").map(Number);
const [userCount = 0, watchedCount = 0] = Deno.args.slice(1).map(Number);
const users = new Map<number, User>();
/** Milliseconds from a change of status to each user who was told of it. */
let latencies: number[] = [];

/** Milliseconds of a clock that all processes share. */
function now(): number {
  return performance.timeOrigin + performance.now();
}

/** Each user's private key, so that everybody knows everybody's public one. */
function keyOf(user: number): Uint8Array {
  const key = new Uint8Array(32);
  new DataView(key.buffer).setUint32(0, user + 1);
  return key;
}

/** One user: connects, logs in, watches some of the others, and is there. */
class User {
  readonly #number: number;
  readonly #connection: Deno.TcpConn;
  readonly #told = Promise.withResolvers<void>();
  #link: LinkClient | undefined;
  #writing: Promise<void> = Promise.resolve();
  isGone = false;

  static async logIn(number: number): Promise<User> {
    const port = ports[number % ports.length] ?? 0;
    const user = new User(number, await Deno.connect({ hostname: "127.0.0.1", port }));
    user.#read().catch(user.#told.reject);
    await user.#told.promise;
    return user;
  }

  private constructor(number: number, connection: Deno.TcpConn) {
    this.#number = number;
    this.#connection = connection;
  }

  say(body: Uint8Array): void {
    const bytes = this.#link?.encrypt(body) ?? body;
    this.#writing = this.#writing.then(() => writeAll(this.#connection, bytes)).catch(() => {});
  }

  setStatus(): void {
    this.say(encodeLinkClientMessage({ type: "status", availability: "away", status: `${now()}` }));
  }

  close(): void {
    this.isGone = true;
    this.#connection.close();
  }

  async #read(): Promise<void> {
    const greeting = new GreetingDecoder();
    const buffer = new Uint8Array(BUFFER_BYTES);
    for (;;) {
      const length = await this.#connection.read(buffer).catch(() => null);
      if (length === null) {
        if (this.isGone) return;
        throw new Error("the server closed on a user");
      }
      let rest: Uint8Array | undefined = buffer.subarray(0, length);
      if (this.#link === undefined) {
        for (const message of greeting.push(rest)) {
          if (message.type !== "welcome-end" || message.offer === undefined) continue;
          const link = new LinkClient(message.offer, crypto.getRandomValues(new Uint8Array(32)));
          this.say(link.open());
          this.#link = link;
        }
        rest = greeting.rest;
      }
      if (rest === undefined || this.#link === undefined) continue;
      for (const message of this.#link.push(rest)) this.#take(message);
    }
  }

  #take(message: LinkServerMessage): void {
    switch (message.type) {
      case "secured":
        return this.#sendLogin(message.handshakeHash);
      case "accepted":
        if (!message.isWatching) throw new Error("the server tells of everybody");
        return;
      case "complete":
        return this.#watch();
      case "pong":
        return this.#told.resolve();
      case "ping":
        return this.say(encodeLinkClientMessage({ type: "pong", token: message.token }));
      case "change":
        if (message.details.status !== undefined) {
          latencies.push(now() - Number(message.details.status));
        }
    }
  }

  #sendLogin(handshakeHash: Uint8Array): void {
    const name = `user${String(this.#number).padStart(6, "0")}`;
    const key = keyOf(this.#number);
    const own = 1024 + this.#number % 60_000;
    this.say(encodeLinkLogin({
      ...{ name, port: own, identity: identityOf(key) },
      signature: createSignature({ type: "login", handshakeHash, port: own, name }, key),
      ...{ capabilities: capabilities.watching, availability: "online", status: "" },
      ...{ addresses: [], previousSession: new Uint8Array(0) },
    }));
  }

  /** Watches others all over the table; the answer to the ping comes once it is told of them. */
  #watch(): void {
    const items = Array.from({ length: watchedCount }, (_, index): WatchedItem => ({
      type: "identity",
      identity: publicKey((this.#number + 1 + index * 97) % userCount),
    }));
    for (let at = 0; at < items.length; at += ITEMS_PER_MESSAGE) {
      const some = items.slice(at, at + ITEMS_PER_MESSAGE);
      this.say(encodeLinkClientMessage({ type: "watch", isOn: true, items: some }));
    }
    this.say(encodeLinkClientMessage({ type: "ping", token: 1 }));
  }
}

const publicKeys = new Map<number, Uint8Array>();

function publicKey(user: number): Uint8Array {
  return publicKeys.getOrInsertComputed(user, () => identityOf(keyOf(user)));
}

async function carryOut(order: WatchingOrder): Promise<WatchingAnswer> {
  switch (order.type) {
    case "login": {
      const times: number[] = [];
      let next = order.from;
      await Promise.all(Array.from({ length: order.pauseMs === 0 ? LOGINS : 1 }, async () => {
        while (next < order.to) {
          const number = next++;
          const start = now();
          users.set(number, await User.logIn(number));
          times.push(now() - start);
          await pause(order.pauseMs);
        }
      }));
      return { times };
    }
    case "logout":
      for (let user = order.from; user < order.to; user++) {
        users.get(user)?.close();
        users.delete(user);
        await pause(order.pauseMs);
      }
      return { times: [] };
    case "status":
      for (let user = order.from; user < order.to; user++) {
        users.get(user)?.setStatus();
        await pause(order.pauseMs);
      }
      return { times: [] };
    case "latencies": {
      const times = latencies;
      latencies = [];
      return {
        times: times.length === 0 ? [] : [percentile(times, 0.5), percentile(times, 0.99)],
        count: times.length,
      };
    }
  }
}

async function pause(timeMs: number): Promise<void> {
  if (timeMs > 0) await new Promise((resolve) => setTimeout(resolve, timeMs));
}

setInterval(() => {
  for (const user of users.values()) user.say(encodeLinkClientMessage({ type: "pong", token: 0 }));
}, SIGN_OF_LIFE_MS);

const lines = Deno.stdin.readable.pipeThrough(new TextDecoderStream())
  .pipeThrough(new TextLineStream());
for await (const line of lines) {
  const answer = await carryOut(JSON.parse(line)).catch((error): WatchingAnswer => ({
    times: [],
    error: error instanceof Error ? error.message : String(error),
  }));
  console.log(JSON.stringify(answer));
}
// Whoever gave the orders is gone.
Deno.exit();
