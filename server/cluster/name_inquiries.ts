import { clusterLimits } from "./cluster_limits.ts";
import type { ClusterMessage } from "./cluster_message.ts";

/** The answer of the other servers about a name for which the store has no value. */
export type NameAnswer =
  /** One of them knows whose it is or was, and has written it back. */
  | "known"
  /** None of them does. */
  | "unknown"
  /** Not all of them have answered. */
  | "unsure";

/** How long answers may take: by then a node that has died is not there any more. */
const ANSWER_TIMEOUT_MS = clusterLimits.silenceMs;
/** For so long after it has connected a node may not have heard of all others. */
const STRANGE_MS = 5_000;
/** How often those are asked again that have not answered; so long it waits for nodes that it does not know. */
const REPEAT_MS = 1_000;
/** So many wait for answers. */
const MAX_WAITING = 1_000;

interface Inquiry {
  /** Nodes that have not answered. */
  missing: Set<string>;
  readonly answer: (answer: NameAnswer) => void;
  /** Whether nodes that are not known had time to answer. */
  isDue: boolean;
}

/**
 * Asks the other nodes whether they know whose a name is, if the store does not: somebody may have erased it there,
 * and what a single node has read may be all that is left.
 */
export class NameInquiries {
  readonly #self: string;
  readonly #send: (message: ClusterMessage) => void;
  readonly #others: () => Iterable<string>;
  readonly #waiting = new Map<number, Inquiry>();
  #number = 0;
  #connectedAt = -Infinity;
  #isClosed = false;

  /**
   * @param self this node: its question has to come back to it, or it may have reached nobody
   * @param send sends a message to all nodes, this one too
   * @param others the other nodes that are there
   */
  constructor(
    self: string,
    send: (message: ClusterMessage) => void,
    others: () => Iterable<string>,
  ) {
    this.#self = self;
    this.#send = send;
    this.#others = others;
  }

  /** It is connected from now on, on a steady clock. */
  connect(now: number): void {
    this.#connectedAt = now;
  }

  /** Asks about a key of the store. */
  async ask(key: string, now: number): Promise<NameAnswer> {
    if (this.#isClosed || this.#waiting.size >= MAX_WAITING) return "unsure";
    const request = this.#number = (this.#number + 1) % 2 ** 32;
    const { promise, resolve } = Promise.withResolvers<NameAnswer>();
    const isStrange = now - this.#connectedAt < STRANGE_MS;
    const inquiry: Inquiry = {
      missing: this.#present(),
      answer: resolve,
      isDue: !isStrange,
    };
    this.#waiting.set(request, inquiry);
    let timer: ReturnType<typeof setTimeout> | undefined;
    let waitedMs = 0;
    const send = () => {
      this.#send({ type: "name", request, key });
      timer = setTimeout(repeat, REPEAT_MS);
    };
    const repeat = () => {
      waitedMs += REPEAT_MS;
      inquiry.isDue = true;
      inquiry.missing = inquiry.missing.intersection(this.#present());
      this.#settle(inquiry);
      if (waitedMs >= ANSWER_TIMEOUT_MS) resolve("unsure");
      else if (inquiry.missing.size > 0) send();
    };
    send();
    this.#settle(inquiry);
    const answer = await promise;
    clearTimeout(timer);
    this.#waiting.delete(request);
    return answer;
  }

  /** Takes an answer of another node. */
  take(
    from: string,
    { request, isKnown }: Extract<ClusterMessage, { type: "known" }>,
  ): void {
    const inquiry = this.#waiting.get(request);
    if (inquiry === undefined) return;
    if (isKnown) return inquiry.answer("known");
    inquiry.missing.delete(from);
    this.#settle(inquiry);
  }

  /** Nobody waits any longer. */
  close(): void {
    this.#isClosed = true;
    for (const { answer } of this.#waiting.values()) answer("unsure");
  }

  #present(): Set<string> {
    return new Set([this.#self, ...this.#others()]);
  }

  #settle({ missing, answer, isDue }: Inquiry): void {
    if (isDue && missing.size === 0) answer("unknown");
  }
}
