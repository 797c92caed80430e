import { ClientError } from "../errors.ts";
import type { CallScreener } from "../calls/call_screener.ts";
import type { SecureChat } from "./secure_chat.ts";
import { type Callee, dialSecure, type SecureDialerContext } from "../peer/secure_dialer.ts";
import type { SecureConnection } from "../peer/secure_connection.ts";
import type { Claim } from "../trust/mod.ts";
import { within } from "../within.ts";
import { nameKey } from "../../../protocol/mod.ts";
import type { OnlineUser } from "../online_user.ts";
import { clientLimits } from "../limits.ts";
import { DIAL_TIMEOUT_MS } from "../../../server/platform/net/dial.ts";

/** So many are dialled at once because they asked for it. */
const MAX_CALLBACK_DIALS = 8;

/** What calls need of the chats. */
export interface OutgoingCallsHost extends SecureDialerContext {
  readonly gate: CallScreener;
  /** The open chat with that key under that name. */
  openWith(callee: Claim): SecureChat | undefined;
  /** Hands a link to the open chat with the same program at the other end, where there is one. */
  joins(link: SecureConnection): boolean;
  /** Makes a chat of a link. */
  opened(link: SecureConnection, callee: Callee, by: "me" | "them"): void;
}

/** A call under way. */
class Call {
  readonly callee: Callee;
  readonly abort = new AbortController();
  /** Gives up dialling, and nothing more. */
  readonly dialling = new AbortController();
  readonly #arrived = Promise.withResolvers<void>();

  constructor(callee: Callee) {
    this.callee = callee;
  }

  /** The peer has called meanwhile, and there is a chat. */
  hasCalled(): void {
    this.#arrived.resolve();
    this.dialling.abort(new Error("the peer has called"));
  }

  /** Waits until the peer has called, the call is given up, or that takes too long. */
  async arrival(): Promise<void> {
    const givenUp = new Promise<void>((resolve) =>
      this.abort.signal.addEventListener("abort", () => resolve())
    );
    await within(Promise.race([this.#arrived.promise, givenUp]), DIAL_TIMEOUT_MS);
  }
}

/** The calls to those who have a key, and those back to who asked for it. */
export class OutgoingCalls {
  readonly #host: OutgoingCallsHost;
  /** The calls under way, by whom they are meant for. */
  readonly #calls = new Map<string, { readonly call: Call; readonly chat: Promise<SecureChat> }>();
  readonly #asked = new Set<string>();

  constructor(host: OutgoingCallsHost) {
    this.#host = host;
  }

  /** Calls somebody; whoever asks again while the call is under way gets the same chat. */
  call(callee: Callee): Promise<SecureChat> {
    const key = callKey(callee);
    const before = this.#calls.get(key);
    if (before !== undefined) return before.chat;
    const call = new Call(callee);
    const chat = this.#reach(call).finally(() => this.#calls.delete(key));
    this.#calls.set(key, { call, chat });
    return chat;
  }

  /** The call to somebody that is under way. */
  underWay(claim: Claim): Pick<Call, "hasCalled"> | undefined {
    return this.#calls.get(callKey(claim))?.call;
  }

  /** Gives up the calls under way that are meant. */
  hangUp(isMeant: (callee: Callee) => boolean, why: string): void {
    for (const { call: { callee, abort } } of this.#calls.values()) {
      if (isMeant(callee)) abort.abort(new Error(why));
    }
  }

  /** Calls a user who asked for it, unless the gate would not let that one in. */
  async callBack(callee: Callee, user: OnlineUser): Promise<void> {
    const { gate } = this.#host;
    const key = callKey(callee);
    const stranger = callee.security === "new" && gate.policy === "refuse";
    if (stranger || gate.isIgnored(user) || this.#host.openWith(callee)) return;
    if (this.#calls.has(key) || this.#asked.has(key) || this.#asked.size >= MAX_CALLBACK_DIALS) {
      return;
    }
    this.#asked.add(key);
    try {
      const link = await dialSecure(this.#host, callee, AbortSignal.timeout(DIAL_TIMEOUT_MS));
      const known = callee.security !== "new";
      if (this.#host.joins(link) || !gate.admits(callee, link, known)) return;
      this.#host.opened(link, callee, "them");
    } catch {
      // Whoever asked is told by nothing coming.
    } finally {
      this.#asked.delete(key);
    }
  }

  async #reach(call: Call): Promise<SecureChat> {
    const { callee, abort: { signal }, dialling } = call;
    const { server, openWith } = this.#host;
    const { session } = callee;
    if (session !== undefined && callee.unreachable) server.requestCallback(session);
    try {
      const link = await dialSecure(this.#host, callee, signal, dialling.signal);
      if (signal.aborted) link.close();
      signal.throwIfAborted();
      if (!this.#host.joins(link)) this.#host.opened(link, callee, "me");
    } catch (error) {
      const refused = error instanceof ClientError && error.code === "peer-key-mismatch";
      if (!openWith(callee)) {
        if (signal.aborted || session === undefined) throw error;
        server.reportUnreachable(session); // also where somebody else answers: it is not there
        if (refused || !server.requestCallback(session)) throw error;
        await call.arrival();
      }
      if (!openWith(callee)) throw error;
    }
    const chat = openWith(callee);
    if (chat !== undefined) return chat;
    throw new ClientError("invalid-state", { reason: "too-many-chats", limit: clientLimits.chats });
  }
}

/** One user may be called under two names at a time. */
function callKey({ identity, name }: Claim): string {
  return `${identity.toHex()} ${nameKey(name)}`;
}
