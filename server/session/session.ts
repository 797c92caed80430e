import { concat } from "@std/bytes/concat";
import {
  checkUserName,
  encodeLinkNotice,
  isLoginSigned,
  type LinkClientMessage,
  type LinkLogin,
  type LinkNotice,
  type Login,
  ProtocolError,
} from "../../protocol/mod.ts";
import { movedNotice, type Rejection, rejectionNotice, shutdownNotice } from "../admission/mod.ts";
import { serverLimits } from "../limits.ts";
import { writeAll } from "../platform/net/byte_stream.ts";
import { closeQuietly, type Connection } from "../platform/net/network.ts";
import { reasonOf } from "../platform/util/errors.ts";
import { type EpochStart, type LogView, RecordLogView } from "../presence/mod.ts";
import { ClientReader, type SessionMessage } from "./client_reader.ts";
import type { ClientSession, SessionEnd, SessionEntry } from "./client_session.ts";
import type { Greeting } from "./greeting.ts";
import { type OwnMessage, OwnQueue } from "./own_queue.ts";

/** An empty block, which is no answer to a handshake: the client sees that something was changed. */
const NO_HANDSHAKE = Uint8Array.of(0, 0);

/** The questions and reports of a session. */
export interface SessionCallbacks {
  /** Resolves once it is the turn of the client's handshake, or the session has been ended. */
  onHandshake(session: Session): Promise<void>;
  /**
   * Puts the client, whose login is signed, into the online table, and has it `enter` now or later.
   *
   * @returns why its login is rejected
   */
  onLogin(session: Session, login: Login | LinkLogin): Rejection | undefined;
  /** A MIM/2 client has sent a message after its login. */
  onMessage?(session: Session, message: LinkClientMessage): void;
  /** The table of the login has been written to the client. */
  onTableTaken?(session: Session): void;
  /** A write is done; `before` is the client's cursor until then. */
  onWritten?(session: Session, bytes: number, before: number | undefined): void;
  /**
   * The session has ended; called once.
   *
   * @param closed if the reason is still being sent: resolves once the connection is closed
   */
  onEnd(session: Session, end: SessionEnd, closed: Promise<void> | undefined): void;
}

const doNothing = (): void => {};

/** One connection, from the welcome to the logout. */
export class Session implements ClientSession {
  /** The client's IP address as the server sees it. */
  readonly address: string;
  /** The client's port of this connection. */
  readonly port: number;
  readonly #connection: Connection;
  readonly #callbacks: SessionCallbacks;
  readonly #reader: ClientReader;
  /** The handshake hash, which a MIM/2 login has to sign; undefined before the handshake and after the login. */
  #handshakeHash: Uint8Array | undefined;
  /** Messages for this client alone; they go out before the log, and between two slices of it. */
  readonly #own = new OwnQueue();
  #log: LogView | RecordLogView | undefined;
  /** The epoch whose secret the client has, from the end of its table on. */
  #epoch: number | undefined;
  /** How far into the log this client has been written; undefined until it is online. */
  #cursor: number | undefined;
  /** The bytes being written, and a promise of how many of them were. */
  #inFlight: { readonly bytes: Uint8Array; readonly written: Promise<number> } | undefined;
  /** When bytes that are not of the log were last written. */
  #lastWritten = 0;
  /** The rest of bytes that were written in part: nothing may come before it. */
  #half: Uint8Array | undefined;
  /** Whether the bytes in flight, or half written, are of the log. */
  #isOfLog = false;
  #ended = false;
  /** Whether it has logged in and not entered: nothing more is read until then. */
  #isEntering = false;
  #onEntered = doNothing;
  /** Resolves once the client sends no more; there while the reason is sent. */
  #silent: PromiseWithResolvers<void> | undefined;

  /** @param address the client's IP address */
  constructor(
    connection: Connection,
    address: string,
    greeting: Greeting,
    callbacks: SessionCallbacks,
  ) {
    this.#connection = connection;
    this.address = address;
    this.port = connection.remoteAddr.port;
    this.#reader = new ClientReader(connection, greeting);
    this.#own.add(greeting.bytes);
    this.#callbacks = callbacks;
  }

  /** The offset in the update log that this client still needs; undefined until it is online. */
  get cursor(): number | undefined {
    return this.#cursor;
  }

  /** The handshake hash, which a MIM/2 login has to sign; undefined before the handshake and after the login. */
  get handshakeHash(): Uint8Array | undefined {
    return this.#handshakeHash;
  }

  /** Whether the client has a link: it speaks MIM/2. */
  get isMim2(): boolean {
    return this.#reader.link !== undefined;
  }

