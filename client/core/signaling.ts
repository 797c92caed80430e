import type { OnlineUser } from "./online_user.ts";

/** What chats need of the server that this client is logged in to, or was last. */
export interface Signaling {
  /** Whose names they are: see {@linkcode Pin.server}; undefined at a classic server. */
  readonly id: string | undefined;
  /** The own name there. */
  readonly name: string;
  /** Whether this client is logged in now, and `users` is up to date. */
  readonly online: boolean;
  /** Asks that this session dial this client; false where nobody can pass that on. */
  callMe(session: Uint8Array): boolean;
  /** Says that this session could not be dialled, or says nothing: the server looks whether it is there. */
  unreachable(session: Uint8Array): void;
  /** Who is online, as last known. */
  users(): readonly OnlineUser[];
}
