import { assert, assertEquals } from "@std/assert";
import { EventBus } from "../../../../client/core/event_bus.ts";
import { PublicKey } from "../../../../client/core/public_key.ts";
import { Lobby, type LobbyLink } from "../../../../client/core/rooms/lobby.ts";
import { RoomNames } from "../../../../client/core/rooms/room_names.ts";
import type { Signaling } from "../../../../client/core/signaling.ts";
import { identityOf, type RoomPeerMessage } from "../../../../protocol/mod.ts";
import { certified, keyOf, lobbyEntry, lobbyServer } from "../../../fixtures/lobby_entries.ts";
import { Clock } from "../../../helpers/time.ts";

const [OWN, ADA, BOB] = [9, 2, 3];
const RELAYS = [20, 21, 22, 23, 24, 25, 26, 27];

/** A lobby that its user has joined, and how many messages of each author are in it. */
async function joinedLobby() {
  const identity = new PublicKey(identityOf(keyOf(OWN)));
  const signaling: Signaling = {
    ...{ id: undefined, name: "own", provenServer: lobbyServer, isOnline: true, users: [] },
    credential: certified("own", { author: OWN }),
    certifies: () => false,
    lookUpCaller: () => Promise.resolve(),
    requestCallback: () => false,
    reportUnreachable: () => {},
  };
  const links: FakeLink[] = [];
  const lobby = new Lobby({
    ...{ signaling, identity, events: new EventBus(), privateKey: keyOf(OWN) },
    names: new RoomNames({ all: [] }, signaling, identity),
    isIgnored: () => false,
    people: () => [],
    links: () => links,
    onChange: () => {},
  });
  await lobby.join();
  const said = async (author: number) => {
    const messages = await lobby.history({ most: 10_000 });
    const key = new PublicKey(identityOf(keyOf(author)));
    return messages.filter((item) => item.type === "message" && item.author.identity.equals(key))
      .length;
  };
  return { lobby, links, said };
}

/** A link over which nothing more is read once it is to be read later. */
class FakeLink implements LobbyLink {
  readonly key: string;
  readonly sent: RoomPeerMessage[] = [];

  constructor(peer: number) {
    this.key = identityOf(keyOf(peer)).toHex();
  }

  send(message: RoomPeerMessage): void {
    this.sent.push(message);
  }

  pause(): Promise<void> {
    return Promise.reject(new Paused());
  }
}

class Paused extends Error {}

/** Has entries come over a link until it is to be read later; returns whether it was. */
async function bring(
  lobby: Lobby,
  link: LobbyLink,
  entries: Iterable<ReturnType<typeof lobbyEntry>>,
): Promise<boolean> {
  try {
    for (const entry of entries) await lobby.take(link, entry);
    return false;
  } catch (error) {
    if (error instanceof Paused) return true;
    throw error;
  }
}

function* entriesOf(author: number, from: number, to: number) {
  for (let count = from; count < to; count++) yield lobbyEntry({ author, count });
}

Deno.test("lobby: whoever calls anew may say no more than over one link", async () => {
  using clock = new Clock();
  const { lobby, said } = await joinedLobby();
  assert(await bring(lobby, new FakeLink(ADA), entriesOf(ADA, 0, 100)));
  assert(await bring(lobby, new FakeLink(ADA), entriesOf(ADA, 100, 200)));
  assertEquals(await said(ADA), 50);
  clock.advance(10_000);
  assert(await bring(lobby, new FakeLink(ADA), entriesOf(ADA, 200, 300)));
  assertEquals(await said(ADA), 60);
  assert(!await bring(lobby, new FakeLink(BOB), entriesOf(BOB, 0, 50)));
  assertEquals(await said(BOB), 50);
});

Deno.test("lobby: what others pass on of one author is limited in all, and holds up nobody else", async () => {
  using _ = new Clock();
  const { lobby, links, said } = await joinedLobby();
  const far = new FakeLink(BOB);
  links.push(far);
  for (const [at, relay] of RELAYS.entries()) {
    const link = new FakeLink(relay);
    assert(!await bring(lobby, link, entriesOf(ADA, at * 45, (at + 1) * 45)));
    assert(!await bring(lobby, link, entriesOf(BOB, at, at + 1)));
  }
  assertEquals([await said(ADA), await said(BOB)], [70, RELAYS.length]);
  assertEquals(far.sent.length, 70 + RELAYS.length); // nor is more passed on
  // The entries on ada's own link wait until that is made up for.
  assert(await bring(lobby, new FakeLink(ADA), entriesOf(ADA, 1_000, 1_001)));
});

Deno.test("lobby: a peer that calls anew is read no faster, and forged entries are no author's", async () => {
  using clock = new Clock();
  const { lobby, said } = await joinedLobby();
  function* forged(from: number, to: number) {
    for (let count = from; count < to; count++) {
      yield lobbyEntry({ author: ADA, signer: BOB, count });
    }
  }
  assert(!await bring(lobby, new FakeLink(BOB), forged(0, 50)));
  assert(await bring(lobby, new FakeLink(BOB), forged(50, 51)));
  clock.advance(1_000);
  assert(!await bring(lobby, new FakeLink(BOB), forged(51, 56)));
  assert(await bring(lobby, new FakeLink(BOB), forged(56, 57)));
  assertEquals(await said(ADA), 0);
  assert(!await bring(lobby, new FakeLink(ADA), entriesOf(ADA, 0, 50)));
  assertEquals(await said(ADA), 50);
});

Deno.test("lobby: whoever leaves and joins gets again what was said", async () => {
  using _ = new Clock();
  const { lobby, said } = await joinedLobby();
  for (let round = 0; round < 2; round++) {
    assert(!await bring(lobby, new FakeLink(20 + round), entriesOf(ADA, 0, 50)));
    assertEquals(await said(ADA), 50);
    await lobby.leave();
    await lobby.join();
  }
});
