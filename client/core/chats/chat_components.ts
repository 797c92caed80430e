import type { RotationMessage } from "../../../protocol/mod.ts";
import type { Caller } from "../caller.ts";
import type { CallScreener } from "../calls/mod.ts";
import type { Components } from "../components.ts";
import type { FileTransfers } from "../files/mod.ts";
import type { IdentityKeys } from "../identity_keys.ts";
import type { FileStorage } from "../file_storage.ts";
import type { SecureConnection } from "../peer/mod.ts";
import type { Pins } from "../trust/mod.ts";
import type { NoRoomNotice } from "./chat_errors.ts";
import type { ChatRegistry } from "./chat_registry.ts";
import type { Outbox } from "./outbox.ts";
import type { Shutdown } from "./shutdown.ts";

export interface CoreComponents
  extends Pick<Components, "events" | "network" | "store" | "signaling" | "keys"> {
  /** Whose calls are let in, beside those of users who are being called. */
  readonly fileStorage: FileStorage;
  readonly acceptsCall: (caller: Pick<Caller, "name" | "address" | "port" | "identity">) => boolean;
}

export interface ChatComponents extends CoreComponents {
  /** Takes a connection that is for rooms alone. */
  readonly takeRoomCall: (connection: SecureConnection) => void;
  readonly screener: CallScreener;
  readonly registry: ChatRegistry;
  readonly pins: Pins;
  readonly outbox: Outbox;
  readonly shutdown: Shutdown;
  readonly noRoom: NoRoomNotice;
}

/** The same for those parts that exist only if this client has a key. */
export interface KeyedComponents extends ChatComponents {
  readonly keys: IdentityKeys;
  readonly files: FileTransfers;
}

export interface SecureComponents extends KeyedComponents {
  /** A peer with whom a chat is open says that its key follows another one. */
  readonly takeRotation: (connection: SecureConnection, message: RotationMessage) => Promise<void>;
}
