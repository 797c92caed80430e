/** Two machines and a cable, as network namespaces: nothing leaves them. Needs Linux, root and `ip`. */

import { poll } from "../helpers/wait.ts";
import { TestProcess } from "../helpers/process.ts";

/** How often the system sends what is not acknowledged before it gives a connection up. */
const RETRIES = 3;
/** How long the link-local addresses of a new cable may take; a system without IPv6 gives none. */
const LINK_LOCAL_TIMEOUT_MS = 5_000;

/** How many ends of cables there are: each has a number of its own. */
let ends = 100;

/** A machine of {@linkcode TwoMachines}. */
export interface Machine {
  /** Its address on the cable. */
  readonly address: string;
  readonly namespace: string;
}

/**
 * Two machines that a cable connects, each a network namespace of its own with an address that is
 * known there only. They are taken away when they go out of scope.
 */
export class TwoMachines implements Disposable {
  readonly here: Machine;
  readonly there: Machine;
  readonly #others: Machine[] = [];

  /** @throws {Error} where the system has no network namespaces, or does not let us make any */
  constructor() {
    const id = crypto.randomUUID().slice(0, 8);
    this.here = { address: "10.77.0.1", namespace: `mim-${id}-a` };
    this.there = { address: "10.77.0.2", namespace: `mim-${id}-b` };
    const machines = [this.here, this.there];
    try {
      for (const { namespace } of machines) ip("netns", "add", namespace);
      connect("cable", this.here.namespace, this.there.namespace);
      for (const { namespace, address } of machines) {
        ip("-n", namespace, "address", "add", `${address}/24`, "dev", "cable");
        ip("-n", namespace, "link", "set", "lo", "up");
        const setting = "/proc/sys/net/ipv4/tcp_retries2";
        ip("netns", "exec", namespace, "sh", "-c", `echo ${RETRIES} > ${setting}`);
      }
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
  }

  /** Has a machine run a program of the system, and returns its output. */
  command(machine: Machine, ...command: readonly string[]): string {
    return ip("netns", "exec", machine.namespace, ...command);
  }

  /** Another machine, with a cable of its own to `there`. */
  connectAnother(cable: string): Machine {
    const namespace = `${this.here.namespace}-${cable}`;
    const another = { address: "10.78.0.1", namespace };
    ip("netns", "add", namespace);
    this.#others.push(another);
    connect(cable, namespace, this.there.namespace);
    ip("-n", namespace, "address", "add", `${another.address}/24`, "dev", cable);
    ip("-n", namespace, "link", "set", "lo", "up");
    return another;
  }

  /** Starts a Deno program on a machine. */
  run(machine: Machine, name: string, program: string, ...args: string[]): TestProcess {
    const config = program.startsWith("tests/") ? ["--config=tests/deno.json"] : [];
    const options = ["--quiet", "--no-prompt", "--allow-all", ...config];
    const command = [Deno.execPath(), "run", ...options, program];
    return new TestProcess({
      name,
      command: "ip",
      args: ["netns", "exec", machine.namespace, ...command, ...args],
    });
  }

  /** Pulls the cable once all that was sent has been acknowledged: nobody is told anything. */
  async unplug(): Promise<void> {
    const machines = [this.here, this.there];
    await poll(() => machines.every(isAllAcknowledged), "everything to be acknowledged");
    ip("-n", this.there.namespace, "link", "set", "cable", "down");
  }

  /** Whether a machine has sent something that is not acknowledged. */
  isSending(machine: Machine): boolean {
    return !isAllAcknowledged(machine);
  }

  /** How many bytes a machine has put on the cable. */
  bytesSent({ namespace }: Machine): number {
    const counts = ip("netns", "exec", namespace, "cat", "/proc/net/dev");
    return Number(/cable:(?:\s+\d+){8}\s+(\d+)/.exec(counts)?.[1]);
  }

  /** Takes the cable away from under whatever is on its way, or puts it back. */
  setLink(state: "down" | "up"): void {
    ip("-n", this.there.namespace, "link", "set", "cable", state);
  }

  /** Makes the cable slow, in Mbit/s, where the system can do that (`tc`). */
  limit(rate: number): void {
    const shape = ["root", "tbf", "rate", `${rate}mbit`, "burst", "256kb", "latency", "50ms"];
    for (const { namespace } of [this.here, this.there]) {
      const args = ["-n", namespace, "qdisc", "add", "dev", "cable", ...shape];
      new Deno.Command("tc", { args, stderr: "null" }).outputSync();
    }
  }

  [Symbol.dispose](): void {
    for (const { namespace } of [this.here, this.there, ...this.#others]) {
      new Deno.Command("ip", { args: ["netns", "delete", namespace], stderr: "null" }).outputSync();
    }
  }
}

/** Why there can be no {@linkcode TwoMachines}; undefined where they can be. */
export const missingNamespaces = ((): string | undefined => {
  try {
    new TwoMachines()[Symbol.dispose]();
  } catch (error) {
    return "expected Linux, root and ip (Debian: apt-get install iproute2) for network namespaces: " +
      (error instanceof Error ? error.message : error);
  }
})();

/** Whether no socket of a machine holds bytes that the other end may not have. */
function isAllAcknowledged({ namespace }: Machine): boolean {
  const [, ...sockets] = ip("netns", "exec", namespace, "cat", "/proc/net/tcp").trim().split("\n");
  return sockets.every((socket) => socket.trim().split(/\s+/)[4]?.startsWith("00000000:"));
}

/**
 * Connects two machines by a cable, and waits until the system has given both ends their link-local
 * addresses, if it does: a client that finds one later logs in again to announce it.
 */
function connect(cable: string, ...namespaces: readonly [string, string]): void {
  // If both ends had the same number, the cable would come up a second later.
  const [one, other] = namespaces.map((namespace) => ["index", `${++ends}`, "netns", namespace]);
  const peer = ["type", "veth", "peer", "name", cable, ...other ?? []];
  ip("link", "add", cable, ...one ?? [], ...peer);
  for (const namespace of namespaces) ip("-n", namespace, "link", "set", cable, "up");
  const end = performance.now() + LINK_LOCAL_TIMEOUT_MS;
  const hasAddress = (namespace: string) =>
    ip("netns", "exec", namespace, "sh", "-c", "cat /proc/net/if_inet6 || true").includes(
      ` ${cable}\n`,
    );
  while (!namespaces.every(hasAddress) && performance.now() < end);
}

function ip(...args: readonly string[]): string {
  const { success, stdout, stderr } = new Deno.Command("ip", { args: [...args] }).outputSync();
  if (success) return new TextDecoder().decode(stdout);
  throw new Error(`ip ${args.join(" ")}: ${new TextDecoder().decode(stderr).trim()}`);
}
