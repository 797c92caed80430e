/** Clients that host on one network and find each other: one goes on, the others join it with their guests. */

import { assertEquals, assertMatch } from "@std/assert";
import { formatServerLink } from "../../protocol/mod.ts";
import { MimServer } from "../../server/mod.ts";
import type { TestProcess } from "../helpers/process.ts";
import { requiringTest } from "../helpers/required.ts";
import { MulticastMachines } from "./multicast_machines.ts";
import { type Machine, missingNamespaces } from "./namespaces.ts";

/** The data folder of a client that hosts, and the key of its server. */
interface Home {
  readonly data: string;
  readonly key: Uint8Array;
}

/** Two of them, the one with the smaller key first. */
async function twoHomes(): Promise<[Home, Home]> {
  const make = async (): Promise<Home> => {
    const data = Deno.makeTempDirSync();
    const server = MimServer.listen({ hostname: "127.0.0.1", port: 0, data: `${data}/server` });
    await server.close();
    return { data, key: server.publicKey ?? new Uint8Array() };
  };
  const [one, other] = [await make(), await make()];
  return one.key.toHex() < other.key.toHex() ? [one, other] : [other, one];
}

class Town extends MulticastMachines {
  /** A client that has hosted before or joins a server, and is logged in. */
  async client(machine: Machine, data: string, name: string, ...args: string[]) {
    const all = ["client/main.ts", "--data", data, "--name", name, "--plain", ...args];
    const [program = "", ...rest] = all;
    const client = this.run(machine, name, program, ...rest);
    await client.waitFor(`logged-in\t${name}`);
    return client;
  }

  /** A client on the same machine that has joined the server there by its link. */
  guest(machine: Machine, { key }: Home, name: string): Promise<TestProcess> {
    const link = formatServerLink({ hostname: machine.address, port: 4242 }, key);
    return this.client(machine, Deno.makeTempDirSync(), name, "--server", link);
  }
}

requiringTest(
  "netns",
  missingNamespaces,
  "two that host: the smaller key goes on, guests follow, and host again once it has gone",
  async () => {
    using town = new Town();
    const { here, there } = town;
    const [small, great] = await twoHomes();
    await using joins = await town.client(there, great.data, "bob");
    await using carol = await town.guest(there, great, "carol");
    await using goes = await town.client(here, small.data, "ada");
    await joins.waitFor(/^note\t.* on 10\.77\.0\.1 hosts, too: MIM joins it/);
    await joins.waitFor("connected\t10.77.0.1:4242");
    await carol.waitFor(
      /^disconnected\t.*another server goes on in its place, mim:\/\/10\.77\.0\.1#/,
    );
    await carol.waitFor("connected\t10.77.0.1:4242");
    await goes.waitFor(/^online\tcarol\t/);

    goes.kill("SIGKILL");
    await joins.waitFor(/^hosting\t/);
    await carol.waitFor("connected\t10.77.0.2:4242");
    await joins.waitFor(/^online\tcarol\t/);
  },
);

requiringTest(
  "netns",
  missingNamespaces,
  "two that host: a liar with a smaller key is tried once, and nobody is lost",
  async () => {
    using town = new Town();
    const { here, there } = town;
    const args = [here.address, "A".repeat(43), "hosted"];
    await using liar = town.run(here, "liar", "tests/survival/false_server.ts", ...args);
    await liar.waitFor("ready");
    await using bob = await town.client(there, Deno.makeTempDirSync(), "bob");
    await bob.waitFor(/^note\tA false lab on 10\.77\.0\.1:4999 hosts, too/);
    assertMatch(await bob.waitFor(/^error\t/), /not the one that the link names/);
    await bob.waitFor("logged-in\tbob");
    await bob.send("/who");
    await bob.waitFor(/^user\t\d\techo\t/);
    assertEquals(bob.unread.filter((line) => line.includes("hosts, too")), []);
  },
);
