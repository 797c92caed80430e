import { getLogger } from "@logtape/logtape";
import {
  type LinkClientMessage,
  type LinkNoticeOf,
  type OrderSubject,
  sanitizeText,
} from "../../protocol/mod.ts";
import { type AccessKind, AccessList, isAccessEntry } from "../admission/mod.ts";
import { serverLimits } from "../limits.ts";
import { reasonOf } from "../platform/util/errors.ts";
import type { ClientSession, UserSession } from "../session/mod.ts";
import type { LoggedInUser } from "../stats.ts";
import type { TokenBucket } from "../platform/util/token_bucket.ts";
import type { Bans } from "./bans.ts";
import type { OnlineUsers } from "./online_users.ts";

const logger = getLogger(["mim", "server"]);

/** An order of an admin. */
export type Order = Extract<LinkClientMessage, { type: "order" }>;
type Outcome = Omit<LinkNoticeOf<"outcome">, "type" | "token">;

const OUTCOMES = {
  server: "done",
  cluster: "done-cluster",
  "cluster-later": "done-later",
} as const;

/** The admin who gives an order. */
interface OrderGiver {
  readonly session: ClientSession;
  readonly entry: { readonly name: string; readonly port: number; readonly identity: Uint8Array };
  /** Limits the orders. */
  readonly orders: TokenBucket;
}

/** The orders that admins give through their links. */
export class AdminOrders {
  readonly #users: OnlineUsers;
  readonly #bans: Bans;

  constructor(users: OnlineUsers, bans: Bans) {
    this.#users = users;
    this.#bans = bans;
  }

  /** Whether a key is an admin's now. */
  isAdmin(key: Uint8Array | undefined): boolean {
    return this.#users.access.isAdmin(key);
  }

  /**
   * Carries out an order if its sender is an admin, and answers. Never rejects.
   *
   * @param target the session that it names
   */
  async answer(
    { session, entry: { name, port, identity: key }, orders }: OrderGiver,
    order: Order,
    target: UserSession | undefined,
    time: number,
  ): Promise<void> {
    const { orderBurst, ordersPerSecond } = serverLimits;
    const outcome = orders.take(time)
      ? await this.#take({ name, address: session.address, port, key }, order, target)
      : failed(`over ${orderBurst} orders at once and ${ordersPerSecond} a second`);
    session.send({ type: "outcome", token: order.token, ...outcome });
  }

  async #take(
    by: LoggedInUser,
    { action, subject }: Order,
    target: UserSession | undefined,
  ): Promise<Outcome> {
    if (!this.isAdmin(by.key)) {
      logger.warning("rejected an order of {by}, who is no admin", { by: describe(by) });
      return outcome("not-admin");
    }
    try {
      return action === "kick"
        ? this.#kick(by, subject, target)
        : await this.#changeBan(by, subject, action === "ban");
    } catch (error) {
      logger.error("an order of {by} failed: {reason}", {
        by: describe(by),
        reason: reasonOf(error),
      });
      return failed(reasonOf(error));
    }
  }

  #kick(by: LoggedInUser, subject: OrderSubject, target: UserSession | undefined): Outcome {
    const list = subject.type === "session" ? undefined : new AccessList({ ban: banOf(subject) });
    const meant = [...this.#users.entries()].filter(([session, user]) =>
      list === undefined ? session === target : list.reject(user, true) !== undefined
    );
    if (meant.length === 0) return outcome("unchanged");
    if (meant.some(([, { key }]) => this.isAdmin(key))) return outcome("is-admin");
    this.#users.kick(meant.map(([session]) => session));
    const names = meant.map(([, user]) => describe(user)).join("; ");
    logger.info("{by} kicked {names}, disconnected {count}", {
      by: describe(by),
      names,
      count: meant.length,
    });
    return outcome("done", meant.length);
  }

  async #changeBan(by: LoggedInUser, subject: OrderSubject, isBan: boolean): Promise<Outcome> {
    if (subject.type === "session") return failed("a session can't be banned, but a key can");
    if (!this.#bans.canChange) return failed("this server stores no bans");
    const [kind, who] = entryOf(subject);
    if (isBan) {
      const list = new AccessList({ ban: banOf(subject) });
      const isAdmin = subject.type === "key" && this.isAdmin(subject.key) ||
        [...this.#users.entries()].some(([, user]) =>
          this.isAdmin(user.key) && list.reject(user, true) !== undefined
        );
      if (isAdmin) return outcome("is-admin");
    }
    const result = await this.#bans.change(kind, who, isBan);
    if (result === undefined) return outcome("unchanged");
    const { ended: count, reach } = result;
    const line = `${isBan ? "banned" : "unbanned"} the ${kind.slice(0, -1)} ${sanitizeText(who)}`;
    logger.info("{by} {line}, disconnected {count}", { by: describe(by), line, count });
    return outcome(OUTCOMES[reach], count);
  }
}

/** @throws {RangeError} if it is no entry */
function entryOf(subject: Exclude<OrderSubject, { type: "session" }>): [AccessKind, string] {
  const [kind, who]: [AccessKind, string] = subject.type === "key"
    ? ["keys", subject.key.toHex()]
    : subject.type === "name"
    ? ["names", subject.name]
    : ["networks", subject.network];
  if (isAccessEntry(kind, who)) return [kind, who];
  throw new RangeError(`expected a key, a name or a network, got ${JSON.stringify(who)}`);
}

function banOf(
  subject: Exclude<OrderSubject, { type: "session" }>,
): Partial<Record<AccessKind, string[]>> {
  const [kind, who] = entryOf(subject);
  return { [kind]: [who] };
}

function describe({ name, address, key }: LoggedInUser): string {
  return `${sanitizeText(name)} at ${address} (${key === undefined ? "classic" : key.toHex()})`;
}

function outcome(outcome: Outcome["outcome"], ended = 0): Outcome {
  return { outcome, ended, text: "" };
}

function failed(text: string): Outcome {
  return { outcome: "failed", ended: 0, text };
}
