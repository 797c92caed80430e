import type { Network } from "../../server/platform/net/network.ts";
import type { EventBus } from "./event_bus.ts";
import type { IdentityKeys } from "./identity_keys.ts";
import type { UserTable } from "./presence/mod.ts";
import type { Signaling } from "./signaling.ts";
import type { Store } from "./store.ts";

/** The components that parts of the core share. A part takes a `Pick` of those that it uses. */
export interface Components {
  readonly events: EventBus;
  readonly network: Network;
  readonly store: Store;
  readonly users: UserTable;
  /** The server, as chats see it. */
  readonly signaling: Signaling;
  /** The own keys; undefined if this client speaks classic MIM alone. */
  readonly keys: IdentityKeys | undefined;
  readonly ownListener: OwnListener;
}

export interface OwnListener {
  /** The one address that it listens at; undefined for every one. */
  readonly hostname: string | undefined;
  /** Listens, unless it does already, and returns the port. Throws `cannot-listen`. */
  start(): number;
  stop(): void;
}
