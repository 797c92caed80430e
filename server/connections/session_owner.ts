import type { LinkClientMessage, LinkLogin, Login } from "../../protocol/mod.ts";
import type { Rejection } from "../admission/mod.ts";
import type { ClientSession, SessionEnd } from "../session/mod.ts";

/**
 * Whoever knows who is online, as connections ask and tell it.
 *
 * @typeParam Session what it is told of
 */
export interface SessionOwner<Session extends ClientSession = ClientSession> {
  /** Whether a connection of an address is taken; returns why not. */
  admit(address: string, port: number): Rejection | undefined | Promise<Rejection | undefined>;
  /** A connection that was admitted is open. */
  onOpen(session: Session): void;
  /** A client is about to shake hands; may resolve when it may. */
  onHandshake(): void | Promise<void>;
  /** Puts the client into the online table, and has it enter; returns why its login is rejected. */
  onLogin(session: Session, login: Login | LinkLogin): Rejection | undefined;
  /** A MIM/2 client has sent a message after its login. */
  onMessage(session: Session, message: LinkClientMessage): void;
  /** The session has ended; called once. */
  onEnd(session: Session, end: SessionEnd): void;
  /** A write is done; `before` is the client's cursor until then. */
  onWritten(session: Session, bytes: number, before: number | undefined): void;
  /** A connection could not be accepted. */
  onAcceptFailure(reason: string): void;
}
