import { PublicKey } from "../public_key.ts";
import { tooManyChatsError } from "./chat_errors.ts";
import { nameKey } from "../../../protocol/mod.ts";
import { DIAL_TIMEOUT_MS } from "../../../server/platform/net/dial.ts";
import type { Chat } from "../chat.ts";
import { ClientError, storageError } from "../errors.ts";
import type { OnlineUser } from "../online_user.ts";
import { isUnknown } from "../security.ts";
import { dialSecure, type SecureConnection } from "../peer/mod.ts";
import type { Claim } from "../trust/mod.ts";
import type { BaseChat } from "./base_chat.ts";
import { type Call, CallsUnderWay } from "./calls_under_way.ts";
import type { SecureComponents } from "./chat_components.ts";
import { calleeOf, type TrustedCallee } from "./peer_keys.ts";

/** How many peers are dialed at once because they asked for it. */
const MAX_CALLBACK_DIALS = 8;

/** The program that was reached takes no messages; another one of that user may. */
export class SendOnlyError extends ClientError<"peer-unreachable"> {
  constructor({ name, address, port }: TrustedCallee) {
    const reason = "it runs a command there, which takes no messages";
    super("peer-unreachable", { name, address, port, reason });
  }
}

type OpenChat = (
  connection: SecureConnection,
  callee: TrustedCallee,
  direction: Chat["direction"],
) => void;

/** The calls to peers that have a key, and those back to peers that asked for it. */
export class OutgoingCalls {
  readonly #components: SecureComponents;
  readonly #join: (connection: SecureConnection, name: string) => boolean;
  readonly #open: OpenChat;
  readonly #calls = new CallsUnderWay<TrustedCallee>();
  readonly #callbacks = new Set<string>();
  readonly #redials = new Set<string>();

  /** @param join hands a connection to the open chat with the same program, if there is one */
  constructor(
    components: SecureComponents,
    join: (connection: SecureConnection, name: string) => boolean,
    open: OpenChat,
  ) {
    this.#components = components;
    this.#join = join;
    this.#open = open;
  }

  call(callee: TrustedCallee, signal?: AbortSignal): Promise<BaseChat> {
    return this.#calls.begin(callKey(callee), callee, (call) => this.#reach(call), signal);
  }

  underWay(claim: Claim): Pick<Call<TrustedCallee>, "hasCalled"> | undefined {
    return this.#calls.get(callKey(claim));
  }

  cancel(isMeant: (callee: TrustedCallee) => boolean, reason: string): void {
    this.#calls.cancel(isMeant, reason);
  }

  /** Calls a user who asked for it, unless the screener would not let that user in. */
  async callBack(user: OnlineUser): Promise<void> {
    const { screener, registry, pins, events, shutdown } = this.#components;
    const stopped = shutdown.signal;
    try {
      await pins.refresh();
    } catch (error) {
      return events.emit({ type: "error", error: storageError({ what: "contents" }, error) });
    }
    const callee = calleeOf(user, pins);
    if (callee === undefined || user.own || stopped.aborted) return;
    const key = callKey(callee);
    const isKnown = !isUnknown(callee.security);
    const isRejected = !isKnown && screener.unknownCallers === "refuse";
    if (isRejected || screener.isIgnored(callee)) return;
    // With an open chat, that user doubts its connection.
    if (registry.openWith(callee.identity, callee.name) !== undefined) {
      return await this.redial(callee, false);
    }
    const { name, address, port } = user;
    const identity = new PublicKey(callee.identity);
    if (!this.#components.acceptsCall({ name, address, port, identity })) return;
    if (this.#calls.get(key) || this.#callbacks.has(key)) return;
    if (this.#callbacks.size >= MAX_CALLBACK_DIALS) return;
    this.#callbacks.add(key);
    try {
      const signal = AbortSignal.any([stopped, AbortSignal.timeout(DIAL_TIMEOUT_MS)]);
      const target = { ...callee, purpose: "callback" } as const;
      const connection = await dialSecure(this.#components, target, signal);
      if (stopped.aborted) return connection.close();
      if (connection.isRoomLink) return this.#components.takeRoomCall(connection);
      if (this.#join(connection, callee.name)) return;
      const isUnconfirmed = callee.security === "unconfirmed";
      const doubt = isUnconfirmed ? { reason: "unconfirmed" } as const : undefined;
      const caller = { ...callee, identity: connection.peer.identity, doubt };
      if (!screener.admits(caller, connection, isKnown)) return;
      // Nobody was asked: this name alone is never to mean that user.
      const told = isUnconfirmed ? { ...callee, name: `${name}~${identity.tag}` } : callee;
      this.#open(connection, told, "incoming");
    } catch {
      // The user who asked notices that no call comes.
    } finally {
      this.#callbacks.delete(key);
    }
  }

  /**
   * Dials a peer whose open chat may have a dead connection; a new one takes its place.
   *
   * @param asks whether the peer is asked to dial if the server could not dial it either
   */
  async redial(callee: TrustedCallee, asks = true): Promise<void> {
    const { signaling, registry, shutdown } = this.#components;
    const stopped = shutdown.signal;
    const key = callKey(callee);
    if (stopped.aborted || this.#redials.has(key) || this.#redials.size >= MAX_CALLBACK_DIALS) {
      return;
    }
    this.#redials.add(key);
    const { session, isUnreachable } = callee;
    if (session !== undefined && isUnreachable && asks) signaling.requestCallback(session);
    try {
      const signal = AbortSignal.any([stopped, AbortSignal.timeout(DIAL_TIMEOUT_MS)]);
      const purpose = asks ? "chat" : "callback";
      const connection = await dialSecure(this.#components, { ...callee, purpose }, signal);
      if (stopped.aborted) return connection.close();
      if (connection.isRoomLink) return this.#components.takeRoomCall(connection);
      // The peer may use this one already: it goes only if the user has closed the chat.
      if (!registry.hasWith(callee.identity, callee.name)) return connection.refuse();
      if (this.#join(connection, callee.name)) return;
      if (connection.isSendOnly) return connection.refuse();
      this.#open(connection, callee, "outgoing");
    } catch {
      // The connection stays until another is there, or it breaks.
    } finally {
      this.#redials.delete(key);
    }
  }

  async #reach(call: Call<TrustedCallee>): Promise<BaseChat> {
    const { target: callee, abort: { signal }, dialing } = call;
    const { signaling, registry } = this.#components;
    const { session } = callee;
    const openChat = () => registry.openWith(callee.identity, callee.name);
    if (session !== undefined && callee.isUnreachable) signaling.requestCallback(session);
    try {
      const connection = await dialSecure(this.#components, callee, signal, dialing.signal);
      if (signal.aborted) connection.close();
      signal.throwIfAborted();
      if (connection.isSendOnly) {
        connection.refuse();
        throw new SendOnlyError(callee);
      }
      if (!this.#join(connection, callee.name)) this.#open(connection, callee, "outgoing");
    } catch (error) {
      if (error instanceof SendOnlyError) throw error;
      const isOther = error instanceof ClientError && error.code === "peer-key-mismatch";
      if (!openChat()) {
        if (signal.aborted || session === undefined) throw error;
        signaling.reportUnreachable(session); // also if another key answers: the peer is not there
        if (isOther || !signaling.requestCallback(session)) throw error;
        await call.arrival();
      }
      if (!openChat()) throw error;
    }
    const chat = openChat();
    if (chat !== undefined) return chat;
    throw tooManyChatsError();
  }
}

/** One user may be called under two names at a time. */
function callKey({ identity, name }: Claim): string {
  return `${identity.toHex()} ${nameKey(name)}`;
}
