import type { Caller } from "../caller.ts";
import type { IgnoreEntry, IgnoreTarget } from "./ignore_list.ts";

/**
 * What calls from unknown callers lead to: a chat, a question to the user, or nothing. Those whose name
 * nothing confirms are asked about under `allow`, too; `allow-unconfirmed` lets them in.
 */
export type CallPolicy = "allow" | "allow-unconfirmed" | "ask" | "refuse";

/** Incoming calls: the policy for unknown callers, the calls that wait for an answer, and the ignore list. */
export interface Calls {
  /** The calls that wait for the user's answer, the oldest first. */
  readonly pending: Caller[];
  /**
   * What calls from unknown callers lead to, from the next call on: a chat (`allow`, as at first), a call
   * that waits until it is accepted (`ask`), or nothing (`refuse`). A caller who is `unconfirmed` waits
   * under `allow`, too: with `allow-unconfirmed`, for programs that ask nobody, it becomes a chat under the
   * name `NAME~tag`. A caller is known once the user has called, accepted or answered that peer in this run;
   * see {@linkcode MessengerOptions.isKnownCaller}.
   */
  unknownCallers: CallPolicy;
  /** How many calls from unknown callers were rejected without the user's doing. */
  readonly rejectedCount: number;
  /** The ignore list, the oldest entry first, with the number of rejected calls: plain data, to be stored. */
  readonly ignored: IgnoreEntry[];
  /**
   * Ignores a peer from now on: calls are rejected and counted, and no event reports them; chats and
   * calls that wait or are under way end. Resolves once the chats are closed.
   *
   * @example Calls from one address are rejected
   * ```ts
   * import { Messenger } from "@mim/mim";
   * import { assertEquals } from "@std/assert";
   *
   * const server = { hostname: "127.0.0.1", port: 4242 };
   * await using ada = new Messenger({ name: "ada", server });
   * await ada.calls.ignore({ address: "192.0.2.9" });
   * assertEquals(ada.calls.ignored.map(({ address }) => address), ["192.0.2.9"]);
   * ```
   *
   * @throws {RangeError} if there is no name, IP address or key
   * @throws {ClientError} `invalid-state` if the list has its greatest length
   */
  ignore(target: IgnoreTarget): Promise<IgnoreEntry>;
  /**
   * Removes the entries of the ignore list with this name, address or key, or with all that are given.
   *
   * @returns the removed entries
   * @throws {RangeError} if there is no name, IP address or key
   */
  unignore(target: IgnoreTarget): IgnoreEntry[];
}
