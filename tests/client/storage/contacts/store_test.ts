import { assertEquals, assertRejects } from "@std/assert";
import { MemoryStore, type Store, THIS_MACHINE } from "../../../../client/core/mod.ts";
import { incoming, key, outgoing, pinOf, TempStore } from "./temp_store.ts";

/** What every store has to do: one in memory, and one in a file that is opened anew each time. */
function testStore(
  what: string,
  test: (store: () => Promise<Store> | Store) => Promise<void> | void,
): void {
  Deno.test(`store in memory: ${what}`, async () => {
    const store = new MemoryStore();
    await test(() => store);
  });
  Deno.test(`store in a file: ${what}`, async () => {
    await using temp = new TempStore();
    await test(() => temp.open());
    assertEquals(temp.alarms, []);
  });
}

testStore("a server's key is kept, and replaced", async (store) => {
  assertEquals(await (await store()).serverKey("mim.example:4242"), undefined);
  await (await store()).pinServer("mim.example:4242", key(1));
  await (await store()).pinServer("mim.example:4243", key(2));
  assertEquals(await (await store()).serverKey("mim.example:4242"), key(1));
  await (await store()).pinServer("mim.example:4242", key(3));
  assertEquals(await (await store()).serverKey("mim.example:4242"), key(3));
  assertEquals(await (await store()).serverKey("mim.example:4243"), key(2));
});

testStore("a message keeps when it is given up", async (store) => {
  const messages = [outgoing("01"), outgoing("02", { expires: 1_795_000_000_000 })];
  await (await store()).queue(messages);
  assertEquals(await (await store()).outbox(), messages);
});

testStore("a key that has not 32 bytes is refused, and nothing is kept", async (store) => {
  for (const length of [31, 33]) {
    const identity = new Uint8Array(length);
    const it = await store();
    for (
      const keep of [
        () => it.keepPin(pinOf("bob", { identity })),
        () => it.pinServer("mim.example:4242", identity),
        () => it.queue([outgoing("01"), outgoing("02", { identity })]),
      ]
    ) {
      const error = await assertRejects(keep, RangeError);
      assertEquals(error.message, `expected a public key of 32 bytes, got ${length}`);
    }
    assertEquals(await it.pins("aa"), []);
    assertEquals(await it.serverKey("mim.example:4242"), undefined);
    assertEquals(await it.outbox(), []);
  }
});

testStore("a pin is found by its name in any spelling, and on its server alone", async (store) => {
  await (await store()).keepPin(pinOf("Bob", { address: "192.0.2.7" }));
  assertEquals(await (await store()).pin("aa", "bOB "), pinOf("Bob", { address: "192.0.2.7" }));
  assertEquals(await (await store()).pin("aa", "bobby"), undefined);
  assertEquals(await (await store()).pin("bb", "Bob"), undefined);
});

testStore(
  "a pin takes the place of one found name, and keeps its place in the list",
  async (store) => {
    await (await store()).keepPin(pinOf("bob", { address: "192.0.2.7" }));
    await (await store()).keepPin(pinOf("carol", { identity: key(2) }));
    await (await store()).keepPin(pinOf("dave", { server: "bb" }));
    await (await store()).keepPin(pinOf("BOB", { identity: key(9), verified: true, since: 8 }));
    assertEquals(await (await store()).pins("aa"), [
      pinOf("BOB", { identity: key(9), verified: true, since: 8 }),
      pinOf("carol", { identity: key(2) }),
    ]);
  },
);

testStore(
  "where a name is pinned is found, in any spelling, by the server's place if it has one",
  async (store) => {
    await (await store()).pinServer("lab:4242", key(0xaa));
    await (await store()).pinServer("home:4242", key(0xbb));
    await (await store()).keepPin(pinOf("Bob", { server: key(0xbb).toHex() }));
    await (await store()).keepPin(pinOf("bob", { server: key(0xcc).toHex() }));
    await (await store()).keepPin(pinOf("bob", { server: key(0xaa).toHex() }));
    await (await store()).keepPin(pinOf("carol", { server: THIS_MACHINE }));
    assertEquals(await (await store()).serversKnowing("bOB "), [
      "home:4242",
      key(0xcc).toHex(),
      "lab:4242",
    ]);
    assertEquals(await (await store()).serversKnowing("carol"), [THIS_MACHINE]);
    assertEquals(await (await store()).serversKnowing("bobby"), []);
  },
);

testStore("the outbox is in order, and a message leaves it once", async (store) => {
  const odd = outgoing("02", { text: "two\nlines, a \0 and 😀", name: "carol", identity: key(2) });
  await (await store()).queue([outgoing("01")]);
  await (await store()).queue([odd]);
  await (await store()).queue([outgoing("03")]);
  assertEquals(await (await store()).outbox(), [outgoing("01"), odd, outgoing("03")]);
  assertEquals(await (await store()).removeFromOutbox("02"), true);
  assertEquals(await (await store()).removeFromOutbox("02"), false);
  assertEquals(await (await store()).removeFromOutbox("ff"), false);
  assertEquals(await (await store()).outbox(), [outgoing("01"), outgoing("03")]);
});

testStore(
  "who has a new key has it at every server, unverified, for all that waits and came",
  async (store) => {
    const [a, b] = ["aa".repeat(32), "bb".repeat(32)];
    const common = { identity: key(1), verified: true, since: 1 };
    await (await store()).keepPin({ ...common, server: a, name: "bob" });
    await (await store()).keepPin({ ...common, server: b, name: "robert" });
    await (await store()).keepPin({ ...common, server: a, name: "eve", identity: key(3) });
    await (await store()).queue([outgoing("01", { identity: key(1) })]);
    await (await store()).receive(incoming("01", { identity: key(1) }));
    await (await store()).rotateKey(key(1), key(2));
    const moved = { ...common, identity: key(2), verified: false };
    assertEquals(await (await store()).pin(a, "bob"), { ...moved, server: a, name: "bob" });
    assertEquals(await (await store()).pin(b, "robert"), { ...moved, server: b, name: "robert" });
    assertEquals((await (await store()).pin(a, "eve"))?.verified, true);
    assertEquals(await (await store()).outbox(), [outgoing("01", { identity: key(2) })]);
    assertEquals(await (await store()).receive(incoming("01", { identity: key(2) })), "duplicate");
  },
);

testStore("a message that comes again is known by its id and its sender's key", async (store) => {
  assertEquals(await (await store()).receive(incoming("01")), "inserted");
  assertEquals(await (await store()).receive(incoming("02")), "inserted");
  assertEquals(
    await (await store()).receive(incoming("01", { name: "robert", port: 1 })),
    "duplicate",
  );
  assertEquals(await (await store()).receive(incoming("01", { identity: key(2) })), "inserted");
});

testStore(
  "the outbox keeps what a message answers, and what it does with another one",
  async (store) => {
    const target = { id: "0102030405060708", direction: "outgoing" } as const;
    const messages = [
      outgoing("01", { reply: { ...target, direction: "incoming" } }),
      outgoing("02", { action: { type: "edit", target } }),
      outgoing("03", { action: { type: "delete", target }, text: "" }),
    ];
    await (await store()).queue(messages);
    assertEquals(await (await store()).outbox(), messages);
  },
);

testStore("the text of a message in the outbox is changed where it stands", async (store) => {
  await (await store()).queue([outgoing("01"), outgoing("02")]);
  assertEquals(await (await store()).changeInOutbox("01", "another"), true);
  assertEquals(await (await store()).changeInOutbox("03", "another"), false);
  assertEquals((await (await store()).outbox()).map(({ text }) => text), ["another", "text 02"]);
});
