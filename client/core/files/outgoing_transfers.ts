import { equals } from "@std/bytes/equals";
import { type FileEndCode, fileEndCodes, type FileMessage } from "../../../protocol/mod.ts";
import { WindowLimit } from "../../../server/platform/util/window_limit.ts";
import { clientLimits } from "../limits.ts";
import type { SecureConnection } from "../peer/mod.ts";
import { say } from "./file_components.ts";
import type { FileLinkOpener } from "./file_link_opener.ts";
import type { FileTransfer } from "./file_transfer.ts";
import { Giver } from "./giver.ts";
import { ServingLine } from "./serving_line.ts";
import { WatchedLink } from "./watched_link.ts";

/** How often a taker may ask for a link to one offer. */
const ASK_WINDOW_MS = 60_000;
const MAX_ASKS = 30;

type Ask = Extract<FileMessage, { readonly type: "file-link" }>;

/** Gives what was offered to whom it was offered. */
export class OutgoingTransfers {
  readonly #opener: FileLinkOpener;
  readonly #report: (transfer: FileTransfer, code: FileEndCode) => void;
  readonly #line = new ServingLine(clientLimits.filesAtOnce);
  /** The offers being served or in line: a taker that asks again has lost the link before. */
  readonly #serving = new Map<FileTransfer, AbortController>();
  readonly #asks = new WindowLimit({ windowMs: ASK_WINDOW_MS, maxPerKey: MAX_ASKS });

  constructor(
    opener: FileLinkOpener,
    report: (transfer: FileTransfer, code: FileEndCode) => void,
  ) {
    this.#opener = opener;
    this.#report = report;
  }

  /** A peer asks for a link to an offer; undefined stands for one that is not here. */
  async asked(
    transfer: FileTransfer | undefined,
    connection: SecureConnection,
    ask: Ask,
  ): Promise<void> {
    const { offer } = ask;
    const refuse = (code: FileEndCode, text = "") =>
      say(connection, { type: "file-end", offer, isOwn: true, code, text });
    const isMeant = transfer !== undefined && equals(transfer.identity, connection.peer.identity);
    if (!isMeant || transfer.isOver || transfer.given === undefined) {
      return refuse(fileEndCodes["not for you"]);
    }
    if (this.#asks.take(transfer.id) !== "taken") return;
    if (transfer.state === "paused") return refuse(fileEndCodes.wait, "1");
    this.#serving.get(transfer)?.abort(new Error("the taker asks anew"));
    const ended = new AbortController();
    this.#serving.set(transfer, ended);
    transfer.isDelivered = true;
    transfer.become("waiting");
    const signal = AbortSignal.any([ended.signal, transfer.stop.signal]);
    try {
      const leave = await this.#line.enter(
        (place) => refuse(fileEndCodes.wait, `${place}`),
        signal,
      );
      try {
        await this.#serve(transfer, connection, ask, signal);
      } finally {
        leave();
      }
    } catch {
      // The taker asks again.
    } finally {
      if (this.#serving.get(transfer) === ended) {
        this.#serving.delete(transfer);
        if (transfer.isWanted) transfer.become("waiting");
      }
    }
  }

  async #serve(
    transfer: FileTransfer,
    connection: SecureConnection,
    { token, offer, isSenderDialing }: Ask,
    signal: AbortSignal,
  ): Promise<void> {
    if (connection.isOver) return;
    const isDialing = !isSenderDialing;
    const opening = this.#opener.open(connection, token, isDialing, signal);
    say(connection, { type: "file-link", token, offer, file: 0, isSenderDialing: isDialing });
    using wire = new WatchedLink(await opening, signal);
    transfer.become("active");
    const first = transfer.offer?.manifest === undefined ? 0 : -1;
    const given = (index: number) => transfer.given?.(index);
    const onBytes = (count: number) =>
      transfer.advance(Math.min(count, transfer.size - transfer.bytes));
    const giver = new Giver(wire, given, first, transfer.totalBytes, transfer.lists, onBytes);
    await giver.serve();
    // With one file there is nothing left to give.
    if (giver.changed.size > 0 && transfer.files === 1 && !transfer.isOver) {
      transfer.become("failed", "changed");
      this.#report(transfer, fileEndCodes.changed);
    }
  }
}
