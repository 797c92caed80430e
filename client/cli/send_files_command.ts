import { deadline } from "@std/async/deadline";
import { delay } from "@std/async/delay";
import { assertConfirmed, describeTransfer, EXIT, isRoomQuery } from "../app/mod.ts";
import {
  type Chat,
  ClientError,
  clientLimits,
  type Messenger,
  type Room,
  type Transfer,
} from "../core/mod.ts";
import { displayName, sanitizeText } from "../../protocol/mod.ts";
import {
  callUser,
  contactOf,
  DEFAULT_TIMEOUT_MS,
  findUser,
  isAway,
  isTimeout,
  pause,
  queueingChat,
  waitForUser,
} from "./find_user.ts";
import { recipientsIn } from "./recipients.ts";
import { joinedRoom } from "./room_delivery.ts";
import { logInPatiently } from "./server_patience.ts";
import type { SendCommandOptions } from "./options.ts";

/** How often the outbox is looked at for an offer that is being stored. */
const OUTBOX_POLL_MS = 20;
/** Until a user is back: over three weeks. */
const LONG_SECONDS = 2_000_000;

/**
 * `send --file`: offers files to everyone who is named, and waits until they are there and checked. In a
 * room that is once all members have them, but those who decline. A signal withdraws what is not there: a
 * caller that sees this fail may send it again.
 *
 * @param onProgress gets a line about it, now and then
 * @param onWithdrawn gets an error for each offer that a signal withdraws
 * @param stopped resolves to the exit code at a signal
 * @throws {ClientError} what goes wrong for the first of them
 */
export async function sendFilesCommand(
  messenger: Messenger,
  to: string,
  paths: readonly string[],
  { waitSeconds, timeoutSeconds, queues = false }: SendCommandOptions,
  onProgress: (line: string) => void,
  onWithdrawn: (error: ClientError) => void,
  stopped: Promise<number>,
): Promise<number> {
  const timeoutMs = timeoutSeconds === undefined ? undefined : timeoutSeconds * 1000;
  const sendings: Sending[] = [];
  const run = async () => {
    await logInPatiently(
      messenger,
      timeoutMs ?? DEFAULT_TIMEOUT_MS,
      waitSeconds ?? 0,
      (event) => event.type === "note" && onProgress(event.text),
    );
    const sends = recipientsIn(to).map(async (name) => {
      const sending = sendTo(messenger, name, paths, { waitSeconds, queues }, onProgress);
      sendings.push(sending);
      if (timeoutMs === undefined) return await sending.done;
      try {
        await deadline(sending.done, timeoutMs);
      } catch (error) {
        if (isTimeout(error)) await sending.cancel();
        throw isTimeout(error) ? withdrawnError(name, "it took too long") : error;
      }
    });
    const results = await Promise.allSettled(sends);
    const failure = results.find(({ status }) => status === "rejected");
    if (failure?.status === "rejected") throw failure.reason;
    return EXIT.done;
  };
  const stoppedFirst = stopped.then((code) => ({ code }));
  const running = run();
  const end = await Promise.race([running, stoppedFirst]);
  if (typeof end === "number") return end;
  running.catch(() => {}); // it fails since it is withdrawn
  const cancelled = sendings.filter(({ isOver }) => !isOver()).map(async (sending) => {
    await deadline(sending.cancel(), clientLimits.lingerTimeoutMs);
    onWithdrawn(withdrawnError(sending.name, "it was stopped"));
  });
  await Promise.allSettled(cancelled);
  return end.code;
}

interface Sending {
  readonly name: string;
  readonly done: Promise<void>;
  /** Whether there is nothing to withdraw: no offer was made, or it is in good hands. */
  isOver(): boolean;
  cancel(): Promise<void>;
}

