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
} from "../../../server/platform/net/network.ts";
import { writeAll } from "../../../server/platform/net/byte_stream.ts";
import { ClassicConnection } from "./classic_connection.ts";
import type { ClaimMismatch } from "../error_details.ts";
import { ClientError, describeConnectionError } from "../errors.ts";
import { acceptHandshake } from "./handshake.ts";
import type { SecureConnection } from "./secure_connection.ts";
import type { Components } from "../components.ts";
import type { Signaling } from "../signaling.ts";
import { clientLimits } from "../limits.ts";

/** How long it waits after accepting has failed: there may be no file descriptor left. */
const ACCEPT_RETRY_MS = 100;
/** How long a caller has at least to tell its name, however many others come. */
const MIN_GREETING_MS = 50;
/** The same in turns of the event loop: on a busy machine the clock runs while nothing is read. */
const MIN_GREETING_TURNS = 3;
/** How often events tell of failed calls at most: anybody can make any number of them. */
const FAILURE_NOTICE_INTERVAL_MS = 10_000;
/** How much of a caller is read until it is clear how it opens, in bytes. */
const BUFFER_BYTES = 1024;

/** What a listener works with; of the server it has to know the own name. */
type PeerListenerComponents = Pick<Components, "network" | "events" | "keys"> & {
  readonly signaling: Pick<Signaling, "name">;
};

/** What becomes of calls. */
export interface PeerListenerHandlers {
  /** Whether every call from that address is rejected, whatever the name. */
  isRejected(address: string): boolean;
  /** A peer has called and told its name. */
  onClassicCall(connection: ClassicConnection, name: string): void;
  /** A peer has called and proven its key. Returns why it was refused, if it was. */
  onSecureCall(connection: SecureConnection): ClaimMismatch | undefined;
}

/** A caller that has told no name yet. */
interface Unidentified {
  /** Closes the connection, for that reason. */
  readonly drop: (reason: string) => void;
  /** In milliseconds of `performance.now()`. */
  readonly since: number;
}

/** A client's own simple server: takes calls, and passes on those that tell their name in time. */
export class PeerListener {
  readonly #listener: Listener;
  readonly #components: PeerListenerComponents;
  readonly #handlers: PeerListenerHandlers;
  /** The callers that have told no name yet, the oldest first. */
  readonly #unidentified = new Map<Connection, Unidentified>();
  /** Calls that came to nothing since the last event about that. */
  #failures = 0;
  #reportedAt = -Infinity;
  #isClosed = false;

  /**
   * Starts listening.
   *
   * @param hostname an address of this machine; undefined for every one
   * @param port 0 lets the system pick
   */
  constructor(
    components: PeerListenerComponents,
    hostname: string | undefined,
    port: number,
    handlers: PeerListenerHandlers,
  ) {
    this.#listener = listenAt(components.network, hostname, port);
    this.#components = components;
    this.#handlers = handlers;
    void this.#accept();
  }

  /** The port at which peers reach this client. */
  get port(): number {
    return this.#listener.addr.port;
  }

  /** Takes no more calls; those that have not told their name are closed. */
  close(): void {
    this.#isClosed = true;
    closeQuietly(this.#listener);
    for (const connection of this.#unidentified.keys()) closeQuietly(connection);
  }

  async #accept(): Promise<void> {
    while (!this.#isClosed) {
      try {
        const connection = await this.#listener.accept();
        if (this.#handlers.isRejected(plainAddress(connection.remoteAddr.hostname))) {
          closeQuietly(connection);
          continue;
        }
        await this.#makeRoom();
        if (this.#isClosed) return closeQuietly(connection);
        void this.#identify(connection);
      } catch (error) {
        if (this.#isClosed) return;
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
      const refusal = opening && await this.#take(connection, opening.type, opening.rest);
      if (refusal !== undefined) this.#failed(hostname, refusal);
    } catch (error) {
      closeQuietly(connection);
      if (!this.#isClosed) this.#failed(hostname, dropped ?? whyNoChat(error));
    } finally {
      clearTimeout(timer);
      this.#unidentified.delete(connection);
    }
  }

  /** Takes a call whose preamble is read. Returns why it was refused, if it was. */
  async #take(
    connection: Connection,
    opening: Preamble,
    rest: Uint8Array,
  ): Promise<ClaimMismatch | undefined> {
    const { keys, signaling } = this.#components;
    switch (opening) {
      case "probe": // a server looks whether this client can be called
        await writeAll(connection, encodePreamble("probe"));
        closeQuietly(connection);
        return;
      case "classic": {
        const classic = new ClassicConnection(connection, "caller", rest);
        const first = await classic.next();
        if (first?.type === "name") this.#handlers.onClassicCall(classic, first.name);
        else classic.close();
        return;
      }
      case "chat": {
        if (keys === undefined) throw notClassic();
        await new Promise((resolve) => setImmediate(resolve)); // a burst of calls holds up no key
        const secure = await acceptHandshake(connection, keys, signaling.name, rest);
        if (secure !== undefined) return this.#handlers.onSecureCall(secure);
        closeQuietly(connection);
        return;
      }
    }
  }

  /**
   * Drops the caller that has been silent the longest if there are too many. In a burst the next is
   * taken only once the oldest had time to say its name.
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
    if (now - this.#reportedAt < FAILURE_NOTICE_INTERVAL_MS) return;
    const error = new ClientError("call-failed", {
      name: undefined,
      address: plainAddress(address),
      reason,
      others: this.#failures - 1,
    });
    this.#components.events.emit({ type: "error", error });
    this.#failures = 0;
    this.#reportedAt = now;
  }
}

function rest(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** A caller's preamble, and what came behind it; undefined if it only looked for a listener. */
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
