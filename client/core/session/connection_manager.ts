import { type Availability, checkUserName, type HostPort, limits } from "../../../protocol/mod.ts";
import type { Network } from "../../../server/platform/net/network.ts";
import { Certificates } from "../presence/certificates.ts";
import type { DisconnectCause } from "../error_details.ts";
import { describeDisconnect } from "../error_messages.ts";
import { ClientError, storageError } from "../errors.ts";
import type { MessengerEvent } from "../events.ts";
import type { LoginCredentials } from "./mim2_auth.ts";
import { announcedAddresses } from "./announced_addresses.ts";
import { RateLimit } from "../rate_limit.ts";
import { isFinalLoginError } from "./login_errors.ts";
import { Reconnector } from "./reconnector.ts";
import { ServerConnection } from "./server_connection.ts";
import type { Signaling } from "../signaling.ts";
import type { KnownServers } from "../trust/known_servers.ts";
import { abortedByLogout, type PreviousSession, ServerSession } from "./server_session.ts";
import { onWakeFromSleep } from "./wake_detector.ts";
import type { OnlineUser } from "../online_user.ts";

/** How often one user may ask to be called in so long a time, and all together. */
const CALLBACK_WINDOW_MS = 60_000;
const MAX_CALLBACKS_PER_USER = 6;
const MAX_CALLBACKS = 30;

/** What being online needs of the messenger. */
export interface ConnectionManagerHost {
  readonly network: Network;
  /** The one address that peers are to reach this client at; undefined for every one. */
  readonly listening: string | undefined;
  /** Tells whoever subscribed. */
  emit(event: MessengerEvent): void;
  /** Listens for peers, unless it does already; returns the port. */
  listen(): number;
  /** Listens no more. */
  stopListening(): void;
  /** Somebody with a key is online, or reachable in another way than before. */
  cameOnline(user: OnlineUser): void;
  /** Somebody who could not be reached from there wants to be called. */
  askedToCall(user: OnlineUser): void;
}

/** How it comes back: see {@linkcode MessengerOptions.reconnect}. */
export type Reconnect = boolean | (() => Promise<void>);

/** Being online at a server: logging in and out, moving to another, and coming back. */
export class ConnectionManager {
  readonly #host: ConnectionManagerHost;
  readonly #reconnect: Reconnect;
  readonly #trust: KnownServers;
  readonly #identity: LoginCredentials["identity"];
  readonly #asked = new RateLimit(CALLBACK_WINDOW_MS, MAX_CALLBACKS_PER_USER, MAX_CALLBACKS);
  /** Those of the server that `users` come from; undefined for a classic one. */
  #certificates: Certificates | undefined;
  #availability: Availability = "online";
  #status = "";
  readonly #retries = new Reconnector((signal) => this.#tryAgain(signal));
  #name: string;
  #server: HostPort;
  #state: ConnectionManager["state"] = "offline";
  /** Gives up a dial to the server. */
  #dialling = new AbortController();
  #stay: ServerSession | undefined;
  /** Who was online at the end of the last stay, when that was, and at which server. */
  #last: { readonly users: OnlineUser[]; readonly at: Date; readonly server: HostPort } | undefined;
  /** What is known of the server from before the connection was lost. */
  #memory: PreviousSession | undefined;
  #stopWatching = () => {};
  /** Told where a first login that was tried again is refused. */
  #refused: (error: unknown) => void = () => {};

  /**
   * Ready to log in; nothing is dialled yet.
   *
   * @param identity the user's keys; undefined for who speaks classic MIM only
   */
  constructor(
    host: ConnectionManagerHost,
    trust: KnownServers,
    identity: LoginCredentials["identity"],
    name: string,
    server: HostPort,
    reconnect: Reconnect,
  ) {
    this.#host = host;
    this.#trust = trust;
    this.#identity = identity;
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
    return this.#stay?.online === undefined ? this.#last?.at : undefined;
  }

  /** Everybody in the online table, the client itself included, as last known. */
  get users(): OnlineUser[] {
    return this.#stay?.online ?? this.#last?.users ?? [];
  }

  /** See {@linkcode Messenger.availability}. */
  get availability(): Availability {
    return this.#availability;
  }

  /** See {@linkcode Messenger.status}. */
  get status(): string {
    return this.#status;
  }

  /** Whether this client has a key. */
  get hasKey(): boolean {
    return this.#identity !== undefined;
  }

  /** The stay at the server, if there is one. */
  get stay(): ServerSession | undefined {
    return this.#stay;
  }

  /** The server, as chats see it. */
  readonly side: Signaling = ((online: ConnectionManager) => ({
    get id() {
      return online.serverId;
    },
    get name() {
      return online.name;
    },
    get online() {
      return online.state === "online";
    },
    callMe: (session) => online.#stay?.mim2?.say({ type: "call-me", session }) ?? false,
    unreachable: (session) => void online.#stay?.mim2?.say({ type: "unreachable", session }),
    users: () => online.users,
  }))(this);

