import { setImmediate } from "node:timers";
import { delay } from "@std/async/delay";
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
  type Listener,
} from "../../../server/platform/net/network.ts";
import { listenAt } from "../../../server/platform/net/listen.ts";
import { acceptConnections } from "../../../server/platform/net/accept.ts";
import { writeAll } from "../../../server/platform/net/byte_stream.ts";
import { ClassicConnection } from "./classic_connection.ts";
import type { ClaimMismatch } from "../error_details.ts";
import { ClientError, describeConnectionError } from "../errors.ts";
import { acceptHandshake } from "./handshake.ts";
import type { SecureConnection } from "./secure_connection.ts";
import { otherProtocol } from "./other_protocol.ts";
import type { Components } from "../components.ts";
import type { Signaling } from "../signaling.ts";
import { clientLimits } from "../limits.ts";
import { KindNoticeCounter } from "../notice_counter.ts";

/** How long a caller has at least to tell its name, however many others come. */
const MIN_GREETING_MS = 50;
/** The same in turns of the event loop: on a busy machine the clock runs while nothing is read. */
const MIN_GREETING_TURNS = 3;
/** How often an event reports failed calls at most: others can make any number of them. */
const FAILURE_NOTICE_INTERVAL_MS = 10_000;
/** The same for those of one source and reason. */
const REPEATED_NOTICE_INTERVAL_MS = 60_000;
/** How much of a caller is read until it is clear how it opens, in bytes. */
const BUFFER_BYTES = 1024;
const NOT_CLASSIC = "expected a line of text, got the opening of MIM/2";

type PeerListenerComponents = Pick<Components, "network" | "events" | "keys"> & {
  readonly signaling: Pick<Signaling, "name" | "credential">;
};

export interface PeerListenerHandlers {
  /** Whether every call from that address is rejected, whatever the name. */
  isRejected(address: string): boolean;
  /** Called once a caller's name is known; what can be decided is decided after that. */
  beforeCall(name: string): Promise<void>;
  /** Whether the table has a user of that name at that address. */
  isListed(address: string, name: string): boolean;
  onClassicCall(connection: ClassicConnection, name: string): void;
  /** A peer has called and proven its key. Returns why it was refused, if it was. */
  onSecureCall(connection: SecureConnection): ClaimMismatch | undefined;
}

/** A caller that has not given its name yet. */
interface Unidentified {
  /** Closes the connection, for that reason. */
  readonly drop: (reason: string) => void;
  readonly since: number;
}

/** A client's own simple server: takes calls, and passes on those that give their name in time. */
export class PeerListener {
  readonly #listener: Listener;
  readonly #components: PeerListenerComponents;
  readonly #handlers: PeerListenerHandlers;
  /** The callers that have not given their name yet, the oldest first. */
  readonly #unidentified = new Map<Connection, Unidentified>();
  readonly #failures = new KindNoticeCounter(
    REPEATED_NOTICE_INTERVAL_MS,
    FAILURE_NOTICE_INTERVAL_MS,
  );
  readonly #closed = new AbortController();

  /** Listens; without a hostname at every address. The system picks the port if it is 0. */
  constructor(
    components: PeerListenerComponents,
    hostname: string | undefined,
    port: number,
    handlers: PeerListenerHandlers,
  ) {
    this.#listener = listenAt(components.network, hostname, port);
    this.#components = components;
    this.#handlers = handlers;
    void acceptConnections(
      this.#listener,
      (connection) => this.#accept(connection),
      () => {},
      this.#closed.signal,
    );
  }

  get port(): number {
    return this.#listener.addr.port;
  }

  /** Takes no more calls; those without a name yet are closed. */
  close(): void {
    this.#closed.abort();
    closeQuietly(this.#listener);
    for (const connection of this.#unidentified.keys()) closeQuietly(connection);
  }

  async #accept(connection: Connection): Promise<void> {
    const address = plainAddress(connection.remoteAddr.hostname);
    if (this.#handlers.isRejected(address)) return closeQuietly(connection);
    await this.#makeRoom();
    if (this.#closed.signal.aborted) return closeQuietly(connection);
    void this.#identify(connection, address);
  }

  async #identify(connection: Connection, address: string): Promise<void> {
    let dropped: string | undefined;
    const drop = (reason: string) => {
      dropped = reason;
      closeQuietly(connection);
    };
    this.#unidentified.set(connection, { drop, since: performance.now() });
    const late = `no name within ${clientLimits.handshakeTimeoutMs / 1000} s`;
    const timer = setTimeout(drop, clientLimits.handshakeTimeoutMs, late);
    try {
      connection.setNoDelay();
      const opening = await readOpening(connection);
      const refusal = opening && await this.#take(connection, opening.type, opening.rest);
      if (refusal !== undefined) this.#failed(address, refusal);
    } catch (error) {
      closeQuietly(connection);
      if (!this.#closed.signal.aborted) this.#failed(address, dropped ?? whyNoChat(error));
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
    const address = plainAddress(connection.remoteAddr.hostname);
    switch (opening) {
      case "probe": // a server looks whether this client can be called
        await writeAll(connection, encodePreamble("probe"));
        closeQuietly(connection);
        return;
      case "classic": {
        const classic = new ClassicConnection(connection, "caller", rest);
        const first = await classic.next();
        const name = first?.type === "name" ? first.name : undefined;
        const mayEnter = name !== undefined && await this.#mayEnter(name);
        const isListed = name !== undefined && this.#handlers.isListed(address, name);
        const other = name === undefined || isListed ? undefined : otherProtocol(name);
        if (other !== undefined) this.#failed(address, `it speaks ${other}, not MIM`);
        if (mayEnter && other === undefined) this.#handlers.onClassicCall(classic, name);
        else classic.close();
        return;
      }
      case "chat": {
        if (keys === undefined) throw new ProtocolError("not-classic", NOT_CLASSIC);
        await new Promise((resolve) => setImmediate(resolve)); // a burst of calls holds up no key
        const secure = await acceptHandshake(connection, keys, signaling, rest);
        if (secure !== undefined && await this.#mayEnter(secure.peer.name)) {
          return this.#handlers.onSecureCall(secure);
        }
        closeQuietly(connection);
        return;
      }
    }
  }

  /** Whether a call still comes in once all that decides about it is read. */
  async #mayEnter(name: string): Promise<boolean> {
    await this.#handlers.beforeCall(name);
    return !this.#closed.signal.aborted;
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
        await delay(left);
        continue;
      }
      for (let turn = 0; turn < MIN_GREETING_TURNS; turn++) await delay(0);
      if (this.#unidentified.delete(connection)) return drop("no name, and others came");
    }
  }

  #failed(address: string, reason: string | ClaimMismatch): void {
    const kind = typeof reason === "string" ? reason : reason.reason;
    const count = this.#failures.add(`${address} ${kind}`);
    if (count === 0) return;
    const details = { name: undefined, address, reason, others: count - 1 };
    const error = new ClientError("call-failed", details);
    this.#components.events.emit({ type: "error", error });
  }
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

function whyNoChat(error: unknown): string {
  const code = error instanceof ProtocolError ? error.code : undefined;
  if (code === "not-classic") return "it speaks another dialect than classic MIM";
  if (code === "unknown-opening") return "it speaks a dialect that this client does not know";
  return describeConnectionError(error);
}
