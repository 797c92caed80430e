import type {
  AccessEntries,
  AccessList,
  AccessRules,
  LoginRules,
  Rejection,
} from "../admission/mod.ts";
import type { OnlineTable } from "../presence/mod.ts";
import { type LoggedInUser, loggedInUser } from "../stats.ts";
import type { ClientSession, UserSession } from "../session/mod.ts";

const KICKED = { code: "kicked", reason: "the operator ended your session" } as const;

/** Everyone who is online, as operators and admins see and end them. */
export class OnlineUsers {
  readonly #table: OnlineTable<UserSession>;
  readonly #rules: LoginRules;
  readonly #keyOf: (session: ClientSession) => Uint8Array | undefined;

  /** @param keyOf the public key of a user at this server */
  constructor(
    table: OnlineTable<UserSession>,
    rules: LoginRules,
    keyOf: (session: ClientSession) => Uint8Array | undefined,
  ) {
    this.#table = table;
    this.#rules = rules;
    this.#keyOf = keyOf;
  }

  /** The rules for logins, as they are now. */
  get access(): AccessList {
    return this.#rules.access;
  }

  /** Each with the session; with a cluster, at any of its servers. */
  *entries(): Generator<readonly [UserSession, LoggedInUser], void> {
    for (const [owner, add] of this.#table.entries()) {
      const key = isOwn(owner) ? this.#keyOf(owner) : owner.key;
      yield [owner, loggedInUser(owner.address, add, key)];
    }
  }

  /** Ends sessions, as the operator does. */
  kick(sessions: readonly UserSession[]): void {
    for (const session of sessions) session.end({ by: "rejected", ...KICKED });
  }

  /**
   * Changes who may log in here; those online here who no longer may are disconnected.
   *
   * @returns how many are
   * @throws {RangeError} if an entry is none; then nothing has changed
   */
  changeAccess(rules: AccessRules): number {
    this.#rules.changeAccess(rules);
    return this.#endRejected();
  }

  /**
   * Changes the bans that servers of a cluster share; those online here who no longer may are disconnected.
   *
   * @returns how many are
   */
  changeSharedBans(bans: AccessEntries): number {
    this.#rules.changeSharedBans(bans);
    return this.#endRejected();
  }

  /** Those at other servers of a cluster who are meant by the bans of a list. */
  bannedElsewhere(list: AccessList): UserSession[] {
    return Array.from(this.entries()).flatMap(([session, user]) =>
      !isOwn(session) && list.reject(user, true) !== undefined ? [session] : []
    );
  }

  /** @returns how many are disconnected */
  #endRejected(): number {
    const ends = Array.from(this.entries()).flatMap(([session, user]) => {
      const rejection: Rejection | undefined = isOwn(session)
        ? this.#rules.checkAccess(user)
        : undefined;
      return rejection === undefined ? [] : [{ session, rejection }];
    });
    for (const { session, rejection } of ends) session.end({ by: "rejected", ...rejection });
    return ends.length;
  }
}

/** Whether a user is online at this server. */
function isOwn(owner: UserSession): owner is ClientSession {
  return "pump" in owner;
}
