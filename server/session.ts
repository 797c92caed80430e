import {
  limits,
  type Login,
  LoginDecoder,
  ProtocolError,
  type ProtocolErrorCode,
} from "../protocol/mod.ts";
import { reasonOf } from "./errors.ts";
import { closeQuietly, type Connection } from "./network.ts";
import type { UpdateLog } from "./update_log.ts";

/** Enough for any usual login in one read. */
const LOGIN_BUFFER = 512;
/** A classic client sends nothing after its login: this only waits for the end. */
const IDLE_BUFFER = 16;

/**
 * Why the server closes a connection, as a word that does not change between versions:
 * what is wrong with the bytes, or `server-full`, `no-login` (in time), `too-slow` (to read),
 * `too-many-connections`, `too-fast` (from one address).
 */
export type RefusalCode =
  | ProtocolErrorCode
  | "server-full"
  | "no-login"
  | "too-slow"
  | "too-many-connections"
  | "too-fast";

/** Why the server closes a connection. */
export interface Refusal {
  /** For metrics, and for whoever reads logs by program. */
  readonly code: RefusalCode;
  /** For people: what was expected and what came. */
  readonly reason: string;
}

/** Why a session ended: the client went, was refused, or the server shuts down. */
export type SessionEnd =
  | { readonly by: "client" | "shutdown"; readonly reason: string }
  | ({ readonly by: "refused" } & Refusal);

/** What a session needs of the server that it belongs to. */
export interface SessionHost {
  /** What every client reads once it is online. */
  readonly log: UpdateLog;
  /**
   * Puts the client into the online table and tells the others.
   *
   * @returns the entire table to send, or why the login is refused
   */
  enter(session: Session, login: Login): Uint8Array | Refusal;
  /** The client has been written all that was in the table when it logged in. */
  tookTable(session: Session): void;
  /** A write is done; `before` is how far into the log the client was. */
  wrote(session: Session, bytes: number, before: number | undefined): void;
  /** The session has ended; called once. */
  left(session: Session, end: SessionEnd): void;
}

/** One connection, from welcome to logout. */
export class Session {
  /** The client's IP address as the server sees it. */
  readonly address: string;
  /** The port that the client dialled from. */
  readonly port: number;
  readonly #connection: Connection;
  readonly #host: SessionHost;
  readonly #decoder = new LoginDecoder();
  /** What is meant for this client alone; goes out before the log. */
  readonly #own: Uint8Array[];
  /** How far into the update log this client has been written; undefined until it is online. */
  #cursor: number | undefined;
  /** What is being written right now. */
  #inFlight: Uint8Array | undefined;
  #ended = false;

  /**
   * @param address the client's IP address
   * @param welcome the welcome's bytes, shared by all
   */
  constructor(connection: Connection, address: string, welcome: Uint8Array, host: SessionHost) {
    this.#connection = connection;
    this.address = address;
    this.port = connection.remoteAddr.port;
    this.#own = [welcome];
    this.#host = host;
  }

  /** The offset in the update log that this client still needs; undefined until it is online. */
  get cursor(): number | undefined {
    return this.#cursor;
  }

  /** Sends the welcome and reads until the connection ends. Never rejects. */
  async run(): Promise<void> {
    this.pump();
    try {
      let buffer = new Uint8Array(LOGIN_BUFFER);
      while (!this.#ended) {
        const length = await this.#connection.read(buffer);
        // The write that goes on beside it may have failed meanwhile, or the time be up.
        if (this.#ended) return;
        if (length === null) {
          this.#decoder.end();
          return this.end({ by: "client", reason: "closed the connection" });
        }
        for (const login of this.#decoder.push(buffer.subarray(0, length))) {
          this.#logIn(login);
          buffer = new Uint8Array(IDLE_BUFFER);
        }
      }
    } catch (error) {
      this.end(this.#endBy(error));
    }
  }

  /**
   * Writes what there is, unless a write is under way: that one goes on by itself. Called after each
   * append to the log; never waits.
   */
  pump(): void {
    if (this.#ended) return;
    if (this.#inFlight !== undefined) {
      const lag = this.#cursor === undefined ? 0 : this.#host.log.end - this.#cursor;
      if (lag > limits.updateLag) {
        this.end({ by: "refused", code: "too-slow", reason: `${lag} bytes behind` });
      }
      return;
    }
    const bytes = this.#own[0] ??
      (this.#cursor === undefined ? undefined : this.#host.log.from(this.#cursor));
    if (bytes === undefined || bytes.length === 0) return;
    this.#inFlight = bytes;
    this.#connection.write(bytes).then(this.#wrote, this.#failed);
  }

  /** Closes the connection and says why; does nothing the second time. */
  end(end: SessionEnd): void {
    if (this.#ended) return;
    this.#ended = true;
    closeQuietly(this.#connection);
    this.#host.left(this, end);
  }

  #logIn(login: Login): void {
    const table = this.#host.enter(this, login);
    if (!(table instanceof Uint8Array)) return this.end({ by: "refused", ...table });
    // The table holds all that the log says up to here.
    this.#own.push(table);
    this.#cursor = this.#host.log.end;
    this.pump();
  }

  readonly #wrote = (length: number): void => {
    const written = this.#inFlight;
    const before = this.#cursor;
    this.#inFlight = undefined;
    if (written === undefined || written !== this.#own[0]) {
      this.#cursor = (this.#cursor ?? 0) + length;
    } else if (length < written.length) {
      this.#own[0] = written.subarray(length);
    } else {
      this.#own.shift();
      if (this.#own.length === 0 && this.#cursor !== undefined) this.#host.tookTable(this);
    }
    this.#host.wrote(this, length, before);
    this.pump();
  };

  readonly #failed = (error: unknown): void => {
    // Before the login only the read knows whether the client went in the middle of it.
    if (this.#cursor !== undefined) this.end(this.#endBy(error));
  };

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
