import { concat } from "@std/bytes/concat";
import {
  type ClientMessage,
  type Login,
  type Mim2Login,
  ProtocolError,
} from "../../protocol/mod.ts";
import { type Rejection, rejectionNotice, shutdownNotice } from "../admission/mod.ts";
import { serverLimits } from "../limits.ts";
import { writeAll } from "../platform/net/byte_stream.ts";
import { closeQuietly, type Connection } from "../platform/net/network.ts";
import { reasonOf } from "../platform/util/errors.ts";
import type { UpdateLog } from "../presence/mod.ts";
import { type ClientMessages, ClientReader } from "./client_reader.ts";

/** Why a session ended: the client left, was rejected, or the server shuts down. */
export type SessionEnd =
  | { readonly by: "client" | "shutdown"; readonly reason: string }
  | ({ readonly by: "rejected" } & Rejection);

/** A message of a client that has logged in. */
export type ClientCommand = Exclude<ClientMessage, { type: "login" }>;

/** What a client is sent once it is logged in. */
export interface SessionEntry {
  /** The table: everything that the log says so far. */
  readonly first: readonly Uint8Array[];
  /** The log of changes from then on. */
  readonly log: UpdateLog;
}

/** What a session asks and tells its owner. */
export interface SessionCallbacks {
  /** Puts the client into the online table; returns what to send it, or why its login is rejected. */
  onLogin(session: Session, login: Login | Mim2Login): SessionEntry | Rejection;
  /** A MIM/2 client has sent a message after its login. */
  onMessage?(session: Session, message: ClientCommand): void;
  /** The table of the login has been written to the client. */
  onTableTaken?(session: Session): void;
  /** A write is done; `before` is the client's cursor until then. */
  onWritten?(session: Session, bytes: number, before: number | undefined): void;
  /**
   * The session has ended; called once.
   *
   * @param closed if the client is still being told why: resolves once the connection is closed
   */
  onEnd(session: Session, end: SessionEnd, closed: Promise<void> | undefined): void;
}

/** One connection, from the welcome to the logout. */
export class Session {
  /** The client's IP address as the server sees it. */
  readonly address: string;
  /** The client's port of this connection. */
  readonly port: number;
  readonly #connection: Connection;
  readonly #callbacks: SessionCallbacks;
  readonly #reader: ClientReader;
  #nonce: Uint8Array | undefined;
  /** Messages for this client alone; they go out before the log, and between two slices of it. */
  readonly #own: { readonly bytes: Uint8Array; readonly after: number }[];
  #log: UpdateLog | undefined;
  /** How far into the log this client has been written; undefined until it is online. */
  #cursor: number | undefined;
  /** The bytes being written, and a promise of how many of them were. */
  #inFlight: { readonly bytes: Uint8Array; readonly written: Promise<number> } | undefined;
  /** The rest of bytes that were written in part: nothing may come before it. */
  #half: Uint8Array | undefined;
  /** Whether the bytes in flight, or half written, are of the log. */
  #isOfLog = false;
  #ended = false;
  /** Resolves once the client sends no more; there while it is told why it is closed. */
  #silent: PromiseWithResolvers<void> | undefined;

  /**
   * @param address the client's IP address
   * @param welcome the welcome's bytes
   * @param nonce the nonce with which the welcome announces MIM/2, if it does
   */
  constructor(
    connection: Connection,
    address: string,
    welcome: Uint8Array,
    nonce: Uint8Array | undefined,
    callbacks: SessionCallbacks,
  ) {
    this.#connection = connection;
    this.address = address;
    this.port = connection.remoteAddr.port;
    this.#nonce = nonce;
    this.#reader = new ClientReader(connection, nonce !== undefined);
    this.#own = [{ bytes: welcome, after: 0 }];
    this.#callbacks = callbacks;
  }

  /** The offset in the update log that this client still needs; undefined until it is online. */
  get cursor(): number | undefined {
    return this.#cursor;
  }

  /** What a MIM/2 login has to sign; undefined after it, and if the server speaks classic MIM only. */
  get nonce(): Uint8Array | undefined {
    return this.#nonce;
  }

