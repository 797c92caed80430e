/** What a network does, whoever uses it: here the fake one proves that it is like the real one. */

import { assert, assertEquals, assertInstanceOf, assertRejects, assertThrows } from "@std/assert";
import { plainAddress } from "../../protocol/mod.ts";
import { type Connection, listenAt } from "../../server/mod.ts";
import type { TestEnvironment } from "../helpers/test_environment.ts";
import { contract } from "./contract.ts";

const { BadResource, BrokenPipe, ConnectionRefused, ConnectionReset, Interrupted } = Deno.errors;

/** The two ends of a connection. */
async function connected(env: TestEnvironment): Promise<{ near: Connection; far: Connection }> {
  const far = Promise.withResolvers<Connection>();
  const place = env.listen((wire) => far.resolve(wire.connection));
  return { near: (await env.dial(place)).connection, far: await far.promise };
}

function bytes(...values: number[]): Uint8Array {
  return Uint8Array.from(values);
}

/** Reads until so many bytes are there. */
async function read(connection: Connection, length: number): Promise<Uint8Array> {
  const all = new Uint8Array(length);
  for (let have = 0; have < length;) {
    const more = await connection.read(all.subarray(have));
    assert(more !== null, `expected ${length} bytes, got ${have} and the end`);
    have += more;
  }
  return all;
}

async function write(connection: Connection, all: Uint8Array): Promise<void> {
  for (let at = 0; at < all.length;) at += await connection.write(all.subarray(at));
}

/** Resolves once a count has stood still while bytes went to and fro elsewhere a hundred times. */
async function stopped(env: TestEnvironment, count: () => number): Promise<void> {
  const { near, far } = await connected(env);
  for (let before = -1; count() > before;) {
    before = count();
    for (let times = 0; times < 100; times++) {
      await write(near, bytes(1));
      await write(far, await read(far, 1));
      await read(near, 1);
    }
  }
}

contract("bytes arrive in order, both ways", async (env) => {
  const { near, far } = await connected(env);
  await write(near, bytes(1, 2));
  await write(near, bytes(3));
  await write(far, bytes(4, 5));
  assertEquals(await read(far, 3), bytes(1, 2, 3));
  assertEquals(await read(near, 2), bytes(4, 5));
});

contract("a read waits for the bytes", async (env) => {
  const { near, far } = await connected(env);
  const reading = read(near, 2);
  await write(far, bytes(7, 8));
  assertEquals(await reading, bytes(7, 8));
});

contract("an empty write or read moves nothing and waits for nothing", async (env) => {
  const { near } = await connected(env);
  assertEquals(await near.write(bytes()), 0);
  assertEquals(await near.read(bytes()), 0);
});

contract("each end knows where the other is", async (env) => {
  const { near, far } = await connected(env);
  assertEquals(near.remoteAddr.hostname, far.localAddr.hostname);
  assertEquals(near.remoteAddr.port, far.localAddr.port);
  assertEquals(far.remoteAddr.hostname, near.localAddr.hostname);
  assertEquals(far.remoteAddr.port, near.localAddr.port);
});

contract("closing one way leaves the other open", async (env) => {
  const { near, far } = await connected(env);
  await write(near, bytes(1));
  await near.closeWrite();
  await near.closeWrite();
  await assertRejects(() => near.write(bytes(2)), BrokenPipe);
  assertEquals(await read(far, 1), bytes(1));
  assertEquals(await far.read(new Uint8Array(1)), null);
  assertEquals(await far.read(new Uint8Array(1)), null);
  await write(far, bytes(3));
  assertEquals(await read(near, 1), bytes(3));
});

contract("what was written before a close still arrives, then the end", async (env) => {
  const { near, far } = await connected(env);
  await write(near, bytes(1, 2, 3));
  near.close();
  assertEquals(await read(far, 3), bytes(1, 2, 3));
  assertEquals(await far.read(new Uint8Array(1)), null);
});

contract("who writes to somebody gone learns it at the second write", async (env) => {
  const { near, far } = await connected(env);
  near.close();
  assertEquals(await far.read(new Uint8Array(1)), null);
  assertEquals(await far.write(bytes(1)), 1);
  await assertRejects(async () => {
    for (;;) await far.write(bytes(2));
  }, BrokenPipe);
});

