import { checkUserName, type HostPort } from "../../protocol/mod.ts";
import type { Network } from "../../server/network.ts";
import { ClientError } from "./errors.ts";
import type { MessengerEvent } from "./events.ts";
import type { OnlineUser } from "./online_list.ts";
import { Retries } from "./retries.ts";
import { ServerLink } from "./server_link.ts";
import { leftMeanwhile, type Memory, Stay } from "./stay.ts";
import { onWaking } from "./waking.ts";

/** What being online needs of the messenger. */
export interface OnlineHost {
  readonly network: Network;
  /** Tells whoever subscribed. */
  emit(event: MessengerEvent): void;
  /** Listens for peers, unless it does already; returns the port. */
  listen(): number;
  /** Listens no more. */
  stopListening(): void;
}

/** How it comes back: see {@linkcode MessengerOptions.reconnect}. */
export type Reconnect = boolean | (() => Promise<void>);

/** Being online at a server: logging in and out, moving to another, and coming back. */
export class BeingOnline {
  readonly #host: OnlineHost;
  readonly #reconnect: Reconnect;
  readonly #retries = new Retries((signal) => this.#tryAgain(signal));
  #name: string;
  #server: HostPort;
  #state: BeingOnline["state"] = "offline";
  /** Gives up a dial to the server. */
  #dialling = new AbortController();
  #stay: Stay | undefined;
  /** Who was online at the end of the last stay. */
  #last: OnlineUser[] = [];
  #lastAt: Date | undefined;
  /** What is known of the server from before the connection was lost. */
  #memory: Memory | undefined;
  #stopWatching = () => {};
  /** Told where a first login that was tried again is refused. */
  #refused: (error: unknown) => void = () => {};

  /** Ready to log in; nothing is dialled yet. */
  constructor(host: OnlineHost, name: string, server: HostPort, reconnect: Reconnect) {
    this.#host = host;
    this.#name = name;
    this.#server = server;
    this.#reconnect = reconnect;
  }

  /** The own name: of this login, of the last, or of the first to come. */
  get name(): string {
    return this.#name;
  }

  /** The server of this login, of the last, or of the next. */
  get server(): HostPort {
    return this.#server;
  }

  /** Whether it is logged in, or about to be; `reconnecting` where it was and tries by itself. */
  get state(): "offline" | "connecting" | "online" | "reconnecting" {
    return this.#state;
  }

  /** Since when `users` is not kept up to date; undefined while it is. */
  get staleSince(): Date | undefined {
    return this.#stay?.online === undefined ? this.#lastAt : undefined;
  }

  /** Everybody in the online table, the client itself included, as last known. */
  get users(): OnlineUser[] {
    return this.#stay?.online ?? this.#last;
  }

