/** A name goes with a key only by a pin, or by a fitting certificate: nobody slips in at first contact. */

import { assertEquals, assertMatch } from "@std/assert";
import { type Certificate, type Credential, identityOf } from "../../../../protocol/mod.ts";
import { testKey } from "../../../fixtures/keys.ts";
import { Mim2Server } from "../../../helpers/fake_server.ts";
import { Mim2Peer, Wire } from "../../../helpers/peers.ts";
import { TableServer } from "../../../helpers/table_server.ts";
import type { Row, TableUser } from "../../../helpers/table_user.ts";
import { assertRefused } from "../../../helpers/test_user.ts";
import { poll } from "../../../helpers/wait.ts";

/** Somebody who is logged in nowhere and calls under whatever name. */
async function stranger(
  server: TableServer,
  { address, port }: TableUser,
  name: string,
  key = testKey(9),
): Promise<Mim2Peer> {
  const wire = await Wire.dial(server.network.host("198.18.9.9"), address, port);
  return await Mim2Peer.call(wire, { name, key });
}

Deno.test("unconfirmed: a caller in no table, under an owned name, waits whatever the policy", async () => {
  for (const policy of ["allow", "ask"] as const) {
    await using server = new TableServer();
    const ada = await server.user("ada");
    const bob = await server.user("bob");
    await bob.leave(); // his name stays his, and ada never met him
    ada.calls.unknownCallers = policy;
    const eve = await stranger(server, ada, "bob");
    await eve.text("it is me", 1);
    const { caller } = await ada.saw("incoming-call");
    assertEquals(caller.doubt, { reason: "unconfirmed" });
    assertEquals(ada.chats.all, []);
    const chat = await caller.accept();
    assertEquals(chat.security, "unconfirmed");
    await ada.saw("message", { text: "it is me" });
    await chat.send("good to hear from you");
    assertEquals(ada.trust.contacts, [], "an answer pins nobody");
    await chat.close();
    const again = await server.user("bob", { key: testKey(2) });
    const real = await ada.call(again);
    assertEquals(real.security, "new", "the true one is not refused");
    await real.send("is it you?");
    await again.saw("message", { text: "is it you?" });
    eve.wire.close();
  }
});

Deno.test("unconfirmed: with strangers refused nobody is asked about", async () => {
  await using server = new TableServer();
  const ada = await server.user("ada");
  ada.calls.unknownCallers = "refuse";
  const eve = await stranger(server, ada, "bob");
  assertEquals(await eve.hear(), { type: "bye", reason: 0 });
  assertEquals([ada.calls.pending, ada.calls.rejectedCount], [[], 1]);
  eve.wire.close();
});

Deno.test("unconfirmed: the user's word after the number was shown makes a caller known", async () => {
  for (const decide of ["acceptKey", "verify"] as const) {
    await using server = new TableServer();
    const ada = await server.user("ada");
    const eve = await stranger(server, ada, "zoe");
    const { caller } = await ada.saw("incoming-call");
    await assertRefused("invalid-state", () => ada.trust[decide]("zoe"));
    ada.trust.safetyNumber("zoe"); // of the one who waits
    const chat = await caller.accept();
    await ada.trust[decide]("zoe");
    assertEquals(chat.security, decide === "verify" ? "verified" : "pinned");
    assertEquals(ada.trust.contacts.map(({ name, identity }) => [name, identity]), [
      ["zoe", chat.identity],
    ]);
    eve.wire.close();
  }
});

Deno.test("unconfirmed: what was accepted stays one conversation when the connection comes back", async () => {
  await using server = new TableServer();
  const ada = await server.user("ada");
  const first = await stranger(server, ada, "zoe");
  const chat = await (await ada.saw("incoming-call")).caller.accept();
  first.wire.reset();
  await ada.saw("chat-closed");
  const second = await stranger(server, ada, "zoe");
  await second.text("here again", 1);
  assertEquals((await ada.saw("message", { text: "here again" })).chat, chat);
  assertEquals([chat.security, ada.trust.contacts], ["unconfirmed", []]);
  second.wire.close();
});

Deno.test("unconfirmed: a program that asks nobody lets them in under a name that is theirs alone", async () => {
  await using server = new TableServer();
  const ada = await server.user("ada");
  ada.calls.unknownCallers = "allow-unconfirmed";
  const eve = await stranger(server, ada, "bob");
  const { chat } = await ada.saw("chat-opened");
  assertMatch(chat.name, /^bob~[a-z2-7]{4}-[a-z2-7]{4}$/);
  assertEquals([chat.security, ada.trust.contacts], ["unconfirmed", []]);
  await eve.text("hello", 1);
  assertEquals((await ada.saw("message")).message.name, chat.name);
  eve.wire.close();
});

