import { assertEquals } from "@std/assert";
import {
  type Certificate,
  type CertificateContext,
  checkCertificate,
  createSignature,
  identityOf,
} from "../../../protocol/mod.ts";
import { test } from "../../fixtures/decoding.ts";

const key = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);
const SERVER = key(1);
const ADA = identityOf(key(2));
const EVE = identityOf(key(3));
const DAY = 86_400_000;
const NOW = 1_800_000_000_000;

function certify({ claimed = 1000, issued = NOW, identity = ADA, name = "ada" } = {}): Certificate {
  const signature = createSignature({ type: "name", claimed, issued, identity, name }, SERVER);
  return { claimed, issued, signature };
}

const context: CertificateContext = {
  name: "ada",
  identity: ADA,
  serverKey: identityOf(SERVER),
  serverTime: NOW,
};

test("certificates: one of the present server fits its name and key", () => {
  assertEquals(checkCertificate(certify(), context), "fits");
  assertEquals(checkCertificate(certify(), { ...context, signer: context.serverKey }), "fits");
});

test("certificates: rule 1, another server's confirms nothing", () => {
  assertEquals(
    checkCertificate(certify(), { ...context, signer: identityOf(key(9)) }),
    "other-server",
  );
  const serverKey = identityOf(key(9));
  assertEquals(checkCertificate(certify(), { ...context, serverKey }), "bad-signature");
});

test("certificates: rule 2, name, key and times are those that were signed, byte for byte", () => {
  for (const name of ["Ada", "ada ", "a\u0064\u0061\u0301", "eve", "\ud800"]) {
    assertEquals(checkCertificate(certify(), { ...context, name }), "bad-signature", name);
  }
  assertEquals(checkCertificate(certify(), { ...context, identity: EVE }), "bad-signature");
  assertEquals(checkCertificate({ ...certify(), claimed: 1001 }, context), "bad-signature");
  assertEquals(checkCertificate({ ...certify(), issued: NOW - 1 }, context), "bad-signature");
  const none = { ...certify(), signature: new Uint8Array() };
  assertEquals(checkCertificate(none, context), "bad-signature");
});

test("certificates: rule 3, at most 30 days old and an hour ahead, by the server's clock", () => {
  const verdicts = [-30 * DAY - 1, -30 * DAY, 3_600_000, 3_600_001].map((offset) =>
    checkCertificate(certify({ issued: NOW + offset }), context)
  );
  assertEquals(verdicts, ["expired", "fits", "fits", "too-early"]);
});

test("certificates: rule 4, whoever took the name later has it", () => {
  const verdict = (identity: Uint8Array, claimed: number) =>
    checkCertificate(certify(), { ...context, knownClaim: { identity, claimed } });
  assertEquals(verdict(EVE, 999), "fits");
  assertEquals(verdict(EVE, 1001), "superseded");
  assertEquals(verdict(EVE, 1000), "superseded", "no server certifies two keys at one time");
  assertEquals(verdict(ADA, 1001), "fits", "the same key");
});
