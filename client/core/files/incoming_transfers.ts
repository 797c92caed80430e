import { deadline } from "@std/async/deadline";
import { delay } from "@std/async/delay";
import {
  decodeManifest,
  type FileEndCode,
  fileEndCodes,
  type FileMessage,
  type FileRow,
  isFolderPath,
  limits,
} from "../../../protocol/mod.ts";
import { reasonOf } from "../../../server/platform/util/errors.ts";
import { DIAL_TIMEOUT_MS } from "../../../server/platform/net/dial.ts";
import { backoff } from "../backoff.ts";
import { DiskFullError, PartBusyError } from "../file_storage.ts";
import type { FileLink, SecureConnection } from "../peer/mod.ts";
import type { TransferReason } from "../transfer.ts";
import type { Claims } from "./claims.ts";
import { type FileComponents, type FilePeers, say } from "./file_components.ts";
import type { FileLinkOpener } from "./file_link_opener.ts";
import { type FileTransfer, transferError } from "./file_transfer.ts";
import { DiskTarget, type FileTarget, StreamTarget } from "./file_target.ts";
import { MANIFEST } from "./giver.ts";
import { memoryPart } from "./memory_part.ts";
import { TakenFile } from "./taken_file.ts";
import { FileEndError, Taker } from "./taker.ts";
import { OpenError, reasonToFail, UnknownOfferError, WriteError } from "./taking_errors.ts";
import { WatchedLink } from "./watched_link.ts";

/** How long a giver may take to answer, if it does not say that others come first. */
const ANSWER_TIMEOUT_MS = 20_000;
/** How long a peer may take to dial once it has agreed to. */
const OPEN_TIMEOUT_MS = 15_000;
/** How often a full disk is looked at. */
const DISK_RETRY_MS = 5_000;

type Answer = Extract<FileMessage, { readonly type: "file-link" | "file-end" }>;

/** Takes offers: asks for links until everything is there. */
export class IncomingTransfers {
  readonly #components: FileComponents;
  readonly #claims: Claims;
  readonly #opener: FileLinkOpener;
  readonly #peersOf: (transfer: FileTransfer) => FilePeers;
  readonly #report: (transfer: FileTransfer, code: FileEndCode) => void;
  /** The handlers of the giver's answers, by the offer. */
  readonly #answers = new Map<FileTransfer, (answer: Answer) => void>();
  /** The transfers under way, each with a promise that resolves when it stops. */
  readonly #pursued = new Map<FileTransfer, Promise<void>>();
  readonly #targets = new WeakMap<FileTransfer, FileTarget>();
  readonly #taken = new WeakMap<FileTransfer, TakenFile[]>();
  /** Called once a peer is connected, or a transfer is to be looked at again. */
  readonly #wakes = new Map<FileTransfer, () => void>();

  constructor(
    components: FileComponents,
    claims: Claims,
    opener: FileLinkOpener,
    peersOf: (transfer: FileTransfer) => FilePeers,
    report: (transfer: FileTransfer, code: FileEndCode) => void,
  ) {
    this.#components = components;
    this.#claims = claims;
    this.#opener = opener;
    this.#peersOf = peersOf;
    this.#report = report;
  }

  /** Takes an offer into a folder. */
  async accept(transfer: FileTransfer, into: string | undefined): Promise<void> {
    if (transfer.state === "done") return;
    if (transfer.isOver) throw this.#over(transfer);
    if (transfer.isWanted || transfer.state === "paused") return;
    if (into === undefined) throw transferError(transfer.name, "no-storage");
    await this.#claims.take(transfer);
    if (transfer.isOver) {
      await this.#claims.release(transfer);
      throw this.#over(transfer);
    }
    if (transfer.state !== "offered") return; // it was accepted twice
    transfer.into = into;
    transfer.become("waiting");
    this.pursue(transfer);
  }