/** What a server, or somebody who could speak for it, changes of bob's row and can't certify. */
const PROXIES: Readonly<Record<string, (row: Row) => Row>> = {
  "puts another key in": (row) => ({ ...row, identity: testKey(9) }),
  "puts another key in and strips the certificate": (row) => ({
    ...row,
    identity: testKey(9),
    certificate: undefined,
  }),
  "spoils the certificate": (row) =>
    changed(row, ({ signature }) => ({
      signature: signature.map((byte) => byte ^ 1),
    })),
  "strips the certificate": (row) => ({ ...row, certificate: undefined }),
  "changes when the certificate was issued": (row) =>
    changed(row, ({ issued }) => ({ issued: issued + 1 })),
  "changes when the name was taken": (row) =>
    changed(row, ({ claimed }) => ({ claimed: claimed + 1 })),
  "gives the row another name": (row) => ({ ...row, name: "bert" }),
};

function changed(row: Row, change: (certificate: Certificate) => Partial<Certificate>): Row {
  const { certificate } = row;
  return certificate === undefined
    ? row
    : { ...row, certificate: { ...certificate, ...change(certificate) } };
}

for (const [what, lie] of Object.entries(PROXIES)) {
  Deno.test(`unconfirmed: whoever ${what} makes nobody else of bob`, async () => {
    await using server = new TableServer();
    const [ada, bob] = [await server.user("ada"), await server.user("bob")];
    await ada.isTold(lie);
    const row = ada.sees(bob);
    assertEquals(ada.trust.securityOf(row), "unconfirmed");
    const chat = await ada.call(row).catch(() => undefined); // another key does not answer there
    if (chat !== undefined) {
      assertEquals(chat.security, "unconfirmed");
      await chat.send("hello");
    }
    assertEquals(ada.trust.contacts, [], "nobody is pinned by that");
    // The true bob proves himself when he calls, whatever is said of him.
    await bob.call(ada);
    for (const { identity } of ada.chats.all) assertEquals(identity, bob.identity);
  });
}

/** When the servers here issue certificates, and the time by their clock. */
const NOW = 1_754_331_886_096;
const DAY = 86_400_000;

/** What a caller who is in no table shows for the name bob, and whether it is believed. */
const SHOWN: readonly (readonly [
  what: string,
  expected: "new" | "unconfirmed",
  credential: (server: Mim2Server, identity: Uint8Array) => Credential,
])[] = [
  ["a fitting certificate", "new", (server, identity) => ({
    serverKey: server.publicKey,
    certificate: server.certify("bob", identity, NOW - 29 * DAY),
  })],
  ["none of this server", "unconfirmed", (server) => ({ serverKey: server.publicKey })],
  ["a certificate of another name", "unconfirmed", (server, identity) => ({
    serverKey: server.publicKey,
    certificate: server.certify("Bob", identity, NOW),
  })],
  ["a certificate of another key", "unconfirmed", (server) => ({
    serverKey: server.publicKey,
    certificate: server.certify("bob", testKey(8), NOW),
  })],
  ["one of over 30 days ago", "unconfirmed", (server, identity) => ({
    serverKey: server.publicKey,
    certificate: server.certify("bob", identity, NOW - 30 * DAY - 60_000),
  })],
  ["one of over an hour ahead", "unconfirmed", (server, identity) => ({
    serverKey: server.publicKey,
    certificate: server.certify("bob", identity, NOW + 3_600_000 + 600_000),
  })],
  ["one of a server of its own", "unconfirmed", (_, identity) => {
    const own = new Mim2Server(testKey(0x7e));
    return { serverKey: own.publicKey, certificate: own.certify("bob", identity, NOW) };
  }],
  ["one of its own in this server's name", "unconfirmed", (server, identity) => ({
    serverKey: server.publicKey,
    certificate: new Mim2Server(testKey(0x7e)).certify("bob", identity, NOW),
  })],
];

for (const [what, expected, credentialOf] of SHOWN) {
  Deno.test(`unconfirmed: a caller in no table that shows ${what} is ${expected}`, async () => {
    await using server = new TableServer();
    const ada = await server.user("ada");
    const key = testKey(9);
    const signer = new Mim2Server(Uint8Array.from(testKey(0x5e)));
    assertEquals(signer.publicKey.toHex(), server.id);
    const wire = await Wire.dial(server.network.host("198.18.9.9"), ada.address, ada.port);
    const credential = credentialOf(signer, identityOf(key));
    const eve = await Mim2Peer.call(wire, { name: "bob", key, credential });
    if (expected === "new") {
      assertEquals((await ada.saw("chat-opened")).chat.security, "new");
    } else {
      assertEquals((await ada.saw("incoming-call")).caller.doubt, { reason: "unconfirmed" });
    }
    eve.wire.close();
  });
}

