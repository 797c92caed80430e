import {
  type Availability,
  checkKeyName,
  checkUserName,
  limits,
  type ServerAddress,
} from "../../../protocol/mod.ts";
import type { Components } from "../components.ts";
import type { DisconnectCause } from "../error_details.ts";
import { describeDisconnect } from "../error_messages.ts";
import { ClientError } from "../errors.ts";
import type { UserTable } from "../presence/mod.ts";
import type { Signaling } from "../signaling.ts";
import { firstOf, listOf, type Servers } from "../servers.ts";
import type { KnownServers } from "../trust/mod.ts";
import { LoginAttempts } from "./login_attempts.ts";
import { abortedByLogout, isExclusion, isFinalLoginError } from "./login_errors.ts";
import { OwnAddresses, plainOwnAddress } from "./own_addresses.ts";
import { Reconnector } from "./reconnector.ts";
import { callbackLimit } from "./callback_limit.ts";
import type { ServerConnection } from "./server_connection.ts";
import type { LoginCredentials, ServerLink } from "./server_link.ts";
import { type FindServers, ServerRoute } from "./server_route.ts";
import { signalingOf } from "./server_signaling.ts";
import { ServerSession } from "./server_session.ts";
import { onWakeFromSleep } from "./wake_detector.ts";

/** How it comes back: see {@linkcode MessengerOptions.reconnect}. */
export type Reconnect = boolean | (() => Promise<void>);

export interface ConnectionContext
  extends Pick<Components, "events" | "network" | "users" | "ownListener"> {
  readonly servers: KnownServers;
  /** Reads what the store holds; without that there is no login. */
  readonly load: () => Promise<void>;
  readonly onIdentified: () => Promise<void>;
  /** The user's keys; undefined for one who speaks classic MIM only. */
  readonly identity: LoginCredentials["identity"];
  readonly reconnect: Reconnect;
  readonly findServers: FindServers | undefined;
}

/** Keeps this client online at a server: logs in and out, switches servers, and comes back after a loss. */
export class ConnectionManager {
  name: string;
  availability: Availability = "online";
  status = "";
  session: ServerSession | undefined;
  readonly #context: ConnectionContext;
  readonly #callbackLimit = callbackLimit();
  readonly #route: ServerRoute;
  readonly #attempts: LoginAttempts;
  readonly #ownAddresses: OwnAddresses;
  readonly #reconnector = new Reconnector((signal) => this.#tryAgain(signal));
  #state: ConnectionManager["state"] = "offline";
  #dialing = new AbortController();
  /** The availability and status of the login. */
  #announced: Pick<LoginCredentials, "availability" | "status"> | undefined;
  /** The user's capabilities, as bits, as the server knows them. */
  #announcedCapabilities = 0;
  /** The welcome of the session that was lost, while this client tries to come back. */
  #previousWelcome: readonly string[] | undefined;
  /** Whether an error has reported that attempts fail because of the store. */
  #isStoreReported = false;
  /** The link of this login, or of the last; undefined if that was at a classic server. */
  #link: ServerLink | undefined;
  /** Why the last attempt to come back has failed; undefined once one succeeds. */
  lastFailure: ClientError | undefined;
  #stopWatching = () => {};
  /** Called if a first login that is tried again is rejected. */
  #onRejected: (error: unknown) => void = () => {};