  /** Takes an offer of one file as a stream. */
  stream(transfer: FileTransfer): ReadableStream<Uint8Array> {
    if (transfer.isOver) throw this.#over(transfer);
    const target = new StreamTarget(() => void transfer.cancel());
    if (transfer.state !== "offered" || transfer.files !== 1) throw this.#over(transfer);
    this.#targets.set(transfer, target);
    transfer.done.catch((error) => target.fail(error));
    transfer.become("waiting");
    this.pursue(transfer);
    return target.stream;
  }

  /** Goes on until it is done, has failed or is paused. */
  pursue(transfer: FileTransfer): void {
    if (this.#pursued.has(transfer)) return this.wake(transfer);
    const pursuing = this.#pursue(transfer).finally(() => {
      this.#pursued.delete(transfer);
      this.#peersOf(transfer).want(transfer.identity, this.#isWanted(transfer));
      const isToDiscard = transfer.state === "failed" && transfer.reason !== "taken";
      const discarding = isToDiscard ? this.discard(transfer).catch(() => {}) : Promise.resolve();
      void discarding.then(() => this.#claims.release(transfer));
    });
    this.#pursued.set(transfer, pursuing);
  }

  wake(transfer: FileTransfer): void {
    this.#wakes.get(transfer)?.();
  }

  /** The giver has answered. */
  answered(transfer: FileTransfer, answer: Answer): void {
    this.#answers.get(transfer)?.(answer);
  }

  /** Removes what has come, also in an earlier run, once nothing is written any more. */
  async discard(transfer: FileTransfer): Promise<void> {
    await this.#pursued.get(transfer);
    for (const file of this.#taken.get(transfer) ?? []) file.close();
    const { into, rows = [], tops } = transfer;
    const target = this.#targets.get(transfer) ??
      (into === undefined || tops === undefined
        ? undefined
        : await this.#components.storage.openTarget(into, rows, tops));
    await target?.discard(rows);
  }

  #isWanted(transfer: FileTransfer): boolean {
    return [...this.#pursued.keys()].some((each) =>
      each.identity.equals(transfer.identity) && each.isWanted &&
      (each.room === undefined) === (transfer.room === undefined)
    );
  }

  async #pursue(transfer: FileTransfer): Promise<void> {
    const peers = this.#peersOf(transfer);
    let isOtherDialing = false;
    /** Counts the programs of the giver's that do not have the files. */
    let refusals = 0;
    for (let tries = 0; transfer.isWanted;) {
      const { signal } = transfer.stop;
      const connections = peers.connections(transfer.identity);
      const connection = connections[refusals % connections.length];
      const before = transfer.bytes;
      if (connection === undefined) {
        peers.want(transfer.identity, true);
        await this.#untilWoken(transfer, signal);
        tries = 0;
        continue;
      }
      if (!await this.#claims.goOn(transfer, signal)) continue;
      try {
        await this.#attempt(transfer, connection, isOtherDialing, signal);
      } catch (error) {
        if (transfer.bytes > before) tries = 0;
        if (signal.aborted) continue;
        if (error instanceof OpenError) isOtherDialing = !isOtherDialing;
        const reason = reasonToFail(error);
        // Another program of the giver's may have it, or this one hear later that the user is a member.
        if (reason === "unknown" && transfer.room !== undefined) refusals++;
        else if (reason === "disk-full") await this.#untilRoom(transfer, signal);
        else if (reason !== undefined) return this.#fail(transfer, reason, error);
      }
      if (!transfer.isWanted) return;
      transfer.become("waiting");
      await Promise.race([
        delay(backoff(tries++, Math.random()), { signal }).catch(() => {}),
        this.#untilWoken(transfer, signal),
      ]);
    }
  }

  #fail(transfer: FileTransfer, reason: TransferReason, error: unknown): void {
    const cause = error instanceof WriteError ? error.cause : undefined;
    transfer.become("failed", reason, cause === undefined ? undefined : reasonOf(cause));
    if (reason !== "unknown") this.#report(transfer, fileEndCodes.stopped);
  }

