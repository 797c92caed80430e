import type { LinkLogin } from "../../protocol/mod.ts";
import type { UserSession } from "../session/mod.ts";
import type { Keepalive } from "./keepalive.ts";
import type { Mim2Client } from "./mim2_client.ts";
import type { SealedPresence } from "./sealed_presence.ts";

/** A request to another server; sessions are in hex digits. */
export type RemoteRequest =
  /** Have a client of yours dial one of mine. */
  | { readonly type: "call-me"; readonly from: string; readonly to: string }
  /** A client of mine can't reach one of yours. */
  | { readonly type: "unreachable"; readonly by: string; readonly whom: string }
  /** The user of this key has logged in again here. */
  | { readonly type: "end"; readonly session: string; readonly identity: Uint8Array };

/** The requests of clients about the sessions of others: callbacks, reports, and the end of their own before. */
export class SessionRequests {
  /** Asks the server that owns a session which is not here; undefined without other servers. An end goes to all. */
  askOwner: ((session: string, request: RemoteRequest) => void) | undefined;
  /** A classic client can't be reached; returns whether that is one of this server's. */
  reportClassic: (session: string) => boolean = () => false;
  /** The user of a session at another server. */
  findElsewhere: ((session: string) => UserSession | undefined) | undefined;
  readonly #presence: SealedPresence;
  readonly #keepalive: Keepalive;
  readonly #clients: ReadonlyMap<string, Mim2Client>;

  /** @param clients by the id of their session, in hex digits */
  constructor(
    presence: SealedPresence,
    keepalive: Keepalive,
    clients: ReadonlyMap<string, Mim2Client>,
  ) {
    this.#presence = presence;
    this.#keepalive = keepalive;
    this.#clients = clients;
  }

  /** A client wants to be dialed by another one. */
  callMe(client: Mim2Client, to: Uint8Array, time: number): void {
    const session = to.toHex();
    if (!this.#isKnown(session, client) || !client.callMes.take(time)) return;
    this.#do(session, { type: "call-me", from: client.id, to: session });
  }

  /** A client can't reach another one. */
  report(client: Mim2Client, whom: Uint8Array, time: number): void {
    const session = whom.toHex();
    if (session === client.id || !client.ownReports.take(time)) return;
    if (!this.#clients.has(session) && this.reportClassic(session)) return;
    this.#do(session, { type: "unreachable", by: client.id, whom: session }, time);
  }

  /** A client logs in: its session before ends. */
  endBefore({ previousSession, identity }: LinkLogin): void {
    const session = previousSession.toHex();
    if (session !== "") this.#do(session, { type: "end", session, identity });
  }

  /** Does what another server asks for, about a client of this one. */
  handleRemote(request: RemoteRequest, time: number): void {
    switch (request.type) {
      case "call-me":
        return this.#tellCallMe(request.to, request.from);
      case "unreachable": {
        const target = this.#clients.get(request.whom);
        if (target === undefined) return void this.reportClassic(request.whom);
        return this.#keepalive.report(target, { id: request.by }, time);
      }
      case "end": {
        const before = this.#clients.get(request.session);
        if (before?.entry.identity.toHex() !== request.identity.toHex()) return;
        return before.session.end({ by: "client", reason: "logged in again" });
      }
    }
  }

  /** Whether a session may be somebody else's, here or at another server. */
  #isKnown(session: string, client: Mim2Client): boolean {
    return session !== client.id && (this.#clients.has(session) || this.askOwner !== undefined);
  }

  #do(session: string, request: RemoteRequest, time = performance.now()): void {
    if (this.#clients.has(session)) this.handleRemote(request, time);
    else this.askOwner?.(session, request);
  }

  #tellCallMe(to: string, from: string): void {
    const target = this.#clients.get(to);
    if (target === undefined) return;
    const session = Uint8Array.fromHex(from);
    const { broadcast: { log }, watchers } = this.#presence;
    if (watchers.has(target.session)) {
      if (!watchers.introduce(target.session, from)) return;
      return void target.session.send({ type: "call-me", session });
    }
    log.seal(); // the target may not have been written the sender's Add yet
    target.session.send({ type: "call-me", session }, log.end);
  }
}
