import { displayName, type OrderSubject } from "../../protocol/mod.ts";
import { ClientError, type OnlineUser, type OrderResult, PublicKey } from "../core/mod.ts";

/** The subject of an order that an admin gives the server, and its text for people. */
export interface OrderTarget {
  readonly subject: OrderSubject;
  readonly label: string;
}

const REACHES: Readonly<Record<OrderResult["reach"], string>> = {
  server: "",
  cluster: " at all servers of the cluster",
  "cluster-later": " at this server, and at the others of the cluster once it can reach them",
};

/** The servers at which an order holds, as the end of a sentence; empty if there is only one. */
export function describeReach(reach: OrderResult["reach"]): string {
  return REACHES[reach];
}

/** A user by the key, or as `classic` says. */
export function orderTargetOf(
  user: Pick<OnlineUser, "name" | "details">,
  classic: OrderSubject,
): OrderTarget {
  const key = user.details?.identity;
  if (key !== undefined && key.length > 0) return keyTarget(user.name, key);
  return { subject: classic, label: `${displayName(user.name)} (classic)` };
}

/** Somebody with a known key. */
export function keyTarget(name: string, key: Uint8Array): OrderTarget {
  return {
    subject: { type: "key", key },
    label: `${displayName(name)} (key ${new PublicKey(key).tag})`,
  };
}

/**
 * The user to kick: by the key, or else this session alone.
 *
 * @throws {ClientError} `order-refused` at a classic server
 */
export function kickTargetOf(user: OnlineUser): OrderTarget {
  const { details } = user;
  if (details === undefined) {
    throw new ClientError("order-refused", { action: "kick", reason: "not-logged-in", text: "" });
  }
  return orderTargetOf(user, { type: "session", session: details.session });
}