Deno.test("unconfirmed: a client shows what its server certifies of it, to whom it calls alone", async () => {
  await using server = new TableServer();
  const [ada, bob] = [await server.user("ada"), await server.user("bob")];
  bob.calls.unknownCallers = "ask";
  await bob.isTold((row) => ({ ...row, certificate: undefined }));
  await ada.call(bob);
  const { caller } = await bob.saw("incoming-call");
  assertEquals(caller.doubt, undefined, "the certificate came with the call");
});

Deno.test("unconfirmed: of two keys that are certified for one name it is the one that took it later", async () => {
  await using server = new TableServer();
  const ada = await server.user("ada");
  const signer = new Mim2Server(Uint8Array.from(testKey(0x5e)));
  const call = async (key: Uint8Array, claimed: number) => {
    const wire = await Wire.dial(server.network.host("198.18.9.9"), ada.address, ada.port);
    const certificate = signer.certify("bob", identityOf(key), NOW, claimed);
    const credential = { serverKey: signer.publicKey, certificate };
    return await Mim2Peer.call(wire, { name: "bob", key, credential });
  };
  const owner = await call(testKey(8), 20);
  const { chat } = await ada.saw("chat-opened");
  assertEquals(chat.security, "new");
  const before = await call(testKey(9), 10);
  assertEquals((await ada.saw("incoming-call")).caller.doubt, { reason: "unconfirmed" });
  await chat.send("hello"); // it is known from now on, with its claim
  await poll(async () => await ada.store.pin(server.id, "bob") !== undefined, "the pin");
  const pin = await ada.store.pin(server.id, "bob");
  for (const { wire } of [owner, before]) wire.close();
  assertEquals([pin?.claim?.identity.toHex(), pin?.claim?.claimed], [
    identityOf(testKey(8)).toHex(),
    20,
  ]);
});

Deno.test("unconfirmed: a contact who goes by another certified name is that contact", async () => {
  await using server = new TableServer();
  const ada = await server.user("ada");
  const bob = await server.user("bob", { key: testKey(3) });
  ada.trust.safetyNumber("bob");
  await ada.trust.verify("bob");
  await bob.leave();
  const robert = await server.user("robert", { key: testKey(3) });
  ada.calls.unknownCallers = "refuse";
  await robert.call(ada);
  const { chat } = await ada.saw("chat-opened", { name: "robert" });
  assertEquals([chat.security, chat.knownAs], ["verified", "bob"]);
  assertEquals(ada.trust.contacts.map(({ name }) => name), ["bob"], "the pin keeps its name");
  await ada.trust.acceptKey("robert");
  assertEquals(
    ada.trust.contacts.map(({ name, verified }) => [name, verified]),
    [["robert", true]],
    "until the user says so",
  );
  assertEquals(chat.knownAs, undefined);
});

Deno.test("unconfirmed: a known key under a name that nothing certifies is not taken for the contact", async () => {
  await using server = new TableServer();
  const ada = await server.user("ada");
  const bob = await server.user("bob", { key: testKey(3) });
  await (await ada.call(bob)).close();
  await bob.leave();
  const robert = await server.user("robert", { key: testKey(3), isCertified: false });
  assertEquals(ada.trust.securityOf(ada.sees(robert)), "unconfirmed");
  await robert.call(ada);
  const { caller } = await ada.saw("incoming-call");
  assertEquals(caller.doubt, { reason: "unconfirmed" });
});

Deno.test("unconfirmed: whoever called while strangers were let in is a stranger still", async () => {
  await using server = new TableServer();
  const [ada, eve] = [await server.user("ada"), await server.user("eve")];
  const chat = await eve.call(ada);
  await ada.saw("chat-opened", { by: "them" });
  await chat.send("hello");
  await ada.saw("message", { text: "hello" });
  await chat.close();
  await ada.saw("chat-closed");
  assertEquals(ada.trust.contacts, []);
  ada.calls.unknownCallers = "refuse";
  await eve.call(ada);
  await eve.saw("chat-closed", { by: "them" });
  ada.calls.unknownCallers = "ask";
  await eve.call(ada);
  await (await ada.saw("incoming-call")).caller.accept();
  assertEquals(
    ada.trust.contacts.map(({ name }) => name),
    ["eve"],
    "accepting is the user's doing",
  );
});
