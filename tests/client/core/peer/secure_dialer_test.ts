/** Which addresses are dialed for a peer, until its key is proven at one of them. */

import { assert, assertEquals } from "@std/assert";
import { IdentityKeys } from "../../../../client/core/identity_keys.ts";
import { type Callee, dialSecure } from "../../../../client/core/peer/secure_dialer.ts";
import { FakeNetwork } from "../../../../client/testing/fake_network.ts";
import { createRotation, identityOf, type KeyRotation } from "../../../../protocol/mod.ts";
import type { Network } from "../../../../server/mod.ts";
import { testKey } from "../../../fixtures/keys.ts";
import { Mim2Peer, Wire } from "../../../helpers/peers.ts";
import { assertRefused } from "../../../helpers/test_user.ts";
import { FakeTime } from "../../../helpers/time.ts";
import { poll } from "../../../helpers/wait.ts";

const PORT = 5000;
const BOB = testKey(2);
const EVE = testKey(3);
/** Of one block, so that a stranger may announce them. */
const [FIRST, SECOND, THIRD] = ["198.51.100.1", "198.51.100.2", "198.51.100.3"];

/** Ada, who dials, and machines that answer as they like. */
class Stage implements Disposable {
  readonly network = new FakeNetwork();
  /** The addresses dialed, in order, and when by the clock of the test. */
  readonly dialed: (readonly [address: string, at: number])[] = [];
  /** Who was told Ada's name, by address. */
  readonly introduced: string[] = [];
  readonly time = new FakeTime();
  readonly #open: { close(): void }[] = [];
  #now = 0;

  /** A machine at an address; `answer` has each connection. */
  listen(address: string, answer: (wire: Wire) => Promise<unknown>): void {
    const listener = this.network.host(address).listen({ hostname: address, port: PORT });
    const take = async () => {
      const wire = new Wire(await listener.accept());
      this.#open.push(wire);
      take().catch(() => {});
      await answer(wire);
    };
    take().catch(() => {});
    this.#open.push(listener);
  }

  /** Bob, or who answers in his place. */
  listenAs(address: string, key: Uint8Array, rotations: readonly KeyRotation[] = []): void {
    this.listen(address, async (wire) => {
      await Mim2Peer.answer(wire, { name: "bob", key, rotations }).then(
        () => this.introduced.push(address),
        () => {}, // it is hung up
      );
    });
  }

  async pass(milliseconds: number): Promise<void> {
    for (let passed = 0; passed < milliseconds; passed += 50) {
      this.#now += 50;
      await this.time.pass(50);
    }
  }

