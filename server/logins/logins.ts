import { getLogger } from "@logtape/logtape";
import type { LinkClientMessage, LinkLogin, Login } from "../../protocol/mod.ts";
import type { LoginRules, Rejection } from "../admission/mod.ts";
import type { ClassicService } from "../classic/mod.ts";
import type { ClusterMembership } from "../cluster/mod.ts";
import type { ConnectionAdmission, SessionOwner } from "../connections/mod.ts";
import type { Mim2Service } from "../mim2/mod.ts";
import { throttle } from "../platform/util/throttle.ts";
import { type ClientSession, type Session, type SessionEnd, SessionLog } from "../session/mod.ts";
import type { Counters } from "../stats.ts";
import { LoginWait } from "./login_wait.ts";

const logger = getLogger(["mim", "server"]);
const FAILURE_LOG_INTERVAL_MS = 1_000;
const UNDECIDED: Rejection = {
  code: "name-undecided",
  reason: "whose this name is can't be settled right now",
};

/** Every connection of a server, of either dialect, from its admission to its end. */
export class Logins implements SessionOwner<Session> {
  readonly #rules: LoginRules;
  readonly #admission: ConnectionAdmission;
  readonly #counters: Counters;
  readonly #classic: ClassicService;
  readonly #mim2: Mim2Service | undefined;
  readonly #cluster: ClusterMembership | undefined;
  /** Every connection, in the order in which they came. */
  readonly #sessions = new Set<ClientSession>();
  readonly #log = new SessionLog();
  readonly #mayLogFailure = throttle(FAILURE_LOG_INTERVAL_MS);
  #isClosing = false;

  /**
   * @param mim2 undefined if the server speaks classic MIM only
   * @param cluster settles whose a name is; undefined without one
   */
  constructor(
    rules: LoginRules,
    admission: ConnectionAdmission,
    counters: Counters,
    classic: ClassicService,
    mim2: Mim2Service | undefined,
    cluster: ClusterMembership | undefined,
  ) {
    this.#rules = rules;
    this.#admission = admission;
    this.#counters = counters;
    this.#classic = classic;
    this.#mim2 = mim2;
    this.#cluster = cluster;
  }

  /** How many connections are open, logged in or not. */
  get connectionCount(): number {
    return this.#sessions.size;
  }

  /** How many users are online at this server. */
  get userCount(): number {
    return this.#classic.table.size - (this.#cluster?.stats?.remoteUsers ?? 0);
  }

  /** Takes a connection, by the rules for its address and the limits; else returns why not. */
  admit(address: string, port: number): Rejection | undefined {
    const rejection = this.#rules.rejectAddress(address) ?? this.#admission.admit(address);
    if (rejection !== undefined) {
      this.#counters.rejected(rejection.code);
      this.#log.rejected(address, port, rejection);
    }
    return rejection;
  }

  onOpen(session: ClientSession): void {
    this.#sessions.add(session);
    this.#admission.opened(session);
  }

  onHandshake(): Promise<void> | undefined {
    return this.#mim2?.classicRows.wake();
  }

  onLogin(session: ClientSession, login: Login | LinkLogin): Rejection | undefined {
    const { handshakeHash } = session;
    const bansKnown = this.#cluster?.bansKnown;
    const wait = new LoginWait(() => {
      if (this.#sessions.has(session)) session.end({ by: "rejected", ...UNDECIDED });
    });
    const logIn = () => this.#logIn(session, login, handshakeHash, wait);
    return bansKnown === undefined ? logIn() : this.#later(session, wait, bansKnown, logIn);
  }

  onMessage(session: ClientSession, message: LinkClientMessage): void {
    this.#mim2?.handle(session, message);
  }

  onEnd(session: ClientSession, end: SessionEnd): void {
    this.#sessions.delete(session);
    this.#admission.ended(session);
    const update = this.#classic.remove(session);
    if (update !== undefined) {
      this.#counters.logouts++;
      if (!this.#isClosing) this.#classic.broadcast.append(update);
    }
    this.#mim2?.remove(session);
    if (end.by === "rejected") this.#counters.rejected(end.code);
    this.#log.ended(session, end, update);
  }

  onWritten(session: Session, bytes: number, before: number | undefined): void {
    this.#counters.bytesOut += bytes;
    const dialect = session.isMim2 ? this.#mim2?.presence : this.#classic;
    dialect?.broadcast.moved(session, before);
  }

  onAcceptFailure(reason: string): void {
    this.#counters.acceptFailures++;
    if (this.#mayLogFailure()) logger.error("cannot accept connections: {reason}", { reason });
  }

  /** Logs what was summed up. To be called every second or so. */
  tick(time: number): void {
    this.#log.tick(time);
  }

  /** Ends every session, as the server stops: no logout is broadcast any more. */
  close(end: SessionEnd): void {
    this.#isClosing = true;
    for (const session of this.#sessions) session.end(end);
  }

  #logIn(
    session: ClientSession,
    login: Login | LinkLogin,
    handshakeHash: Uint8Array | undefined,
    wait: LoginWait,
  ): Rejection | undefined {
    const shown = this.#classic.table.size;
    const name = this.#rules.check(login, session.address, this.userCount, shown);
    if (typeof name !== "string") return name;
    const settled = "identity" in login ? this.#cluster?.settle(name, login) : undefined;
    if (settled === undefined) return this.#enter(session, login, name, handshakeHash);
    return this.#later(session, wait, settled, (isSettled) => {
      // Who may log in can have changed meanwhile.
      const checked = this.#rules.check(login, session.address, this.userCount, shown);
      if (typeof checked !== "string") return checked;
      return isSettled ? this.#enter(session, login, name, handshakeHash) : UNDECIDED;
    });
  }

  /** Goes on with a login once something is known. */
  #later<Known>(
    session: ClientSession,
    wait: LoginWait,
    known: Promise<Known>,
    goOn: (known: Known) => Rejection | undefined,
  ): undefined {
    wait.until(known, (value) => {
      if (!this.#sessions.has(session)) return;
      const rejection = goOn(value);
      if (rejection !== undefined) session.end({ by: "rejected", ...rejection });
    });
  }

  #enter(
    session: ClientSession,
    login: Login | LinkLogin,
    name: string,
    handshakeHash: Uint8Array | undefined,
  ): Rejection | undefined {
    const entry = { name, address: session.address, port: login.port };
    const rejection = "identity" in login
      ? this.#mim2?.logIn(session, login, entry, handshakeHash)
      : undefined;
    if (rejection !== undefined) return rejection;
    this.#admission.loggedIn(session);
    this.#counters.logins++;
    this.#classic.add(session, entry);
    this.#log.loggedIn(entry, "identity" in login);
    if ("identity" in login) return void this.#counters.mim2Logins++;
    this.#mim2?.classicRows.add(session, entry);
    this.#classic.admit(session, login.port);
    return undefined;
  }
}
