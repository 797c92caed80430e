import type { Rejection } from "../admission/mod.ts";
import type { LogReader, LogView, RecordLogView } from "../presence/mod.ts";
import type { OwnMessage } from "./own_queue.ts";

/** Why a session ended: the client left, was rejected, or the server shuts down. */
export type SessionEnd =
  | { readonly by: "client" | "shutdown"; readonly reason: string }
  /** Another server, which that link names, goes on in its place. */
  | { readonly by: "move"; readonly reason: string; readonly link: string }
  | ({ readonly by: "rejected" } & Rejection);

/** The messages for a client once it is logged in. */
export interface SessionEntry {
  /** The table, and what stands before and behind it: everything that the log says so far. */
  readonly first: readonly OwnMessage[];
  /** The log of changes from then on; undefined for a client that watches. */
  readonly log: LogView | RecordLogView | undefined;
  /** The offset in it from which on. */
  readonly cursor: number;
}

/** A user who is online: at this server, or at another one of its cluster. */
export interface UserSession {
  /** The user's IP address as the user's server sees it. */
  readonly address: string;
  /** The user's public key, if that is known here. */
  readonly key?: Uint8Array | undefined;
  /** Ends the session, and tells a MIM/2 client why; does nothing the second time. */
  end(end: SessionEnd): void;
}

/** A client's session as the owner of the table sees it: in this thread, or in another one. */
export interface ClientSession extends LogReader, UserSession {
  /** The client's port of this connection. */
  readonly port: number;
  /** The bytes that the answer to a MIM/2 login signs; undefined before the handshake and after the login. */
  readonly handshakeHash: Uint8Array | undefined;
  /** When something last came from the client, in milliseconds of `performance.now()`. */
  readonly lastHeard: number;
  /** Whether the system has not taken all bytes yet: the client reads slowly. */
  readonly isWriting: boolean;
  /**
   * Sends a client that has logged in the table, and the log from now on.
   *
   * @returns false if it has ended
   */
  enter(entry: SessionEntry): boolean;
  /**
   * Sends a message to this client alone.
   *
   * @param after the offset in the log that the client must have first, to understand it
   */
  send(message: OwnMessage, after?: number): void;
}
