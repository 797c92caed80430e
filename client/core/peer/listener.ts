import { setImmediate } from "node:timers";
import {
  encodePreamble,
  plainAddress,
  type Preamble,
  PreambleDecoder,
  ProtocolError,
} from "../../../protocol/mod.ts";
import {
  closeQuietly,
  type Connection,
  listenAt,
  type Listener,
  type Network,
} from "../../../server/platform/net/network.ts";
import { writeAll } from "../../../server/platform/net/byte_stream.ts";
import { ClassicConnection } from "./classic_connection.ts";
import type { ClaimMismatch } from "../error_details.ts";
import { ClientError, describeConnectionError } from "../errors.ts";
import { acceptHandshake } from "./handshake.ts";
import type { SecureConnection } from "./secure_connection.ts";
import type { IdentityKeys } from "../identity_keys.ts";
import { clientLimits } from "../limits.ts";

/** How long accepting rests after it failed: there may be no file descriptor left. */
const ACCEPT_RETRY_MS = 100;
/** So long, in milliseconds, a caller has at least to tell its name, however many others come. */
const MIN_GREETING_MS = 50;
/** And so many turns of the event loop: the clock goes on while a busy machine has no time for us. */
const MIN_GREETING_TURNS = 3;
/** Calls that come to nothing are told of so often at most: anybody can make any number of them. */
const FAILURE_NOTICE_INTERVAL_MS = 10_000;
/** How much of a caller is read until it is clear how it opens, in bytes. */
const BUFFER_BYTES = 1024;

/** What a listener tells of. */
export interface PeerListenerEvents {
  /** Whether whoever calls from that address is hung up on, whatever the name. */
  refuses(address: string): boolean;
  /** A peer has called and told its name. */
  called(link: ClassicConnection, name: string): void;
  /** For calls in MIM/2; without this a client speaks classic MIM alone. */
  readonly secure?: {
    readonly keys: IdentityKeys;
    /** The own name. */
    readonly name: string;
    /** A peer has called and proven who it is; what comes back is why it was refused. */
    called(link: SecureConnection): ClaimMismatch | undefined;
  };
  /** A call, or several, came to nothing before the callers told their names. */
  failed(error: ClientError<"call-failed">): void;
}

/** A caller that has told no name yet. */
interface Unidentified {
  /** Closes the connection, and says why. */
  readonly drop: (reason: string) => void;
  /** In milliseconds of `performance.now()`. */
  readonly since: number;
}

/** A client's own simple server: takes calls, and passes on those that tell their name in time. */
export class PeerListener {
  readonly #listener: Listener;
  readonly #events: PeerListenerEvents;
  /** The callers that have told no name yet, the oldest first. */
  readonly #unidentified = new Map<Connection, Unidentified>();
  /** Calls that came to nothing since that was told the last time. */
  #failures = 0;
  #toldAt = -Infinity;
  #closed = false;

  /**
   * Starts listening.
   *
   * @param hostname an address of this machine; undefined for every one
   * @param port 0 lets the system pick
   */
  constructor(
    network: Network,
    hostname: string | undefined,
    port: number,
    events: PeerListenerEvents,
  ) {
    this.#listener = listenAt(network, hostname, port);
    this.#events = events;
    void this.#accept();
  }

  /** The port at which peers reach this client. */
  get port(): number {
    return this.#listener.addr.port;
  }

