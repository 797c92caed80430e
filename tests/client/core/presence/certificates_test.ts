import { assertEquals } from "@std/assert";
import { Certificates } from "../../../../client/core/presence/certificates.ts";
import { CERTIFICATE_LIFETIME_MS, identityOf } from "../../../../protocol/mod.ts";
import { testKey } from "../../../fixtures/keys.ts";
import { Mim2Server, row } from "../../../helpers/fake_server.ts";

const NOW = 1_754_331_886_096;

Deno.test("certificates: one that expires while the session lasts is believed no longer", () => {
  const server = new Mim2Server(testKey(0x5e));
  const identity = identityOf(testKey(2));
  const certificate = server.certify("bob", identity, NOW);
  const details = { ...row({ name: "bob", identity }), certificate };
  const bob = { name: "bob", address: "192.0.2.7", port: 1, id: 1, own: false, details };
  const proven = { serverKey: server.publicKey, serverTime: NOW, isUncertified: false };
  const certificates = new Certificates(proven);
  assertEquals(certificates.isValid(bob), true);
  proven.serverTime = NOW + CERTIFICATE_LIFETIME_MS;
  assertEquals(certificates.isValid(bob), true);
  proven.serverTime++;
  assertEquals(certificates.isValid(bob), false);
});