function sendTo(
  messenger: Messenger,
  name: string,
  paths: readonly string[],
  { waitSeconds, queues = false }: Pick<SendCommandOptions, "waitSeconds" | "queues">,
  onProgress: (line: string) => void,
): Sending {
  let transfer: Transfer | undefined;
  const run = async () => {
    const place = isRoomQuery(name)
      ? await joinedRoom(messenger, name)
      : await open(messenger, name, waitSeconds, queues);
    transfer = await place.sendFile(paths);
    const show = () => transfer && onProgress(lineOf(transfer));
    transfer.addEventListener("progress", show);
    transfer.addEventListener("change", show);
    if ("members" in place) return await (queues ? untilSaid(place, transfer) : transfer.done);
    const chat = place;
    if (queues) return await untilQueued(messenger, transfer, chat.state !== "open");
    await Promise.race([transfer.done, keepOpen(messenger, name, chat, transfer)]);
    await chat.close().catch(() => {});
  };
  let hasEnded = false;
  const done = run().finally(() => hasEnded = true);
  return {
    name,
    done,
    isOver: () => hasEnded || transfer === undefined,
    cancel: async () => await transfer?.cancel(),
  };
}

/** A chat to offer files in: if the offer may wait, that is of somebody who can't be reached, too. */
async function open(
  messenger: Messenger,
  name: string,
  waitSeconds: number | undefined,
  queues: boolean,
): Promise<Chat> {
  try {
    const user = waitSeconds === undefined
      ? await findUser(messenger, name)
      : await waitForUser(messenger, name, waitSeconds);
    assertConfirmed(name, user, messenger);
    return await callUser(messenger, user, DEFAULT_TIMEOUT_MS);
  } catch (error) {
    if (!queues || !(error instanceof ClientError)) throw error;
    if (isAway(error)) return queueingChat(messenger, name);
    if (!error.is("peer-unreachable") || contactOf(messenger, name) === undefined) throw error;
    return queueingChat(messenger, name);
  }
}

/** The offer is a message from here on, which any later run hands over. */
async function untilSaid(room: Room, transfer: Transfer): Promise<void> {
  while (transfer.state !== "failed" && await room.find(transfer.id) === undefined) {
    await delay(OUTBOX_POLL_MS);
  }
  if (transfer.state === "failed") await transfer.done;
}

/** Calls again whenever the chat has ended: its peer can't, since this program takes no calls. */
async function keepOpen(
  messenger: Messenger,
  name: string,
  chat: Chat,
  transfer: Transfer,
): Promise<never> {
  for (let open = chat;;) {
    if (open.state === "open") {
      await messenger.waitFor("chat-closed", { where: (event) => event.chat === open });
    }
    if (transfer.state === "done" || transfer.state === "failed") {
      return await new Promise(() => {});
    }
    await pause();
    try {
      const user = await waitForUser(messenger, name, LONG_SECONDS);
      open = await callUser(messenger, user, DEFAULT_TIMEOUT_MS);
    } catch (error) {
      if (!(error instanceof ClientError)) throw error;
    }
  }
}

/** The offer waits from here on, for a client that stays. */
async function untilQueued(
  messenger: Messenger,
  transfer: Transfer,
  isOffline: boolean,
): Promise<void> {
  while (transfer.state === "preparing") {
    await new Promise((resolve) => transfer.addEventListener("change", resolve, { once: true }));
  }
  const isInOutbox = () => messenger.outbox.some((message) => message.transfer === transfer);
  while (isOffline && transfer.state === "offered" && !isInOutbox()) await delay(OUTBOX_POLL_MS);
  if (transfer.state === "failed") await transfer.done;
}

function lineOf(transfer: Transfer): string {
  return sanitizeText(`${transfer.path}: ${describeTransfer(transfer)}`);
}

function withdrawnError(name: string, why: string): ClientError {
  const message = `${displayName(name)} does not have all of it: ${why}; the offer was withdrawn`;
  const details = { reason: "not-delivered", name, why } as const;
  return new ClientError("send-failed", details, { message });
}
