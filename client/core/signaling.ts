import type { Credential } from "../../protocol/mod.ts";
import type { OnlineUser } from "./online_user.ts";
import type { ProvenServer } from "./proven_server.ts";

/** The server that this client is logged in to, or was last, as chats see it. */
export interface Signaling {
  /** The server to which names belong: see {@linkcode Pin.server}; undefined at a classic server. */
  readonly id: string | undefined;
  /** The own name there. */
  readonly name: string;
  /** The server, if it has proven a key; it remains after a logout. */
  readonly provenServer: ProvenServer | undefined;
  /** The server's certificate for the own name; undefined if the server has proven no key. */
  readonly credential: Credential | undefined;
  /** Whether this client is logged in now, and `users` is up to date. */
  readonly isOnline: boolean;
  /** Everyone who is online, as last known. */
  readonly users: Iterable<OnlineUser>;
  /** Whether that server certifies that a listed user's name is that user's own. */
  certifies(user: OnlineUser): boolean;
  /** Has the server tell of a caller, if it does not tell of everybody; resolves after a moment at the latest. */
  lookUpCaller(name: string, identity: Uint8Array | undefined): Promise<void>;
  /** Asks that this session dial this client; false if nobody can pass that on. */
  requestCallback(session: Uint8Array): boolean;
  /** Reports that a session could not be dialed: the server then checks whether it is still there. */
  reportUnreachable(session: Uint8Array): void;
}
