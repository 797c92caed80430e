import { abortable } from "@std/async/abortable";
import { deadline } from "@std/async/deadline";
import { DIAL_TIMEOUT_MS } from "../../../server/platform/net/dial.ts";
import type { BaseChat } from "./base_chat.ts";

export class Call<Target> {
  readonly target: Target;
  readonly abort = new AbortController();
  /** Gives up dialing, and nothing more. */
  readonly dialing = new AbortController();
  readonly #arrived = Promise.withResolvers<void>();

  constructor(target: Target) {
    this.target = target;
  }

  /** The peer has called meanwhile, and there is a chat. */
  hasCalled(): void {
    this.#arrived.resolve();
    this.dialing.abort(new Error("the peer has called"));
  }

  /** Waits until the peer has called, the call is given up, or that takes too long. */
  async arrival(): Promise<void> {
    const { signal } = this.abort;
    await deadline(this.#arrived.promise, DIAL_TIMEOUT_MS, { signal }).catch(() => {});
  }
}

/** The calls under way by peer. A second call to the same peer joins the first. */
export class CallsUnderWay<Target> {
  readonly #calls = new Map<
    string,
    { readonly call: Call<Target>; readonly chat: Promise<BaseChat> }
  >();

  get(key: string): Call<Target> | undefined {
    return this.#calls.get(key)?.call;
  }

  /** @param signal gives the call up, for everybody who waits for it */
  async begin(
    key: string,
    target: Target,
    reach: (call: Call<Target>) => Promise<BaseChat>,
    signal: AbortSignal | undefined,
  ): Promise<BaseChat> {
    signal?.throwIfAborted();
    let under = this.#calls.get(key);
    if (under === undefined) {
      const call = new Call(target);
      under = { call, chat: reach(call).finally(() => this.#calls.delete(key)) };
      this.#calls.set(key, under);
    }
    if (signal === undefined) return await under.chat;
    try {
      return await abortable(under.chat, signal);
    } finally {
      if (signal.aborted) under.call.abort.abort(signal.reason);
    }
  }

  cancel(isMeant: (target: Target) => boolean, reason: string): void {
    for (const { call: { target, abort } } of this.#calls.values()) {
      if (isMeant(target)) abort.abort(new Error(reason));
    }
  }
}
