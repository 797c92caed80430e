import { formatServerLink, type ServerAddress } from "../../protocol/mod.ts";
import { ClientError, type Messenger, type Store } from "../core/mod.ts";
import { describeError } from "./describe_error.ts";
import type { EmbeddedServer } from "./embedded_server.ts";
import type { Emit } from "./events.ts";
import { type RivalServer, rivalServers } from "./rival_servers.ts";
import { describeOffer, isAnswering } from "./server_search.ts";

/** After so many servers that could not be joined, none is tried any more: anybody can announce one. */
const MAX_FAILED = 3;

/** The parts that {@linkcode GiveWay} uses. */
export interface GiveWayOptions {
  readonly messenger: Messenger;
  readonly hosted: EmbeddedServer;
  readonly store: Pick<Store, "placesOf"> | undefined;
  /** The place on this machine at which this client hosts. */
  readonly home: ServerAddress;
  readonly emit: Emit;
  /** Called with the addresses of a server before it is joined. */
  readonly onJoining: (servers: readonly ServerAddress[]) => void;
}

/**
 * Makes one server of several that clients run on one network: this client joins the one that goes on, and
 * sends its guests there.
 */
export class GiveWay implements Disposable {
  readonly #options: GiveWayOptions;
  /** Places of servers that did not prove their key, or refused the login. */
  readonly #failed = new Set<string>();
  #search = new AbortController();
  /** The server that was joined, for which this client hosted before. */
  joined: ServerAddress | undefined;

  constructor(options: GiveWayOptions) {
    this.#options = options;
    options.messenger.subscribe(({ type }) => {
      if (type === "logged-in" && options.messenger.server === options.home) this.#watch();
    });
  }

  /** Whether this client may host again: the server that it has joined is the current one. */
  get mayReturn(): boolean {
    return this.joined !== undefined && this.#options.messenger.server === this.joined;
  }

  get #isOnline(): boolean {
    return this.#options.messenger.state === "online";
  }

  /** Looks for no others any more. */
  [Symbol.dispose](): void {
    this.#search.abort();
  }

  #watch(): void {
    const { hosted: { announcedKey }, store } = this.#options;
    if (announcedKey === undefined) return;
    this.#search.abort();
    const { signal } = this.#search = new AbortController();
    const join = async () => {
      for await (const rival of rivalServers(announcedKey, store, signal)) {
        if (await this.#join(rival)) return;
      }
    };
    join().catch(() => {}); // without a network there are no others
  }

  /** Joins a server and gives way to it; false if it can't be joined. */
  async #join(rival: RivalServer): Promise<boolean> {
    const { messenger, hosted, home, emit } = this.#options;
    const place = describeOffer({ ...rival, isKnown: true });
    if (messenger.server !== home || !this.#isOnline) return false;
    if (this.#failed.has(place) || this.#failed.size >= MAX_FAILED) return false;
    if (!await isAnswering(rival.servers[0])) return false;
    emit({
      type: "note",
      text:
        `${place} hosts, too: MIM joins it, and the people here follow, so that there is one server`,
      words: { code: "gives-way", values: { server: place } },
    });
    this.#options.onJoining(rival.servers);
    try {
      await messenger.switchServer([...rival.servers, home], { keepsContacts: true });
    } catch (error) {
      if (!(error instanceof ClientError)) throw error;
      emit({ type: "error", text: describeError(error, "command") });
      this.#failed.add(place);
      if (!this.#isOnline) await messenger.login(undefined, home);
      return false;
    }
    const { server } = messenger;
    if (server === home || server.key === undefined) return false;
    this.joined = server;
    await hosted.giveWay(formatServerLink(server, server.key));
    return true;
  }
}