  /** Takes no more calls; those that have not told their name are closed. */
  close(): void {
    this.#closed = true;
    closeQuietly(this.#listener);
    for (const connection of this.#unidentified.keys()) closeQuietly(connection);
  }

  async #accept(): Promise<void> {
    while (!this.#closed) {
      try {
        const connection = await this.#listener.accept();
        if (this.#events.refuses(plainAddress(connection.remoteAddr.hostname))) {
          closeQuietly(connection);
          continue;
        }
        await this.#makeRoom();
        if (this.#closed) return closeQuietly(connection);
        void this.#identify(connection);
      } catch (error) {
        if (this.#closed) return;
        if (error instanceof Deno.errors.NotConnected) continue; // gone again before it was taken
        await rest(ACCEPT_RETRY_MS);
      }
    }
  }

  async #identify(connection: Connection): Promise<void> {
    let dropped: string | undefined;
    const drop = (reason: string) => {
      dropped = reason;
      closeQuietly(connection);
    };
    this.#unidentified.set(connection, { drop, since: performance.now() });
    const late = `no name within ${clientLimits.handshakeTimeoutMs / 1000} s`;
    const timer = setTimeout(drop, clientLimits.handshakeTimeoutMs, late);
    const { hostname } = connection.remoteAddr;
    try {
      connection.setNoDelay();
      const opening = await readOpening(connection);
      const refusal = opening && await this.#hear(connection, opening.type, opening.rest);
      if (refusal !== undefined) this.#failed(hostname, refusal);
    } catch (error) {
      closeQuietly(connection);
      if (!this.#closed) this.#failed(hostname, dropped ?? whyNoChat(error));
    } finally {
      clearTimeout(timer);
      this.#unidentified.delete(connection);
    }
  }

  /** Goes on with a call whose opening is clear; what comes back is why it was refused. */
  async #hear(
    connection: Connection,
    opening: Preamble,
    rest: Uint8Array,
  ): Promise<ClaimMismatch | undefined> {
    const { secure } = this.#events;
    switch (opening) {
      case "probe": // a server looks whether this client can be called
        await writeAll(connection, encodePreamble("probe"));
        closeQuietly(connection);
        return;
      case "classic": {
        const link = new ClassicConnection(connection, "caller", rest);
        const first = await link.next();
        if (first?.type === "name") this.#events.called(link, first.name);
        else link.close();
        return;
      }
      case "chat": {
        if (secure === undefined) throw notClassic();
        await new Promise((resolve) => setImmediate(resolve)); // a burst of calls holds up no key
        const link = await acceptHandshake(connection, secure.keys, secure.name, rest);
        if (link !== undefined) return secure.called(link);
        closeQuietly(connection);
        return;
      }
    }
  }

  /**
   * Who has waited longest without a word goes: a newcomer may have something to say. In a burst the
   * next is taken only when the oldest had time to be heard.
   */
  async #makeRoom(): Promise<void> {
    while (this.#unidentified.size >= clientLimits.unidentifiedPeers) {
      const [oldest] = this.#unidentified;
      if (oldest === undefined) return;
      const [connection, { drop, since }] = oldest;
      const left = since + MIN_GREETING_MS - performance.now();
      if (left > 0) {
        await rest(left);
        continue;
      }
      for (let turn = 0; turn < MIN_GREETING_TURNS; turn++) await rest(0);
      if (this.#unidentified.delete(connection)) return drop("no name, and others came");
    }
  }

  #failed(address: string, reason: string | ClaimMismatch): void {
    this.#failures++;
    const now = performance.now();
    if (now - this.#toldAt < FAILURE_NOTICE_INTERVAL_MS) return;
    this.#events.failed(
      new ClientError("call-failed", {
        name: undefined,
        address: plainAddress(address),
        reason,
        others: this.#failures - 1,
      }),
    );
    this.#failures = 0;
    this.#toldAt = now;
  }
}

function rest(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** How a caller opens, and what came behind that; undefined where it only looked for a listener. */
async function readOpening(
  connection: Connection,
): Promise<{ readonly type: Preamble; readonly rest: Uint8Array } | undefined> {
  const decoder = new PreambleDecoder();
  const buffer = new Uint8Array(BUFFER_BYTES);
  for (let nothing = true;; nothing = false) {
    const length = await connection.read(buffer);
    if (length === null) {
      if (!nothing) decoder.end();
      closeQuietly(connection);
      return undefined;
    }
    for (const type of decoder.push(buffer.slice(0, length))) {
      return { type, rest: decoder.rest ?? new Uint8Array() };
    }
  }
}

function notClassic(): ProtocolError {
  return new ProtocolError("not-classic", "expected a line of text, got the opening of MIM/2");
}

function whyNoChat(error: unknown): string {
  const code = error instanceof ProtocolError ? error.code : undefined;
  if (code === "not-classic") return "it speaks another dialect than classic MIM";
  if (code === "unknown-opening") return "it speaks a dialect that this client does not know";
  return describeConnectionError(error);
}
