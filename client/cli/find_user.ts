import { delay } from "@std/async/delay";
import { deadline } from "@std/async/deadline";
import {
  assertNotSelf,
  isNotOwner,
  isOffline,
  nameOwners,
  namesIn,
  resolveOne,
} from "../app/mod.ts";
import {
  type Chat,
  ClientError,
  type Messenger,
  type MessengerEvent,
  type OnlineUser,
  type Pin,
} from "../core/mod.ts";
import { nameKey } from "../../protocol/mod.ts";

/** How long reaching someone, and each delivery, may take if the user does not say. */
export const DEFAULT_TIMEOUT_MS = 60_000;
/** A peer that is busy with others is called again about so much later. */
const RETRY_INTERVAL_MS = 500;

/**
 * Logs in, and waits for the whole table: only that shows which user a name means. A server that has too
 * much to do is asked again.
 *
 * @throws {ClientError} `server-unreachable` if it takes too long, and as {@linkcode Messenger.login}
 */
export async function logIn(messenger: Messenger, timeoutMs: number): Promise<void> {
  const signal = AbortSignal.timeout(timeoutMs);
  for (;;) {
    try {
      await messenger.login(undefined, undefined, { signal });
      return await deadline(messenger.users.ready, timeoutMs, { signal });
    } catch (error) {
      if (isTimeout(error)) {
        const reason = `the login took longer than ${timeoutMs / 1000} s`;
        throw new ClientError("server-unreachable", { server: messenger.server, reason });
      }
      const isBusy = error instanceof ClientError && error.is("server-refused") &&
        error.details.isBusy === true;
      if (!isBusy) throw error;
      await pause(signal);
      if (signal.aborted) throw error;
    }
  }
}

/**
 * The user whom WHO means; a server that does not tell of everybody is asked.
 *
 * @throws {ClientError} `not-online` unless that is one user
 */
export async function findUser(messenger: Messenger, who: string): Promise<OnlineUser> {
  await messenger.users.lookUp(...namesIn(who));
  return resolveUser(messenger, who);
}

function resolveUser(messenger: Messenger, who: string): OnlineUser {
  const others = [...messenger.users].filter(({ own }) => !own);
  assertNotSelf(who, [...messenger.users], others);
  return resolveOne(who, "online", others, nameOwners(who, messenger, others));
}

/**
 * The same once that user is online.
 *
 * @param leftMs how much of these seconds is left
 * @throws {ClientError} `not-online` if that takes too long, or several users are meant;
 *   `server-unreachable` after a disconnect
 */
export async function waitForUser(
  messenger: Messenger,
  who: string,
  seconds: number,
  leftMs: number = seconds * 1000,
): Promise<OnlineUser> {
  const { promise, resolve, reject } = Promise.withResolvers<OnlineUser>();
  const look = () => {
    try {
      const user = resolveUser(messenger, who);
      if (!isNotOwner(who, user)) resolve(user); // the owner may come yet
    } catch (error) {
      if (!isOffline(error)) reject(error);
    }
  };
  const unsubscribe = messenger.subscribe((event) => {
    if (event.type === "online") look();
    if (event.type === "disconnected") reject(disconnectedError(messenger, event));
  });
  const timer = setTimeout(() => reject(notInTime(who, seconds)), Math.max(0, leftMs));
  try {
    look();
    void messenger.users.lookUp(...namesIn(who));
    return await promise;
  } finally {
    clearTimeout(timer);
    unsubscribe();
  }
}

/**
 * Calls a user. One that takes the connection and does not go on is busy, and is called again.
 *
 * @throws {ClientError} as {@linkcode Chats.call}; `peer-unreachable` if it takes too long
 */
export async function callUser(
  messenger: Messenger,
  user: OnlineUser,
  timeoutMs: number,
): Promise<Chat> {
  const signal = AbortSignal.timeout(timeoutMs);
  for (;;) {
    try {
      return await messenger.chats.call(user, { signal });
    } catch (error) {
      if (isTimeout(error)) throw lateError(user, timeoutMs);
      const isBusy = error instanceof ClientError && error.is("peer-unreachable") &&
        error.details.answered === true;
      if (!isBusy) throw error;
      await pause(signal);
      if (signal.aborted) throw error;
    }
  }
}

/** Waits a moment; those who have come at once come back one after the other. */
export async function pause(signal?: AbortSignal): Promise<void> {
  const timeMs = RETRY_INTERVAL_MS * (0.5 + Math.random());
  await delay(timeMs, signal === undefined ? {} : { signal }).catch(() => {});
}

export function notInTime(name: string, seconds: number): ClientError {
  const message = `${name} was not online within ${seconds} s`;
  return new ClientError("not-online", { reason: "offline", name }, { message });
}

export function disconnectedError(
  { server }: Messenger,
  { reason }: Extract<MessengerEvent, { readonly type: "disconnected" }>,
): ClientError {
  return new ClientError("server-unreachable", { server, reason }, { message: reason });
}

export function isTimeout(error: unknown): boolean {
  return error instanceof DOMException && error.name === "TimeoutError";
}

function lateError({ name, address, port }: OnlineUser, timeoutMs: number): ClientError {
  const reason = `no answer within ${timeoutMs / 1000} s`;
  return new ClientError("peer-unreachable", { name, address, port, reason });
}

/** Whether the user of a name is offline, or not its owner: then messages may wait for the owner. */
export function isAway(error: unknown): boolean {
  return isOffline(error) ||
    error instanceof ClientError && error.is("peer-unconfirmed") &&
      error.details.isNotOwner === true;
}

/** The contact with that name. */
export function contactOf(messenger: Messenger, name: string): Pin | undefined {
  return messenger.trust.contacts.find((contact) => nameKey(contact.name) === nameKey(name));
}

/**
 * The chat of a contact who need not be online: what is sent in it waits in the outbox.
 *
 * @throws {ClientError} `not-online` if no key of that name is known
 */
export function queueingChat(messenger: Messenger, name: string): Chat {
  const contact = contactOf(messenger, name);
  if (contact !== undefined) return messenger.chats.with(contact);
  const message =
    `${name} is not online, and no key of that name is known: nothing can wait for it`;
  throw new ClientError("not-online", { reason: "no-key", name }, { message });
}