  constructor(
    context: ConnectionContext,
    name: string,
    servers: Servers,
  ) {
    this.#context = context;
    this.name = name;
    this.#route = new ServerRoute(
      { ...context, hasIdentity: context.identity !== undefined },
      servers,
    );
    this.#attempts = new LoginAttempts(this.#route, {
      begin: (connection) => this.#begin(connection),
      drop: () => this.#dropSession(),
      wasCrowdedOut: () => this.session?.wasCrowdedOut === true,
    });
    this.#ownAddresses = new OwnAddresses(context, {
      onChange: (gone) => this.#moved(gone),
      onSettled: () => this.#announceAddresses(),
    });
    context.events.on("logged-in", () => this.#onLoggedIn());
    context.events.on("session-lost", ({ end, isEarly }) => this.#onLost(end, isEarly));
  }

  get state(): "offline" | "connecting" | "online" | "reconnecting" {
    return this.#state;
  }

  get server(): ServerAddress {
    return this.#route.server;
  }

  get nextAttemptAt(): Date | undefined {
    return this.#reconnector.nextAttemptAt;
  }

  get hasKey(): boolean {
    return this.#context.identity !== undefined;
  }

  get users(): UserTable {
    return this.#context.users;
  }

  readonly signaling: Signaling = signalingOf(this);

  get serverId(): string | undefined {
    const { identity, servers, users } = this.#context;
    if (identity === undefined) return undefined;
    // While another server is tried, the table is still that of the one before.
    return servers.idOf(users.server ?? this.server);
  }

  setStatus(availability: Availability, status: string): void {
    const { length } = new TextEncoder().encode(status);
    const limit = limits.statusBytes;
    if (length > limit) {
      throw new ClientError("send-failed", { reason: "status-too-long", length, limit });
    }
    this.availability = availability;
    this.status = status;
    this.session?.setStatus(availability, status);
  }

  /** @param servers to be tried in turn; the current one means those of before */
  async logIn(name: string, servers: Servers, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (this.#state === "connecting" || this.#state === "online") throw this.#alreadyLoggedIn();
    const key = this.#context.identity?.publicKey;
    const check = key === undefined ? checkUserName(name) : checkKeyName(name, key);
    if (!check.ok) throw new ClientError("invalid-name", { name, reason: check.reason });
    this.name = check.name;
    const isSame = servers === this.server;
    const wasWaiting = this.#state === "reconnecting" && isSame;
    this.#giveUpAttempts();
    if (!isSame) this.#previousWelcome = undefined;
    const abort = () => this.close();
    signal?.addEventListener("abort", abort);
    try {
      await this.#enter(isSame ? this.#route.servers : listOf(servers));
    } catch (error) {
      signal?.throwIfAborted();
      // The user wanted to reconnect before this attempt, and still does.
      if (wasWaiting && this.#state === "offline") this.#waitForServer();
      throw error;
    } finally {
      signal?.removeEventListener("abort", abort);
    }
  }

  startReconnecting(onRejected: (error: unknown) => void): void {
    if (this.#state !== "offline") throw this.#alreadyLoggedIn();
    this.#onRejected = onRejected;
    this.#waitForServer();
  }

  /** @param keepsContacts whether people who are known here stay known at the first of these */
  async switchServer(servers: Servers, keepsContacts = false): Promise<void> {
    const { key } = firstOf(servers);
    if (keepsContacts && key !== undefined) {
      await this.#context.servers.keepContacts(this.server, key);
    }
    if (this.#state === "connecting" || this.#state === "offline") {
      if (this.#state === "connecting") this.logOut();
      return await this.logIn(this.name, servers);
    }
    const connection = await this.#route.dial(this.#dialing.signal, listOf(servers));
    if (this.state !== "offline") this.logOut();
    await this.#enter(listOf(servers), connection);
  }

  logOut(): void {
    const wasOffline = this.#state === "offline";
    this.close();
    if (wasOffline) throw new ClientError("invalid-state", { reason: "not-logged-in" });
    this.#context.events.emit({ type: "logged-out" });
  }

  /** Goes offline from any state, and emits nothing. */
  close(): void {
    this.#stopWatching();
    this.#ownAddresses.stop();
    this.#previousWelcome = undefined;
    this.#giveUpAttempts();
    this.#state = "offline";
    this.#context.ownListener.stop();
  }

  async #enter(
    servers: readonly ServerAddress[],
    connection?: ServerConnection,
  ): Promise<void> {
    this.#route.use(servers);
    this.#state = "connecting";
    const { signal } = this.#dialing;
    try {
      const first = connection ?? await this.#route.dial(signal);
      await this.#attempts.logIn(first, signal, true);
    } catch (error) {
      if (signal.aborted) throw abortedByLogout();
      if (this.#previousWelcome === undefined) this.close();
      else this.#giveUpAttempts();
      this.#state = "offline";
      throw error;
    }
  }

  /** Tries until the server is back. */
  #waitForServer(): void {
    this.#state = "reconnecting";
    this.#reconnector.start();
  }

  /** One attempt to come back, or two if the server may have been started between them. */
  async #tryAgain(stopped: AbortSignal): Promise<void> {
    const { reconnect } = this.#context;
    const { signal } = this.#dialing;
    try {
      const connection = await this.#route.dial(signal).catch(async (error) => {
        const isUnreachable = error instanceof ClientError && error.is("server-unreachable");
        if (stopped.aborted || !isUnreachable || typeof reconnect !== "function") throw error;
        await reconnect();
        stopped.throwIfAborted();
        return await this.#route.dial(signal);
      });
      if (stopped.aborted) return connection.close();
      await this.#attempts.logIn(connection, signal, false);
    } catch (error) {
      if (stopped.aborted) throw error;
      if (error instanceof ClientError) this.lastFailure = error;
      this.#dropSession();
      this.#giveUpIfHopeless(error);
      throw error;
    }
  }

  /** Ends all attempts if none can succeed before the user does something. */
  #giveUpIfHopeless(error: unknown): void {
    const known = error instanceof ClientError ? error : undefined;
    // Anybody can lie about where the server is now.
    if (!this.#route.isKnown && known?.is("storage-failed") === false) return;
    if (this.#previousWelcome === undefined) {
      if (known?.is("server-unreachable")) return;
      this.close();
      return this.#onRejected(error);
    }
    if (known?.is("storage-failed") && !this.#isStoreReported) {
      this.#isStoreReported = true;
      this.#context.events.emit({ type: "error", error: known });
    }
    if (known === undefined || !isFinalLoginError(known)) return;
    this.close();
    const { code, message: reason } = known;
    const stopped = new ClientError("reconnect-failed", { code, reason }, { cause: known });
    this.#context.events.emit({ type: "error", error: stopped });
  }

  /** Ends what goes on by itself; what is known from before, and the own listener, stay. */
  #giveUpAttempts(): void {
    this.#reconnector.stop();
    this.#dialing.abort();
    this.#dialing = new AbortController();
    this.#dropSession();
  }

  #dropSession(): void {
    this.session?.close();
    this.session = undefined;
  }

  /** Begins a session at the server behind that connection. */
  async #begin(connection: ServerConnection): Promise<void> {
    const { identity } = this.#context;
    this.#route.server = connection.server;
    this.#ownAddresses.watch();
    this.#announced = { availability: this.availability, status: this.status };
    this.#announcedCapabilities = this.#capabilities;
    const credentials = { name: this.name, identity, ...this.#announced };
    this.session = new ServerSession(connection, credentials, {
      ...this.#context,
      callbackLimit: this.#callbackLimit,
      addresses: this.#ownAddresses.announceAt(connection),
      previousWelcome: this.#previousWelcome,
      previousLink: this.#link,
    });
    try {
      await this.session.logIn();
    } catch (error) {
      this.#route.passBy();
      throw error;
    }
  }

  #onLoggedIn(): void {
    this.#state = "online";
    this.#link = this.session?.link;
    this.lastFailure = undefined;
    this.#isStoreReported = false;
    const from = this.#route.arrive(this.server);
    if (from !== undefined) {
      this.#context.events.emit({ type: "server-moved", server: this.server, from });
    }
    const isOutdated = this.#announced?.availability !== this.availability ||
      this.#announced.status !== this.status; // it was set while the login was under way
    if (isOutdated) this.session?.setStatus(this.availability, this.status);
    this.announceCapabilities();
    if (!this.#context.reconnect) return;
    // A connection that was lost while the machine slept may never say so: the server is asked.
    this.#stopWatching = onWakeFromSleep(() => {
      if (this.session?.ping()) return;
      this.session?.close();
      this.#onLost({ type: "slept" }, true);
    });
  }

  /** This machine has other addresses: what was connected from one that has gone is dead. */
  #moved(gone: ReadonlySet<string>): void {
    const address = this.session?.connection.ownAddress ?? "";
    if (this.#state === "online" && gone.has(plainOwnAddress(address))) {
      this.session?.close();
      this.#onLost({ type: "address-lost", address }, true);
    } else if (this.#state === "reconnecting") this.#reconnector.start(true);
    if (gone.size > 0) this.#context.events.emit({ type: "addresses-lost", gone });
  }

  /** Others are to learn what this client can do now; those at a later server learn it from the login. */
  announceCapabilities(): void {
    const capabilities = this.#capabilities;
    if (this.#state !== "online" || this.#announcedCapabilities === capabilities) return;
    this.#announcedCapabilities = capabilities;
    this.session?.announceCapabilities(capabilities);
  }

  get #capabilities(): number {
    return this.#context.identity?.capabilities?.() ?? 0;
  }

  /** Logs in anew if others do not know an address of this machine yet. */
  #announceAddresses(): void {
    const { session } = this;
    if (this.#state !== "online" || session?.link === undefined || !this.#context.reconnect) return;
    if (!this.#ownAddresses.hasUnannounced(session.connection)) return;
    session.close();
    this.#onLost({ type: "address-new" }, true);
  }

  #onLost(end: DisconnectCause, isEarly: boolean): void {
    const { reconnect, events, network } = this.#context;
    this.#stopWatching();
    const { welcome, connection } = this.session ?? {};
    if (end.type === "silent" && connection !== undefined) {
      this.#route.passSilent(connection.place);
    }
    this.session = undefined;
    this.#state = "offline";
    if (reconnect && !isExclusion(end)) {
      this.#previousWelcome = welcome;
      this.#state = "reconnecting";
      const cards = (network.interfaces?.() ?? []).map(({ address }) => address);
      const near = [connection?.address ?? "", connection?.ownAddress ?? "", ...cards];
      const following = this.#route.follow(end, near);
      if (following === undefined) this.#reconnector.start(isEarly);
      else {
        following.catch((error) => events.emit({ type: "error", error }))
          .finally(() => this.#state === "reconnecting" && this.#reconnector.start(true));
      }
    }
    const words = describeDisconnect(end);
    const reason = end.type === "rejected" ? `the server closed the connection: ${words}` : words;
    events.emit({ type: "disconnected", reason, end });
  }

  /** The link of the table that is shown: at a first login already while the table comes in. */
  get provenLink(): ServerLink | undefined {
    const link = this.session?.link;
    const isFirst = this.#previousWelcome === undefined && link?.accepted !== undefined;
    return isFirst ? link : this.#link;
  }

  #alreadyLoggedIn(): ClientError {
    const reason = this.#state === "online" ? "already-logged-in" : "already-logging-in";
    return new ClientError("invalid-state", { reason, name: this.name });
  }
}
