import { concat } from "@std/bytes/concat";
import {
  ClientDecoder,
  type ClientMessage,
  type Login,
  LoginDecoder,
  type Mim2Login,
  ProtocolError,
} from "../../protocol/mod.ts";
import { reasonOf } from "../platform/util/errors.ts";
import { closeQuietly, type Connection } from "../platform/net/network.ts";
import { type Rejection, rejectionNotice, shutdownNotice } from "../admission/rejection.ts";
import type { UpdateLog } from "../presence/update_log.ts";
import { serverLimits } from "../limits.ts";

/** Enough for any usual login in one read. */
const LOGIN_BUFFER_BYTES = 512;
/** A classic client sends nothing after its login: this only waits for the end. */
const IDLE_BUFFER_BYTES = 16;
/** A MIM/2 client answers pings, and says little else. */
const MIM2_BUFFER_BYTES = 64;

/** Why a session ended: the client went, was refused, or the server shuts down. */
export type SessionEnd =
  | { readonly by: "client" | "shutdown"; readonly reason: string }
  | ({ readonly by: "refused" } & Rejection);

/** What somebody says who has logged in. */
export type ClientCommand = Exclude<ClientMessage, { type: "login" }>;

/** What a client is to be sent once it is logged in. */
export interface SessionEntry {
  /** First these, which tell all that the log says so far. */
  readonly first: readonly Uint8Array[];
  /** Then what is appended to this. */
  readonly log: UpdateLog;
}

/** What a session needs of the server that it belongs to. */
export interface SessionHost {
  /**
   * Puts the client into the online table and tells the others.
   *
   * @returns what to send, or why the login is refused
   */
  enter(session: Session, login: Login | Mim2Login): SessionEntry | Rejection;
  /** A MIM/2 client has said something after its login. */
  said(session: Session, message: ClientCommand): void;
  /** The client has been written all that was in the table when it logged in. */
  tookTable(session: Session): void;
  /** A write is done; `before` is how far into the log the client was. */
  wrote(session: Session, bytes: number, before: number | undefined): void;
  /**
   * The session has ended; called once.
   *
   * @param closed where the client is still told why: resolves once the connection is closed
   */
  left(session: Session, end: SessionEnd, closed: Promise<void> | undefined): void;
}

/** One connection, from welcome to logout. */
export class Session {
  /** The client's IP address as the server sees it. */
  readonly address: string;
  /** The port that the client dialled from. */
  readonly port: number;
  /** What a MIM/2 login is to sign; undefined where the server speaks classic MIM only. */
  readonly nonce: Uint8Array | undefined;
  readonly #connection: Connection;
  readonly #host: SessionHost;
  readonly #decoder: ClientDecoder | LoginDecoder;
  #buffer = new Uint8Array(LOGIN_BUFFER_BYTES);
  /** What is meant for this client alone; goes out before the log, and between two slices of it. */
  readonly #own: { readonly bytes: Uint8Array; readonly behind: number }[];
  #log: UpdateLog | undefined;
  /** How far into the log this client has been written; undefined until it is online. */
  #cursor: number | undefined;
  /** What is being written right now, and how much of it is once that is done. */
  #inFlight: { readonly bytes: Uint8Array; readonly written: Promise<number> } | undefined;
  /** What is left of something that was written in part: nothing may come before it. */
  #half: Uint8Array | undefined;
  /** Whether what is being written, or half written, is of the log. */
  #ofLog = false;
  #heard = 0;
  #ended = false;
  /** Resolves once the client says no more; there where it is told why it is closed. */
  #silent: PromiseWithResolvers<void> | undefined;

  /**
   * @param address the client's IP address
   * @param welcome the welcome's bytes
   * @param nonce what the welcome announces MIM/2 with, where it does
   */
  constructor(
    connection: Connection,
    address: string,
    welcome: Uint8Array,
    nonce: Uint8Array | undefined,
    host: SessionHost,
  ) {
    this.#connection = connection;
    this.address = address;
    this.port = connection.remoteAddr.port;
    this.nonce = nonce;
    this.#decoder = nonce === undefined ? new LoginDecoder() : new ClientDecoder();
    this.#own = [{ bytes: welcome, behind: 0 }];
    this.#host = host;
  }

  /** The offset in the update log that this client still needs; undefined until it is online. */
  get cursor(): number | undefined {
    return this.#cursor;
  }

  /** Whether the client has said that it speaks MIM/2. */
  get isMim2(): boolean {
    return this.#decoder instanceof ClientDecoder && this.#decoder.isMim2;
  }

  /** When something last came from the client, in milliseconds of `performance.now()`. */
  get lastHeard(): number {
    return this.#heard;
  }

  /** Whether there is something that the system has not taken yet: the client reads slowly. */
  get isWriting(): boolean {
    return this.#inFlight !== undefined;
  }