  dial(
    isStranger: boolean,
    addresses: readonly string[],
    port = PORT,
    pinned?: Uint8Array,
  ) {
    const host = this.network.host("198.18.0.7");
    const network: Network = {
      listen: (at) => host.listen(at),
      connect: (to) => {
        this.dialed.push([to.hostname, this.#now]);
        return host.connect(to);
      },
    };
    const [address = ""] = addresses;
    const callee: Callee = {
      ...{ name: "bob", identity: identityOf(BOB), address, port, addresses, isStranger },
      ...pinned !== undefined && { pinned },
    };
    const signaling = { name: "ada", credential: undefined, provenServer: undefined } as const;
    const components = { network, keys: new IdentityKeys(testKey(1)) };
    const all = { id: undefined, isOnline: true, users: [], ...signaling };
    const asking = {
      certifies: () => false,
      lookUpCaller: () => Promise.resolve(),
      requestCallback: () => false,
      reportUnreachable: () => {},
    };
    const signal = new AbortController().signal;
    return dialSecure({ ...components, signaling: { ...all, ...asking } }, callee, signal);
  }

  [Symbol.dispose](): void {
    for (const each of this.#open) each.close();
    this.time[Symbol.dispose]();
  }
}

const CHAINS: readonly [shown: string, hasFollowed: boolean, rotations: readonly KeyRotation[]][] =
  [
    ["that the known one has signed it", true, [createRotation(testKey(7), BOB, 1)]],
    ["that by way of a third", true, [
      createRotation(testKey(7), testKey(8), 1),
      createRotation(testKey(8), BOB, 2),
    ]],
    ["nothing", false, []],
    ["that another one has signed it", false, [createRotation(EVE, BOB, 1)]],
    ["a forged signature", false, [
      { ...createRotation(testKey(7), BOB, 1), oldSignature: new Uint8Array(64) },
    ]],
  ];
for (const [shown, hasFollowed, rotations] of CHAINS) {
  const outcome = hasFollowed ? "learns who calls" : "does not learn who calls";
  Deno.test(`dialing a peer: a new key that shows ${shown} ${outcome}`, async () => {
    using stage = new Stage();
    stage.listenAs(FIRST, BOB, rotations);
    const dialing = stage.dial(true, [FIRST], PORT, identityOf(testKey(7)));
    if (hasFollowed) {
      (await dialing).close();
      await poll(() => stage.introduced.length > 0, "an introduction");
    } else {
      await assertRefused("peer-key-mismatch", () => dialing);
      assertEquals(stage.introduced, []);
    }
  });
}

/** What a machine says that is no MIM/2 client. */
const OTHERS: Readonly<Record<string, (wire: Wire) => Promise<unknown>>> = {
  "speaks another protocol": (wire) => wire.say("SSH-2.0-OpenSSH_9.6\r\n"),
  "hangs up": (wire) => Promise.resolve(wire.close()),
  "is silent": () => Promise.resolve(),
};

for (const [what, answer] of Object.entries(OTHERS)) {
  Deno.test(`dialing a peer: what ${what} at its first address keeps nobody from the second`, async () => {
    using stage = new Stage();
    stage.listen(FIRST, answer);
    stage.listenAs(SECOND, BOB);
    const dialing = stage.dial(true, [FIRST, SECOND]);
    await stage.pass(300);
    const connection = await dialing;
    assertEquals(connection.remote.hostname, SECOND);
    connection.close();
    assertEquals(stage.dialed, [[FIRST, 0], [SECOND, 250]], "the pace tells nothing");
  });
}

Deno.test("dialing a peer: a closed port of a stranger's addresses does not change the pace", async () => {
  using stage = new Stage();
  stage.network.host(FIRST);
  stage.listenAs(SECOND, BOB);
  const dialing = stage.dial(true, [FIRST, SECOND, THIRD]);
  await stage.pass(300);
  (await dialing).close();
  assertEquals(stage.dialed, [[FIRST, 0], [SECOND, 250]]);
});

Deno.test("dialing a peer: of a contact, the next address is tried at once after a closed port", async () => {
  using stage = new Stage();
  stage.network.host(FIRST);
  stage.listenAs(SECOND, BOB);
  const dialing = stage.dial(false, [FIRST, SECOND]);
  await stage.pass(50);
  (await dialing).close();
  assertEquals(stage.dialed.map(([address]) => address), [FIRST, SECOND]);
});

Deno.test("dialing a peer: someone with another key learns nothing, and the right one is reached", async () => {
  using stage = new Stage();
  stage.listenAs(FIRST, EVE);
  stage.listenAs(SECOND, BOB);
  const dialing = stage.dial(true, [FIRST, SECOND]);
  await stage.pass(300);
  const connection = await dialing;
  await poll(() => stage.introduced.length > 0, "bob to be told");
  connection.close();
  assertEquals(stage.introduced, [SECOND]);
});

Deno.test("dialing a peer: if only another key answers, that is the error", async () => {
  using stage = new Stage();
  stage.network.host(FIRST);
  stage.listenAs(SECOND, EVE);
  const refused = assertRefused("peer-key-mismatch", () => stage.dial(false, [FIRST, SECOND]));
  await stage.pass(300);
  await refused;
  assertEquals(stage.introduced, []);
});

Deno.test("dialing a peer: at two addresses of one that is slow, it is told over one connection", async () => {
  using stage = new Stage();
  const gate = Promise.withResolvers<void>();
  for (const address of [FIRST, SECOND]) {
    stage.listen(address, async (wire) => {
      await gate.promise;
      await Mim2Peer.answer(wire, { name: "bob", key: BOB }).then(
        () => stage.introduced.push(address),
        () => {},
      );
    });
  }
  const dialing = stage.dial(false, [FIRST, SECOND]);
  await stage.pass(300);
  assertEquals(stage.dialed.length, 2);
  gate.resolve();
  await stage.pass(50);
  const connection = await dialing;
  assert(connection.remote.hostname === FIRST || connection.remote.hostname === SECOND);
  assertEquals(stage.introduced, [connection.remote.hostname]);
  connection.close();
});

Deno.test("dialing a peer: nobody new is dialed at a port of the machine's own services", async () => {
  using stage = new Stage();
  const { message } = await assertRefused(
    "peer-unreachable",
    () => stage.dial(true, [FIRST], 1023),
  );
  assertEquals(
    message,
    `cannot reach bob at ${FIRST}:1023: nobody new is called at a port below 1024`,
  );
  assertEquals(stage.dialed, []);
});
