import { ClientError } from "../errors.ts";
import type { MessengerEvent } from "../events.ts";
import { type CallConnection, PendingCall } from "./pending_call.ts";
import { type IgnoreEntry, IgnoreList, type IgnoreTarget } from "./ignore_list.ts";
import { RateLimit } from "../rate_limit.ts";
import type { Caller } from "../caller.ts";
import { nameKey } from "../../../protocol/mod.ts";
import { clientLimits } from "../limits.ts";
import { equals } from "@std/bytes/equals";

/** What calls from strangers lead to: a chat, a question to the user, or nothing. */
export type CallPolicy = "allow" | "ask" | "refuse";

/** Refused calls are told of so often at most: anybody can make any number of them. */
const REJECTED_NOTICE_INTERVAL_MS = 60_000;
/**
 * How many questions there may be in so long a time, from one address and in all. Once those of an
 * address are used up, whoever says something is asked about as often again: silence keeps nobody out.
 */
const PROMPT_WINDOW_MS = 120_000;
const MAX_PROMPTS_PER_ADDRESS = 3;
const MAX_PROMPTS = 20;
const NOBODY = new Uint8Array();

/** Who may call: refuses the ignored, and does with strangers as the user wishes. */
export class CallScreener {
  /** What calls from strangers lead to. */
  policy: CallPolicy = "allow";
  /** Why a stranger waits even where strangers are let in, in a few words; of nobody, at first. */
  doubts: (caller: Caller) => string | undefined = () => undefined;
  /** How many calls from strangers were refused without the user's doing. */
  refusedStrangers = 0;
  readonly #emit: (event: MessengerEvent) => void;
  readonly #knows: (name: string, address: string) => boolean;
  readonly #ignored: IgnoreList;
  /** Whom the user has talked to, the longest ago first. */
  readonly #known = new Set<string>();
  /** The calls that wait for an answer, the oldest first. */
  readonly #held = new Set<PendingCall>();
  readonly #asked = new RateLimit(PROMPT_WINDOW_MS, MAX_PROMPTS_PER_ADDRESS, MAX_PROMPTS);
  #untold = 0;
  #toldAt = -Infinity;

  /**
   * @param emit is told of calls that wait, and of refused ones now and then
   * @param ignored who is ignored from the start
   * @param knows who is no stranger beside those whom the user has talked to in this run
   */
  constructor(
    emit: (event: MessengerEvent) => void,
    ignored: readonly IgnoreEntry[] = [],
    knows: (name: string, address: string) => boolean = () => false,
  ) {
    this.#emit = emit;
    this.#ignored = new IgnoreList(ignored);
    this.#knows = knows;
  }

  /** Who is ignored. */
  get ignored(): IgnoreEntry[] {
    return this.#ignored.all;
  }

