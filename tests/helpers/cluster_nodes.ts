/** Servers of a cluster in this process, on a real NATS server. */

import { identityOf } from "../../protocol/mod.ts";
import { MimServer, type ServerOptions } from "../../server/mod.ts";
import { testKey } from "../fixtures/keys.ts";
import { TempFolder } from "./disk.ts";
import { Mim2Client } from "./mim2_client.ts";
import { poll } from "./wait.ts";

/** The key that the servers share. */
export const SERVER_KEY = testKey(9);

/** The bucket of claims and bans of a cluster with that key and the usual name. */
export const BUCKET = `mim_mim_claims_${identityOf(SERVER_KEY).toHex().slice(0, 16)}`;

/** Servers of one key, each with a folder of its own. */
export class Nodes implements AsyncDisposable {
  readonly #folders = new Set<TempFolder>();
  readonly #servers: MimServer[] = [];

  /** @param folder as of an earlier start, a new one by default; it is removed in the end */
  async start(
    options: ServerOptions & { readonly key?: Uint8Array },
    folder: TempFolder = new TempFolder(),
  ): Promise<MimServer> {
    const { key = SERVER_KEY, ...rest } = options;
    this.#folders.add(folder);
    const path = `${folder.path}/server.key`;
    await Deno.writeTextFile(path, `${key.toHex()}\n`, { mode: 0o600 });
    const server = MimServer.listen({
      hostname: "127.0.0.1",
      port: 0,
      data: folder.path,
      ...rest,
    });
    this.#servers.push(server);
    await server.ready;
    return server;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.close()));
    for (const folder of this.#folders) folder[Symbol.dispose]();
  }
}

/** The code with which a login is refused; undefined if it is not. */
export async function refusalAt(
  { port }: { readonly port: number },
  name: string,
  key?: Uint8Array,
): Promise<number | undefined> {
  using client = await Mim2Client.connect(port, { key });
  await client.logIn(await client.loginOf(name));
  await client.until(() => client.hasEnded || client.all("complete").length > 0, "an answer");
  return client.refusal?.code;
}

/** Resolves once a server is connected, and can claim names. */
export function isReady(server: MimServer): Promise<void> {
  return poll(() => server.stats.cluster?.canClaim === true, "a connection to NATS");
}

/** Resolves once the server of a folder has read all claims and bans, and has noted that there. */
export function hasReadAll({ path }: TempFolder): Promise<void> {
  const isNoted = () => Deno.stat(`${path}/clusters.txt`).then(() => true, () => false);
  return poll(isNoted, "all claims to be read");
}
