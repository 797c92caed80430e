import { assertThrows } from "@std/assert";
import { checkClusterOptions } from "../../../server/cluster/check_options.ts";

Deno.test("cluster options: NATS on another machine needs credentials", () => {
  for (const servers of [["nats://127.0.0.1"], ["nats://localhost:1", "nats://[::1]:2"]]) {
    checkClusterOptions({ servers });
  }
  for (const host of ["192.0.2.1", "nats.example", "[2001:db8::1]:4222"]) {
    const servers = ["nats://127.0.0.1", `nats://${host}`];
    assertThrows(() => checkClusterOptions({ servers }), RangeError, "is not on this machine");
    checkClusterOptions({ servers, credentials: "file" });
  }
});

Deno.test("cluster options: what is no server or no name is named", () => {
  for (
    const server of [
      "",
      "127.0.0.1:4222",
      "http://127.0.0.1",
      "nats://",
      "nats://ada:secret@127.0.0.1",
      "nats://127.0.0.1/x",
      "nats://127.0.0.1?x",
    ]
  ) {
    const servers = [server];
    assertThrows(() => checkClusterOptions({ servers }), RangeError, `got "${server}"`);
  }
  assertThrows(() => checkClusterOptions({ servers: [] }), RangeError, "expected a NATS server");
  for (const name of ["", "a.b", "a b", "ü", "x".repeat(33), "*", ">"]) {
    const options = { servers: ["nats://127.0.0.1"], name };
    assertThrows(() => checkClusterOptions(options), RangeError, "a cluster's name");
  }
});
