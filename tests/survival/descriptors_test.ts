import { assert, assertEquals } from "@std/assert";
import { systemNetwork } from "../../server/mod.ts";
import { poll } from "../helpers/wait.ts";
import { Service } from "./service.ts";
import { RawClient } from "../helpers/raw_client.ts";

const DIALS = 200;
const OUT =
  /error server: cannot accept connections: Too many open files; raise the limit with `ulimit -n`/;

/** When a line was logged, in milliseconds. */
function timeOf(line: string): number {
  return Date.parse(line.split(" ")[0] ?? "");
}

Deno.test({
  name: "more connections than file descriptors: accepting goes on as soon as one is free",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using server = await Service.start({ files: 64 });
    const network = systemNetwork;
    const ada = await RawClient.login({ ...server.address, network: network }, "ada");
    // The system takes them all; the server as many as it can.
    const crowd = await Promise.all(
      Array.from(
        { length: DIALS },
        () => RawClient.connect({ ...server.address, network: network }),
      ),
    );
    const times = [timeOf(await server.process.waitForError(OUT))];
    const before = server.processorTime();
    // Somebody asks for metrics just now: that must not end it either.
    const scrape = server.metrics().catch(() => undefined);
    for (let line = 0; line < 2; line++) times.push(timeOf(await server.process.waitForError(OUT)));
    const busy = server.processorTime() - before;
    const [first = 0, second = 0, third = 0] = times;
    assert(second - first >= 900 && third - second >= 900, `a line a second at most: ${times}`);
    assert(busy < (third - first) / 4, `${busy} ms of processor time in ${third - first} ms`);
    const waiting = () => crowd.filter(({ bytes }) => bytes === 0);
    assert(waiting().length > DIALS - 64, `${waiting().length} wait`);
    assert(!ada.hasEnded);

    // Some who were taken go, and others are taken; one place may go to the metrics server.
    const left = waiting().length;
    for (const user of crowd.filter(({ bytes, hasEnded }) => bytes > 0 && !hasEnded).slice(0, 5)) {
      user[Symbol.dispose]();
    }
    await poll(() => waiting().length <= left - 4, "others to be taken");
    for (const user of crowd) user[Symbol.dispose]();
    await scrape;
    const bob = await RawClient.login({ ...server.address, network: network }, "bob");
    assertEquals(bob.names, ["ada", "bob"]);
    await ada.until(() => ada.names.length === 2, "the Add of bob");
    await server.untilMetrics({ mim_users: 2, mim_connections: 2 });
    assert(((await server.metrics()).mim_accept_failures_total ?? 0) >= 3);
    for (const user of [ada, bob]) user[Symbol.dispose]();
  },
});
