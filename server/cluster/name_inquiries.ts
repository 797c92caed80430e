import { getLogger } from "@logtape/logtape";
import { throttle } from "../platform/util/throttle.ts";
import { clusterLimits } from "./cluster_limits.ts";
import type { ClusterMessage } from "./cluster_message.ts";
import { shownNode } from "./shown_node.ts";

const logger = getLogger(["mim", "server"]);

/** The answer of the other servers about a name for which the store has no value. */
export type NameAnswer =
  /** One of them knows whose it is or was, and has written it back. */
  | "known"
  /** None of them does. */
  | "unknown"
  /** Not all of them have answered, or one that has can't tell. */
  | "unsure";

/** How long answers may take: by then a node that has died is not there any more. */
const ANSWER_TIMEOUT_MS = clusterLimits.silenceMs;
/** For so long after it has connected a node may not have heard of all others. */
const STRANGE_MS = 5_000;
/** How often those are asked again that have not answered; so long it waits for nodes that it does not know. */
const REPEAT_MS = 1_000;
/** So many wait for answers. */
const MAX_WAITING = 1_000;
/** How often a question that was not answered is asked again, until one is. */
const PROBE_INTERVAL_MS = 10_000;
const LOG_INTERVAL_MS = 60_000;

interface Inquiry {
  /** Nodes that have not answered. */
  missing: Set<string>;
  /** Nodes that can't tell. */
  readonly unsure: Set<string>;
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
  #losses = 0;
  #isClosed = false;
  /** The last key whose question was not answered, until one is. */
  #failedKey: string | undefined;
  readonly #mayProbe = throttle(PROBE_INTERVAL_MS);
  readonly #mayLogSilent = throttle(LOG_INTERVAL_MS);
  readonly #mayLogUnsure = throttle(LOG_INTERVAL_MS);

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
    this.#failedKey = undefined;
  }

  /** Whether the last question was answered. */
  get isAnswered(): boolean {
    return this.#failedKey === undefined;
  }

  /** The connection is lost: that questions are not answered now has this reason. */
  disconnect(): void {
    this.#losses++;
  }

  /** Asks again what was not answered. To be called often. */
  tick(now: number): void {
    if (this.#failedKey !== undefined && this.#mayProbe(now)) void this.ask(this.#failedKey, now);
  }

  /** Asks about a key of the store. */
  async ask(key: string, now: number): Promise<NameAnswer> {
    if (this.#isClosed || this.#waiting.size >= MAX_WAITING) return "unsure";
    const request = this.#number = (this.#number + 1) % 2 ** 32;
    const { promise, resolve } = Promise.withResolvers<NameAnswer>();
    const losses = this.#losses;
    const isStrange = now - this.#connectedAt < STRANGE_MS;
    const inquiry: Inquiry = {
      missing: this.#present(),
      unsure: new Set(),
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
      if (waitedMs >= ANSWER_TIMEOUT_MS) inquiry.answer("unsure");
      else if (inquiry.missing.size > 0) send();
    };
    send();
    this.#settle(inquiry);
    const answer = await promise;
    clearTimeout(timer);
    this.#waiting.delete(request);
    if (!this.#isClosed && losses === this.#losses) this.#note(key, answer, inquiry);
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
    if (isKnown === undefined) inquiry.unsure.add(from);
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

  #settle({ missing, unsure, answer, isDue }: Inquiry): void {
    if (isDue && missing.size === 0) answer(unsure.size === 0 ? "unknown" : "unsure");
  }

  #note(key: string, answer: NameAnswer, { missing, unsure }: Inquiry): void {
    this.#failedKey = answer === "unsure" ? key : undefined;
    if (answer !== "unsure") return;
    if (missing.has(this.#self)) {
      if (!this.#mayLogSilent()) return;
      logger.warning(
        "cluster: this server does not hear its own questions about names, and refuses new ones until it does: " +
          "NATS may not allow it to publish or subscribe to mim.NAME.name.*",
      );
    } else if (missing.size > 0 && this.#mayLogSilent()) {
      logger.warning(
        "cluster: node {nodes} is there, but has not answered a question about a name within {seconds} s; new names " +
          "are refused until it does or stops: NATS may not allow it to subscribe to mim.NAME.name.*, or to publish " +
          "to mim.NAME.known.*; its own log says so",
        { nodes: shownNodes(missing), seconds: ANSWER_TIMEOUT_MS / 1000 },
      );
    }
    if (unsure.size === 0 || !this.#mayLogUnsure()) return;
    logger.warning(
      "cluster: node {nodes} can't tell whose a name is, and new names are refused until it can: its own copy of the " +
        "names fails; its own log says why",
      { nodes: shownNodes(unsure) },
    );
  }
}

function shownNodes(nodes: Iterable<string>): string {
  return Array.from(nodes, shownNode).join(", ");
}
