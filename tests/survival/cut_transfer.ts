/** A file from one machine to another, which is cut again and again while it is on its way. */

import { newHome } from "../helpers/programs.ts";
import type { TestProcess } from "../helpers/process.ts";
import { hashOf, writeRandom } from "../helpers/random_file.ts";
import { poll } from "../helpers/wait.ts";
import { TwoMachines } from "./namespaces.ts";

/**
 * One cut of a transfer: its giver or taker is killed; the link goes down for a moment, or until the giver's
 * system gives the connection up.
 */
export type Cut = "giver" | "taker" | "link" | "long link";

/** The outcome of such a transfer. */
export interface CutTransfer {
  /** Whether all of it has arrived. */
  readonly isWhole: boolean;
  /** How many bytes the giver's machine has sent for each byte of the file. */
  readonly sentShare: number;
}

/**
 * Sends a file of that size, and cuts the transfer each time that so much more of it is there.
 *
 * @param rate of the cable in Mbit/s; as fast as it can be by default
 */
export async function cutTransfer(
  size: number,
  cuts: readonly Cut[],
  rate?: number,
): Promise<CutTransfer> {
  using machines = new TwoMachines();
  if (rate !== undefined) machines.limit(rate);
  const { here, there } = machines;
  const homes = { ada: newHome(), bob: newHome() };
  const path = `${homes.ada}/x.bin`;
  const hash = await writeRandom(path, size);
  const listen = ["--hostname", here.address, "--port", "0", "--data", newHome()];
  await using processes = new AsyncDisposableStack();
  const server = processes.use(machines.run(here, "server", "server/main.ts", ...listen));
  const address = (await server.waitFor(/^listening on /)).slice("listening on ".length);
  const start = async (name: "ada" | "bob") => {
    const home = homes[name];
    const folders = ["--data", `${home}/data`, "--downloads", `${home}/in`];
    const options = ["--name", name, "--server", address, "--plain", "--no-discover", ...folders];
    const machine = name === "ada" ? here : there;
    const client = processes.use(machines.run(machine, name, "client/main.ts", ...options));
    await client.waitFor(`logged-in\t${name}`);
    return client;
  };
  let bob = await start("bob");
  let ada = await start("ada");
  await ada.send("/talk bob");
  await ada.waitFor(/^chat-opened\tbob/);
  await ada.send(`/sendfile ${path}`);
  await bob.waitFor(/^file-offered\tada\t1\tx\.bin/);
  await bob.send("/getfile 1");
  await ada.waitFor(/^file-state\t1\tactive/);
  for (const [index, cut] of cuts.entries()) {
    await untilThere(bob, size * (index + Math.random()) / (cuts.length + 1));
    if (await isDone(bob)) break; // this machine is faster than the cuts
    if (cut === "giver" || cut === "taker") {
      const killed = cut === "giver" ? ada : bob;
      await killed[Symbol.asyncDispose]();
      if (cut === "giver") ada = await start("ada");
      else bob = await start("bob");
      continue;
    }
    machines.setLink("down");
    const until = (isSending: boolean) =>
      poll(async () => machines.isSending(here) === isSending || await isDone(bob), "a cut");
    await until(true);
    if (cut === "long link") await until(false);
    machines.setLink("up");
  }
  for (const end of [bob, ada]) await poll(() => isDone(end), "the end");
  const copy = await hashOf(`${homes.bob}/in/x.bin`);
  return { isWhole: copy === hash, sentShare: machines.bytesSent(here) / size };
}

/** Waits until the taker has so many bytes, or all. */
async function untilThere(taker: TestProcess, bytes: number): Promise<void> {
  await taker.waitFor((line) => {
    const [type, , count] = line.split("\t");
    return type === "file-received" || type === "file-progress" && Number(count) >= bytes;
  }, `${bytes} bytes to be there`);
}

async function isDone(client: TestProcess): Promise<boolean> {
  await client.send("/files");
  return (await client.waitFor(/^note\t1 {2}/)).includes("), done");
}
