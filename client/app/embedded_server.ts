import config from "../../deno.json" with { type: "json" };
import type { MimServer, Network } from "../../server/mod.ts";
import { localInterfaces } from "../../server/platform/net/interfaces.ts";
import { ClientError, Messenger } from "../core/mod.ts";
import type { Emit } from "./events.ts";
import { DEFAULT_SERVER } from "./login_options.ts";

const WELCOME = "Welcome to MIM.\nThis server runs inside a client, and ends with it.";

/** A server that runs in this program, and a user named `echo` to try it with. */
export interface HostedServer {
  readonly server: MimServer;
  /** The address at which others reach it. */
  readonly address: string;
  readonly joinLine: string;
  /** The link that others join with; undefined without a key. */
  readonly link: string | undefined;
  /** Why it speaks classic MIM only, for users; undefined if it has a key. */
  readonly whyClassic: string | undefined;
  /** @param link names the server that goes on in its place */
  close(link?: string): Promise<void>;
}

/** The central server that this program runs if no other answers on this machine. */
export class EmbeddedServer {
  readonly #port: number;
  readonly #emit: Emit;
  readonly #data: string | undefined;
  readonly #announces: boolean;
  readonly #network: Network | undefined;
  #hosted: HostedServer | undefined;
  #closed = false;

  /**
   * @param folder the client's data folder; without one, the server's key and names are not stored
   * @param announces whether to announce the server on the local network
   */
  constructor(
    port: number,
    emit: Emit,
    folder: string | undefined,
    network?: Network,
    announces = false,
  ) {
    this.#port = port;
    this.#emit = emit;
    this.#data = folder === undefined ? undefined : `${folder}/server`;
    this.#announces = announces;
    this.#network = network;
  }

  /** Starts it unless it runs; false if another program has taken the port. */
  async start(): Promise<boolean> {
    if (this.#hosted !== undefined) return true;
    let hosted: HostedServer;
    try {
      hosted = await hostServer(this.#port, this.#data, this.#network, this.#announces);
    } catch (error) {
      if (error instanceof Deno.errors.AddrInUse) return false;
      if (!(error instanceof Error && error.name === "DataDirError")) throw error;
      const server = { ...DEFAULT_SERVER, port: this.#port };
      const reason = `none answers, and none can be started here: ${error.message}`;
      throw new ClientError("server-unreachable", { server, reason }, { cause: error });
    }
    if (this.#closed) {
      await hosted.close();
      return true;
    }
    this.#hosted = hosted;
    const { address, joinLine, whyClassic } = hosted;
    this.#emit({ type: "hosting", address });
    this.#emit({ type: "note", text: joinLine, words: { code: "join-line" } });
    if (whyClassic !== undefined) {
      const text = `The server speaks classic MIM, without keys: ${whyClassic}`;
      const words = { code: "hosts-classic", values: { reason: whyClassic } };
      this.#emit({ type: "note", text, words });
    }
    return true;
  }

  /** Calls `login`. If nothing answers at the server, starts this one and calls it again. */
  async loginOrStart(messenger: Messenger, login: () => Promise<void>): Promise<void> {
    try {
      return await login();
    } catch (error) {
      if (!isUnreachable(error)) throw error;
    }
    const isOurs = await this.start();
    try {
      await login();
    } catch (error) {
      if (isOurs || !isUnreachable(error)) throw error;
      const reason = "the port is taken, but nothing answers there: a MIM server may listen at " +
        "another address of this machine";
      const { server } = messenger;
      throw new ClientError("server-unreachable", { server, reason }, { cause: error });
    }
  }

  /** The link that others join this server with; undefined if it does not run, or has no key. */
  get link(): string | undefined {
    return this.#hosted?.link;
  }

  /** Its key, by which others find it on the network; undefined if it is not announced. */
  get announcedKey(): Uint8Array | undefined {
    return this.#announces ? this.#hosted?.server.publicKey : undefined;
  }

  /** Stops it, and sends its clients to the server that this link names. It may start again. */
  async giveWay(link: string): Promise<void> {
    const hosted = this.#hosted;
    this.#hosted = undefined;
    await hosted?.close(link);
  }

  /** Stops it; it does not start again. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#hosted?.close();
  }
}

/**
 * Starts a central server in this program, and brings `echo` online, who answers with what it is sent.
 * The server is loaded only here.
 *
 * @param data the folder for its key and names; undefined: none are kept
 * @param announces whether to announce it on the local network
 * @throws {Deno.errors.AddrInUse} if another program has taken the port
 * @throws {DataDirError} if that folder can't be used: without its key, it would be another server
 */
export async function hostServer(
  port: number,
  data: string | undefined,
  network?: Network,
  announces = false,
): Promise<HostedServer> {
  const { announceServer, joinAddress, joinHint, joinLink, MimServer } = await import(
    "../../server/mod.ts"
  );
  const { server, whyClassic } = listen();
  const echo = new Messenger({
    name: "echo",
    server: { hostname: "127.0.0.1", port: server.port },
    network,
  });
  echo.subscribe((event) => {
    if (event.type !== "message") return;
    event.chat.send(event.message.text).catch(() => {}); // the peer may have gone
  });
  try {
    await echo.login();
  } catch (error) {
    await server.close();
    throw error;
  }
  const interfaces = localInterfaces();
  const announcer = announces
    ? await announceServer({
      hostname: server.hostname,
      port: server.port,
      publicKey: server.publicKey,
      isHosted: true,
    })
    : undefined;
  return {
    server,
    whyClassic,
    address: joinAddress(server, interfaces),
    joinLine: joinHint(server, interfaces),
    link: joinLink(server, interfaces),
    async close(link) {
      await Promise.all([announcer?.close(), echo.quit()]);
      await server.close(link);
    },
  };

  /** A server with a key, or without one if there is no place for it. */
  function listen(): Pick<HostedServer, "server" | "whyClassic"> {
    const options = { port, welcome: WELCOME, network, version: config.version };
    if (data === undefined) {
      return { server: MimServer.listen(options), whyClassic: "there is no data folder" };
    }
    return { server: MimServer.listen({ ...options, data }), whyClassic: undefined };
  }
}

function isUnreachable(error: unknown): boolean {
  return error instanceof ClientError && error.code === "server-unreachable";
}