contract("a close cancels the own pending read", async (env) => {
  const { near } = await connected(env);
  const reading = near.read(new Uint8Array(1));
  const rejected = assertRejects(() => reading, Interrupted);
  near.close();
  await rejected;
});

contract("who doesn't read stops who writes, until a close cancels the write", async (env) => {
  const { near } = await connected(env);
  const much = new Uint8Array(1_048_576);
  let written = 0;
  const writing = (async () => {
    while (written < 1_073_741_824) written += await near.write(much);
  })();
  const rejected = assertRejects(() => writing, Interrupted);
  await stopped(env, () => written);
  assert(written > 0);
  near.close();
  await rejected;
});

contract("after a close every call says BadResource", async (env) => {
  const { near } = await connected(env);
  near.close();
  await assertRejects(() => near.read(new Uint8Array(1)), BadResource);
  await assertRejects(() => near.write(bytes(1)), BadResource);
  await assertRejects(() => near.closeWrite(), BadResource);
  assertThrows(() => near.setNoDelay(), BadResource);
  assertThrows(() => near.close(), BadResource);
});

contract("a close with bytes unread ends the connection, by a reset if need be", async (env) => {
  const { near, far } = await connected(env);
  const reading = far.read(new Uint8Array(1)).catch((error) => {
    assertInstanceOf(error, ConnectionReset);
    return null;
  });
  await write(far, bytes(1, 2, 3));
  await read(near, 1);
  near.close();
  assertEquals(await reading, null);
});

contract("nobody listens: the connection is refused", async (env) => {
  const { address: hostname, network } = env.machine();
  const listener = network.listen({ hostname, port: 0 });
  const { port } = listener.addr;
  listener.close();
  await assertRejects(() => network.connect({ hostname, port }), ConnectionRefused);
});

contract("one listener an address and port", async (env) => {
  const { address: hostname, network } = env.machine();
  const listener = network.listen({ hostname, port: 0 });
  const { port } = listener.addr;
  assert(port > 0);
  assertThrows(() => network.listen({ hostname, port }), Deno.errors.AddrInUse);
  listener.close();
  network.listen({ hostname, port }).close();
  await Promise.resolve();
});

contract("nobody listens at another's address", async (env) => {
  const { network } = env.machine();
  const at = { hostname: "198.51.100.1", port: 0 };
  assertThrows(() => network.listen(at), Deno.errors.AddrNotAvailable);
  await Promise.resolve();
});

contract("a listener that closes rejects who accepts, and takes no more", async (env) => {
  const { address: hostname, network } = env.machine();
  const listener = network.listen({ hostname, port: 0 });
  const rejected = assertRejects(() => listener.accept(), BadResource);
  listener.close();
  await rejected;
  await assertRejects(() => listener.accept(), BadResource);
  assertThrows(() => listener.close(), BadResource);
});

contract("a connection that nobody accepts is reset when the listener closes", async (env) => {
  const { address: hostname, network } = env.machine();
  const listener = network.listen({ hostname, port: 0 });
  const { connection } = await env.dial({ hostname, port: listener.addr.port });
  const rejected = assertRejects(() => connection.read(new Uint8Array(1)), ConnectionReset);
  listener.close();
  await rejected;
});

contract("who gives up before connecting gets the signal's reason", async (env) => {
  const { address: hostname, network } = env.machine();
  const signal = AbortSignal.abort(new RangeError("enough"));
  await assertRejects(() => network.connect({ hostname, port: 1, signal }), RangeError, "enough");
});

contract("a name that is no host's can't be dialed", async (env) => {
  const { network } = env.machine();
  await assertRejects(() => network.connect({ hostname: "no.host.invalid", port: 1 }), Error);
});

contract("a listener at every address takes callers by IPv4", async (env) => {
  const { network, address: hostname } = env.machine();
  const listener = listenAt(network, undefined, 0);
  const accepting = listener.accept();
  const wire = await env.dial({ hostname, port: listener.addr.port });
  const accepted = await accepting;
  const seen = plainAddress(accepted.remoteAddr.hostname);
  assertEquals(seen, wire.connection.localAddr.hostname);
  accepted.close();
  listener.close();
});
