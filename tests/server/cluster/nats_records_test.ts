/** The claims of a cluster in a real NATS, while many are written. */

import { assertEquals } from "@std/assert";
import { connect } from "@nats-io/transport-node";
import { NatsRecords } from "../../../server/cluster/nats_records.ts";
import { missingNats, NatsServer } from "../../helpers/nats_server.ts";
import { requiringTest } from "../../helpers/required.ts";
import { poll } from "../../helpers/wait.ts";

const COUNT = 3_000;
const WRITERS = 8;

requiringTest(
  "nats",
  missingNats,
  "claims: that others write many at once looks like nothing erased",
  async () => {
    await using nats = await NatsServer.start();
    await using stack = new AsyncDisposableStack();
    const [mine, theirs] = [
      await connect({ servers: nats.address }),
      await connect({ servers: nats.address }),
    ];
    for (const connection of [mine, theirs]) stack.defer(() => connection.close());
    const claims = await NatsRecords.open(mine, "test");
    const others = await NatsRecords.open(theirs, "test");
    const keys = new Set<string>();
    const end = new AbortController();
    const watching = claims.watch(
      (values) => values.forEach(({ key }) => keys.add(key)),
      () => {},
      () => {},
      end.signal,
    );
    // A few at a time, so that what is read keeps up with what is written.
    let next = 0;
    const writing = Promise.all(Array.from({ length: WRITERS }, async () => {
      while (next < COUNT) await others.create(`name.${next++}`, new Uint8Array(9));
    }));
    let isWriting = true;
    const checking = (async () => {
      while (isWriting) await Promise.all(Array.from({ length: 8 }, () => claims.check()));
    })();
    await writing;
    isWriting = false;
    await checking;
    await poll(() => keys.size === COUNT || claims.isErased, "all claims");
    assertEquals([claims.isErased, keys.size], [false, COUNT]);
    end.abort();
    await watching;
  },
);

requiringTest(
  "nats",
  missingNats,
  "claims: bans come before the claims, however many",
  async () => {
    await using nats = await NatsServer.start();
    await using stack = new AsyncDisposableStack();
    const connection = await connect({ servers: nats.address });
    stack.defer(() => connection.close());
    const records = await NatsRecords.open(connection, "test");
    for (let at = 0; at < 100; at++) await records.create(`name.${at}`, new Uint8Array(9));
    for (const ban of ["ban.names.a", "ban.keys.b"]) await records.create(ban, new Uint8Array(9));
    const [come, atBans]: string[][] = [[], []];
    const end = new AbortController();
    await records.watch(
      (values) => come?.push(...values.map(({ key }) => key)),
      () => atBans?.push(...come ?? []),
      () => end.abort(),
      end.signal,
    );
    assertEquals(atBans, ["ban.names.a", "ban.keys.b"]);
    assertEquals(new Set(come).size, 102);
  },
);
