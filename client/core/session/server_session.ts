import { deadline } from "@std/async/deadline";
import { equals } from "@std/bytes/equals";
import {
  type Availability,
  encodeLogin,
  type LinkNoticeOf,
  type LinkOffer,
  ProtocolError,
} from "../../../protocol/mod.ts";
import type { Components } from "../components.ts";
import type { DisconnectCause } from "../error_details.ts";
import { ClientError, describeConnectionError, storageError } from "../errors.ts";
import { clientLimits } from "../limits.ts";
import type { OnlineUser } from "../online_user.ts";
import type { OwnEntry, TableUpdate } from "../presence/mod.ts";
import type { WindowLimit } from "../../../server/platform/util/window_limit.ts";
import { fromStore } from "../store_wait.ts";
import type { KnownServers } from "../trust/mod.ts";
import { ClassicSilence } from "./classic_silence.ts";
import { HeldTable, isLinkUpdate } from "./held_table.ts";
import { abortedByLogout, loginError, silenceError } from "./login_errors.ts";
import { LoginEvents } from "./login_events.ts";
import { ServerComplaint } from "./server_complaint.ts";
import type { ServerConnection } from "./server_connection.ts";
import { type LoginCredentials, ServerLink } from "./server_link.ts";
import { type ReceivedMessage, ServerReader } from "./server_reader.ts";
import { Watching } from "./watching.ts";

export interface SessionContext extends Pick<Components, "events" | "users" | "ownListener"> {
  readonly servers: KnownServers;
  /** Reads the pins of this server: called once it is known which it is, before anybody is listed. */
  readonly onIdentified: () => Promise<void>;
  /** How often each session may ask to be called. */
  readonly callbackLimit: WindowLimit;
  /** The further addresses to announce. */
  readonly addresses: readonly string[];
  /** The welcome of the session that this one continues after the connection was lost. */
  readonly previousWelcome: readonly string[] | undefined;
  /** The last link before, at any server. */
  readonly previousLink: ServerLink | undefined;
}

/** One login at a server, from the connection to its end. */
export class ServerSession {
  readonly connection: ServerConnection;
  /** Whether the server has gone before it proved its key, and given no reason. */
  wasCrowdedOut = false;
  readonly #reader = new ServerReader();
  readonly #credentials: LoginCredentials;
  readonly #context: SessionContext;
  readonly #welcomed = Promise.withResolvers<void>();
  /** Resolves once the server has answered the login. */
  readonly #answered = Promise.withResolvers<void>();
  readonly #loggedIn = Promise.withResolvers<void>();
  /** The port of the own listener, once the login is under way and the server may send its table. */
  #port: number | undefined;
  /** The table of a MIM/2 server as far as it has come; undefined once it is complete. */
  #heldTable: HeldTable | undefined;
  /** There if the server tells only of those who are watched. */
  #watching: Watching | undefined;
  /** Whether the server has offered MIM/2. */
  offersMim2 = false;
  readonly #events: LoginEvents;
  #isLoggedIn = false;
  #isOver = false;
  /** Whether the server has sent anything. */
  #hasSpoken = false;
  readonly #complaint: ServerComplaint;
  /** At a classic server, after the login. */
  readonly #classicSilence: ClassicSilence;