  /** Sends the welcome and reads until the connection ends. Never rejects. */
  async run(): Promise<void> {
    this.pump();
    try {
      for (;;) {
        const length = await this.#connection.read(this.#buffer);
        if (length === null) break;
        // The write that goes on beside it may have failed meanwhile, or the time be up.
        if (!this.#ended) this.#take(this.#buffer.subarray(0, length));
        if (this.#ended && this.#silent === undefined) return;
      }
      if (!this.#ended) {
        this.#decoder.end();
        this.end({ by: "client", reason: "closed the connection" });
      }
    } catch (error) {
      this.end(this.#endBy(error));
    } finally {
      this.#silent?.resolve();
    }
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
        this.end({ by: "refused", code: "too-slow", reason: `${lag} bytes behind` });
      }
      return;
    }
    const bytes = this.#half ?? this.#next();
    if (bytes === undefined || bytes.length === 0) return;
    const written = this.#connection.write(bytes);
    this.#inFlight = { bytes, written };
    written.then(this.#wrote, this.#failed);
  }

  /**
   * Sends something that is meant for this client alone.
   *
   * @param behind the offset in the log that the client must have first, to understand it
   * @returns false where too much waits already
   */
  send(bytes: Uint8Array, behind = 0): boolean {
    if (this.#ended || this.#own.length >= serverLimits.notices) return false;
    this.#own.push({ bytes, behind });
    this.pump();
    return true;
  }

  /** Closes the connection, tells a MIM/2 client why; does nothing the second time. */
  end(end: SessionEnd): void {
    if (this.#ended) return;
    this.#ended = true;
    const notice = this.isMim2 ? noticeOf(end) : undefined;
    if (notice === undefined) closeQuietly(this.#connection);
    this.#host.left(this, end, notice && this.#sayWhy(notice));
  }

  #next(): Uint8Array | undefined {
    const cursor = this.#cursor ?? 0;
    const own = this.#own[0];
    this.#ofLog = own === undefined || own.behind > cursor;
    if (this.#ofLog) return this.#log?.from(cursor);
    this.#own.shift();
    return own?.bytes;
  }

  #take(bytes: Uint8Array): void {
    this.#heard = performance.now();
    try {
      for (const message of this.#decoder.push(bytes)) {
        if (!("type" in message)) this.#logIn(message);
        else if (message.type === "login") this.#logIn(message.login);
        else this.#host.said(this, message);
        if (this.#ended) return;
      }
    } catch (error) {
      this.end(this.#endBy(error));
    }
  }

  #logIn(login: Login | Mim2Login): void {
    const entry = this.#host.enter(this, login);
    if ("code" in entry) return this.end({ by: "refused", ...entry });
    this.#buffer = new Uint8Array("identity" in login ? MIM2_BUFFER_BYTES : IDLE_BUFFER_BYTES);
    for (const bytes of entry.first) this.#own.push({ bytes, behind: 0 });
    this.#log = entry.log;
    this.#cursor = entry.log.end;
    this.pump();
  }

  readonly #wrote = (length: number): void => {
    if (this.#ended || this.#inFlight === undefined) return;
    const { bytes } = this.#inFlight;
    const before = this.#cursor;
    this.#inFlight = undefined;
    this.#half = length < bytes.length ? bytes.subarray(length) : undefined;
    if (this.#ofLog) this.#cursor = (this.#cursor ?? 0) + length;
    else if (this.#half === undefined && this.#own.length === 0 && this.#cursor !== undefined) {
      this.#host.tookTable(this);
    }
    this.#host.wrote(this, length, before);
    this.pump();
  };

  readonly #failed = (error: unknown): void => {
    // Before the login only the read knows whether the client went in the middle of it.
    if (this.#cursor !== undefined) this.end(this.#endBy(error));
  };

  /** Tells the client why it is closed, closes, and waits no longer than need be. Never rejects. */
  async #sayWhy(notice: Uint8Array): Promise<void> {
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
      const last = concat([rest, notice]);
      for (let at = 0; at < last.length;) at += await this.#connection.write(last.subarray(at));
      await this.#connection.closeWrite();
      // What has not been read would turn the close into a reset, which overtakes what was written.
      await silent.promise;
    } catch {
      // It is gone, or does not read: then it is not told.
    } finally {
      clearTimeout(timer);
      closeQuietly(this.#connection);
    }
  }

  /** What a failure means: bytes that break the protocol, or a lost connection. */
  #endBy(error: unknown): SessionEnd {
    const reason = reasonOf(error);
    if (error instanceof ProtocolError) return { by: "refused", code: error.code, reason };
    try {
      this.#decoder.end();
    } catch (half) {
      if (!(half instanceof ProtocolError)) throw half;
      return { by: "refused", code: half.code, reason: `${half.message} (${reason})` };
    }
    return { by: "client", reason: `lost: ${reason}` };
  }
}

/** What a MIM/2 client is told of the end; undefined where it was its own doing. */
function noticeOf(end: SessionEnd): Uint8Array | undefined {
  if (end.by === "refused") return rejectionNotice(end);
  return end.by === "shutdown" ? shutdownNotice(end.reason) : undefined;
}
