import type { RecordStore } from "./record_store.ts";
import type { NatsOperation } from "./missing_permissions.ts";

/** A value of the store as it changes: a claim or a ban. */
export interface RecordValue {
  readonly key: string;
  readonly value: Uint8Array;
}

/** A carrier of messages between the nodes of a cluster. */
export interface ClusterBus {
  /** Publishes a message; it is lost if there is no connection. */
  publish(subject: string, message: Uint8Array): void;
  /** Checks soon whether somebody has erased records, which it does every few seconds anyway. */
  checkStore(): void;
  /** Resolves once everything that was published is on its way, and it is closed. */
  close(): Promise<void>;
}

/** An event of the bus. */
export interface ClusterBusEvents {
  onMessage(subject: string, message: Uint8Array): void;
  /** It is connected, and messages come. */
  onConnected(server: string): void;
  /** It is not connected: it could not be, or the connection was lost. It goes on trying. */
  onDisconnected(reason: string): void;
  /** NATS does not allow to publish to a subject, or to subscribe to one; the connection stays. */
  onForbidden(operation: NatsOperation, subject: string): void;
  /** Claims can be settled from now on; not if the store is undefined. */
  onStore(store: RecordStore | undefined, reason: string): void;
  /** Somebody has erased records from the store; it is opened anew. */
  onErased(): void;
  /** Records in the store: bans of before first, then all of before. */
  onRecords(values: readonly RecordValue[]): void;
  /** All bans of before have come. */
  onBansRead(): void;
  /** All records of before have come. */
  onRecordsComplete(): void;
}
