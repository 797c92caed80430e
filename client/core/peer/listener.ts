import { setImmediate } from "node:timers";
import {
  decodeFileTakerMessage,
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
import { TokenBucket } from "../../../server/platform/util/token_bucket.ts";
import { CallerSlots } from "./caller_slots.ts";
import { ClassicConnection } from "./classic_connection.ts";
import type { ClaimMismatch } from "../error_details.ts";
import { ClientError, describeConnectionError } from "../errors.ts";
import type { FileLink } from "./file_link.ts";
import { acceptFileHandshake, acceptHandshake, type OwnSide } from "./handshake.ts";
import type { SecureConnection } from "./secure_connection.ts";
import { otherProtocol } from "./other_protocol.ts";
import type { Components } from "../components.ts";
import type { Signaling } from "../signaling.ts";
import { clientLimits } from "../limits.ts";
import { KindNoticeCounter } from "../notice_counter.ts";

/** How many handshakes are answered for callers that crowd others out: at once, and a second. */
const CROWD_HANDSHAKES = { burst: 20, perSecond: 20 } as const;
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
  /** Whether everyone at that address is ignored: then a call that fails is counted, and nothing more. */
  countIgnored(address: string): boolean;
  /** Called once a caller's name is known, and its key if it has one; what can be decided is decided after that. */
  beforeCall(name: string, identity?: Uint8Array): Promise<void>;
  /** Whether the table has a user of that name at that address. */
  isListed(address: string, name: string): boolean;
  onClassicCall(connection: ClassicConnection, name: string): void;
  /** A peer has called and proven its key. Returns why it was refused, if it was. */
  onSecureCall(connection: SecureConnection): Promise<ClaimMismatch | undefined>;
  /** A peer has opened a file link, and says which. Returns whether that one was expected. */
  onFileLink(link: FileLink, token: Uint8Array): boolean;
}

/** A caller that has not given its name yet: closes its connection, for that reason. */
type Drop = (reason: string) => void;

/** A client's own simple server: takes calls, and passes on those that give their name in time. */
export class PeerListener {
  readonly #listener: Listener;
  readonly #components: PeerListenerComponents;
  readonly #handlers: PeerListenerHandlers;
  /** The callers that have not given their name yet. */
  readonly #slots = new CallerSlots<Drop>(clientLimits.unidentifiedPeers);
  /** Those of them whose names are not known. */
  readonly #unnamed = new Set<Drop>();
  readonly #crowdHandshakes = new TokenBucket(CROWD_HANDSHAKES.burst, CROWD_HANDSHAKES.perSecond);
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
    for (const drop of this.#unnamed) drop("the client has stopped listening");
  }

  async #accept(connection: Connection): Promise<void> {
    const address = plainAddress(connection.remoteAddr.hostname);
    // An ignored address is heard all the same: it must not learn what it is.
    // On a busy machine the callers before this one are heard first.
    if (this.#slots.isBusy) await new Promise((resolve) => setImmediate(resolve));
    if (this.#closed.signal.aborted) return closeQuietly(connection);
    void this.#identify(connection, address);
  }

  async #identify(connection: Connection, address: string): Promise<void> {
    let dropped: string | undefined;
    const drop = (reason: string) => {
      dropped = reason;
      closeQuietly(connection);
    };
    this.#slots.add(drop, address)?.("no name, and others came");
    this.#unnamed.add(drop);
    const late = `no name within ${clientLimits.handshakeTimeoutMs / 1000} s`;
    const timer = setTimeout(drop, clientLimits.handshakeTimeoutMs, late);
    try {
      connection.setNoDelay();
      const opening = await readOpening(connection);
      const named = () => void this.#unnamed.delete(drop);
      const refusal = opening && await this.#take(connection, address, opening, named);
      if (refusal !== undefined) this.#failed(address, refusal);
    } catch (error) {
      closeQuietly(connection);
      if (!this.#closed.signal.aborted) this.#failed(address, dropped ?? whyNoChat(error));
    } finally {
      clearTimeout(timer);
      this.#slots.delete(drop);
      this.#unnamed.delete(drop);
    }
  }

  /** Takes a call whose preamble is read. Returns why it was refused, if it was. */
  async #take(
    connection: Connection,
    address: string,
    { type, rest }: Opening,
    named: () => void,
  ): Promise<ClaimMismatch | undefined> {
    const { keys, signaling } = this.#components;
    switch (type) {
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
        if (mayEnter && other === undefined) {
          named();
          this.#handlers.onClassicCall(classic, name);
        } else classic.close();
        return;
      }
      case "file":
      case "chat": {
        if (keys === undefined) throw new ProtocolError("not-classic", NOT_CLASSIC);
        await new Promise((resolve) => setImmediate(resolve)); // a burst of calls holds up no key
        if (this.#slots.isCrowding(address) && !this.#crowdHandshakes.take(performance.now())) {
          closeQuietly(connection); // before anything costs time
          return;
        }
        const own = { keys, signaling };
        if (type === "file") return await this.#takeFileLink(connection, own, rest);
        const secure = await acceptHandshake(connection, own, rest);
        if (
          secure !== undefined && await this.#mayEnter(secure.peer.name, secure.peer.identity)
        ) {
          named(); // from here on the connection may be a chat's
          return await this.#handlers.onSecureCall(secure);
        }
        closeQuietly(connection);
        return;
      }
    }
  }

  /** A file link is for the peers that were given its token. */
  async #takeFileLink(connection: Connection, own: OwnSide, rest: Uint8Array): Promise<undefined> {
    const link = await acceptFileHandshake(connection, own, rest);
    const payload = await link?.next();
    const message = payload && decodeFileTakerMessage(payload); // a giver says it in the same way
    const isExpected = link !== undefined && message?.type === "token" &&
      this.#handlers.onFileLink(link, message.token);
    if (!isExpected) closeQuietly(connection);
  }

  /** Whether a call still comes in once all that decides about it is read. */
  async #mayEnter(name: string, identity?: Uint8Array): Promise<boolean> {
    await this.#handlers.beforeCall(name, identity);
    return !this.#closed.signal.aborted;
  }

  #failed(address: string, reason: string | ClaimMismatch): void {
    if (this.#handlers.countIgnored(address)) return;
    const kind = typeof reason === "string" ? reason : reason.reason;
    const count = this.#failures.add(`${address} ${kind}`);
    if (count === 0) return;
    const details = { name: undefined, address, reason, others: count - 1 };
    const error = new ClientError("call-failed", details);
    this.#components.events.emit({ type: "error", error });
  }
}

/** A caller's preamble, and what came behind it. */
interface Opening {
  readonly type: Preamble;
  readonly rest: Uint8Array;
}

/** How a caller opens; undefined if it only looked for a listener. */
async function readOpening(connection: Connection): Promise<Opening | undefined> {
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
