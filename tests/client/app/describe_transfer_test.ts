import { assertEquals } from "@std/assert";
import { describeTransfer } from "../../../client/app/mod.ts";
import { transferNamed } from "../../fixtures/events.ts";

Deno.test("terminal: a transfer that is under way shows size, speed and time left", () => {
  const shown = (bytes: number, speed: number) =>
    describeTransfer(transferNamed("bob", { state: "active", size: 10_000_000, bytes, speed }));
  assertEquals(shown(4_500_000, 500_000), "45 %, 500 kB/s, 11 s left");
  assertEquals(shown(0, 10_000), "0 %, 10 kB/s, 17 min left");
  assertEquals(shown(0, 1_000), "0 %, 1 kB/s, 3 h left");
  assertEquals(shown(4_500_000, 0), "45 %");
});