  /** See {@linkcode Messenger.login}. */
  async logIn(name: string, server: HostPort): Promise<void> {
    if (this.#state === "connecting" || this.#state === "online") {
      const already = this.#state === "online" ? "already logged in" : "about to log in";
      throw new ClientError("wrong-state", `${already} as ${this.#name}; log out first`);
    }
    const check = checkUserName(name);
    if (!check.ok) throw new ClientError("bad-name", `this name can't be used: ${check.reason}`);
    this.#name = check.name;
    const waited = this.#state === "reconnecting" && server === this.#server;
    this.#giveUpTrying();
    if (server !== this.#server) this.#memory = undefined;
    try {
      await this.#enter(server);
    } catch (error) {
      // Who wanted it sooner still wants it.
      if (waited && this.#state === "offline") this.#waitForServer();
      throw error;
    }
  }

  /** See {@linkcode Messenger.keepTrying}. */
  keepTrying(refused: (error: unknown) => void): void {
    if (this.#state !== "offline") throw new ClientError("wrong-state", "not offline");
    this.#refused = refused;
    this.#waitForServer();
  }

  /** See {@linkcode Messenger.moveTo}. */
  async moveTo(server: HostPort): Promise<void> {
    if (this.#state === "connecting" || this.#state === "offline") {
      if (this.#state === "connecting") this.logOut();
      return await this.logIn(this.#name, server);
    }
    const link = await this.#dial(server);
    if (this.state !== "offline") this.logOut();
    await this.#enter(server, link);
  }

  /** See {@linkcode Messenger.logout}. */
  logOut(): void {
    const wasOffline = this.#state === "offline";
    this.leave();
    if (wasOffline) throw new ClientError("wrong-state", "not logged in");
    this.#host.emit({ kind: "logged-out" });
  }

  /** Leaves whatever state it is in, and tells nothing. */
  leave(): void {
    this.#stopWatching();
    this.#remember();
    this.#memory = undefined;
    this.#giveUpTrying();
    this.#state = "offline";
    this.#host.stopListening();
  }

  async #enter(server: HostPort, link?: ServerLink): Promise<void> {
    this.#server = server;
    this.#state = "connecting";
    const { signal } = this.#dialling;
    try {
      await this.#begin(link ?? await this.#dial(server), signal);
    } catch (error) {
      if (signal.aborted) throw leftMeanwhile();
      if (this.#memory === undefined) this.leave();
      else this.#giveUpTrying();
      this.#state = "offline";
      throw error;
    }
  }

  /** Tries until the server is back. */
  #waitForServer(): void {
    this.#state = "reconnecting";
    this.#retries.start();
  }

  /** One attempt to come back, or two where the server may have been started between them. */
  async #tryAgain(left: AbortSignal): Promise<void> {
    const { signal } = this.#dialling;
    try {
      const link = await this.#dial(this.#server).catch(async (error) => {
        const nobody = error instanceof ClientError && error.code === "server-unreachable";
        if (left.aborted || !nobody || typeof this.#reconnect !== "function") throw error;
        await this.#reconnect();
        left.throwIfAborted();
        return await this.#dial(this.#server);
      });
      if (left.aborted) return link.close();
      await this.#begin(link, signal);
    } catch (error) {
      if (left.aborted) throw error;
      this.#dropStay();
      const nobody = error instanceof ClientError && error.code === "server-unreachable";
      if (nobody || this.#memory !== undefined) throw error;
      this.leave();
      this.#refused(error);
    }
  }

  /** Ends what goes on by itself; what is known from before, and the own listener, stay. */
  #giveUpTrying(): void {
    this.#retries.stop();
    this.#dialling.abort();
    this.#dialling = new AbortController();
    this.#dropStay();
  }

  #dropStay(): void {
    this.#stay?.leave();
    this.#stay = undefined;
  }

  /** Connects to a server, unless somebody leaves meanwhile. */
  async #dial(server: HostPort): Promise<ServerLink> {
    const { signal } = this.#dialling;
    const link = await ServerLink.dial(this.#host.network, server, signal);
    if (!signal.aborted) return link;
    link.close();
    throw leftMeanwhile();
  }

  /** Begins a stay at the server behind that connection. */
  async #begin(link: ServerLink, left: AbortSignal): Promise<void> {
    const stay = new Stay(link, this.#name, {
      emit: (event) => left.aborted || this.#host.emit(event),
      listen: () => this.#host.listen(),
      loggedIn: () => this.#loggedIn(),
      ended: (reason) => this.#disconnected(reason),
    }, this.#memory);
    this.#stay = stay;
    await stay.logIn();
  }

  #loggedIn(): void {
    this.#state = "online";
    if (!this.#reconnect) return;
    // A connection that was lost while the machine slept may never say so.
    this.#stopWatching = onWaking(() => {
      this.#stay?.leave();
      this.#disconnected("the machine has slept, and the connection may be lost", true);
    });
  }

  #disconnected(reason: string, soon = false): void {
    this.#stopWatching();
    const memory = this.#stay?.memory;
    this.#remember();
    this.#stay = undefined;
    this.#state = "offline";
    if (this.#reconnect) {
      this.#memory = memory;
      this.#state = "reconnecting";
      this.#retries.start(soon);
    }
    this.#host.emit({ kind: "disconnected", reason });
  }

  /** Keeps who was online, where that was known until now. */
  #remember(): void {
    const online = this.#stay?.online;
    if (online === undefined) return;
    this.#last = online;
    this.#lastAt = new Date();
  }
}