  /** When something last came from the client, in milliseconds of `performance.now()`. */
  get lastHeard(): number {
    return this.#reader.lastHeard;
  }

  /** Whether the system has not taken all bytes yet: the client reads slowly. */
  get isWriting(): boolean {
    return this.#inFlight !== undefined;
  }

  /** Whether the client has to answer a ping before it is sent more. */
  get isHeld(): boolean {
    return this.#own.isHeld;
  }

  /** Since when the system has taken nothing of the table, in milliseconds of `performance.now()`. */
  get lastWritten(): number {
    return this.#lastWritten;
  }

  /** Sends the welcome and reads until the connection ends. Never rejects. */
  async run(): Promise<void> {
    this.pump();
    const reader = this.#reader;
    try {
      while (!reader.isAtEnd) {
        reader.take(await reader.read());
        if (reader.isHandshakeDue && !this.#ended) await this.#callbacks.onHandshake(this);
        if (this.#ended) reader.skip();
        else {
          for (const message of reader.messages()) {
            this.#take(message);
            if (this.#isEntering) await new Promise<void>((resolve) => this.#onEntered = resolve);
          }
        }
      }
      if (!this.#ended) reader.assertComplete();
      this.end({ by: "client", reason: "closed the connection" });
    } catch (error) {
      this.end(this.#endBy(error));
    }
    if (this.#silent === undefined) return;
    // Bytes that are left unread would turn the close into a reset, which overtakes the farewell.
    try {
      while (!reader.isAtEnd) reader.take(await reader.read());
    } catch {
      // The client has gone.
    }
    this.#silent.resolve();
  }

  /**
   * Writes what there is, unless a write is under way: that one goes on by itself. Called after each
   * append to the log; never waits.
   */
  pump(): void {
    if (this.#ended) return;
    if (this.#inFlight !== undefined) {
      const lag = this.#log === undefined ? 0 : this.#log.end - (this.#cursor ?? 0);
      if (lag > serverLimits.updateLagBytes) {
        this.end({ by: "rejected", code: "too-slow", reason: `${lag} bytes behind` });
      }
      return;
    }
    const bytes = this.#half ?? this.#next();
    if (bytes === undefined || bytes.length === 0) return;
    const written = this.#connection.write(bytes);
    this.#inFlight = { bytes, written };
    written.then(this.#onWritten, this.#onWriteError);
  }

  /**
   * Sends a message to this client alone.
   *
   * @param after the offset in the log that the client must have first, to understand it
   * @returns false if too many wait already
   */
  send(message: OwnMessage, after = 0): boolean {
    if (this.#ended) return false;
    if (this.#own.isFull) {
      // Without it, the client's table would be wrong for good.
      const isNeeded = "type" in message && message.type === "updates";
      const reason = `${serverLimits.notices} messages behind`;
      if (isNeeded) this.end({ by: "rejected", code: "too-slow", reason });
      return false;
    }
    this.#own.add(message, after);
    this.pump();
    return true;
  }

  /**
   * Sends a client that has logged in the table, and the log from now on.
   *
   * @returns false if it has ended
   */
  enter({ first, log, cursor }: SessionEntry): boolean {
    if (this.#ended) return false;
    for (const message of first) this.#own.add(message);
    this.#log = log;
    this.#cursor = cursor;
    if (log instanceof RecordLogView) this.#epoch = log.epoch;
    this.#lastWritten = performance.now();
    this.#isEntering = false;
    this.pump();
    this.#reader.shrink();
    this.#onEntered();
    return true;
  }

  /** Closes the connection, and tells a MIM/2 client why; does nothing the second time. */
  end(end: SessionEnd): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#isEntering = false;
    this.#onEntered();
    const farewell = this.#farewellOf(end);
    if (farewell === undefined) closeQuietly(this.#connection);
    this.#callbacks.onEnd(this, end, farewell && this.#bidFarewell(farewell));
  }

  #next(): Uint8Array | undefined {
    const cursor = this.#cursor ?? 0;
    const log = this.#log;
    const records = log instanceof RecordLogView ? log : undefined;
    this.#isOfLog = false;
    if (records !== undefined && records.epoch !== this.#epoch && !this.#own.hasTable) {
      const start = records.epochStartingAt(cursor);
      if (start !== undefined && start.epoch !== this.#epoch) {
        return records.takeEpochNotice() ? this.#takeEpoch(start) : undefined;
      }
    }
    if (!this.#own.isEmpty) {
      const own = this.#own.take(cursor, this.#reader.link, records);
      if (own !== undefined || this.#own.isHeld) return own;
    }
    this.#isOfLog = true;
    return log?.from(cursor);
  }

  /** The secret of the epoch that begins here: it comes before all else. */
  #takeEpoch({ epoch, secret, lastNumber }: EpochStart): Uint8Array | undefined {
    this.#epoch = epoch;
    const notice = encodeLinkNotice({ type: "epoch", epoch, secret, lastNumber });
    return this.#reader.link?.encrypt(notice);
  }

  #take(message: SessionMessage): void {
    if (this.#ended) return;
    if (this.#own.release()) this.pump();
    switch (message.type) {
      case "secured":
        this.#handshakeHash = message.handshakeHash;
        this.#own.add(message.reply);
        return this.pump();
      case "classic-login":
      case "login":
        return this.#logIn(message.login);
      default:
        this.#callbacks.onMessage?.(this, message);
    }
  }

  #logIn(login: Login | LinkLogin): void {
    if ("identity" in login && !this.#isSigned(login)) {
      const reason = "the login is not signed with its key for this connection";
      return this.end({ by: "rejected", code: "bad-signature", reason });
    }
    this.#isEntering = true;
    const rejection = this.#callbacks.onLogin(this, login);
    this.#handshakeHash = undefined;
    if (rejection !== undefined) this.end({ by: "rejected", ...rejection });
  }

  /** The owner says what is wrong with a name, which comes before what is wrong with its signature. */
  #isSigned(login: LinkLogin): boolean {
    const { handshakeHash } = this;
    if (handshakeHash === undefined) return false;
    return !checkUserName(login.name).ok || isLoginSigned(login, handshakeHash);
  }

  readonly #onWritten = (length: number): void => {
    if (this.#ended || this.#inFlight === undefined) return;
    const { bytes } = this.#inFlight;
    const before = this.#cursor;
    this.#inFlight = undefined;
    if (!this.#isOfLog) this.#lastWritten = performance.now(); // the clock costs, and there are many writes
    this.#half = length < bytes.length ? bytes.subarray(length) : undefined;
    if (this.#isOfLog) this.#cursor = (this.#cursor ?? 0) + length;
    else if (this.#half === undefined && this.#own.isEmpty && this.#cursor !== undefined) {
      this.#callbacks.onTableTaken?.(this);
    }
    this.#callbacks.onWritten?.(this, length, before);
    this.pump();
  };

  readonly #onWriteError = (error: unknown): void => {
    // Before the login only the read knows whether the client left in the middle of it.
    if (this.#cursor !== undefined) this.end(this.#endBy(error));
  };

  /** The bytes that tell the client why it is closed; undefined if nothing can. */
  #farewellOf(end: SessionEnd): Uint8Array | undefined {
    const { link } = this.#reader;
    const notice = noticeOf(end);
    if (link === undefined || notice === undefined) return undefined;
    if (link.isSecured) return link.encrypt(encodeLinkNotice(notice));
    // Its welcome was changed on the way. A close without a word would look like a server in a hurry.
    return end.by === "rejected" && end.code === "not-authentic" ? NO_HANDSHAKE : undefined;
  }

  /** Tells the client why it is closed, closes, and waits no longer than necessary. Never rejects. */
  async #bidFarewell(notice: Uint8Array): Promise<void> {
    const silent = this.#silent = Promise.withResolvers<void>();
    const timer = setTimeout(() => {
      silent.resolve();
      closeQuietly(this.#connection);
    }, serverLimits.farewellTimeoutMs);
    try {
      let rest = this.#half ?? new Uint8Array(0);
      if (this.#inFlight !== undefined) {
        const { bytes, written } = this.#inFlight;
        rest = bytes.subarray(await written);
      }
      await writeAll(this.#connection, concat([rest, notice]));
      await this.#connection.closeWrite();
      await silent.promise;
    } catch {
      // The client has gone, or does not read: it will not learn the reason.
    } finally {
      clearTimeout(timer);
      closeQuietly(this.#connection);
    }
  }

  /** The end that a failure means: bytes that break the protocol, or a lost connection. */
  #endBy(error: unknown): SessionEnd {
    const reason = reasonOf(error);
    if (error instanceof ProtocolError) return { by: "rejected", code: error.code, reason };
    try {
      this.#reader.assertComplete();
    } catch (half) {
      if (!(half instanceof ProtocolError)) throw half;
      return { by: "rejected", code: half.code, reason: `${half.message} (${reason})` };
    }
    return { by: "client", reason: `lost: ${reason}` };
  }
}

/** The message about the end for the client; undefined if the client itself ended it. */
function noticeOf(end: SessionEnd): LinkNotice | undefined {
  if (end.by === "rejected") return rejectionNotice(end);
  if (end.by === "move") return movedNotice(end.link);
  return end.by === "shutdown" ? shutdownNotice(end.reason) : undefined;
}
