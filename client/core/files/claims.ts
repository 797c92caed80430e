import type { FileStorage } from "../file_storage.ts";
import type { FileTransfer } from "./file_transfer.ts";
import type { TransferList } from "./transfer_list.ts";

/** How often it is looked whether another program has taken an offer, or has let go of one. */
const LOOK_INTERVAL_MS = 1_000;

/** Decides which of several programs with one data folder takes an offer: the first that claims it. */
export class Claims {
  readonly #storage: FileStorage;
  readonly #list: TransferList;
  readonly #claims = new Map<FileTransfer, Promise<Disposable | undefined>>();
  /** Those that wait until another program lets go of an offer. */
  readonly #waiting = new Set<() => void>();
  #timer: ReturnType<typeof setInterval> | undefined;
  #isLooking = false;

  constructor(storage: FileStorage, list: TransferList) {
    this.#storage = storage;
    this.#list = list;
  }

  start(): void {
    const look = () => {
      this.#waiting.forEach((wake) => wake());
      void this.#look();
    };
    this.#timer ??= setInterval(look, LOOK_INTERVAL_MS);
    look();
  }

  /** Lets go of all offers until the next start. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#timer = undefined;
    await Promise.all([...this.#claims.keys()].map((transfer) => this.release(transfer)));
  }

  /**
   * Claims an offer for this program. One that another program takes or has taken fails here.
   *
   * @returns whether this program may take it
   */
  async take(transfer: FileTransfer): Promise<boolean> {
    if (await this.#claim(transfer) !== undefined) return true;
    transfer.become("failed", "taken");
    return false;
  }

  /**
   * Claims an offer that was taken, perhaps in an earlier run. While another program takes it, this waits a
   * moment; once that has ended, the transfer fails here.
   *
   * @returns whether this program may go on with it
   */
  async goOn(transfer: FileTransfer, signal: AbortSignal): Promise<boolean> {
    if (this.#timer !== undefined) {
      if (await this.#claim(transfer) !== undefined) return true;
      if (await this.#isOver(transfer)) {
        transfer.become("failed", "taken");
        return false;
      }
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    const wake = () => resolve();
    this.#waiting.add(wake);
    signal.addEventListener("abort", wake);
    if (!signal.aborted) await promise;
    signal.removeEventListener("abort", wake);
    this.#waiting.delete(wake);
    return false;
  }

  /** Lets go of an offer, once its state is stored. */
  async release(transfer: FileTransfer): Promise<void> {
    await this.#list.stored;
    const claim = this.#claims.get(transfer);
    this.#claims.delete(transfer);
    (await claim)?.[Symbol.dispose]();
  }

  #claim(transfer: FileTransfer): Promise<Disposable | undefined> {
    const before = this.#claims.get(transfer);
    if (before !== undefined) return before;
    const claiming = this.#tryClaim(transfer);
    this.#claims.set(transfer, claiming);
    return claiming;
  }

  async #tryClaim(transfer: FileTransfer): Promise<Disposable | undefined> {
    // A folder in which nothing can be locked holds up no file.
    const claim = await this.#storage.claim(transfer.id).catch(() => ({ [Symbol.dispose]() {} }));
    if (claim !== undefined && !await this.#isOver(transfer)) return claim;
    claim?.[Symbol.dispose]();
    this.#claims.delete(transfer);
    return undefined;
  }

  /** Whether another program has all of it; or has failed, if this one goes on with what was taken. */
  async #isOver(transfer: FileTransfer): Promise<boolean> {
    await this.#list.stored;
    const record = await this.#storage.transfer(transfer.id, "incoming").catch(() => undefined);
    return record?.state === "done" || record?.state === "failed" && transfer.isWanted;
  }

  /** Notices that another program has taken what is offered here, too. */
  async #look(): Promise<void> {
    const isOffered = ({ direction, state }: FileTransfer) =>
      direction === "incoming" && state === "offered";
    const offered = this.#list.all.filter(isOffered);
    if (this.#isLooking || offered.length === 0) return;
    this.#isLooking = true;
    try {
      if (!await this.#storage.hasForeignChanges()) return;
      for (const transfer of offered) {
        const isTaken = await this.#isTaken(transfer);
        if (isTaken && isOffered(transfer)) transfer.become("failed", "taken");
      }
    } catch {
      // Storage that fails here fails in the user's own actions, too: those report it.
    } finally {
      this.#isLooking = false;
    }
  }

  /** Whether another program takes it now, or has it. */
  async #isTaken(transfer: FileTransfer): Promise<boolean> {
    const record = await this.#storage.transfer(transfer.id, "incoming");
    if (record?.state !== "accepted" || this.#claims.has(transfer)) return record?.state === "done";
    const claim = await this.#storage.claim(transfer.id);
    claim?.[Symbol.dispose]();
    return claim === undefined;
  }
}
