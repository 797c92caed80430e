import type { FileMessage } from "../../../protocol/mod.ts";
import type { Components } from "../components.ts";
import type { FileStorage } from "../file_storage.ts";
import type { IdentityKeys } from "../identity_keys.ts";
import type { Callee, SecureConnection } from "../peer/mod.ts";

/** The chats, as transfers see them. */
export interface FilePeers {
  /** The connections with that key over which messages about files may be sent, the best one first. */
  connections(identity: Uint8Array): SecureConnection[];
  /** How the peer at the other end of a connection is dialed; undefined if nobody knows. */
  callee(connection: SecureConnection): Callee | undefined;
  /** Whether a connection with that key is wanted: then it is dialed as for a message. */
  want(identity: Uint8Array, isWanted: boolean): void;
}

/** The components that the parts of this room share. */
export interface FileComponents extends Pick<Components, "events" | "network" | "signaling"> {
  readonly keys: IdentityKeys;
  readonly storage: FileStorage;
  readonly peers: FilePeers;
}

/** Sends a message about files; a connection that breaks is noticed by its reader. */
export function say(connection: SecureConnection, message: FileMessage): void {
  connection.say(message).catch(() => {});
}