  /** Whether the client has said that it speaks MIM/2. */
  get isMim2(): boolean {
    return this.#reader.isMim2;
  }

  /** When something last came from the client, in milliseconds of `performance.now()`. */
  get lastHeard(): number {
    return this.#reader.lastHeard;
  }

  /** Whether the system has not taken all bytes yet: the client reads slowly. */
  get isWriting(): boolean {
    return this.#inFlight !== undefined;
  }

  /** Sends the welcome and reads until the connection ends. Never rejects. */
  async run(): Promise<void> {
    this.pump();
    const reader = this.#reader;
    try {
      let messages: ClientMessages | undefined = await reader.open();
      for (let next; !this.#ended && !(next = await messages.read()).done;) this.#take(next.value);
      messages = undefined; // what follows may take days: this frees the stream
      while (!reader.isAtEnd) reader.takeRest(await reader.readRest(), this.#ended);
      if (!this.#ended) reader.assertComplete();
      this.end({ by: "client", reason: "closed the connection" });
    } catch (error) {
      this.end(this.#endBy(error));
    }
    if (this.#silent === undefined) return;
    // Bytes that are left unread would turn the close into a reset, which overtakes the farewell.
    try {
      while (!reader.isAtEnd) reader.takeRest(await reader.readRest(), true);
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
  send(bytes: Uint8Array, after = 0): boolean {
    if (this.#ended || this.#own.length >= serverLimits.notices) return false;
    this.#own.push({ bytes, after });
    this.pump();
    return true;
  }

  /** Closes the connection, and tells a MIM/2 client why; does nothing the second time. */
  end(end: SessionEnd): void {
    if (this.#ended) return;
    this.#ended = true;
    const notice = this.isMim2 ? noticeOf(end) : undefined;
    if (notice === undefined) closeQuietly(this.#connection);
    this.#callbacks.onEnd(this, end, notice && this.#bidFarewell(notice));
  }

  #next(): Uint8Array | undefined {
    const cursor = this.#cursor ?? 0;
    const own = this.#own[0];
    this.#isOfLog = own === undefined || own.after > cursor;
    if (this.#isOfLog) return this.#log?.from(cursor);
    this.#own.shift();
    return own?.bytes;
  }

  #take(message: ClientMessage | Login): void {
    if (this.#ended) return;
    if (!("type" in message)) this.#logIn(message);
    else if (message.type === "login") this.#logIn(message.login);
    else this.#callbacks.onMessage?.(this, message);
  }

  #logIn(login: Login | Mim2Login): void {
    const entry = this.#callbacks.onLogin(this, login);
    if ("code" in entry) return this.end({ by: "rejected", ...entry });
    for (const bytes of entry.first) this.#own.push({ bytes, after: 0 });
    this.#log = entry.log;
    this.#cursor = entry.log.end;
    this.pump();
    this.#reader.shrink();
    this.#nonce = undefined;
  }

  readonly #onWritten = (length: number): void => {
    if (this.#ended || this.#inFlight === undefined) return;
    const { bytes } = this.#inFlight;
    const before = this.#cursor;
    this.#inFlight = undefined;
    this.#half = length < bytes.length ? bytes.subarray(length) : undefined;
    if (this.#isOfLog) this.#cursor = (this.#cursor ?? 0) + length;
    else if (this.#half === undefined && this.#own.length === 0 && this.#cursor !== undefined) {
      this.#callbacks.onTableTaken?.(this);
    }
    this.#callbacks.onWritten?.(this, length, before);
    this.pump();
  };

  readonly #onWriteError = (error: unknown): void => {
    // Before the login only the read knows whether the client left in the middle of it.
    if (this.#cursor !== undefined) this.end(this.#endBy(error));
  };

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

  /** What a failure means: bytes that break the protocol, or a lost connection. */
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

/** What a MIM/2 client is told of the end; undefined if the client itself ended it. */
function noticeOf(end: SessionEnd): Uint8Array | undefined {
  if (end.by === "rejected") return rejectionNotice(end);
  return end.by === "shutdown" ? shutdownNotice(end.reason) : undefined;
}
