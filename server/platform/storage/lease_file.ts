import { deadline } from "@std/async/deadline";
import { delay } from "@std/async/delay";
import { reasonOf } from "../util/errors.ts";
import { holderOf, Lease, type Moment, renewalMsOf } from "./lease.ts";
import { assertRegularFile } from "./regular_file.ts";

/** How often it is looked whether the lease has come to its end. */
const WATCH_INTERVAL_MS = 50;
/** How long the file may take when the lease is given up. */
const RELEASE_TIMEOUT_MS = 1_000;
/** Records are short; more is no record. */
const MAX_BYTES = 65_536;

/** The events of a lease. */
export interface LeaseEvents {
  /** Another program holds it, and this one waits: the name of the holder, if it is known. */
  readonly onWaiting: (holder: string | undefined) => void;
  /** The file can't be read or written now. */
  readonly onFailure: (reason: string) => void;
}

/** A {@linkcode Lease} in a file, which may be on storage that several machines share. */
export class LeaseFile {
  readonly #path: string;
  readonly #lease: Lease;
  readonly #events: LeaseEvents;
  readonly #stopped = new AbortController();
  readonly #running: Promise<void>;
  readonly #watch: ReturnType<typeof setInterval>;
  #turned = Promise.withResolvers<void>();
  #wasHeld = false;
  /** Whether there was a record: nobody takes it away. */
  #wasThere = false;
  #holder: string | undefined;

  /**
   * Starts to want the lease, which is held later, if at all.
   *
   * @param name tells people whose it is
   */
  constructor(path: string, name: string, leaseMs: number, events: LeaseEvents) {
    this.#path = path;
    this.#lease = new Lease(crypto.randomUUID(), name, leaseMs);
    this.#events = events;
    this.#running = this.#run();
    this.#watch = setInterval(() => this.#look(), WATCH_INTERVAL_MS);
  }

  /** Whether this program may do now what the lease is for. */
  get isHeld(): boolean {
    return this.#lease.isHeld(now());
  }

  /** Resolves once the lease is held, or is not any more. */
  async until(isHeld: boolean): Promise<void> {
    while (this.isHeld !== isHeld) await this.#turned.promise;
  }

  /** Gives the lease up: everything that it is for has been stopped. Waits a second for the file at most. */
  async release(): Promise<void> {
    clearInterval(this.#watch);
    this.#stopped.abort();
    const given = (async () => {
      await this.#running;
      const record = this.#lease.release(await readRecord(this.#path));
      if (record !== undefined) await writeRecord(this.#path, record, () => true);
    })();
    await deadline(given, RELEASE_TIMEOUT_MS).catch(() => {}); // others wait a little longer then
  }

  /** Never rejects. */
  async #run(): Promise<void> {
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      try {
        await this.#step();
      } catch (error) {
        this.#events.onFailure(reasonOf(error));
      }
      this.#look();
      await delay(this.#lease.stepMs, { signal }).catch(() => {});
    }
  }

  async #step(): Promise<void> {
    const began = now();
    const record = await readRecord(this.#path);
    if (record === undefined && this.#wasThere) {
      // An empty folder is left where storage was mounted: a server that takes the lease there is a second one.
      throw new Error(
        `${this.#path} has gone: is its storage mounted? If it is, restart the server`,
      );
    }
    this.#wasThere = record !== undefined;
    const own = this.#lease.read(record, now());
    if (own === undefined) {
      return this.#lease.isOwn(record) ? undefined : this.#waitFor(holderOf(record));
    }
    const isWritten = await writeRecord(
      this.#path,
      own,
      () => this.#lease.mayWrite(began, now()),
      record === undefined,
    );
    if (isWritten) this.#lease.written(began, now());
  }

  #waitFor(holder: string | undefined): void {
    if (this.#holder === holder && holder !== undefined) return;
    this.#holder = holder;
    this.#events.onWaiting(holder);
  }

  #look(): void {
    const { isHeld } = this;
    if (isHeld === this.#wasHeld) return;
    this.#wasHeld = isHeld;
    if (!isHeld) this.#holder = undefined;
    this.#turned.resolve();
    this.#turned = Promise.withResolvers<void>();
  }
}

/** Whether a program renews a lease now; takes as long as one may take to renew it. */
export async function isLeaseRenewed(path: string): Promise<boolean> {
  const before = await readRecord(path);
  const until = performance.now() + renewalMsOf(before);
  while (performance.now() < until) {
    await delay(WATCH_INTERVAL_MS);
    if (await readRecord(path) !== before) return true;
  }
  return false;
}

function now(): Moment {
  return { steady: performance.now(), wall: Date.now() };
}

/** The file's text; undefined if there is none. Opening it has network file systems ask for its present state. */
async function readRecord(path: string): Promise<string | undefined> {
  try {
    assertRegularFile(path);
    using file = await Deno.open(path);
    const buffer = new Uint8Array(MAX_BYTES);
    let length = 0;
    for (let count; (count = await file.read(buffer.subarray(length))) !== null && count > 0;) {
      length += count;
    }
    return new TextDecoder().decode(buffer.subarray(0, length));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/**
 * Writes it in place: a file that takes the place of another may be seen later by other machines.
 *
 * @param mayWrite is asked once the file is open; nothing happens between that and the write
 * @param isNew whether it is created if it is not there
 * @returns whether it was written
 */
async function writeRecord(
  path: string,
  record: string,
  mayWrite: () => boolean,
  isNew = false,
): Promise<boolean> {
  using file = await Deno.open(path, {
    write: true,
    ...isNew && { create: true, mode: 0o600 },
  });
  const bytes = new TextEncoder().encode(record);
  if (!mayWrite()) return false;
  if (file.writeSync(bytes) < bytes.length) throw new Error(`${path} can't be written whole`);
  await file.sync();
  return true;
}
