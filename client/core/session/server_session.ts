import {
  type Announcement,
  type AnyServerMessage,
  type Availability,
  encodeLogin,
  parseAnnouncement,
  ProtocolError,
} from "../../../protocol/mod.ts";
import type { DisconnectCause } from "../error_details.ts";
import { ClientError, describeConnectionError } from "../errors.ts";
import type { MessengerEvent } from "../events.ts";
import { type LoginCredentials, Mim2Auth } from "./mim2_auth.ts";
import { type OwnEntry, type TableEntry, UserTable } from "../presence/user_table.ts";
import type { ServerConnection } from "./server_connection.ts";
import { PresenceSync } from "../presence/presence_sync.ts";
import { within } from "../within.ts";
import type { OnlineUser } from "../online_user.ts";
import { clientLimits } from "../limits.ts";

/** A complaint of the server that is followed by no close for so long was no reason for one. */
const COMPLAINT_GRACE_MS = 1_000;
/** After these, what answers is taken to be no MIM server. */
const NOT_MIM: readonly DisconnectCause["type"][] = [
  "not-mim",
  "silent",
  "no-welcome",
  "no-answer",
];

/** What is remembered of the stay before, to tell only what is different. */
export interface PreviousSession {
  readonly online: readonly OnlineUser[];
  readonly welcome: readonly string[];
}

/** What a stay needs of the messenger that it belongs to. */
export interface ServerSessionHost {
  /** Tells whoever subscribed. */
  emit(event: MessengerEvent): void;
  /** Listens for peers, unless it does already; returns the port. */
  listen(): number;
  /** The further addresses to announce. */
  addresses(): readonly string[];
  /** Whether the server is to be given time to announce MIM/2. */
  expectsMim2(): boolean;
  /**
   * Looks at what the server announces, before anything is sent to it.
   *
   * @throws {ClientError} `server-key-mismatch`
   */
  check(announcement: Announcement | undefined): void;
  /** The server has proven that key. */
  proven(serverKey: Uint8Array): void;
  /** The own entry has come back. */
  loggedIn(): void;
  /** Somebody with a key is online, or reachable in another way than before. */
  cameOnline(user: OnlineUser): void;
  /** Somebody who could not be reached from there wants to be called. */
  askedToCall(user: OnlineUser): void;
  /** The connection ended after the login, and nobody here wanted that; `soon` was it meant to last. */
  ended(end: DisconnectCause, soon: boolean): void;
}

/** One stay at a server, from the connection to its end. */
export class ServerSession {
  readonly #link: ServerConnection;
  readonly #self: LoginCredentials;
  readonly #host: ServerSessionHost;
  readonly #welcomed = Promise.withResolvers<void>();
  /** Once the server has answered the login. */
  readonly #answered = Promise.withResolvers<void>();
  readonly #loggedIn = Promise.withResolvers<void>();
  /** Once the table is in, or the stay is over. */
  readonly #settled = Promise.withResolvers<void>();
  /** What the server has announced; undefined at a classic one. */
  #mim2: Mim2Auth | undefined;
  /** The table, from the moment the login is sent. */
  #table: PresenceSync | undefined;
  #over = false;
  #clockAhead: number | undefined;
  readonly #welcome: string[] = [];
  readonly #before: PreviousSession | undefined;
  /** What is told only if the login succeeds. */
  readonly #held: MessengerEvent[] = [];
  /** What the server has complained of, and perhaps closes for. */
  #complaint: Extract<AnyServerMessage, { readonly type: "refusal" }> | undefined;
  #complaining: ReturnType<typeof setTimeout> | undefined;

  /**
   * @param link just connected
   * @param self who logs in
   * @param before what is known from the stay before, where this one takes its place unasked
   */
  constructor(
    link: ServerConnection,
    self: LoginCredentials,
    host: ServerSessionHost,
    before?: PreviousSession,
  ) {
    this.#before = before;
    this.#link = link;
    this.#self = self;
    this.#host = host;
    this.#loggedIn.promise.catch(() => {}); // it is awaited only once the login is sent
  }

  /** Everybody in the table, once the login is sent; after a stay before, once it is complete. */
  get online(): OnlineUser[] | undefined {
    const table = this.#table;
    return table?.complete || this.#before === undefined ? table?.list.users : undefined;
  }

  /** Whether the own entry has come back. */
  get isLoggedIn(): boolean {
    return this.#table?.seen ?? false;
  }

  /** Resolves once the table is in, or the stay is over. */
  get settled(): Promise<void> {
    return this.#settled.promise;
  }

