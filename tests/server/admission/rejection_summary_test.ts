import { assertEquals } from "@std/assert";
import { RejectionSummary } from "../../../server/admission/rejection_summary.ts";

Deno.test("each reason has its first line in a minute, and a sum once the minute is over", () => {
  const summary = new RejectionSummary();
  const codes = ["too-fast", "too-fast", "overrun", "too-fast"] as const;
  const isFirst = (now: number) => codes.map((code) => summary.count("192.0.2.7", code, now));
  assertEquals(isFirst(0), [true, false, true, false]);
  assertEquals(summary.count("192.0.2.8", "too-fast", 1), true, "another network");
  assertEquals([...summary.takeDue(59_999)], []);
  assertEquals([...summary.takeDue(60_001)], [
    { network: "192.0.2.7", code: "too-fast", more: 2 },
  ], "one alone has its own line");
  assertEquals(isFirst(60_002), [true, false, true, false]);
});
