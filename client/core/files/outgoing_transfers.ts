import { deadline } from "@std/async/deadline";
import { type FileEndCode, fileEndCodes, type FileMessage } from "../../../protocol/mod.ts";
import { WindowLimit } from "../../../server/platform/util/window_limit.ts";
import { clientLimits } from "../limits.ts";
import type { SecureConnection } from "../peer/mod.ts";
import type { PublicKey } from "../public_key.ts";
import { say } from "./file_components.ts";
import type { FileLinkOpener } from "./file_link_opener.ts";
import type { FileTransfer } from "./file_transfer.ts";
import { Giver, MANIFEST } from "./giver.ts";
import { ServingLine } from "./serving_line.ts";
import { WatchedLink } from "./watched_link.ts";

/** How often a taker may ask for a link to one offer. */
const ASK_WINDOW_MS = 60_000;
const MAX_ASKS = 30;
/** How many programs of one user are served an offer at once. */
const MAX_PROGRAMS = 2;

/** Whether somebody may have what is offered. */
export type MayTake = (transfer: FileTransfer, identity: PublicKey) => Promise<boolean>;

/** A taker that is served, or waits in line. */
interface Serving {
  readonly transfer: FileTransfer;
  /** Its key, in hex. */
  readonly key: string;
  readonly connection: SecureConnection;
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
  readonly #serving = new Set<Serving>();
  /** Those that end, too, until their files are closed. */
  readonly #running = new Set<Promise<void>>();
  /** The asks that came while an offer was paused: each is answered once it goes on. */
  readonly #held = new Set<Held>();
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
    if (!isHeld && this.#asks.take(`${transfer.id} ${key}`) !== "taken") return;
    for (const held of this.#held) {
      const isSame = held.transfer === transfer && held.connection === connection;
      if (isSame || held.connection.isOver) this.#held.delete(held);
    }
    if (transfer.state === "paused") {
      this.#held.add({ transfer, connection, ask });
      return refuse(fileEndCodes.wait, "0");
    }
    this.#makeRoom(transfer, key, connection);
    const serving = { transfer, key, connection, ended: new AbortController() };
    this.#serving.add(serving);
    const over = Promise.withResolvers<void>();
    this.#running.add(over.promise);
    transfer.isDelivered = true;
    become(serving, "waiting");
    const signal = AbortSignal.any([serving.ended.signal, transfer.stop.signal]);
    try {
      const leave = await this.#line.enter(
        (place) => refuse(fileEndCodes.wait, `${place}`),
        signal,
      );
      try {
        await this.#serve(serving, ask, signal);
      } finally {
        leave();
      }
    } catch {
      // The taker asks again.
    } finally {
      this.#serving.delete(serving);
      if (this.#servings(transfer, key).length === 0) become(serving, "waiting", true);
      this.#running.delete(over.promise);
      over.resolve();
    }
  }

  /**
   * One of a taker's programs does not want an offer any more. Returns whether another one is being
   * served, or waits in line.
   */
  declined(transfer: FileTransfer, connection: SecureConnection): boolean {
    const servings = this.#servings(transfer, connection.peer.identity.toHex());
    for (const serving of servings) {
      if (serving.connection === connection) this.#end(serving, "the taker has declined");
    }
    return servings.some((serving) => this.#serving.has(serving));
  }

  #servings(transfer: FileTransfer, key: string): Serving[] {
    return [...this.#serving].filter((each) => each.transfer === transfer && each.key === key);
  }

  /** A program that asks again has lost the link before; a user may run several. */
  #makeRoom(transfer: FileTransfer, key: string, connection: SecureConnection): void {
    const others = this.#servings(transfer, key).filter((serving) => {
      const isOther = serving.connection !== connection && !serving.connection.isOver;
      if (!isOther) this.#end(serving, "the taker asks anew");
      return isOther;
    });
    for (const serving of others.slice(0, Math.max(0, others.length + 1 - MAX_PROGRAMS))) {
      this.#end(serving, "other programs of the taker ask");
    }
  }

  #end(serving: Serving, why: string): void {
    this.#serving.delete(serving);
    serving.ended.abort(new Error(why));
  }

  /** Resolves once nobody is served any more, and no file is read; within two seconds in any case. */
  async ended(): Promise<void> {
    await deadline(Promise.all(this.#running), clientLimits.lingerTimeoutMs).catch(() => {});
  }

  /** Answers those who asked while an offer was paused. */
  resume(transfer: FileTransfer): void {
    for (const held of [...this.#held]) {
      if (held.transfer !== transfer && !held.connection.isOver) continue;
      this.#held.delete(held);
      if (held.connection.isOver) continue; // it asks again over the next one
      void this.asked(transfer, held.connection, held.ask, true).catch(() => {});
    }
  }

  /** Ends the links of those who may not have an offer any more. */
  stop(transfer: FileTransfer, mayTake: (key: string) => boolean): void {
    for (const serving of this.#serving) {
      if (serving.transfer !== transfer || mayTake(serving.key)) continue;
      serving.ended.abort(new Error("it is not for that one any more"));
    }
  }

  async #serve(
    serving: Serving,
    { token, offer, isSenderDialing }: Ask,
    signal: AbortSignal,
  ): Promise<void> {
    const { transfer, key, connection } = serving;
    if (connection.isOver) return;
    const isDialing = !isSenderDialing;
    const opening = this.#opener.open(connection, token, isDialing, signal);
    say(connection, { type: "file-link", token, offer, file: 0, isSenderDialing: isDialing });
    using wire = new WatchedLink(await opening, signal);
    become(serving, "active");
    const first = transfer.offer?.manifest === undefined ? 0 : MANIFEST;
    const given = (index: number) => transfer.given?.(index);
    const onBytes = (count: number, file: number) => {
      if (file === MANIFEST) return;
      if (transfer.room !== undefined) transfer.advance(count, key);
      else transfer.advance(Math.min(count, transfer.size - transfer.bytes));
    };
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
  if (taker.state === "done") return; // by another program of the same user
  if (isEnd && taker.state !== "waiting" && taker.state !== "active") return;
  taker.state = isEnd && taker.hasDeclined ? "declined" : state;
  taker.hasDeclined = isEnd ? false : taker.hasDeclined;
  transfer.takersChanged();
}
