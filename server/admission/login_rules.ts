import {
  checkKeyName,
  checkUserName,
  describeUncertifiableName,
  type LinkLogin,
  type Login,
  sanitizeText,
} from "../../protocol/mod.ts";
import {
  type AccessEntries,
  type AccessKind,
  AccessList,
  type AccessRules,
  type AccessSubject,
} from "./access_list.ts";
import { ClassicLimit } from "./classic_limit.ts";
import type { Rejection } from "./rejection.ts";

/** The options of a server that concern logins. */
interface LoginOptions {
  readonly maxUsers?: number;
  readonly access?: AccessRules;
  readonly keysOnly?: boolean;
  readonly classicTable?: number;
  readonly strictNames?: boolean;
  readonly mayServe?: () => boolean;
}

const STANDING_BY = { code: "standing-by", reason: "another server serves now" } as const;

/** The reason that classic clients read if they can't log in. */
const KEYS_ONLY = "Only clients that speak MIM/2 can log in here.";
const CLASSIC_FULL =
  "So many users are online here that only clients that speak MIM/2 can log in now.";

/** The names that belong to keys. */
interface NameOwners {
  isTaken(name: string): boolean;
  /** Why nothing is known right now. */
  readonly problem: string | undefined;
}

/** The server's rules for logins. */
export class LoginRules {
  /** Users online at once; 0 lifts the limit. */
  maxUsers: number;
  /** Whether classic clients can't log in. */
  readonly keysOnly: boolean;
  /** Whether the server may serve at this moment. */
  readonly mayServe: () => boolean;
  readonly #classicLimit: ClassicLimit;
  readonly #strictNames: boolean;
  readonly #names: NameOwners | undefined;
  #rules: AccessRules = {};
  #sharedBans: AccessEntries = {};
  #access = new AccessList();

  /**
   * @param options as the server's
   * @param names undefined if no names belong to keys
   * @throws {RangeError} if nobody could log in, or an entry for access is none
   */
  constructor(
    options: LoginOptions,
    names: NameOwners | undefined,
  ) {
    this.maxUsers = options.maxUsers ?? 0;
    this.changeAccess(options.access ?? {});
    this.keysOnly = options.keysOnly ?? false;
    this.mayServe = options.mayServe ?? (() => true);
    this.#classicLimit = new ClassicLimit(options.classicTable);
    this.#strictNames = options.strictNames ?? false;
    this.#names = names;
    if (this.keysOnly && names === undefined) {
      throw new RangeError("keysOnly needs a data folder: without one nobody could log in");
    }
  }

  /** The rules for logins, by key, name and network. */
  get access(): AccessList {
    return this.#access;
  }

  /**
   * Changes the server's own rules.
   *
   * @throws {RangeError} if an entry is none; then nothing has changed
   */
  changeAccess(rules: AccessRules): void {
    this.#access = new AccessList(withBans(rules, this.#sharedBans));
    this.#rules = rules;
  }

  /**
   * Changes the bans beside those of the server's own.
   *
   * @throws {RangeError} if an entry is none
   */
  changeSharedBans(bans: AccessEntries): void {
    this.#access = new AccessList(withBans(this.#rules, bans));
    this.#sharedBans = bans;
  }

  /** Why a connection from an address is not taken, for any user. */
  rejectAddress(address: string): Rejection | undefined {
    return this.mayServe() ? this.access.rejectAddress(address) : STANDING_BY;
  }

  /**
   * Checks a login, all but whose key owns the name.
   *
   * @param online how many users are, at this server
   * @param shown how many are in the table that a classic client gets
   * @returns the name as it is shown, or why the login is rejected
   */
  check(
    login: Login | LinkLogin,
    address: string,
    online: number,
    shown: number,
  ): string | Rejection {
    if (!this.mayServe()) return STANDING_BY;
    const key = "identity" in login ? login.identity : undefined;
    const check = key === undefined ? checkUserName(login.name) : checkKeyName(login.name, key);
    if (!check.ok) return { code: "invalid-name", reason: check.reason };
    const { name } = check;
    const rejection = this.checkAccess({ name, address, key });
    if (rejection !== undefined) return rejection;
    if (this.maxUsers > 0 && online >= this.maxUsers) {
      return { code: "server-full", reason: `${this.maxUsers} users are online` };
    }
    return key === undefined ? this.#rejectClassic(name, shown) ?? name : name;
  }

  /** The line of the welcome for classic clients that can't log in. */
  get notice(): string | undefined {
    if (this.keysOnly) return KEYS_ONLY;
    return this.#classicLimit.isFull ? CLASSIC_FULL : undefined;
  }

  /** Whether {@linkcode LoginRules.notice} is another one now. */
  checkClassic(online: number): boolean {
    return !this.keysOnly && this.#classicLimit.check(online);
  }

  /** Why somebody may not be here. */
  checkAccess(user: AccessSubject): Rejection | undefined {
    const { name, key } = user;
    // A key that does not own its name is rejected later; a classic client only with strict names.
    // Nothing is known of names while the registry fails.
    const isNameOwn = this.access.hasAllowedNames &&
      describeUncertifiableName(name) === undefined &&
      this.#names?.problem === undefined &&
      (key !== undefined || this.#names?.isTaken(name) !== true);
    return this.access.reject(user, isNameOwn);
  }

  /** Rejects a classic client, or only one whose name belongs to a key, if the options say so. */
  #rejectClassic(name: string, shown: number): Rejection | undefined {
    if (this.keysOnly) return { code: "keys-only", reason: "classic clients can't log in" };
    const full = this.#classicLimit.reject(shown);
    if (full !== undefined) return full;
    if (!this.#strictNames || this.#names?.isTaken(name) !== true) return undefined;
    return { code: "name-taken", reason: `${sanitizeText(name)} belongs to a key here` };
  }
}

function withBans(rules: AccessRules, bans: AccessEntries): AccessRules {
  const both = (kind: AccessKind) => [...rules.ban?.[kind] ?? [], ...bans[kind] ?? []];
  return {
    ...rules,
    ban: { keys: both("keys"), names: both("names"), networks: both("networks") },
  };
}