  /** See {@linkcode Messenger.serverId}. */
  get serverId(): string | undefined {
    if (this.#identity === undefined) return undefined;
    // While another server is tried, `users` are still those of the one before.
    const last = this.#stay?.online === undefined ? this.#last?.server : undefined;
    return this.#trust.idOf(last ?? this.#server);
  }

  /** See {@linkcode Messenger.settled}. */
  async settled(): Promise<void> {
    await this.#stay?.settled;
  }

  /** See {@linkcode Messenger.setStatus}. */
  setStatus(availability: Availability, status: string): void {
    if (status.length > limits.statusUnits) {
      const [length, limit] = [status.length, limits.statusUnits];
      throw new ClientError("send-failed", { reason: "status-too-long", length, limit });
    }
    this.#availability = availability;
    this.#status = status;
    this.#stay?.setStatus(availability, status);
  }

  /** See {@linkcode Messenger.ownsName}. */
  ownsName(user: OnlineUser): boolean {
    return this.#certificates?.fit(user) ?? false;
  }

  /** See {@linkcode Messenger.login}. */
  async logIn(name: string, server: HostPort): Promise<void> {
    if (this.#state === "connecting" || this.#state === "online") {
      const reason = this.#state === "online" ? "already-logged-in" : "already-logging-in";
      throw new ClientError("invalid-state", { reason, name: this.#name });
    }
    const check = checkUserName(name);
    if (!check.ok) throw new ClientError("invalid-name", { name, reason: check.reason });
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
    if (this.#state !== "offline") {
      const reason = this.#state === "online" ? "already-logged-in" : "already-logging-in";
      throw new ClientError("invalid-state", { reason, name: this.#name });
    }
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
    if (wasOffline) throw new ClientError("invalid-state", { reason: "not-logged-in" });
    this.#host.emit({ type: "logged-out" });
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

  async #enter(server: HostPort, link?: ServerConnection): Promise<void> {
    this.#server = server;
    this.#state = "connecting";
    const { signal } = this.#dialling;
    try {
      await this.#begin(link ?? await this.#dial(server), signal);
    } catch (error) {
      if (signal.aborted) throw abortedByLogout();
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
      const code = error instanceof ClientError ? error.code : undefined;
      if (this.#memory === undefined && code !== "server-unreachable") {
        this.leave();
        return this.#refused(error);
      }
      const hopeless = error instanceof ClientError &&
        (error.is("server-key-mismatch") ||
          error.is("server-refused") && isFinalLoginError(error.details.end));
      if (hopeless) this.#giveUp(error);
      throw error;
    }
  }

  /** Ends all attempts where none can succeed before the user does something, and says so. */
  #giveUp(error: ClientError): void {
    this.leave();
    const { code, message: reason } = error;
    const stopped = new ClientError("reconnect-failed", { code, reason }, { cause: error });
    this.#host.emit({ type: "error", error: stopped });
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
  async #dial(server: HostPort): Promise<ServerConnection> {
    const { signal } = this.#dialling;
    const link = await ServerConnection.dial(this.#host.network, server, signal);
    if (!signal.aborted) return link;
    link.close();
    throw abortedByLogout();
  }

  /** A key that can't be pinned is said, and no reason not to log in: it is new the next time. */
  #proven(server: HostPort, key: Uint8Array): void {
    try {
      this.#trust.proven(server, key);
    } catch (error) {
      this.#host.emit({ type: "error", error: storageError({ what: "server-key" }, error) });
    }
  }

  /** Begins a stay at the server behind that connection. */
  async #begin(link: ServerConnection, left: AbortSignal): Promise<void> {
    const { server } = link;
    const self = {
      name: this.#name,
      identity: this.#identity,
      availability: this.#availability,
      status: this.#status,
    };
    const stay = new ServerSession(link, self, {
      emit: (event) => left.aborted || this.#host.emit(event),
      listen: () => this.#host.listen(),
      addresses: () => this.#addresses(link),
      expectsMim2: () => this.#trust.expectsMim2(server),
      check: (announcement) => this.#trust.check(server, announcement),
      proven: (key) => this.#proven(server, key),
      loggedIn: () => this.#loggedIn(self),
      cameOnline: (user) => this.#host.cameOnline(user),
      askedToCall: (user) => this.#askedToCall(user),
      ended: (end, soon) => this.#disconnected(end, soon),
    }, this.#memory);
    this.#stay = stay;
    await stay.logIn();
  }

  #addresses(link: ServerConnection): string[] {
    const interfaces = this.#host.network.interfaces?.() ?? [];
    const ends = { own: link.ownAddress, server: link.address };
    return announcedAddresses(interfaces, this.#host.listening, ends);
  }

  /** Whoever asks again and again is called only so often. */
  #askedToCall(user: OnlineUser): void {
    const session = user.details?.session.toHex();
    if (session !== undefined && this.#asked.allows(session)) this.#host.askedToCall(user);
  }

  #loggedIn(told: LoginCredentials): void {
    this.#state = "online";
    const serverKey = this.#stay?.mim2?.serverKey;
    this.#certificates = serverKey && new Certificates(serverKey);
    if (told.availability !== this.#availability || told.status !== this.#status) {
      this.#stay?.setStatus(this.#availability, this.#status); // it was set while the login was under way
    }
    if (!this.#reconnect) return;
    // A connection that was lost while the machine slept may never say so: the server is asked.
    this.#stopWatching = onWakeFromSleep(() => {
      if (this.#stay?.prod()) return;
      this.#stay?.leave();
      this.#disconnected({ type: "slept" }, true);
    });
  }

  #disconnected(end: DisconnectCause, soon: boolean): void {
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
    const words = describeDisconnect(end);
    const reason = end.type === "rejected" ? `the server closed the connection: ${words}` : words;
    this.#host.emit({ type: "disconnected", reason, end });
  }

  /** Keeps who was online, where that was known until now. */
  #remember(): void {
    const stay = this.#stay;
    // What a server that refused has told is no table.
    if (stay?.online === undefined || !stay.isLoggedIn) return;
    this.#last = { users: stay.online, at: new Date(), server: stay.link.server };
  }
}
