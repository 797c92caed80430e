import { EXIT, exitCodeOf, matchFolded, type UserCandidate } from "../app/mod.ts";
import { ClientError, type Messenger, type Transfer } from "../core/mod.ts";
import { DEFAULT_TIMEOUT_MS, logIn } from "./find_user.ts";
import { joinedRoom } from "./room_delivery.ts";

/** The transfers that `receive` takes. */
export interface ReceiveOptions {
  /** The room in which it is offered; undefined for all of them, and chats. */
  readonly room?: string | undefined;
  /** `--from`: the sender; undefined for everyone. */
  readonly from: string | undefined;
  /** `--into`: the folder. */
  readonly into: string | undefined;
  /** `--once`: ends after the first. */
  readonly once: boolean;
}

/**
 * `receive`: takes files that are offered, also those that were before, until a signal, or with `--once`
 * until one has come, be it the rest of one that was taken in an earlier run. An offer that is withdrawn
 * before it is taken is none, and neither is one that another program of the user takes.
 *
 * @throws {ClientError} with `--once` if that one fails; if nothing can be stored in the folder; if the user
 *   is no member of that room
 */
export async function receiveCommand(
  messenger: Messenger,
  { room, from, into, once }: ReceiveOptions,
): Promise<number> {
  const { promise: ended, resolve, reject } = Promise.withResolvers<number>();
  const isInPlace = (transfer: Transfer) =>
    room === undefined ||
    messenger.rooms.named(room).some(({ id }) => id === transfer.room?.id);
  const takesOne = (transfer: Transfer) =>
    isInPlace(transfer) &&
    (from === undefined || matchFolded(from, [candidate(transfer)]).length > 0);
  ended.catch(() => {}); // it may fail during the login
  let isTaking = false;
  const take = async (transfer: Transfer) => {
    if (!takesOne(transfer) || once && isTaking) return;
    isTaking = true;
    try {
      await transfer.accept({ into });
      if (once) transfer.done.catch((error) => failed(transfer, error));
    } catch (error) {
      const isGone = transfer.state === "failed" && !isUnwritable(error);
      if (!isGone) return reject(error); // no other offer could be taken there
      if (once) await takeNext();
    }
  };
  const failed = (transfer: Transfer, error: unknown) =>
    transfer.reason === "taken" ? takeNext() : reject(error);
  const takeNext = async () => {
    isTaking = false; // none has been taken yet
    await takeOffered();
  };
  const takeOffered = async () => {
    for (const transfer of messenger.files) {
      if (transfer.direction === "incoming" && transfer.state === "offered") await take(transfer);
    }
  };
  const unsubscribe = messenger.subscribe((event) => {
    if (event.type === "file-offered") return take(event.transfer);
    // One of an earlier run may be there before the login is over.
    const isReceived = once && event.type === "file-received" && takesOne(event.transfer);
    if (isReceived) resolve(EXIT.done);
    if (event.type === "error" && event.error.is("reconnect-failed")) {
      resolve(exitCodeOf(event.error.code));
    }
  });
  try {
    if (room !== undefined && await joinedRoom(messenger, room) === messenger.rooms.lobby) {
      throw new ClientError("room-failed", { reason: "lobby-only-talks" });
    }
    await logIn(messenger, DEFAULT_TIMEOUT_MS);
    await takeOffered();
    for (const transfer of messenger.files) {
      if (transfer.direction === "outgoing") continue;
      const isUnderWay = transfer.state === "waiting" || transfer.state === "active";
      if (!once || !isUnderWay || !takesOne(transfer)) continue;
      transfer.done.catch((error) => failed(transfer, error));
    }
    return await ended;
  } finally {
    unsubscribe();
  }
}

function isUnwritable(error: unknown): boolean {
  return error instanceof ClientError && error.is("transfer-failed") &&
    error.details.reason === "unwritable";
}

function candidate({ name, identity }: Transfer): UserCandidate {
  return { name, identity, address: "", port: 0 };
}