  /** One link: takes as much as comes over it. */
  async #attempt(
    transfer: FileTransfer,
    connection: SecureConnection,
    isOtherDialing: boolean,
    signal: AbortSignal,
  ): Promise<void> {
    const link = await this.#open(transfer, connection, isOtherDialing, signal);
    transfer.place = undefined;
    transfer.become("active");
    using wire = new WatchedLink(link, signal);
    const offer = transfer.offer;
    if (offer === undefined) return;
    const isListed = offer.manifest !== undefined;
    const taker = new Taker(wire, isListed ? MANIFEST : 0, (count, file) => {
      if (file !== MANIFEST) transfer.advance(count);
    });
    const rows = transfer.rows ?? await this.#takeManifest(transfer, taker);
    const target = await this.#target(transfer, rows);
    const files = this.#files(transfer, rows, target);
    await taker.take(files);
    await taker.end();
    await this.#complete(transfer, files, target);
  }

  async #complete(
    transfer: FileTransfer,
    files: readonly TakenFile[],
    target: FileTarget,
  ): Promise<void> {
    const dropped = files.filter(({ isFinished }) => !isFinished);
    const missing = dropped.length;
    const isNothing = missing === files.length;
    if (missing > 0) {
      await target.discard(isNothing ? transfer.rows ?? [] : dropped.map(({ row }) => row));
    }
    await target.end();
    if (!isNothing) transfer.location = target.location;
    if (missing === 0) {
      transfer.report = fileEndCodes.done;
      transfer.become("done");
      this.#report(transfer, fileEndCodes.done);
    } else {
      transfer.become(
        "failed",
        "changed",
        files.length > 1 ? `${missing} of ${files.length} files` : undefined,
      );
      this.#report(transfer, fileEndCodes.changed);
    }
  }

  async #takeManifest(transfer: FileTransfer, taker: Taker): Promise<readonly FileRow[]> {
    const [row] = transfer.offer?.rows ?? [];
    const manifest = transfer.offer?.manifest;
    if (row === undefined || manifest === undefined || row.size > limits.manifestBytes) return [];
    const bytes = new Uint8Array(row.size);
    const open = () => Promise.resolve(memoryPart(bytes));
    const file = new TakenFile(MANIFEST, row, { open, onFinished: () => {} });
    await taker.take([file]);
    if (!file.isFinished) throw new UnknownOfferError("its list has gone");
    const rows = decodeManifest(bytes, manifest);
    transfer.manifest = bytes;
    return transfer.rows = rows;
  }

  async #target(transfer: FileTransfer, rows: readonly FileRow[]): Promise<FileTarget> {
    const before = this.#targets.get(transfer);
    if (before !== undefined) return before;
    const isNew = transfer.tops === undefined;
    const opening = this.#components.storage.openTarget(transfer.into ?? "", rows, transfer.tops);
    const folder = await opening.catch((cause) => {
      throw cause instanceof DiskFullError ? cause : new WriteError("", { cause });
    });
    transfer.tops = folder.tops;
    const hasFolders = rows.some(({ path }) => isFolderPath(path));
    const target = new DiskTarget(folder, { isNew, hasFolders });
    this.#targets.set(transfer, target);
    await this.#components.storage.keepTransfer(transfer.record).catch(() => {});
    return target;
  }

  #files(transfer: FileTransfer, rows: readonly FileRow[], target: FileTarget): TakenFile[] {
    const before = this.#taken.get(transfer);
    if (before !== undefined) return before;
    const onFinished = (row: FileRow, path: string) => target.finished(row, path);
    const wasThere = async (row: FileRow) => {
      const isThere = await target.wasThere(row);
      if (isThere) transfer.advance(row.size);
      return isThere;
    };
    const open = (row: FileRow) =>
      target.open(row).catch((cause) => {
        if (cause instanceof DiskFullError || cause instanceof PartBusyError) throw cause;
        throw new WriteError("", { cause });
      });
    // Empty folders are there as soon as the target is.
    const files = rows.flatMap((row, index) =>
      isFolderPath(row.path) ? [] : new TakenFile(index, row, { open, wasThere, onFinished })
    );
    this.#taken.set(transfer, files);
    return files;
  }

  /**
   * Asks for a link, waits for its turn, and opens it.
   *
   * @param isOtherDialing whether the side dials that has not dialed for the chat
   */
  async #open(
    transfer: FileTransfer,
    connection: SecureConnection,
    isOtherDialing: boolean,
    signal: AbortSignal,
  ): Promise<FileLink> {
    const token = crypto.getRandomValues(new Uint8Array(16));
    const isSenderDialing = (connection.direction === "outgoing") !== isOtherDialing;
    const offer = Uint8Array.fromHex(transfer.id);
    const opening = new AbortController();
    const stopped = AbortSignal.any([signal, opening.signal]);
    try {
      // The peer may dial as soon as it has the token.
      const incoming = isSenderDialing ? undefined : this.#expect(connection, token, stopped);
      await this.#agreement(transfer, connection, { token, offer, isSenderDialing }, signal);
      const link = incoming ?? this.#opener.open(connection, token, true, stopped);
      const timeoutMs = incoming === undefined ? DIAL_TIMEOUT_MS : OPEN_TIMEOUT_MS;
      return await deadline(link, timeoutMs, { signal }).catch((cause) => {
        throw new OpenError("no link came about", { cause });
      });
    } catch (error) {
      opening.abort(error);
      throw error;
    }
  }

  #expect(
    connection: SecureConnection,
    token: Uint8Array,
    signal: AbortSignal,
  ): Promise<FileLink> {
    const { rendezvous } = this.#opener;
    const { identity } = connection.peer;
    const incoming = rendezvous.expect(token, identity, 3_600_000, signal);
    incoming.catch(() => {}); // whoever waits for it sees that
    return incoming;
  }

  /** Resolves once the giver agrees to a link, however long its line is. */
  async #agreement(
    transfer: FileTransfer,
    connection: SecureConnection,
    ask: {
      readonly token: Uint8Array;
      readonly offer: Uint8Array;
      readonly isSenderDialing: boolean;
    },
    signal: AbortSignal,
  ): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    promise.catch(() => {});
    const heard = Promise.withResolvers<void>();
    this.#answers.set(transfer, (answer) => {
      heard.resolve();
      if (answer.type === "file-link") {
        if (answer.token.toHex() === ask.token.toHex()) resolve();
      } else if (answer.code === fileEndCodes.wait) {
        const place = Number(answer.text);
        transfer.place = Number.isSafeInteger(place) && place > 0 ? place : undefined;
        transfer.dispatchEvent(new Event("change"));
      } else if (answer.code === fileEndCodes["not for you"]) reject(new UnknownOfferError());
      else reject(new FileEndError(answer.code));
    });
    const isGone = setInterval(() => {
      if (connection.isOver) reject(new Error("the connection has ended"));
    }, 250);
    try {
      say(connection, { type: "file-link", file: 0, ...ask });
      await deadline(Promise.race([heard.promise, promise]), ANSWER_TIMEOUT_MS, { signal });
      await deadline(promise, 2 ** 31 - 1, { signal });
    } finally {
      clearInterval(isGone);
      this.#answers.delete(transfer);
    }
  }

  async #untilRoom(transfer: FileTransfer, signal: AbortSignal): Promise<void> {
    transfer.become("paused", "disk-full");
    const target = this.#targets.get(transfer);
    const needed = Math.min(transfer.size - transfer.bytes, 2 ** 30);
    while (!signal.aborted && transfer.state === "paused") {
      await delay(DISK_RETRY_MS, { signal }).catch(() => {});
      const free = target?.freeBytes();
      if (free !== undefined && free > needed) transfer.become("waiting");
      if (transfer.isWanted) return;
    }
  }

  async #untilWoken(transfer: FileTransfer, signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wakes.set(transfer, resolve);
    const onAbort = () => resolve();
    signal.addEventListener("abort", onAbort);
    if (signal.aborted) resolve();
    await promise;
    signal.removeEventListener("abort", onAbort);
    if (this.#wakes.get(transfer) === resolve) this.#wakes.delete(transfer);
  }

  #over({ name, reason, state }: FileTransfer): Error {
    return transferError(name, state === "failed" ? reason ?? "cancelled" : "cancelled");
  }
}
