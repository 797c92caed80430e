import type { EntryDetails } from "../../protocol/mod.ts";
import { BroadcastBudget } from "./broadcast_budget.ts";
import { addOf, type Mim2Client } from "./mim2_client.ts";
import { encodeChange, type SealedPresence } from "./sealed_presence.ts";

/** Bytes of a record around a change. */
const RECORD_BYTES = 64;

/** Changes the rows of clients: after many of a client or of its network, the next ones are broadcast later as one. */
export class RowChanges {
  readonly #presence: SealedPresence;
  /** Clients whose changed row has not been broadcast yet. */
  readonly #changed = new Set<Mim2Client>();
  readonly #budget = new BroadcastBudget();

  constructor(presence: SealedPresence) {
    this.#presence = presence;
  }

  /** Changes a row, which is broadcast with the next tick at the earliest. */
  change(client: Mim2Client, details: Partial<EntryDetails>): void {
    client.add = addOf({ ...client.entry, ...details });
    client.changed = { ...client.changed, ...details };
    this.#changed.add(client);
  }

  /** Changes a row, and broadcasts that at once if it may. */
  changeNow(client: Mim2Client, details: Partial<EntryDetails>, time: number): void {
    this.change(client, details);
    this.#broadcastInTurn(client, time);
  }

  /** Drops the changes of a client that is gone. */
  forget(client: Mim2Client): void {
    this.#changed.delete(client);
  }

  /** Broadcasts what has waited. To be called every second or so. */
  tick(time: number): void {
    for (const client of this.#changed) this.#broadcastInTurn(client, time);
    this.#budget.tick(time);
  }

  #broadcastInTurn(client: Mim2Client, time: number): void {
    const change = encodeChange(Uint8Array.fromHex(client.id), client.changed ?? {});
    const bytes = (change.length + RECORD_BYTES) * this.#presence.broadcast.readers;
    if (!client.statusChanges.take(time) || !this.#budget.take(client.source, bytes, time)) return;
    this.#changed.delete(client);
    client.changed = undefined;
    this.#presence.change(client.session, client.add, change);
  }
}
