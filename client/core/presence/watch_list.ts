import { equals } from "@std/bytes/equals";
import { limits, type WatchedItem, watchedKey } from "../../../protocol/mod.ts";
import { clientLimits } from "../limits.ts";
import type { OnlineUser } from "../online_user.ts";

/** Why somebody is watched who is neither a contact nor in a chat or room: the user has asked, or they have called. */
export type WatchReason = "named" | "called" | "found";

/** How many are remembered for each reason; then the oldest go. */
const MAX_REMEMBERED: Readonly<Record<WatchReason, number>> = {
  called: clientLimits.watchedCallers,
  named: clientLimits.watchedNames,
  found: clientLimits.watchedFound,
};

/** The item by which a user with that key, or without one, is watched. */
export function watchedItem(
  { name, identity }: { readonly name: string; readonly identity: Uint8Array | undefined },
): WatchedItem {
  return identity === undefined || identity.length === 0
    ? { type: "name", name }
    : { type: "identity", identity };
}

/**
 * Whom this client wants to be told of by a server that tells only that: the contacts, chats and rooms,
 * and those that were asked for, found or have called. It outlasts the session, and knows what was sent in it.
 */
export class WatchList {
  readonly #remembered = {
    called: new Map<string, WatchedItem>(),
    named: new Map<string, WatchedItem>(),
    found: new Map<string, WatchedItem>(),
  };
  /** The first matter most. */
  readonly #sources: (() => Iterable<WatchedItem>)[] = [];
  #sent = new Map<string, WatchedItem>();
  #serverKey: Uint8Array | undefined;
  /** The names from earlier runs, once they are read for this session. */
  #names: readonly WatchedItem[] | undefined;
  /** Reads names from earlier runs that are always watched. */
  readNames: () => readonly string[] = () => [];

  /** Adds a part of the program that always has some to watch. */
  addSource(source: () => Iterable<WatchedItem>): void {
    this.#sources.push(source);
  }

  /** Watches an item from now on, until more recent ones have taken its place. */
  remember(reason: WatchReason, item: WatchedItem): void {
    const items = this.#remembered[reason];
    const key = watchedKey(item);
    items.delete(key);
    items.set(key, item);
    const [oldest] = items.keys();
    if (items.size > MAX_REMEMBERED[reason] && oldest !== undefined) items.delete(oldest);
  }

  /** A session has begun at the server with that key: another one learns nothing of what was asked for before. */
  begin(serverKey: Uint8Array): void {
    if (this.#serverKey !== undefined && !equals(this.#serverKey, serverKey)) {
      for (const items of Object.values(this.#remembered)) items.clear();
    }
    this.#serverKey = serverKey;
    this.#sent = new Map();
    this.#names = undefined;
  }

  /** The changes since the last call, after which the server knows the whole list; they count as said. */
  takeChanges(): { readonly added: WatchedItem[]; readonly dropped: WatchedItem[] } {
    const wanted = this.#wanted();
    const added = [...wanted].flatMap(([key, item]) => this.#sent.has(key) ? [] : item);
    const dropped = [...this.#sent].flatMap(([key, item]) => wanted.has(key) ? [] : item);
    this.#sent = wanted;
    return { added, dropped };
  }

  /** Whether the server tells of a user. */
  covers({ name, details }: Pick<OnlineUser, "name" | "details">): boolean {
    const identity = details?.identity;
    return this.#sent.has(watchedKey({ type: "name", name })) ||
      identity !== undefined && this.#sent.has(watchedKey({ type: "identity", identity }));
  }

  #wanted(): Map<string, WatchedItem> {
    const wanted = new Map<string, WatchedItem>();
    const { called, named, found } = this.#remembered;
    this.#names ??= this.readNames().filter(isName).slice(0, clientLimits.watchedNames)
      .map((name) => ({ type: "name", name }));
    const parts = [called.values(), named.values(), ...this.#sources.map((items) => items())];
    for (const items of [...parts, this.#names, found.values()]) {
      for (const item of items) {
        if (wanted.size >= clientLimits.watchedItems) return wanted;
        wanted.set(watchedKey(item), item);
      }
    }
    return wanted;
  }
}

/** Whether a text may be the name of a user. */
export function isName(text: string): boolean {
  return text !== "" && text.length <= limits.nameUnits;
}
