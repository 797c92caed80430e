import { encodeAdd, type PresenceEntry } from "../../protocol/mod.ts";
import type { Network } from "../platform/net/network.ts";
import { Broadcast, OnlineTable, type SharedReading, UpdateLog } from "../presence/mod.ts";
import type { ClientSession, UserSession } from "../session/mod.ts";
import { ClassicListeners } from "./classic_listeners.ts";

const now = (): number => performance.now();

/** The users of a server in the words of classic MIM, and the clients that speak it. */
export class ClassicService {
  /** Everyone who is online; with a cluster, at any of its servers. */
  readonly table: OnlineTable<UserSession>;
  /** Broadcasts every change to classic clients. */
  readonly broadcast: Broadcast;
  readonly #keepAliveIntervalMs: number;
  readonly #listeners: ClassicListeners;

  /**
   * @param isLocal whether the server listens for this machine alone
   * @param keepAliveIntervalMs silence after which clients get a keep-alive
   * @param dialIntervalMs time between two dials of one client's listener
   * @param onBroadcast is told now and then how long a broadcast took, in milliseconds
   * @param onDoubt is called when a machine that has answered does not, and when it does again
   * @param shared how the log is read in other threads
   */
  constructor(
    network: Network,
    isLocal: boolean,
    keepAliveIntervalMs: number,
    dialIntervalMs: number,
    onBroadcast: (milliseconds: number) => void,
    onDoubt: (session: ClientSession, isDoubtful: boolean) => void,
    { allocate, readers }: SharedReading = {},
  ) {
    this.#keepAliveIntervalMs = keepAliveIntervalMs;
    this.table = new OnlineTable(allocate);
    this.broadcast = new Broadcast(
      (oldestNeeded) => new UpdateLog(oldestNeeded, allocate),
      onBroadcast,
      undefined,
      readers,
    );
    this.#listeners = new ClassicListeners(network, isLocal, dialIntervalMs, onDoubt);
  }

  /** Adds a user of either dialect to the table, and broadcasts that. */
  add(session: UserSession, entry: PresenceEntry): void {
    const add = encodeAdd(entry);
    this.table.add(session, add);
    this.broadcast.append(add);
  }

  /** Sends a classic client, which is in the table, all of it, and every change from now on. */
  admit(session: ClientSession, listeningPort: number): void {
    this.#listeners.add(session, listeningPort, now());
    this.broadcast.join(session);
    const { log } = this.broadcast;
    session.enter({ first: this.table.segments(), log: log.view, cursor: log.end });
  }

  /**
   * Removes a user from the table.
   *
   * @returns the Delete to broadcast; undefined if the user was not in it
   */
  remove(session: ClientSession): Uint8Array | undefined {
    this.broadcast.leave(session);
    this.#listeners.remove(session);
    return this.table.delete(session);
  }

  /** Someone could not reach that client. Returns whether it is one whose listener is dialed. */
  report(session: ClientSession | undefined): boolean {
    return this.#listeners.report(session, now());
  }

  /** Ends long silences, returns memory, dials listeners. To be called every second or so. */
  tick(): void {
    this.broadcast.keepAlive(this.#keepAliveIntervalMs);
    this.broadcast.tick();
    this.#listeners.tick(now());
  }

  /** Broadcasts nothing more, and cancels all dials. */
  async close(): Promise<void> {
    this.broadcast.close();
    await this.#listeners.close();
  }
}