  /** The calls that wait for an answer, the oldest first. */
  get callers(): PendingCall[] {
    return [...this.#held].filter(({ asked }) => asked);
  }

  /** Ignores somebody from now on; calls of theirs that wait are refused. */
  ignore(who: IgnoreTarget): IgnoreEntry {
    const entry = this.#ignored.add(who);
    for (const call of this.#held) {
      if (this.isIgnored(call) && this.#ignored.refuses(call.name, call.address)) this.#drop(call);
    }
    return entry;
  }

  /** Ends that; see {@linkcode IgnoreList.remove}. */
  unignore(who: IgnoreTarget): IgnoreEntry[] {
    return this.#ignored.remove(who);
  }

  /** Whether somebody is ignored. */
  isIgnored({ name, address }: Pick<Caller, "name" | "address">): boolean {
    return this.#ignored.has(name, address);
  }

  /** Whether a call is refused before it has told a name; it is counted. */
  refusesAll(address: string): boolean {
    return this.#ignored.refuses(undefined, address);
  }

  /** The user has talked to somebody, who is no stranger from now on. */
  meet({ name, address }: Pick<Caller, "name" | "address">): void {
    const key = acquaintance(name, address);
    this.#known.delete(key);
    this.#known.add(key);
    const [oldest] = this.#known;
    if (this.#known.size > clientLimits.chats && oldest !== undefined) this.#known.delete(oldest);
  }

  /**
   * Whether a call may become a chat at once; one that may not is refused, or held.
   *
   * @param known whether its key says that it is no stranger's; without a key, name and address do
   */
  admits(caller: Caller, link: CallConnection, known?: boolean): boolean {
    const { name, address } = caller;
    if (this.#ignored.refuses(name, address)) {
      link.refuse();
      return false;
    }
    if (caller.why !== undefined) {
      this.#hold(caller, link);
      return false;
    }
    const why = this.doubts(caller);
    if (this.policy === "allow" && why === undefined) return true;
    if (known ?? this.#isKnown(name, address)) return true;
    if (this.policy === "refuse") this.#refuse(caller, link);
    else this.#hold(why === undefined ? caller : { ...caller, why }, link);
    return false;
  }

  /**
   * The call that waits. It goes on waiting until it is taken or refused.
   *
   * @throws {ClientError} `not-online` where it waits no more
   */
  waiting(caller: Caller): PendingCall {
    for (const call of this.#held) if (call === caller) return call;
    throw new ClientError("not-online", { reason: "call-ended", name: caller.name });
  }

  /** Answers a call: it is to become a chat. */
  take(call: PendingCall): void {
    this.#held.delete(call);
    call.take();
  }

  /** Refuses a call that waits. */
  refuse(caller: Caller): void {
    this.#drop(this.waiting(caller));
  }

  /** Refuses every call that waits. */
  close(): void {
    for (const call of this.#held) this.#drop(call);
  }

  #isKnown(name: string, address: string): boolean {
    return this.#known.has(acquaintance(name, address)) || this.#knows(name, address);
  }

  #hold(caller: Caller, link: CallConnection): void {
    const before = [...this.#held].find((call) => isSame(call, caller));
    if (before?.full) return this.#refuse(caller, link);
    const asks = before?.asked ?? this.#asked.allows(`calls ${caller.address}`);
    if (before !== undefined) this.#drop(before); // only the call: the new one has what was said
    if (!asks) this.#makeRoom(caller.address);
    const [oldest] = this.#held;
    if (this.#held.size >= clientLimits.pendingCalls && oldest !== undefined) {
      if (!asks) return this.#refuse(caller, link);
      this.#gone(oldest, "crowded");
    }
    const heard = () => this.#heard(call);
    const call = new PendingCall(
      caller,
      link,
      asks,
      heard,
      (why) => this.#ended(call, why),
      before,
    );
    this.#held.add(call);
    if (before === undefined && asks) this.#emit({ type: "incoming-call", caller: call });
  }

  /** Of each address few calls beyond those asked about are held: they may yet say something. */
  #makeRoom(address: string): void {
    const unasked = [...this.#held].filter((call) => !call.asked && call.address === address);
    const [oldest] = unasked;
    if (unasked.length >= MAX_PROMPTS_PER_ADDRESS && oldest !== undefined) this.#refuseHeld(oldest);
  }

  /** Who says something takes the place of one who waits in silence at the same address. */
  #heard(call: PendingCall): void {
    if (call.asked) return;
    if (!this.#asked.allows(`speaks ${call.address}`)) return this.#refuseHeld(call);
    const silent = this.callers.find(({ address, lines }) =>
      address === call.address && lines === 0
    );
    if (silent !== undefined) this.#gone(silent, "crowded");
    call.asked = true;
    this.#emit({ type: "incoming-call", caller: call });
  }

  #refuseHeld(call: PendingCall): void {
    this.#drop(call);
    this.#refuse(call, call.link);
  }

  /** A call has ended; one in which something was said goes on waiting, and that is told once. */
  #ended(call: PendingCall, why: "left" | "late"): void {
    if (!call.asked) return this.#refuseHeld(call);
    if (why === "late" || call.lines === 0) return this.#gone(call, why);
    if (!call.told) this.#emit({ type: "incoming-call", caller: call, left: call.lines });
    call.told = true;
  }

  #gone(call: PendingCall, why: "left" | "late" | "crowded"): void {
    this.#drop(call);
    this.#emit({ type: "call-ended", caller: call, why });
  }

  #drop(call: PendingCall): void {
    this.#held.delete(call);
    call.close();
  }

  #refuse({ name, address }: Caller, link: CallConnection): void {
    link.refuse();
    this.refusedStrangers++;
    this.#untold++;
    const now = performance.now();
    if (now - this.#toldAt < REJECTED_NOTICE_INTERVAL_MS) return;
    this.#emit({ type: "calls-rejected", name, address, count: this.#untold });
    this.#untold = 0;
    this.#toldAt = now;
  }
}

/** Trust takes a name exactly as it is written: one that only looks alike is a stranger's. */
function acquaintance(name: string, address: string): string {
  return `${name}@${address}`;
}

/** Whether a call takes the place of an earlier one: with a key, only one with the same key does. */
function isSame(one: Caller, other: Caller): boolean {
  if (one.identity !== undefined || other.identity !== undefined) {
    return equals(one.identity ?? NOBODY, other.identity ?? NOBODY);
  }
  return one.address === other.address && nameKey(one.name) === nameKey(other.name);
}
