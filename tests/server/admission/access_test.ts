/** The rules for logins, and the answers to users who may not log in. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { encodeLogin, identityOf, refusalCodes } from "../../../protocol/mod.ts";
import {
  accessKindOf,
  AccessList,
  type AccessRules,
  isAccessEntry,
} from "../../../server/admission/mod.ts";
import { MimServer } from "../../../server/mod.ts";
import { testKey } from "../../fixtures/keys.ts";
import { TempFolder } from "../../helpers/disk.ts";
import { Mim2Client } from "../../helpers/mim2_client.ts";
import { RawClient } from "../../helpers/raw_client.ts";
import { FakeNetwork } from "../../../client/testing/fake_network.ts";

const ADA = testKey(1);
const EVE = testKey(2);
const LOCAL = { hostname: "127.0.0.1", port: 0 };
const hex = (key: Uint8Array) => identityOf(key).toHex();

function codeOf(rules: AccessRules, who: { name?: string; address?: string; key?: Uint8Array }) {
  const { name = "ada", address = "192.0.2.7", key } = who;
  return new AccessList(rules).reject({ name, address, key: key && identityOf(key) }, true)?.code;
}

Deno.test("access: a ban by key, name or network; names fold, addresses have many spellings", () => {
  const ban = {
    keys: [hex(EVE).toUpperCase()],
    names: ["Mallory"],
    networks: ["198.51.100.0/24", "2001:db8::/32", "::ffff:203.0.113.9", "fe80::1"],
  };
  const isBanned = (who: Parameters<typeof codeOf>[1]) => codeOf({ ban }, who) === "banned";
  assert(isBanned({ key: EVE }));
  for (const name of ["mallory", "MALLORY", "mаllory", "ｍallory"]) {
    assert(isBanned({ name }), name);
  }
  for (
    const address of [
      "198.51.100.255",
      "::ffff:198.51.100.1",
      "2001:db8:1::1",
      "2001:DB8::",
      "203.0.113.9",
      "fe80::1%eth0",
    ]
  ) assert(isBanned({ address }), address);
  for (const who of [{}, { key: ADA }, { name: "mal" }, { address: "198.51.101.1" }]) {
    assertEquals(codeOf({ ban }, who), undefined);
  }
});

Deno.test("access: with an allow list only those on it, and admins, are let in; a ban goes first", () => {
  const allow = { keys: [hex(ADA)], names: ["bob"], networks: ["10.0.0.0/8"] };
  const rules = { allow, ban: { names: ["carol"] }, admins: [hex(EVE)] };
  assertEquals(codeOf(rules, { name: "dave" }), "not-allowed");
  assertEquals(codeOf(rules, { name: "dave", key: testKey(3) }), "not-allowed");
  for (const who of [{ key: ADA }, { name: "BOB" }, { address: "10.9.9.9" }, { key: EVE }]) {
    assertEquals(codeOf(rules, { name: "dave", ...who }), undefined);
  }
  assertEquals(codeOf(rules, { name: "carol", key: ADA }), "banned");
  // A name that others may own proves nothing.
  const list = new AccessList(rules);
  const bob = { name: "bob", address: "192.0.2.7", key: undefined };
  assertEquals(list.reject(bob, false)?.code, "not-allowed");
});

Deno.test("access: an entry that is none is an error, and never a rule that nobody meets", () => {
  for (const key of ["", "ab", `${"0".repeat(63)}g`]) {
    assertThrows(() => new AccessList({ ban: { keys: [key] } }), RangeError, "64 hex digits");
  }
  const wrong = ["", "192.0.2", "192.0.2.0/33", "::/129", "10.0.0.0/", "lab.example", "1.2.3.4/-1"];
  for (const network of wrong) {
    assertThrows(() => new AccessList({ allow: { networks: [network] } }), RangeError, "network");
  }
});

Deno.test("a banned key and name are told why; after a change those online are disconnected", async () => {
  using folder = new TempFolder();
  const access = { ban: { keys: [hex(EVE)], names: ["Mallory"] } };
  await using server = MimServer.listen({ ...LOCAL, data: folder.path, access });
  const eve = await Mim2Client.refused(server.port, "eve", { key: EVE });
  assertEquals(eve, { code: refusalCodes.banned, text: "your key is banned here" });
  const mallory = await Mim2Client.refused(server.port, "mаllory");
  assertEquals(mallory, { code: refusalCodes.banned, text: "your name is banned here" });
  using classic = await RawClient.connect(server.port);
  await classic.send(encodeLogin({ name: "mallory", port: 4000 }));
  await classic.ended;
  using ada = await Mim2Client.login(server.port, "ada", { key: ADA });
  using bob = await Mim2Client.login(server.port, "bob");
  assertEquals(server.changeAccess({ allow: { keys: [hex(ADA)] } }), 1);
  await bob.ended;
  assertEquals(bob.refusal?.code, refusalCodes["not allowed in"]);
  assertEquals(server.users().map(({ name, key }) => [name, key?.toHex()]), [["ada", hex(ADA)]]);
  assertThrows(() => server.changeAccess({ ban: { networks: ["lab"] } }), RangeError);
  assertEquals((await Mim2Client.refused(server.port, "bob"))?.code, 13);
  assertEquals(server.kick(({ name }) => name === "ada"), 1);
  await ada.ended;
  assertEquals(ada.refusal?.code, refusalCodes.kicked);
  assertEquals([...server.stats.rejections], [["banned", 3], ["not-allowed", 2], ["kicked", 1]]);
});

Deno.test("an allowed name that belongs to a key lets in no classic client, nor a lookalike", async () => {
  using folder = new TempFolder();
  const access = { allow: { names: ["ada"] } };
  await using server = MimServer.listen({ ...LOCAL, data: folder.path, access });
  {
    using ada = await Mim2Client.login(server.port, "ada", { key: ADA });
    assert(ada.entry("ada").certificate !== undefined);
  }
  using classic = await RawClient.connect(server.port);
  await classic.send(encodeLogin({ name: "ada", port: 4000 }));
  await classic.ended;
  assertEquals((await Mim2Client.refused(server.port, "аda", { key: EVE }))?.code, 13);
  assertEquals((await Mim2Client.refused(server.port, "ada", { key: EVE }))?.code, 3);
  assertEquals(server.userCount, 0);
});

Deno.test("a banned network is told so in reply to the login", async () => {
  using folder = new TempFolder();
  const network = new FakeNetwork();
  const access = { ban: { networks: ["198.51.100.0/24"] } };
  const at = { hostname: "192.0.2.1", port: 4242, network: network.host("192.0.2.1") };
  await using server = MimServer.listen({ ...at, data: folder.path, access });
  const options = { network: network.host("198.51.100.7"), hostname: "192.0.2.1" };
  const refusal = await Mim2Client.refused(4242, "ada", options);
  assertEquals(refusal, { code: refusalCodes.banned, text: "your network is banned here" });
  const other = { ...options, network: network.host("198.51.101.7") };
  using bob = await Mim2Client.login(4242, "bob", other);
  assertEquals([bob.updates, server.connectionCount], [["A bob"], 1]);
});

Deno.test("a server whose rules have a mistake does not start, and leaves nothing open", () => {
  using folder = new TempFolder();
  const access = { ban: { networks: ["lab"] } };
  const listen = () => MimServer.listen({ ...LOCAL, data: folder.path, access });
  assertThrows(listen, RangeError, "expected an IP address or a network");
});

Deno.test("access: a mistyped network or key is no name", () => {
  const key = "ab".repeat(32);
  const networks = ["10.0.0.0/8", "10.0.0.1", "2001:db8::/32", "::1"];
  for (const text of networks) assertEquals(accessKindOf(text), "networks", text);
  assertEquals(accessKindOf(key), "keys");
  const mistyped = [
    ...["10.0.0.0/33", "10.0.0.0/", "10.0.0.0/x", "10.0.0/8", "256.0.0.1"],
    ...["10.0.0.1.5", "10.0.0.0/-1"],
    ...["2001:db8::/129", "1:2:3:4:5:6:7:8:9", ":::", "::1/x", key.slice(1), `${key}0`],
  ];
  for (const text of mistyped) assert(!isAccessEntry(accessKindOf(text), text), text);
  for (
    const text of ["eve", "10", "1.5", "cafe", "a:b", "eve 10.0.0.0/33", "either/or", "v1.2/x y"]
  ) {
    assertEquals(accessKindOf(text), "names", text);
  }
});
