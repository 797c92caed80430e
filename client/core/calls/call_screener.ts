import { equals } from "@std/bytes/equals";
import { addressBlock, isLoopback, nameKey } from "../../../protocol/mod.ts";
import type { CallDoubt, Caller } from "../caller.ts";
import type { Chat } from "../chat.ts";
import { ClientError } from "../errors.ts";
import type { EventBus } from "../event_bus.ts";
import { clientLimits } from "../limits.ts";
import { NoticeCounter } from "../notice_counter.ts";
import { oldestOfFullestBlock } from "../largest.ts";
import { WindowLimit } from "../../../server/platform/util/window_limit.ts";
import type { CallPolicy, Calls } from "./calls.ts";
import {
  type IgnorablePeer,
  type IgnoreEntry,
  IgnoreList,
  type IgnoreTarget,
} from "./ignore_list.ts";
import {
  type CallConnection,
  type CallerInfo,
  PendingCall,
  type PendingCallHandlers,
} from "./pending_call.ts";

/** How often an event reports rejected calls at most: others can make any number of them. */
const REJECTED_NOTICE_INTERVAL_MS = 60_000;
/** How long a window is in which strangers of one block of addresses may open only so many chats. */
const STRANGER_WINDOW_MS = 60_000;
/** From how many addresses they may come in that time. */
const MAX_STRANGER_ADDRESSES = 16_384;
/**
 * How many questions there may be in so long a time, from one block of addresses and in all. Once those of
 * a block are used up, callers that say something are asked about as often again, so that silent ones
 * keep nobody out.
 */
const PROMPT_WINDOW_MS = 120_000;
const MAX_PROMPTS_PER_BLOCK = 3;
const MAX_PROMPTS = 20;
const NO_KEY = new Uint8Array();

