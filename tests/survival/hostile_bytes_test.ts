/** Bytes that nobody should send, under load. Those on the real network: tests/server/bad_input_test.ts. */

import { writeAll } from "../../server/platform/net/byte_stream.ts";
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  checkUserName,
  encodeFrame,
  encodeLogin,
  LoginDecoder,
  ProtocolError,
} from "../../protocol/mod.ts";
import { MimServer, type Network, type SocketAddress } from "../../server/mod.ts";
import { FakeNetwork } from "../../client/testing/fake_network.ts";
import { LogRecords } from "../helpers/log_records.ts";
import { poll } from "../helpers/wait.ts";
import { RawClient } from "../helpers/raw_client.ts";

const MANY = 100_000;
const ATTACKERS = 64;
const STAYING = 10;
const login = encodeLogin({ name: "mallory", port: 4000 });

/** What is sent, at most how much at once, and how the connection then ends. */
interface Attack {
  readonly bytes: Uint8Array;
  readonly piece: number;
  readonly end: "properly" | "close" | "reset";
}

const junk = fc.uint8Array({ maxLength: 48 });
const damaged = fc.tuple(fc.nat(login.length - 1), fc.nat(255))
  .map(([at, byte]) => login.with(at, byte));
const truncated = fc.nat(login.length).map((length) => login.subarray(0, length));
const oversized = fc.integer({ min: 4_097, max: 65_535 })
  .map((size) => new Uint8Array([size >> 8, size & 255, ...login]));
const reordered = fc.tuple(fc.nat(login.length), fc.nat(login.length)).map(([a, b]) => {
  const [from, to] = [Math.min(a, b), Math.max(a, b)];
  return joined(login.subarray(to), login.subarray(from, to), login.subarray(0, from));
});
const twice = fc.tuple(junk, fc.boolean())
  .map(([bytes, block]) => joined(login, block ? encodeFrame(bytes) : bytes));
const bytes = fc.oneof(
  junk,
  junk.map(encodeFrame),
  damaged,
  truncated,
  oversized,
  reordered,
  twice,
);

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/** What becomes of a connection that sends this and then ends properly. */
function fate(bytes: Uint8Array): { readonly logins: number; readonly refusal?: string } {
  const decoder = new LoginDecoder();
  let logins = 0;
  try {
    for (const { name } of decoder.push(bytes)) {
      if (!checkUserName(name).ok) return { logins, refusal: "invalid-name" };
      logins++;
    }
    decoder.end();
  } catch (error) {
    assert(error instanceof ProtocolError);
    return { logins, refusal: error.code };
  }
  return { logins };
}

async function carryOut(network: Network, at: SocketAddress, attack: Attack): Promise<void> {
  const connection = await network.connect(at);
  try {
    for (let sent = 0; sent < attack.bytes.length; sent += attack.piece) {
      await writeAll(connection, attack.bytes.subarray(sent, sent + attack.piece));
    }
    if (attack.end === "properly") {
      await connection.closeWrite();
      const buffer = new Uint8Array(1024);
      while (await connection.read(buffer) !== null);
    }
  } catch {
    // Closed or reset: the server had enough.
  }
  if (attack.end === "reset" && "reset" in connection) {
    (connection as { reset(): void }).reset();
  } else connection.close();
}

/** Carries out all attacks while users stay, and others come and go; then everything is in order. */
async function besiege(
  attacks: readonly Attack[],
): Promise<
  { readonly server: MimServer; readonly lines: readonly string[]; readonly others: number }
> {
  await using log = await LogRecords.start();
  const network = new FakeNetwork();
  const host = network.host("192.0.2.1");
  await using server = MimServer.listen({ port: 0, network: host });
  const at = { hostname: "127.0.0.1", port: server.port };
  const names = Array.from({ length: STAYING }, (_, i) => `user${i}`);
  const staying = await Promise.all(
    names.map((name) => RawClient.login({ ...at, network: host }, name)),
  );

  const left = attacks.values();
  let over = false;
  let others = STAYING;
  const coming = (async () => {
    while (!over) {
      using _ = await RawClient.login({ ...at, network: host }, `guest${others++}`);
    }
  })();
  await Promise.all(Array.from({ length: ATTACKERS }, async () => {
    for (const attack of left) await carryOut(host, at, attack);
  }));
  over = true;
  await coming;
  // The listener, and both ends of who stays.
  await poll(() => network.open === 1 + 2 * STAYING, "all others to be gone");
  assertEquals(server.connectionCount, STAYING);

  using late = await RawClient.login({ ...at, network: host }, "late");
  assertEquals(late.names, ["late", ...names].sort());
  const { updates } = server.stats;
  for (const user of staying) {
    await user.until(() => user.names.length === STAYING + 1, "the table as it is");
    assertEquals(user.names, late.names);
    assert(!user.hasEnded);
    assertEquals(user.updates.length, updates, "each login and logout, once");
    user[Symbol.dispose]();
  }
  late[Symbol.dispose]();
  await poll(() => network.open === 1, "nothing to be open but the server");
  const { users, connections, logins, logouts } = server.stats;
  assertEquals([users, connections, logins - logouts], [0, 0, 0]);
  const closed = log.lines.filter((line) => /^\w+ server: closed /.test(line));
  // An operator sees the first of each kind, and how many followed.
  const codes = Object.keys(Object.fromEntries(server.stats.rejections));
  const shown = closed.filter((line) => line.startsWith("info "));
  assert(shown.length >= codes.length && shown.length < closed.length / 100, shown.join("\n"));
  return { server, lines: closed, others: others + 1 };
}

Deno.test("random, oversized, truncated and reordered bytes, 80,000 times: each is refused for what it is", async () => {
  const attacks = fc.sample(fc.tuple(bytes, fc.integer({ min: 1, max: 64 })), MANY * 0.8)
    .map(([bytes, piece]): Attack => ({ bytes, piece, end: "properly" }));
  const expected: Record<string, number> = {};
  let logins = 0;
  for (const { bytes } of attacks) {
    const { logins: taken, refusal } = fate(bytes);
    logins += taken;
    if (refusal !== undefined) expected[refusal] = (expected[refusal] ?? 0) + 1;
  }
  const { server, lines, others } = await besiege(attacks);
  assertEquals(Object.fromEntries(server.stats.rejections), expected);
  assertEquals(server.stats.logins, logins + others);
  const logged: Record<string, number> = {};
  for (const line of lines) {
    const code =
      /^(?:info|debug) server: closed 127\.0\.0\.1:\d+(?: \(.*\))?: ([a-z-]+): /.exec(line)?.[1] ??
        line;
    logged[code] = (logged[code] ?? 0) + 1;
  }
  assertEquals(logged, expected, "one line each");
});

Deno.test("connections that break at every byte of a login, 20,000 of them: nothing is left", async () => {
  const ends = ["close", "reset"] as const;
  const attacks = Array.from({ length: MANY * 0.2 }, (_, i): Attack => ({
    bytes: login.subarray(0, i % (login.length + 1)),
    piece: 1 + i % 5,
    end: ends[i % 2] ?? "reset",
  }));
  const { server, lines } = await besiege(attacks);
  // Closed or reset: who ends before the first byte or behind the last one is just gone.
  const { truncated = 0, ...others } = Object.fromEntries(server.stats.rejections);
  assertEquals(others, {});
  assertEquals(lines.length, truncated);
  assert(lines.every((line) => / closed 127\.0\.0\.1:\d+: truncated: /.test(line)), lines[0]);
});
