import { type FileEndCode, fileEndCodes, type FileMessage } from "../../../protocol/mod.ts";
import { WindowLimit } from "../../../server/platform/util/window_limit.ts";
import { clientLimits } from "../limits.ts";
import type { SecureConnection } from "../peer/mod.ts";
import type { PublicKey } from "../public_key.ts";
import { say } from "./file_components.ts";
import type { FileLinkOpener } from "./file_link_opener.ts";
import type { FileTransfer } from "./file_transfer.ts";
import { Giver } from "./giver.ts";
import { ServingLine } from "./serving_line.ts";
import { WatchedLink } from "./watched_link.ts";

/** How often a taker may ask for a link to one offer. */
const ASK_WINDOW_MS = 60_000;
const MAX_ASKS = 30;

/** Whether somebody may have what is offered. */
export type MayTake = (transfer: FileTransfer, identity: PublicKey) => Promise<boolean>;

/** A taker that is served, or waits in line. */
interface Serving {
  readonly transfer: FileTransfer;
  /** Its key, in hex. */
  readonly key: string;
  readonly ended: AbortController;
}

/** An ask for a link to an offer that is paused. */
interface Held {
  readonly transfer: FileTransfer;
  readonly connection: SecureConnection;
  readonly ask: Ask;
}

type Ask = Extract<FileMessage, { readonly type: "file-link" }>;

/** Gives what was offered to whom it was offered. */
export class OutgoingTransfers {
  readonly #opener: FileLinkOpener;
  readonly #report: (transfer: FileTransfer, code: FileEndCode) => void;
  readonly #mayTake: MayTake;
  readonly #line = new ServingLine(clientLimits.filesAtOnce);
  /** By offer and key: a taker that asks again has lost the link before. */
  readonly #serving = new Map<string, Serving>();
  /** The asks that came while an offer was paused, by the same: each is answered once it goes on. */
  readonly #held = new Map<string, Held>();
  readonly #asks = new WindowLimit({ windowMs: ASK_WINDOW_MS, maxPerKey: MAX_ASKS });

  constructor(
    opener: FileLinkOpener,
    report: (transfer: FileTransfer, code: FileEndCode) => void,
    mayTake: MayTake,
  ) {
    this.#opener = opener;
    this.#report = report;
    this.#mayTake = mayTake;
  }

  /**
   * A peer asks for a link to an offer; undefined stands for one that is not here.
   *
   * @param isHeld whether the peer has asked before, while the offer was paused
   */
  async asked(
    transfer: FileTransfer | undefined,
    connection: SecureConnection,
    ask: Ask,
    isHeld = false,
  ): Promise<void> {
    const { offer } = ask;
    const { identity } = connection.peer;
    const refuse = (code: FileEndCode, text = "") =>
      say(connection, { type: "file-end", offer, isOwn: true, code, text });
    const isMeant = transfer !== undefined && await this.#mayTake(transfer, identity);
    if (!isMeant || transfer.given === undefined) return refuse(fileEndCodes["not for you"]);
    if (transfer.isGone) {
      const hasChanged = transfer.room !== undefined && transfer.reason === "changed";
      return refuse(fileEndCodes[hasChanged ? "changed" : "not for you"]);
    }
    const key = identity.toHex();
    const slot = `${transfer.id} ${key}`;
    if (!isHeld && this.#asks.take(slot) !== "taken") return;
    this.#held.delete(slot);
    if (transfer.state === "paused") {
      this.#held.set(slot, { transfer, connection, ask });
      return refuse(fileEndCodes.wait, "0");
    }
    this.#serving.get(slot)?.ended.abort(new Error("the taker asks anew"));
    const serving = { transfer, key, ended: new AbortController() };
    this.#serving.set(slot, serving);
    transfer.isDelivered = true;
    become(serving, "waiting");
    const signal = AbortSignal.any([serving.ended.signal, transfer.stop.signal]);
    try {
      const leave = await this.#line.enter(
        (place) => refuse(fileEndCodes.wait, `${place}`),
        signal,
      );
      try {
        await this.#serve(serving, connection, ask, signal);
      } finally {
        leave();
      }
    } catch {
      // The taker asks again.
    } finally {
      if (this.#serving.get(slot) === serving) {
        this.#serving.delete(slot);
        become(serving, "waiting", true);
      }
    }
  }

  /** Answers those who asked while an offer was paused. */
  resume(transfer: FileTransfer): void {
    for (const [slot, held] of [...this.#held]) {
      if (held.transfer !== transfer && !held.connection.isOver) continue;
      this.#held.delete(slot);
      if (held.connection.isOver) continue; // it asks again over the next one
      void this.asked(transfer, held.connection, held.ask, true).catch(() => {});
    }
  }

  /** Ends the links of those who may not have an offer any more. */
  stop(transfer: FileTransfer, mayTake: (key: string) => boolean): void {
    for (const serving of this.#serving.values()) {
      if (serving.transfer !== transfer || mayTake(serving.key)) continue;
      serving.ended.abort(new Error("it is not for that one any more"));
    }
  }

  async #serve(
    serving: Serving,
    connection: SecureConnection,
    { token, offer, isSenderDialing }: Ask,
    signal: AbortSignal,
  ): Promise<void> {
    if (connection.isOver) return;
    const { transfer, key } = serving;
    const isDialing = !isSenderDialing;
    const opening = this.#opener.open(connection, token, isDialing, signal);
    say(connection, { type: "file-link", token, offer, file: 0, isSenderDialing: isDialing });
    using wire = new WatchedLink(await opening, signal);
    become(serving, "active");
    const first = transfer.offer?.manifest === undefined ? 0 : -1;
    const given = (index: number) => transfer.given?.(index);
    const onBytes = (count: number) =>
      transfer.room === undefined
        ? transfer.advance(Math.min(count, transfer.size - transfer.bytes))
        : transfer.advance(count, key);
    const giver = new Giver(wire, given, first, transfer.totalBytes, transfer.lists, onBytes);
    await giver.serve();
    // With one file there is nothing left to give.
    if (giver.changed.size > 0 && transfer.files === 1 && !transfer.isGone) {
      transfer.become("failed", "changed");
      this.#report(transfer, fileEndCodes.changed);
    }
  }
}

/** @param isEnd whether a link has ended: what is over or paused stays so */
function become({ transfer, key }: Serving, state: "waiting" | "active", isEnd = false): void {
  const { roomTakers } = transfer;
  if (roomTakers === undefined) {
    if (!isEnd || transfer.isWanted) transfer.become(state);
    return;
  }
  const taker = roomTakers.of(key);
  if (isEnd && taker.state !== "waiting" && taker.state !== "active") return;
  taker.state = state;
  transfer.takersChanged();
}
