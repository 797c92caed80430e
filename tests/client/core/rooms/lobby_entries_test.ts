import { assert, assertEquals } from "@std/assert";
import { identityOf } from "../../../../protocol/mod.ts";
import { LobbyEntries } from "../../../../client/core/rooms/lobby_entries.ts";
import { certified, keyOf, lobbyEntry, lobbyServer, NOW } from "../../../fixtures/lobby_entries.ts";

const HOUR = 60 * 60_000;

Deno.test("lobby entries: without a certificate that fits, too old, too early or forged they are dropped", () => {
  const entries = new LobbyEntries();
  const { serverKey } = lobbyServer;
  const dropped = [
    lobbyEntry({ at: NOW - HOUR - 1 }),
    lobbyEntry({ at: NOW + 6 * 60_000 }),
    lobbyEntry({ said: { name: "bob" } }),
    lobbyEntry({ said: { credential: { serverKey } } }),
    lobbyEntry({ said: { credential: certified("ada", { signer: keyOf(9) }) } }),
    lobbyEntry({ said: { credential: certified("ada", { issued: NOW - 31 * 24 * HOUR }) } }),
  ];
  for (const one of dropped) assertEquals(entries.read(one, lobbyServer), undefined);
  const forged = entries.read(lobbyEntry({ signer: 3 }), lobbyServer);
  assert(forged !== undefined && !entries.add(forged, NOW));
  const good = entries.read(lobbyEntry(), lobbyServer);
  assert(good !== undefined && entries.add(good, NOW) && !entries.add(good, NOW));
  assertEquals(entries.all(NOW).map(({ said }) => said.text), ["hi"]);
});

Deno.test("lobby entries: two thousand or an hour are kept, and nobody displaces what others say", () => {
  const entries = new LobbyEntries();
  const add = (options: Parameters<typeof lobbyEntry>[0]) => {
    const read = entries.read(lobbyEntry(options), lobbyServer);
    assert(read !== undefined && entries.add(read, NOW));
  };
  add({ author: 3 });
  for (let count = 0; count < 2_010; count++) add({ at: NOW - count, count });
  const [own, others] = [keyOf(2), keyOf(3)].map((key) => identityOf(key).toHex());
  const kept = entries.all(NOW);
  assertEquals(kept.filter(({ author }) => author === own).length, 1_999);
  assertEquals(kept.filter(({ author }) => author === others).length, 1);
  assertEquals(kept.some(({ header }) => header.count === 10), false); // the oldest arrivals went
  assertEquals(entries.all(NOW + HOUR + 1), []);
});
