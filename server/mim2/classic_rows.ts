import { setImmediate } from "node:timers";
import { equals } from "@std/bytes/equals";
import {
  decodeUpdate,
  type EntryDetails,
  FrameDecoder,
  type PresenceEntry,
} from "../../protocol/mod.ts";
import type { ClientSession } from "../session/mod.ts";
import { addOf } from "./mim2_client.ts";
import { encodeChange, type SealedPresence } from "./sealed_presence.ts";

const NONE = new Uint8Array(0);
/** After so long without a MIM/2 client, no row is made for the classic ones that come. */
const SLEEP_AFTER_MS = 60_000;
/** For so long at a time the rows are made when one comes again. */
const WAKING_SLICE_MS = 5;

const now = (): number => performance.now();

/** The rows of classic clients in the table that MIM/2 clients see, once there is one of these. */
export class ClassicRows {
  readonly #presence: SealedPresence;
  readonly #newId: () => Uint8Array;
  readonly #isTaken: (name: string) => boolean;
  /** Whether no MIM/2 client has been there for a while: then classic ones get no rows, which saves time. */
  #isAsleep = true;
  /** Classic clients without a row. */
  readonly #sleepers = new Map<ClientSession, PresenceEntry>();
  /** When a MIM/2 client was last there, or about to log in. */
  #neededAt = now();
  /** The ids of the rows. */
  readonly #ids = new Map<ClientSession, Uint8Array>();

  /**
   * @param newId gives a row's session
   * @param isTaken whether a name belongs to a key
   */
  constructor(
    presence: SealedPresence,
    newId: () => Uint8Array,
    isTaken: (name: string) => boolean,
  ) {
    this.#presence = presence;
    this.#newId = newId;
    this.#isTaken = isTaken;
  }

  /** Adds a client. */
  add(session: ClientSession, entry: PresenceEntry): void {
    if (this.#isAsleep) this.#sleepers.set(session, entry);
    else this.#addRow(session, entry);
  }

  /** Removes a client, if it is one. */
  remove(session: ClientSession): void {
    this.#sleepers.delete(session);
    const id = this.#ids.get(session);
    if (id === undefined) return;
    this.#ids.delete(session);
    this.#presence.delete(session, id);
  }

  /** The client whose row has this session, in hex digits. */
  find(id: string): ClientSession | undefined {
    const bytes = Uint8Array.fromHex(id);
    for (const [session, own] of this.#ids) if (equals(own, bytes)) return session;
    return undefined;
  }

  /**
   * Says of a client whether it is in doubt that its machine is there.
   *
   * @param add its Add of classic MIM
   */
  mark(session: ClientSession, add: Uint8Array | undefined, isDoubtful: boolean): void {
    const id = this.#ids.get(session);
    const [body] = new FrameDecoder().push(add ?? NONE);
    if (id === undefined || body === undefined) return;
    const { entry } = decodeUpdate(body);
    const reachability = isDoubtful ? "unreachable" : "unknown";
    const row = rowOf(id, entry, reachability, this.#isTaken(entry.name));
    this.#presence.change(session, row, encodeChange(id, { reachability }));
  }

  /** Makes all rows for a MIM/2 client that is about to shake hands, a little at a time. */
  async wake(): Promise<void> {
    this.#neededAt = now();
    let start = now();
    for (const _ of this.#addSleepers()) {
      if (now() - start < WAKING_SLICE_MS) continue;
      await new Promise((resolve) => setImmediate(resolve));
      start = now();
    }
  }

  /** Makes all rows that are missing now. */
  finish(): void {
    for (const _ of this.#addSleepers());
  }

  /** To be called every second or so, with whether any MIM/2 client is there. */
  tick(isNeeded: boolean, time: number): void {
    if (isNeeded) this.#neededAt = time;
    else if (time - this.#neededAt >= SLEEP_AFTER_MS) this.#isAsleep = true;
  }

  *#addSleepers(): Generator<void, void> {
    this.#isAsleep = false;
    for (const [session, entry] of this.#sleepers) {
      this.#sleepers.delete(session);
      this.#addRow(session, entry);
      yield;
    }
  }

  #addRow(session: ClientSession, entry: PresenceEntry): void {
    const id = this.#newId();
    this.#ids.set(session, id);
    this.#presence.add(session, rowOf(id, entry, "unknown", this.#isTaken(entry.name)));
  }
}

function rowOf(
  session: Uint8Array,
  entry: PresenceEntry,
  reachability: EntryDetails["reachability"],
  isNameClaimed: boolean,
): Uint8Array {
  return addOf({
    ...{ ...entry, session, reachability, isNameClaimed },
    ...{ capabilities: 0, identity: NONE, certificate: undefined, addresses: [] },
    ...{ availability: "online", status: "" },
  });
}
