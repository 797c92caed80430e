/** Certificates, sessions before, and servers for keys only. */

import { assert, assertEquals } from "@std/assert";
import { checkCertificate, encodeLogin } from "../../../protocol/mod.ts";
import { MimServer, type ServerOptions } from "../../../server/mod.ts";
import { serverLimits } from "../../../server/limits.ts";
import { testKey } from "../../fixtures/keys.ts";
import { TempFolder } from "../../helpers/disk.ts";
import { LogRecords } from "../../helpers/log_records.ts";
import { Mim2Client } from "../../helpers/mim2_client.ts";
import { RawClient } from "../../helpers/raw_client.ts";
import { Clock } from "../../helpers/time.ts";

const ADA = testKey(1);
const EVE = testKey(2);

function listen(folder: TempFolder, options: ServerOptions = {}): MimServer {
  return MimServer.listen({ hostname: "127.0.0.1", port: 0, data: folder.path, ...options });
}

Deno.test("a certificate says since when the key has the name, and stays the same claim", async () => {
  using folder = new TempFolder();
  const claims: (number | undefined)[] = [];
  for (let start = 0; start < 2; start++) {
    await using server = listen(folder);
    using ada = await Mim2Client.login(server.port, "ada", { key: ADA });
    const { certificate, name, identity } = ada.entry("ada");
    const serverKey = server.publicKey ?? new Uint8Array(0);
    const context = { name, identity, serverKey, serverTime: Date.now() };
    assert(certificate !== undefined);
    assertEquals(checkCertificate(certificate, context), "fits");
    assertEquals(checkCertificate(certificate, { ...context, name: "Ada" }), "bad-signature");
    claims.push(certificate.claimed);
  }
  assertEquals(claims[1], claims[0]);
});

Deno.test("a certificate is renewed while its key is online, and only it is told", async () => {
  using clock = new Clock();
  using folder = new TempFolder();
  await using server = listen(folder);
  using ada = await Mim2Client.login(server.port, "ada", { key: ADA });
  using eve = await Mim2Client.login(server.port, "аda", { key: EVE });
  const before = eve.entry("ada").certificate;
  clock.advance(serverLimits.certificateRenewalMs);
  await Promise.all([ada, eve].map((client) => client.say({ type: "ping", token: 1 })));
  await eve.until(() => eve.entry("ada").certificate !== before, "another certificate");
  const { certificate, name, identity } = eve.entry("ada");
  assert(certificate !== undefined);
  const serverKey = server.publicKey ?? new Uint8Array(0);
  const context = { name, identity, serverKey, serverTime: Date.now() };
  assertEquals(checkCertificate(certificate, context), "fits");
  assertEquals(certificate.claimed, before?.claimed);
  assertEquals(eve.entry("аda").certificate, undefined);
});

Deno.test("a login ends the session before of the same key at once, and of no other", async () => {
  using folder = new TempFolder();
  await using server = listen(folder);
  using bob = await Mim2Client.login(server.port, "bob");
  using ada = await Mim2Client.login(server.port, "ada", { key: ADA });
  const previousSession = ada.session;
  using eve = await Mim2Client.login(server.port, "eve", { key: EVE, previousSession });
  assertEquals([eve.entries("ada").length, server.userCount], [1, 3]);
  using again = await Mim2Client.login(server.port, "ada", { key: ADA, previousSession });
  await ada.ended;
  assertEquals(again.entry("ada").session, again.session);
  await bob.until(() => bob.entry("ada").session.toHex() === again.session.toHex(), "the other");
  assertEquals(server.userCount, 3);
});

Deno.test("with keysOnly no classic client is let in, and each can read why", async () => {
  await using log = await LogRecords.start();
  using folder = new TempFolder();
  await using server = listen(folder, { keysOnly: true, welcome: "Hello" });
  using ada = await Mim2Client.login(server.port, "ada", { key: ADA });
  using classic = await RawClient.connect(server.port);
  await classic.send(encodeLogin({ name: "bob", port: 4000 }));
  await classic.ended;
  assertEquals(classic.welcome.slice(0, 2), [
    "Hello",
    "Only clients that speak MIM/2 can log in here.",
  ]);
  assertEquals([classic.updates, server.userCount, ada.updates], [[], 1, ["A ada"]]);
  assertEquals([...server.stats.rejections], [["keys-only", 1]]);
  assertEquals(log.shown.length, 1);
});
