/** A server that starts hears from the others who is banned, also if the store knows nothing of it. */

import { assertEquals } from "@std/assert";
import { SharedBans } from "../../../server/admins/mod.ts";
import type { ClusterBusEvents } from "../../../server/cluster/cluster_bus.ts";
import { ClusterNode } from "../../../server/cluster/cluster_node.ts";
import { ServerIdentity } from "../../../server/identity/mod.ts";
import { SealedPresence } from "../../../server/mim2/sealed_presence.ts";
import { OnlineTable } from "../../../server/presence/mod.ts";
import type { UserSession } from "../../../server/session/mod.ts";
import { SERVER_KEY } from "../../helpers/cluster_nodes.ts";
import { TempFolder } from "../../helpers/disk.ts";
import { poll } from "../../helpers/wait.ts";

/** Carries messages between nodes of this process; the store can never be reached, and counts as read. */
class Cable {
  readonly #nodes = new Set<ClusterBusEvents>();

  /** The bus of a node. */
  join = (events: ClusterBusEvents) => {
    queueMicrotask(() => {
      this.#nodes.add(events);
      events.onConnected("here");
      events.onBansRead();
      events.onRecordsComplete();
    });
    return {
      publish: (subject: string, message: Uint8Array) =>
        queueMicrotask(() => {
          for (const node of this.#nodes) node.onMessage(subject, message);
        }),
      checkStore: () => {},
      close: () => {
        this.#nodes.delete(events);
        return Promise.resolve();
      },
    };
  };
}

/** A server's part of a cluster. */
class Member implements AsyncDisposable {
  readonly bans: SharedBans;
  readonly node: ClusterNode;
  readonly #folder = new TempFolder();
  readonly #identity: ServerIdentity;
  readonly #presence: SealedPresence;

  constructor(cable: Cable, isEveBanned: boolean) {
    const { path: folder } = this.#folder;
    Deno.writeTextFileSync(`${folder}/server.key`, `${SERVER_KEY.toHex()}\n`, { mode: 0o600 });
    const identity = this.#identity = new ServerIdentity(folder, 90);
    this.bans = new SharedBans(folder);
    if (isEveBanned) this.bans.adopt({ kind: "names", who: "eve", isBanned: true, number: 1 });
    this.#presence = new SealedPresence((sealer) => identity.signLog(sealer), () => {});
    const tables = {
      classic: new OnlineTable<UserSession>(),
      classicBroadcast: { append: () => {} },
      presence: this.#presence,
    };
    this.node = new ClusterNode(
      { servers: [] },
      {
        ...{ identity, folder, tables, bans: this.bans },
        ...{ onBans: () => {}, onRequest: () => {}, namesInUse: () => [] },
      },
      (_options, _bucket, _subjects, events) => cable.join(events),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.node.close();
    this.#presence.broadcast.close();
    this.#identity[Symbol.dispose]();
    this.#folder[Symbol.dispose]();
  }
}

Deno.test("cluster: a node that starts is told all bans by the others, and lets somebody in then", async () => {
  const cable = new Cable();
  await using one = new Member(cable, true);
  await one.node.firstBans.known;
  await using two = new Member(cable, false);
  await poll(() => two.bans.find("names", "eve")?.isBanned === true, "the ban");
  await two.node.firstBans.known;
  assertEquals(two.bans.entries.names, ["eve"]);
});
