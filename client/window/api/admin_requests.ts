import {
  describeReach,
  keyTarget,
  kickTargetOf,
  type OrderTarget,
  orderTargetOf,
} from "../../app/mod.ts";
import type { Request } from "../messages.ts";
import { type ListedUser, RequestError, type WindowState, worded } from "../state/mod.ts";
import type { Answer } from "./call_requests.ts";

type AdminRequest = Extract<Request, { readonly type: "kick" | "ban" | "unban" | "undo-ban" }>;

/** How many bans of this run can be undone. */
const MAX_BANS = 100;

/** The orders of an admin to the server: to end sessions, and to ban users. */
export class AdminRequests {
  readonly #state: WindowState;
  /** The newest bans of this run by their numbers. */
  readonly #bans = new Map<number, OrderTarget & { readonly name: string }>();
  #lastBan = 0;

  constructor(state: WindowState) {
    this.#state = state;
  }

  /**
   * Gives the order, and says what came of it.
   *
   * @throws {ClientError} `order-refused`
   * @throws {RequestError} if the user or the ban is gone
   */
  async handle(request: AdminRequest, answer: Answer): Promise<void> {
    const { messenger: { serverAdmin }, users } = this.#state;
    switch (request.type) {
      case "kick": {
        const user = users.get(request.user);
        const { subject, label } = kickTargetOf(user);
        const { ended: count } = await serverAdmin.order("kick", subject);
        this.#note(`Kicked ${label}`, "kicked", user.name);
        return answer({ type: "ordered", action: "kick", name: user.name, count });
      }
      case "ban": {
        const user = users.get(request.user);
        const target = targetOf(user);
        const { ended: count, reach } = await serverAdmin.order("ban", target.subject);
        const ban = ++this.#lastBan;
        this.#bans.set(ban, { ...target, name: user.name });
        this.#bans.delete(ban - MAX_BANS);
        const text = `Banned ${target.label}${describeReach(reach)}`;
        this.#note(text, `banned.${reach}`, user.name);
        return answer({ type: "ordered", action: "ban", name: user.name, count, ban });
      }
      case "unban": {
        const user = users.get(request.user);
        return await this.#lift(targetOf(user), user.name, answer);
      }
      case "undo-ban": {
        const ban = this.#bans.get(request.ban);
        if (ban === undefined) throw new RequestError("This ban is too old to undo", "ban-gone");
        return await this.#lift(ban, ban.name, answer);
      }
    }
  }

  async #lift({ subject, label }: OrderTarget, name: string, answer: Answer): Promise<void> {
    const { reach } = await this.#state.messenger.serverAdmin.order("unban", subject);
    this.#note(`${label} may log in again${describeReach(reach)}`, `unbanned.${reach}`, name);
    answer({ type: "ordered", action: "unban", name, count: 0 });
  }

  #note(text: string, code: string, name: string): void {
    this.#state.info.add("info", worded(text, code, { name }));
  }
}

/** Someone by the key, also offline, or by the name if there is no key. */
function targetOf(user: ListedUser): OrderTarget {
  if (user.pin !== undefined) return keyTarget(user.name, user.pin.identity);
  return orderTargetOf(user, { type: "name", name: user.name });
}
