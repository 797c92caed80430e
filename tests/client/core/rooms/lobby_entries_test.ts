import { assert, assertEquals } from "@std/assert";
import { LobbyEntries, writeLobbyEntry } from "../../../../client/core/rooms/lobby_entries.ts";
import {
  createSignature,
  identityOf,
  lobbyRoomOf,
  type LobbyText,
} from "../../../../protocol/mod.ts";

const HOUR = 60 * 60_000;
const NOW = 100_000 * HOUR;
const SERVER = new Uint8Array(32).fill(1);
const AUTHOR = new Uint8Array(32).fill(2);
const serverKey = identityOf(SERVER);
const identity = identityOf(AUTHOR);
const server = { serverKey, serverTime: NOW, isUncertified: false };

function certified(name: string, signer = SERVER, issued = NOW): LobbyText["credential"] {
  const statement = { type: "name", claimed: 1, issued, identity, name } as const;
  const certificate = { claimed: 1, issued, signature: createSignature(statement, signer) };
  return { serverKey: identityOf(signer), certificate };
}

function entry(
  { at = NOW, count = 0, said = {}, privateKey = AUTHOR }: {
    readonly at?: number;
    readonly count?: number;
    readonly said?: Partial<LobbyText>;
    readonly privateKey?: Uint8Array;
  } = {},
): ReturnType<typeof writeLobbyEntry> {
  const room = lobbyRoomOf(serverKey);
  const header = { room, author: identity, device: new Uint8Array(8), count, talk: [], at };
  const text = {
    ...{ name: "ada", credential: certified("ada"), replyTo: new Uint8Array(), text: "hi" },
    ...said,
  };
  return writeLobbyEntry(header, text, privateKey);
}

Deno.test("lobby entries: without a certificate that fits, too old, too early or forged they are dropped", () => {
  const entries = new LobbyEntries();
  const dropped = [
    entry({ at: NOW - HOUR - 1 }),
    entry({ at: NOW + 6 * 60_000 }),
    entry({ said: { name: "bob" } }),
    entry({ said: { credential: { serverKey } } }),
    entry({ said: { credential: certified("ada", new Uint8Array(32).fill(9)) } }),
    entry({ said: { credential: certified("ada", SERVER, NOW - 31 * 24 * HOUR) } }),
  ];
  for (const one of dropped) assertEquals(entries.read(one, server), undefined);
  const forged = entries.read(entry({ privateKey: new Uint8Array(32).fill(3) }), server);
  assert(forged !== undefined && !entries.add(forged, NOW));
  const good = entries.read(entry(), server);
  assert(good !== undefined && entries.add(good, NOW) && !entries.add(good, NOW));
  assertEquals(entries.all(NOW).map(({ said }) => said.text), ["hi"]);
});

Deno.test("lobby entries: two thousand or an hour are kept", () => {
  const entries = new LobbyEntries();
  for (let count = 0; count < 2_010; count++) {
    const read = entries.read(entry({ at: NOW - count, count }), server);
    assert(read !== undefined && entries.add(read, NOW));
  }
  assertEquals(entries.all(NOW).length, 2_000);
  assertEquals(entries.all(NOW + HOUR + 1), []);
});