  /** What is MIM/2's in this stay; undefined at a classic server. */
  get mim2(): Mim2Auth | undefined {
    return this.#mim2;
  }

  /** How far this machine's clock is ahead of the server's, in milliseconds, where that is known. */
  get clockAhead(): number | undefined {
    return this.#clockAhead;
  }

  /** The connection. */
  get link(): ServerConnection {
    return this.#link;
  }

  /** What the next stay at the same server is compared with. */
  get memory(): PreviousSession {
    const { online } = this;
    // Until the table is complete all that is known is that from before.
    const known = online === undefined
      ? this.#before?.online ?? []
      : [...online, ...this.#table?.missing ?? []];
    return { online: known, welcome: this.#welcome };
  }

  /**
   * Logs in; resolves once the own entry has come back in the table, at a MIM/2 server once all of
   * the table has.
   *
   * @throws {ClientError} `protocol-error`, `server-refused`, `server-key-mismatch`, `cannot-listen`; `invalid-state`
   *   where somebody leaves meanwhile
   */
  async logIn(): Promise<void> {
    this.#tell({ type: "connected", address: this.#link.address, port: this.#link.port });
    void this.#follow();
    await this.#hearWelcome();
    if (this.#over) return await this.#loggedIn.promise; // it has failed
    const port = this.#host.listen();
    this.#tell({ type: "listening", port });
    const { name } = this.#self;
    const own = { name, port, address: this.#link.ownAddress };
    this.#table = this.#tableFor(own);
    const { identity } = this.#self;
    if (this.#mim2 === undefined || identity === undefined) this.#link.say(encodeLogin(own));
    else this.#mim2.logIn({ ...this.#self, identity }, port, this.#host.addresses());
    if (await within(this.#answered.promise, clientLimits.loginAnswerTimeoutMs) === "late") {
      throw this.#refused({ type: "no-answer", seconds: clientLimits.loginAnswerTimeoutMs / 1000 });
    }
    await this.#loggedIn.promise;
  }

  /** Leaves; a login under way fails. */
  leave(): void {
    this.#stop();
    this.#loggedIn.reject(abortedByLogout());
  }

  /**
   * Has the server show that it is there still; where it does not, the stay ends.
   *
   * @returns false where a classic server can't be asked
   */
  prod(): boolean {
    if (this.#mim2?.accepted === undefined) return false;
    this.#mim2.ping();
    return true;
  }

  /** Tells the others that availability or status is another. */
  setStatus(availability: Availability, status: string): void {
    this.#mim2?.say({ type: "status", availability, status });
  }

  /** Waits for the welcome's end; a server that is known to speak MIM/2 is waited for longer. */
  async #hearWelcome(): Promise<void> {
    const { identity } = this.#self;
    const patient = identity !== undefined && this.#host.expectsMim2();
    const time = patient ? clientLimits.loginAnswerTimeoutMs : clientLimits.welcomeTimeoutMs;
    const late = await within(this.#welcomed.promise, time) === "late";
    if (late && patient) throw this.#refused({ type: "no-welcome", seconds: time / 1000 });
    if (!this.#over && identity !== undefined && this.#mim2 === undefined) {
      this.#host.check(undefined);
    }
  }

  /** Takes what the server says until the connection ends. Never rejects. */
  async #follow(): Promise<void> {
    try {
      for await (const message of this.#link.messages(this.#self.identity !== undefined)) {
        if (this.#over) return;
        this.#heard(message);
      }
      this.#end({ type: "closed" });
    } catch (error) {
      if (error instanceof ClientError) this.#fail(error);
      else if (error instanceof ProtocolError) {
        this.#end({ type: "not-mim", reason: error.message });
      } else this.#end({ type: "lost", reason: describeConnectionError(error) });
    }
  }

  #end(cause: DisconnectCause, soon = false): void {
    if (this.#over) return;
    const complaint = this.#complaint;
    const end = complaint === undefined ? cause : { ...complaint, type: "rejected" } as const;
    if (!this.isLoggedIn) return this.#fail(this.#refused(end));
    this.#stop();
    this.#loggedIn.resolve(); // it has; that the table was not all there is no reason to say it has not
    this.#host.ended(end, soon);
  }

  #fail(error: ClientError): void {
    if (this.#over) return;
    this.#stop();
    this.#loggedIn.reject(error);
  }

  #stop(): void {
    clearTimeout(this.#complaining);
    this.#table?.stop();
    this.#mim2?.end();
    this.#over = true;
    this.#link.close();
    this.#welcomed.resolve();
    this.#answered.resolve();
    this.#settled.resolve();
  }

  #heard(message: AnyServerMessage): void {
    if (message.type !== "welcome" && message.type !== "welcome-end") {
      this.#mim2?.heard(message.type);
    }
    switch (message.type) {
      case "welcome":
        // For programs, and another one each time: a client that speaks classic MIM reads it as text.
        if (parseAnnouncement(message.text) !== undefined) return;
        this.#welcome.push(message.text);
        return this.#before === undefined ? this.#host.emit(message) : undefined;
      case "welcome-end":
        return this.#welcomeEnded(message.announcement);
      case "accepted":
        this.#mim2?.accept(message, (seconds) => this.#end({ type: "silent", seconds }, true));
        if (this.#mim2 !== undefined) this.#host.proven(this.#mim2.serverKey);
        if (this.#table !== undefined) this.#table.list.ownSession = message.session;
        return this.#answered.resolve();
      case "add":
        return this.#table?.added(message.entry);
      case "delete":
        return this.#deleted(message.entry);
      case "change":
        return this.#table?.changed(message.entry);
      case "complete":
        if (this.isLoggedIn) return this.#table?.end();
        throw new ProtocolError("bad-field", "expected the own entry in the table, got its end");
      case "ping":
        return void this.#mim2?.say({ type: "pong", token: message.token });
      case "pong":
        return;
      case "call-me": {
        const user = this.#table?.list.find(message.session);
        return user === undefined || user.own ? undefined : this.#host.askedToCall(user);
      }
      case "refusal":
        this.#complaint = message;
        if (!this.isLoggedIn) return this.#end({ ...message, type: "rejected" });
        clearTimeout(this.#complaining);
        this.#complaining = setTimeout(this.#complained, COMPLAINT_GRACE_MS);
    }
  }

  /** The welcome has ended: is this the server that it was? */
  #welcomeEnded(announcement: Announcement | undefined): void {
    if (announcement !== undefined) {
      this.#host.check(announcement);
      if (this.#table !== undefined) throw this.#refused({ type: "late-announcement" });
      this.#mim2 = new Mim2Auth(this.#link, announcement);
    }
    this.#welcomed.resolve();
  }

  /** The table that a login of this entry is answered with. */
  #tableFor(own: OwnEntry): PresenceSync {
    const list = new UserTable(this.#link.address, own);
    const host = this.#host;
    return new PresenceSync(list, this.#mim2 !== undefined, {
      emit: (change) => host.emit(change),
      ownSeen: (user) => this.#ownSeen(user),
      completed: () => {
        this.#loggedIn.resolve();
        this.#settled.resolve();
      },
      cameOnline: (user) => host.cameOnline(user),
    }, this.#before?.online);
  }

  #deleted(entry: TableEntry): void {
    if (!this.#table?.deleted(entry)?.own) return;
    const error = new ClientError("delisted", { server: this.#link.server });
    this.#host.emit({ type: "error", error });
  }

  /** The server has complained, and not closed. */
  readonly #complained = (): void => {
    const complaint = this.#complaint;
    this.#complaint = undefined;
    if (complaint === undefined) return;
    const { code, text } = complaint;
    const error = new ClientError("server-complaint", { code, text });
    this.#host.emit({ type: "error", error });
  };

  #ownSeen({ name, details }: OnlineUser): void {
    // The certificate was made just now.
    if (details !== undefined && details.issued > 0) this.#clockAhead = Date.now() - details.issued;
    this.#host.loggedIn();
    this.#showHeld();
    this.#host.emit({ type: "logged-in", name });
    this.#answered.resolve();
    if (this.#mim2 !== undefined) return; // which marks the end of its table
    this.#loggedIn.resolve();
  }

  /** Tells what was held back; the welcome only where it is another than before. */
  #showHeld(): void {
    if (this.#before === undefined) return;
    const [connected, ...others] = this.#held.splice(0);
    if (connected !== undefined) this.#host.emit(connected);
    if (this.#welcome.join("\n") !== this.#before.welcome.join("\n")) {
      for (const text of this.#welcome) this.#host.emit({ type: "welcome", text });
    }
    for (const event of others) this.#host.emit(event);
  }

  #tell(event: MessengerEvent): void {
    if (this.#before === undefined) this.#host.emit(event);
    else this.#held.push(event);
  }

  #refused(end: DisconnectCause): ClientError {
    const code = NOT_MIM.includes(end.type) ? "protocol-error" : "server-refused";
    return new ClientError(code, { server: this.#link.server, name: this.#self.name, end });
  }
}

/** Why a login that somebody has given up fails. */
export function abortedByLogout(): ClientError {
  return new ClientError("invalid-state", { reason: "logged-out" });
}
