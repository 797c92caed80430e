/** Two machines with a cable between them that multicast goes over. */

import type { TestProcess } from "../helpers/process.ts";
import { type Machine, TwoMachines } from "./namespaces.ts";

const FIND_MS = "1500";

/** Two machines that send multicast over the cable. */
export class MulticastMachines extends TwoMachines {
  constructor() {
    super();
    for (const machine of [this.here, this.there]) {
      this.command(machine, "ip", "route", "add", "224.0.0.0/4", "dev", "cable");
    }
  }

  /** Starts a server on every address of a machine; the first line of its output says where. */
  serve(machine: Machine, name: string, ...args: string[]): TestProcess {
    const data = Deno.makeTempDirSync();
    return this.run(machine, name, "server/main.ts", "--data", data, "--port", "4555", ...args);
  }

  /** The servers that a machine finds: title, key, port and addresses. */
  async found(machine: Machine): Promise<string[][]> {
    const program = "tests/survival/server_finder.ts";
    await using finder = this.run(machine, "finder", program, FIND_MS);
    await finder.waitFor("end");
    return finder.unread.map((line) => line.split("|")).sort();
  }
}