/** Decides about calls: rejects the ignored, and does with unknown callers as the user wishes. */
export class CallScreener implements Calls {
  unknownCallers: CallPolicy = "allow";
  /** Why a caller waits although the policy would let the call in; undefined if there is no doubt. */
  doubts: (caller: CallerInfo) => CallDoubt | undefined = () => undefined;
  onAccept: (call: PendingCall) => Promise<Chat> = (call) =>
    Promise.reject(this.#waitsNoMore(call));
  /** Closes the chats with ignored peers, and cancels the calls to them. */
  onIgnore: () => Promise<void> = () => Promise.resolve();
  rejectedCount = 0;
  readonly #events: EventBus;
  readonly #isKnownCaller: (name: string, address: string) => boolean;
  readonly #ignored: IgnoreList;
  /** The peers that the user has talked to, the longest ago first. */
  readonly #met = new Set<string>();
  /** The calls that wait for an answer, the oldest first. */
  readonly #pending = new Set<PendingCall>();
  readonly #prompts = new WindowLimit({
    windowMs: PROMPT_WINDOW_MS,
    maxPerKey: MAX_PROMPTS_PER_BLOCK,
    maxTotal: MAX_PROMPTS,
  });
  readonly #strangers = new WindowLimit({
    windowMs: STRANGER_WINDOW_MS,
    maxPerKey: clientLimits.strangerChats,
  });
  readonly #strangersByAddress = new WindowLimit({
    windowMs: STRANGER_WINDOW_MS,
    maxPerKey: clientLimits.strangerChatsPerAddress,
    maxKeys: MAX_STRANGER_ADDRESSES,
  });
  readonly #rejections = new NoticeCounter(REJECTED_NOTICE_INTERVAL_MS);
  readonly #handlers: PendingCallHandlers = {
    onMessage: (call) => this.#messageCame(call),
    onEnd: (call, reason) => this.#callEnded(call, reason),
    onAccept: async (call) => await this.onAccept(this.assertWaiting(call)),
    onReject: (call) => this.#drop(this.assertWaiting(call)),
  };

  /** @param isKnownCaller whether a caller is known, though the user has not met it in this run */
  constructor(
    { events }: { readonly events: EventBus },
    ignored: readonly IgnoreEntry[] = [],
    isKnownCaller: (name: string, address: string) => boolean = () => false,
  ) {
    this.#events = events;
    this.#ignored = new IgnoreList(ignored);
    this.#isKnownCaller = isKnownCaller;
  }

  get ignored(): IgnoreEntry[] {
    return this.#ignored.all;
  }

  get pending(): PendingCall[] {
    return [...this.#pending].filter(({ isAnnounced }) => isAnnounced);
  }

  async ignore(target: IgnoreTarget): Promise<IgnoreEntry> {
    const entry = this.#ignored.add(target);
    for (const call of this.#pending) {
      if (this.#ignored.rejects(call.name, call.address, call.identity)) this.#drop(call);
    }
    await this.onIgnore();
    return entry;
  }

  unignore(target: IgnoreTarget): IgnoreEntry[] {
    return this.#ignored.remove(target);
  }

  isIgnored(peer: IgnorablePeer): boolean {
    return this.#ignored.has(peer);
  }

  /** Whether everyone at an address is ignored; if so, counts a call that has failed. */
  countIgnored(address: string): boolean {
    return this.#ignored.rejects(undefined, address);
  }

  /** The user has talked to a peer, who is known from now on. */
  meet({ name, address }: { readonly name: string; readonly address: string }): void {
    const key = acquaintance(name, address);
    this.#met.delete(key);
    this.#met.add(key);
    const [oldest] = this.#met;
    if (this.#met.size > clientLimits.chats && oldest !== undefined) this.#met.delete(oldest);
  }

  /** Whether a call becomes a chat at once; else it is rejected or waits. Keys come with `isKnown`. */
  admits(caller: CallerInfo, connection: CallConnection, isKnown?: boolean): boolean {
    const { name, address } = caller;
    if (this.#ignored.rejects(name, address, caller.identity)) {
      connection.refuse();
      return false;
    }
    if (caller.doubt?.reason === "key-missing") {
      this.#hold(caller, connection);
      return false;
    }
    const doubt = this.doubts(caller) ?? caller.doubt;
    const isAllowed = this.#allows(doubt);
    if (isAllowed && (isKnown === true || this.#takesStranger(address))) return true;
    if (isKnown ?? this.#isKnown(name, address)) return true;
    if (isAllowed || this.unknownCallers === "refuse") this.#reject(caller, connection, isAllowed);
    else this.#hold({ ...caller, doubt }, connection);
    return false;
  }

  /** Whether strangers with that doubt, or with none, are let in. */
  #allows(doubt: CallDoubt | undefined): boolean {
    if (this.unknownCallers === "allow-unconfirmed") {
      return doubt === undefined || doubt.reason === "unconfirmed";
    }
    return this.unknownCallers === "allow" && doubt === undefined;
  }

  /** Whether the user is asked about an invitation by a stranger: about as few as of callers. */
  admitsInvitation(caller: Pick<CallerInfo, "name" | "address" | "identity">): boolean {
    const { name, address, identity } = caller;
    if (this.#ignored.rejects(name, address, identity)) return false;
    if (this.unknownCallers === "refuse") return false;
    return this.#prompts.take(`invitations ${addressBlock(address)}`) === "taken";
  }

  /** A call that waits is about to become a chat. */
  take(call: PendingCall): void {
    this.#pending.delete(call);
    call.take();
  }

  close(): void {
    for (const call of this.#pending) this.#drop(call);
  }

  /** @throws {ClientError} `not-online` if the call waits no more */
  assertWaiting(call: PendingCall): PendingCall {
    if (this.#pending.has(call)) return call;
    throw this.#waitsNoMore(call);
  }

  #waitsNoMore({ name }: Caller): ClientError {
    return new ClientError("not-online", { reason: "call-ended", name });
  }

  /**
   * Whether strangers of that address, and of its block, have not opened too many chats yet. Those on this
   * machine may.
   */
  #takesStranger(address: string): boolean {
    return isLoopback(address) || this.#strangersByAddress.take(address) === "taken" &&
        this.#strangers.take(addressBlock(address)) === "taken";
  }

  #isKnown(name: string, address: string): boolean {
    return this.#met.has(acquaintance(name, address)) || this.#isKnownCaller(name, address);
  }

  #hold(caller: CallerInfo, connection: CallConnection): void {
    const before = [...this.#pending].find((call) => isSame(call, caller));
    if (before !== undefined) {
      // Without ids, nobody could tell new lines from repeated ones.
      if (before.isFull && caller.identity === undefined) return this.#reject(caller, connection);
      return before.goOn(caller, connection);
    }
    // An unlisted caller that says no more than a word may be a scan of this port.
    const isScan = caller.doubt?.reason === "unconfirmed" && caller.doubt.isUnlisted === true;
    const isAnnounced = !isScan &&
      this.#prompts.take(`calls ${addressBlock(caller.address)}`) === "taken";
    if (!isAnnounced) this.#makeRoom(caller.address);
    const oldest = this.#pending.size < clientLimits.pendingCalls
      ? undefined
      : oldestOfFullestBlock(this.#pending);
    if (oldest !== undefined) {
      if (!isAnnounced) return this.#reject(caller, connection);
      this.#end(oldest, "evicted");
    }
    const call = new PendingCall(caller, connection, isAnnounced, this.#handlers);
    this.#pending.add(call);
    if (isAnnounced) this.#events.emit({ type: "incoming-call", caller: call });
  }

  /** Of each block only a few calls wait beyond those asked about: they may yet say something. */
  #makeRoom(address: string): void {
    const silent = [...this.#pending].filter((call) =>
      !call.isAnnounced && isSameBlock(call, address)
    );
    const [oldest] = silent;
    if (silent.length >= MAX_PROMPTS_PER_BLOCK && oldest !== undefined) {
      this.#rejectPending(oldest);
    }
  }

  /** A caller that says something takes the place of one that is silent in the same block. */
  #messageCame(call: PendingCall): void {
    if (call.isAnnounced) return;
    if (this.#prompts.take(`speaks ${addressBlock(call.address)}`) !== "taken") {
      return this.#rejectPending(call);
    }
    const silent = this.pending.find((other) =>
      isSameBlock(other, call.address) && other.waiting === 0
    );
    if (silent !== undefined) this.#end(silent, "evicted");
    call.isAnnounced = true;
    this.#events.emit({ type: "incoming-call", caller: call });
  }

  #rejectPending(call: PendingCall): void {
    this.#drop(call);
    this.#reject(call, call.connection);
  }

  /** A call with messages goes on waiting, and one event reports that it has ended. */
  #callEnded(call: PendingCall, reason: "hung-up" | "timeout"): void {
    if (!call.isAnnounced) return this.#rejectPending(call);
    if (reason === "timeout" || call.waiting === 0) return this.#end(call, reason);
    if (!call.isEndAnnounced) {
      this.#events.emit({ type: "incoming-call", caller: call, waiting: call.waiting });
    }
    call.isEndAnnounced = true;
  }

  #end(call: PendingCall, reason: "hung-up" | "timeout" | "evicted"): void {
    this.#drop(call);
    this.#events.emit({ type: "call-ended", caller: call, reason });
  }

  #drop(call: PendingCall): void {
    this.#pending.delete(call);
    call.close();
  }

  /** @param isCrowd whether it is refused only since too many new callers come from there */
  #reject({ name, address }: CallerInfo, connection: CallConnection, isCrowd = false): void {
    connection.refuse();
    this.rejectedCount++;
    const count = this.#rejections.add();
    if (count > 0) this.#events.emit({ type: "calls-rejected", name, address, count, isCrowd });
  }
}

function isSameBlock(call: CallerInfo, address: string): boolean {
  return addressBlock(call.address) === addressBlock(address);
}

/** Trust takes a name exactly as it is written: one that only looks alike is unknown. */
function acquaintance(name: string, address: string): string {
  return `${name}@${address}`;
}

/** Whether a call takes the place of an earlier one: with a key, only one with the same key does. */
function isSame(one: CallerInfo, other: CallerInfo): boolean {
  if (one.identity !== undefined || other.identity !== undefined) {
    return equals(one.identity ?? NO_KEY, other.identity ?? NO_KEY);
  }
  return one.address === other.address && nameKey(one.name) === nameKey(other.name);
}
