import { assertEquals } from "@std/assert";
import { ConnectionLimits } from "../../../server/admission/connection_limits.ts";

const ADDRESS = "192.0.2.7";

Deno.test("connections at once from one address are limited, other addresses are not", () => {
  const admission = new ConnectionLimits(2, 1_200);
  assertEquals(admission.admit(ADDRESS, 0), undefined);
  assertEquals(admission.admit(ADDRESS, 0), undefined);
  assertEquals(admission.admit(ADDRESS, 0), {
    code: "too-many-connections",
    reason: "over 2 at once",
  });
  assertEquals(admission.admit("192.0.2.8", 0), undefined);
  admission.release(ADDRESS);
  assertEquals(admission.admit(ADDRESS, 0), undefined);
});

Deno.test("new connections a minute from one address are limited", () => {
  const admission = new ConnectionLimits(0, 1_200);
  for (let i = 0; i < 1_200; i++) {
    assertEquals(admission.admit(ADDRESS, i), undefined);
    admission.release(ADDRESS);
  }
  assertEquals(admission.admit(ADDRESS, 59_999), {
    code: "too-fast",
    reason: "over 1200 new connections a minute",
  });
  assertEquals(admission.admit(ADDRESS, 60_000), undefined);
});

Deno.test("the rate can be another one, or none, also while it runs", () => {
  const admission = new ConnectionLimits(0, 2);
  const admitted = () => admission.admit(ADDRESS, 0)?.reason ?? "admitted";
  assertEquals([admitted(), admitted()], ["admitted", "admitted"]);
  assertEquals(admitted(), "over 2 new connections a minute");
  admission.maxRate = 4;
  assertEquals([admitted(), admitted()], ["admitted", "over 4 new connections a minute"]);
  admission.maxRate = 0;
  for (let i = 0; i < 5_000; i++) assertEquals(admitted(), "admitted");
});

Deno.test("an address forgotten while refused starts anew, one with connections is kept", () => {
  const admission = new ConnectionLimits(1, 1_200);
  admission.admit(ADDRESS, 0);
  admission.forget(120_000);
  assertEquals(admission.admit(ADDRESS, 120_000)?.code, "too-many-connections");
  admission.release(ADDRESS);
  admission.forget(300_000);
  assertEquals(admission.admit(ADDRESS, 300_000), undefined);
});

Deno.test("loopback is exempt", () => {
  const admission = new ConnectionLimits(1, 1_200);
  for (const address of ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"]) {
    assertEquals(admission.admit(address, 0), undefined);
    assertEquals(admission.admit(address, 0), undefined);
    admission.release(address);
  }
});

Deno.test("an IPv6 address counts as its /64 network, which one machine has to itself", () => {
  const admission = new ConnectionLimits(1, 1_200);
  assertEquals(admission.admit("2001:db8:1:2::7", 0), undefined);
  assertEquals(admission.admit("2001:db8:1:2:aaaa::1", 0)?.code, "too-many-connections");
  assertEquals(admission.admit("2001:db8:1:3::7", 0), undefined);
  assertEquals(admission.admit("2001:db8::7", 0), undefined);
  assertEquals(admission.admit("2001:db8:0:0:9::", 0)?.code, "too-many-connections");
  admission.release("2001:db8:1:2:bbbb::1");
  assertEquals(admission.admit("2001:db8:1:2::8", 0), undefined);
});
