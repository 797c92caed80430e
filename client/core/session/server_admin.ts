import { deadline } from "@std/async/deadline";
import type { OrderAction, OrderSubject } from "../../../protocol/mod.ts";
import { ClientError } from "../errors.ts";
import { clientLimits } from "../limits.ts";
import type { ServerLink } from "./server_link.ts";

/** The orders that admins of a server may give: the operator names their keys. */
export interface ServerAdmin {
  /** Whether the user was an admin of the server at the login; false when logged out. */
  readonly isAdmin: boolean;
  /**
   * Ends sessions at the server, bans somebody there, or lifts a ban.
   *
   * @throws {ClientError} `order-refused`
   */
  order(action: OrderAction, subject: OrderSubject): Promise<OrderResult>;
}

/** The effect of an order. */
export interface OrderResult {
  /** How many sessions it ended. */
  readonly ended: number;
  /** Its reach: the server, its whole cluster, or the server now and the cluster later. */
  readonly reach: "server" | "cluster" | "cluster-later";
}

const REACHES = {
  done: "server",
  "done-cluster": "cluster",
  "done-later": "cluster-later",
} as const;

/** The admin's part of a login. */
export function serverAdminOf(source: {
  readonly session: { readonly link: ServerLink | undefined } | undefined;
}): ServerAdmin {
  return {
    get isAdmin() {
      return source.session?.link?.accepted?.isAdmin ?? false;
    },
    async order(action, subject) {
      const link = source.session?.link;
      const refusal = (reason: "not-logged-in" | "no-answer") =>
        new ClientError("order-refused", { action, reason, text: "" });
      if (link === undefined) throw refusal("not-logged-in");
      const answer = link.orders.begin((token) =>
        link.say({ type: "order", token, action, subject })
      );
      if (answer === undefined) throw refusal("not-logged-in");
      const result = await deadline(answer, clientLimits.orderAnswerTimeoutMs)
        .catch(() => undefined);
      if (result === undefined) throw refusal("no-answer");
      const { outcome, ended, text } = result;
      switch (outcome) {
        case "done":
        case "done-cluster":
        case "done-later":
          return { ended, reach: REACHES[outcome] };
        default:
          throw new ClientError("order-refused", { action, reason: outcome, text });
      }
    },
  };
}
