import { assertEquals, assertStringIncludes } from "@std/assert";
import { Admission } from "../../server/admission.ts";

const ADDRESS = "192.0.2.7";

Deno.test("connections at once from one address are limited, other addresses are not", () => {
  const admission = new Admission(2);
  assertEquals(admission.admit(ADDRESS, 0), undefined);
  assertEquals(admission.admit(ADDRESS, 0), undefined);
  assertStringIncludes(admission.admit(ADDRESS, 0) ?? "", "over 2 connections at once");
  assertEquals(admission.admit("192.0.2.8", 0), undefined);
  admission.release(ADDRESS);
  assertEquals(admission.admit(ADDRESS, 0), undefined);
});

Deno.test("new connections a minute from one address are limited to 1,200", () => {
  const admission = new Admission(0);
  for (let i = 0; i < 1_200; i++) {
    assertEquals(admission.admit(ADDRESS, i), undefined);
    admission.release(ADDRESS);
  }
  assertStringIncludes(admission.admit(ADDRESS, 59_999) ?? "", "1200 new connections a minute");
  assertEquals(admission.admit(ADDRESS, 60_000), undefined);
});

Deno.test("an address forgotten while refused starts anew, one with connections is kept", () => {
  const admission = new Admission(1);
  admission.admit(ADDRESS, 0);
  admission.forget(120_000);
  assertStringIncludes(admission.admit(ADDRESS, 120_000) ?? "", "over 1 connections at once");
  admission.release(ADDRESS);
  admission.forget(300_000);
  assertEquals(admission.admit(ADDRESS, 300_000), undefined);
});

Deno.test("loopback is exempt", () => {
  const admission = new Admission(1);
  for (const address of ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"]) {
    assertEquals(admission.admit(address, 0), undefined);
    assertEquals(admission.admit(address, 0), undefined);
    admission.release(address);
  }
});