  constructor(
    connection: ServerConnection,
    credentials: LoginCredentials,
    context: SessionContext,
  ) {
    this.connection = connection;
    this.#credentials = credentials;
    this.#context = context;
    this.#complaint = new ServerComplaint(context.events);
    const { events, previousWelcome } = context;
    this.#events = new LoginEvents(events, previousWelcome, credentials.identity === undefined);
    this.#classicSilence = new ClassicSilence(
      () => connection.takesAnother(),
      (silentMs) => this.#end({ type: "silent", seconds: Math.round(silentMs / 1000) }, true),
    );
    this.#loggedIn.promise.catch(() => {}); // it is awaited only once the login is sent
  }

  get welcome(): readonly string[] {
    return this.#events.welcome;
  }

  /** Undefined at a classic server. */
  get link(): ServerLink | undefined {
    return this.#reader.link;
  }

  /**
   * Logs in; resolves once the own entry has come back in the table, at a MIM/2 server once all of
   * the table has.
   *
   * @throws {ClientError} `protocol-error`, `server-refused`, `server-key-mismatch`, `classic-server`,
   *   `cannot-listen`; `server-unreachable` if it says nothing; `invalid-state` if the session is closed meanwhile
   */
  async logIn(): Promise<void> {
    const { users, ownListener } = this.#context;
    const { address, port: serverPort, ownAddress, server } = this.connection;
    this.#events.emit({ type: "connected", address, port: serverPort });
    void this.#follow();
    await this.#readWelcome();
    if (this.#isOver) return await this.#loggedIn.promise; // it has failed
    const port = ownListener.start();
    this.#events.emit({ type: "listening", port });
    const own: OwnEntry = { name: this.#credentials.name, port, address: ownAddress };
    users.start({
      server,
      serverAddress: address,
      proven: this.link,
      own,
      resumes: this.#events.isResuming,
    });
    this.#port = port;
    await this.#context.onIdentified();
    if (this.#isOver) return await this.#loggedIn.promise;
    void users.ready.then(() => this.#loggedIn.resolve());
    if (this.link === undefined) this.connection.say(encodeLogin(own));
    else this.link.open();
    const time = clientLimits.loginAnswerTimeoutMs;
    await deadline(this.#answered.promise, time).catch(() => {
      throw this.#hasSpoken
        ? this.#rejection({ type: "no-answer", seconds: time / 1000 })
        : silenceError(this.connection.server, time);
    });
    await this.#loggedIn.promise;
  }

  /** Ends the session; a login under way fails, with that reason. */
  close(reason: ClientError = abortedByLogout()): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#complaint.stop();
    this.#loggedIn.reject(reason);
    if (this.#port !== undefined) this.#context.users.stop();
    this.link?.close();
    this.#watching?.close();
    this.#classicSilence.stop();
    this.connection.close();
    this.#welcomed.resolve();
    this.#answered.resolve();
  }

  /** Asks for a sign of life, or ends; false for a classic server, which can't be asked. */
  ping(): boolean {
    if (this.link?.accepted === undefined) return false;
    this.link.ping();
    return true;
  }

  /** Tells the others that availability or status has changed. */
  setStatus(availability: Availability, status: string): void {
    this.link?.say({ type: "status", availability, status });
  }

  /** Tells the others what this client can do now. */
  announceCapabilities(capabilities: number): void {
    this.link?.say({ type: "capabilities", capabilities });
  }

  /** Waits for the welcome's end, and only briefly if the server may speak classic MIM. */
  async #readWelcome(): Promise<void> {
    const { servers } = this.#context;
    const { server } = this.connection;
    const { identity } = this.#credentials;
    await fromStore(servers.load(server));
    const isPatient = identity !== undefined && servers.expectsMim2(server);
    const time = isPatient ? clientLimits.loginAnswerTimeoutMs : clientLimits.welcomeTimeoutMs;
    let isLate = false;
    await deadline(this.#welcomed.promise, time).catch(() => isLate = true);
    await fromStore(servers.load(server));
    if (this.#isOver || this.link !== undefined || identity === undefined) return;
    if (isLate && isPatient && !this.#hasSpoken) throw silenceError(this.connection.server, time);
    if (isLate && servers.expectsKey(server)) {
      throw this.#rejection({ type: "no-welcome", seconds: time / 1000 });
    }
    servers.check(server, undefined);
    this.#events.showWelcome();
  }

  /** Takes the server's messages until the connection ends. Never rejects. */
  async #follow(): Promise<void> {
    try {
      for await (const chunk of this.connection.chunks()) {
        this.#hasSpoken = true;
        for (const message of this.#reader.push(chunk)) {
          if (this.#isOver) return;
          const handling = this.#handle(message);
          if (handling !== undefined) await handling;
        }
        if (this.#isOver) return;
      }
      this.#reader.end();
      this.#end({ type: "closed" });
    } catch (error) {
      if (error instanceof ClientError) this.close(error);
      else if (error instanceof ProtocolError) {
        const type = error.code === "not-authentic" ? "not-authentic" : "not-mim";
        this.#end({ type, reason: error.message });
      } else this.#end({ type: "lost", reason: describeConnectionError(error) });
    }
  }

  /** The connection has ended; what the server complained of before is the reason. */
  #end(cause: DisconnectCause, isEarly = false): void {
    if (this.#isOver) return;
    const complaint = this.#complaint.last;
    const end = complaint === undefined || cause.type === "not-authentic"
      ? cause
      : { ...complaint, type: "rejected" } as const;
    const isGone = end.type === "closed" || end.type === "lost";
    this.wasCrowdedOut = isGone && this.link?.isProven === false;
    if (!this.#isLoggedIn) {
      return this.close(this.#rejection(this.wasCrowdedOut ? { type: "unproven" } : end));
    }
    this.#loggedIn.resolve(); // the login succeeded, even if the table never became complete
    this.close();
    this.#context.events.emit({ type: "session-lost", end, isEarly });
  }

  #handle(message: ReceivedMessage): void | Promise<void> {
    this.#classicSilence.heard(message);
    switch (message.type) {
      case "welcome":
        return this.#events.addWelcome(message.text);
      case "welcome-end":
        return this.#endWelcome(message.offer);
      case "secured":
        return this.#logInThroughLink(message.handshakeHash);
      case "accepted":
        return this.#accept(message);
      case "add":
      case "delete":
      case "change":
        if (this.#heldTable !== undefined && isLinkUpdate(message)) {
          return this.#heldTable.add(message);
        }
        return this.#port === undefined ? undefined : this.#update(message);
      case "complete":
        for (const update of this.#heldTable?.take() ?? []) this.#update(update);
        this.#heldTable = undefined;
        if (this.#isLoggedIn) return this.#completeTable(message.rows);
        throw new ProtocolError("bad-field", "expected the own entry in the table, got its end");
      case "ping":
        return void this.link?.say({ type: "pong", token: message.token });
      case "pong":
        if (this.#watching?.answered(message.token) === true) return;
        return this.link?.answered(message);
      case "outcome":
        return this.link?.orders.take(message);
      case "found":
        return this.#watching?.found(message);
      case "epoch":
        return;
      case "call-me":
        return this.#requestCallback(message.session);
      case "refusal":
        if (!this.#isLoggedIn) return this.#end({ ...message, type: "rejected" });
        this.#complaint.take(message);
    }
  }

  /** The welcome has ended: is this the server that it was? */
  async #endWelcome(offer: LinkOffer | undefined): Promise<void> {
    this.offersMim2 = offer !== undefined;
    if (offer !== undefined && this.#credentials.identity !== undefined) {
      await fromStore(this.#context.servers.load(this.connection.server));
      if (this.#isOver) return;
      this.#context.servers.check(this.connection.server, offer);
      if (this.#port !== undefined) throw this.#rejection({ type: "late-announcement" });
      this.#reader.link = new ServerLink(
        this.connection,
        offer,
        (cause) => this.#end(cause, cause.type === "silent"),
      );
    }
    this.#welcomed.resolve();
  }

  /** The server has proven its static key. */
  #logInThroughLink(handshakeHash: Uint8Array): void {
    const { identity } = this.#credentials;
    const { previousLink: before, addresses } = this.#context;
    const { link } = this;
    if (identity === undefined || link === undefined || this.#port === undefined) return;
    const isSameServer = before !== undefined && equals(before.serverKey, link.serverKey);
    const previousSession = isSameServer ? before.accepted?.session : undefined;
    link.logIn({ ...this.#credentials, identity }, {
      ...{ handshakeHash, port: this.#port, addresses },
      previousSession: previousSession ?? new Uint8Array(0),
    });
  }

  /** The server has accepted the login: nothing of its table is read before its key is pinned. */
  async #accept(accepted: LinkNoticeOf<"accepted">): Promise<void> {
    const { link } = this;
    if (link === undefined) return;
    link.accept(accepted);
    await this.#pinServer(link.offer);
    await this.#recordLogin();
    await this.#context.onIdentified();
    if (this.#isOver) return;
    this.#events.showWelcome();
    this.#heldTable = new HeldTable();
    if (accepted.isWatching) this.#watching = new Watching(link, this.#context.users);
    this.#context.users.accept(accepted.session, this.#watching);
    this.#answered.resolve();
  }

  /** The table is complete; a server that tells only of those who are watched is first told who they are. */
  #completeTable(rows: number): void {
    const { users } = this.#context;
    if (this.#watching === undefined) return users.complete();
    users.setTotal(rows);
    const told = deadline(this.#watching.sync(), clientLimits.loginAnswerTimeoutMs);
    told.catch(() => {}).finally(() => this.#isOver || users.complete());
  }

  /** A key that can't be stored is no reason not to log in: it is new the next time. */
  async #pinServer(offer: LinkOffer): Promise<void> {
    const { servers, events } = this.#context;
    const { server } = this.connection;
    try {
      const oldKey = await servers.pin(server, offer);
      if (oldKey === undefined) return;
      const newKey = offer.announcement.serverKey;
      this.#events.emit({ type: "server-key-rotated", server, oldKey, newKey });
    } catch (error) {
      if (error instanceof ClientError && error.is("server-key-mismatch")) throw error;
      events.emit({ type: "error", error: storageError({ what: "server-key" }, error) });
    }
  }

  /** Only a later change of the own key asks for it: that fails rather than this login. */
  async #recordLogin(): Promise<void> {
    const { servers } = this.#context;
    const { identity } = this.#credentials;
    if (identity === undefined) return;
    await servers.recordLogin(this.connection.server, identity.publicKey).catch(() => {});
  }

  #update(update: TableUpdate): void {
    const user = this.#context.users.apply(update);
    if (user?.own !== true) return;
    if (update.type === "add" && !this.#isLoggedIn) this.#ownEntryCame(user);
    if (update.type !== "delete") return;
    const error = new ClientError("delisted", { server: this.connection.server });
    this.#context.events.emit({ type: "error", error });
  }

  #ownEntryCame({ name }: OnlineUser): void {
    this.#isLoggedIn = true;
    this.#events.succeed();
    this.#context.events.emit({ type: "logged-in", name });
    this.#answered.resolve();
    if (this.link !== undefined) return; // which marks the table's end
    this.#classicSilence.start();
    this.#loggedIn.resolve();
  }

  /** Limited for each session: one that asks again and again is called only so often. */
  #requestCallback(session: Uint8Array): void {
    const { users, events, callbackLimit } = this.#context;
    const user = users.findSession(session);
    if (user === undefined || user.own || callbackLimit.take(session.toHex()) !== "taken") return;
    events.emit({ type: "callback-requested", user });
  }

  #rejection(end: DisconnectCause): ClientError {
    const { connection: { server } } = this;
    const { name, identity } = this.#credentials;
    const lacksKey = this.offersMim2 && identity === undefined;
    return loginError({ server, name, end }, this.link !== undefined, lacksKey);
  }
}
