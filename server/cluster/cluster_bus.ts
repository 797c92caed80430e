import type { ClaimStore } from "./claim_store.ts";
import type { NatsOperation } from "./missing_permissions.ts";

/** A value of the claims' store as it changes. */
export interface ClaimValue {
  readonly key: string;
  readonly value: Uint8Array;
}

/** A carrier of messages between the nodes of a cluster. */
export interface ClusterBus {
  /** Publishes a message; it is lost if there is no connection. */
  publish(subject: string, message: Uint8Array): void;
  /** Checks soon whether somebody has erased claims, which it does every few seconds anyway. */
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
  onStore(store: ClaimStore | undefined, reason: string): void;
  /** Somebody has erased claims from the store; it is opened anew. */
  onErased(): void;
  /** Claims in the store, those of before first. */
  onClaims(values: readonly ClaimValue[]): void;
  /** All claims of before have come. */
  onClaimsComplete(): void;
}
