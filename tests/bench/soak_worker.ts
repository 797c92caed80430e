/**
 * Plays users for the soak: most read and stay for a while, some read slowly, some not at all, and
 * some are rude. Runs until its stdin ends; says nothing unless something goes wrong.
 *
 * Usage: soak_worker.ts PORT USERS LOGINS-A-SECOND
 *
 * @module
 */

import { encodeLogin } from "../../protocol/mod.ts";

const BUFFER = 4 * 1024;
/** Of a hundred users, how many read slowly, and how many never. */
const SLOW = 2;
const DEAF = 1;
/** A slow reader takes so many bytes, so often in milliseconds. */
const SLOW_BYTES = 512;
const SLOW_PAUSE = 250;

const [port = 0, userCount = 0, rate = 0] = Deno.args.map(Number);
const users: Deno.TcpConn[] = [];
let born = 0;

async function dial(): Promise<Deno.TcpConn> {
  return await Deno.connect({ hostname: "127.0.0.1", port });
}

async function logIn(): Promise<void> {
  const connection = await dial();
  const number = born++;
  await connection.write(encodeLogin({ name: `user${number}`, port: 1024 + number % 60_000 }));
  users.push(connection);
  const type = number % 100;
  if (type >= SLOW + DEAF) void read(connection, BUFFER, 0);
  else if (type >= DEAF) void read(connection, SLOW_BYTES, SLOW_PAUSE);
}

/** Reads until the connection ends. Never rejects. */
async function read(connection: Deno.TcpConn, size: number, pause: number): Promise<void> {
  const buffer = new Uint8Array(size);
  try {
    while (await connection.read(buffer) !== null) {
      if (pause > 0) await new Promise((resolve) => setTimeout(resolve, pause));
    }
  } catch {
    // Logged out.
  }
}

function logOut(): void {
  const [connection] = users.splice(Math.floor(Math.random() * users.length), 1);
  connection?.close();
}

/** Garbage, half a login, and nothing at all, each followed by a hasty end. */
async function beRude(): Promise<void> {
  for (
    const bytes of [new Uint8Array(64).fill(0xff), new Uint8Array([0, 20, 1]), new Uint8Array()]
  ) {
    const connection = await dial();
    await connection.write(bytes);
    connection.close();
  }
}

for (let i = 0; i < userCount; i++) await logIn();
console.log("ready");
setInterval(() => {
  logOut();
  void logIn();
}, 1000 / rate);
setInterval(() => void beRude(), 1000);
await Deno.stdin.read(new Uint8Array(1));
Deno.exit();
