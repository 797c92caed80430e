import {
  closeQuietly,
  type Connection,
  type Network,
  type SocketAddress,
  systemNetwork,
} from "../../server/mod.ts";
import { concat } from "@std/bytes/concat";
import { writeAll } from "../../server/platform/net/byte_stream.ts";
import { beforeDeadline } from "./wait.ts";
import { FakeConnection } from "../../client/testing/fake_connection.ts";
import {
  createSignature,
  type Credential,
  decodePeerMessage,
  encodeFrame,
  encodePeerIntroduction,
  encodePeerMessage,
  encodePreamble,
  identityOf,
  type KeyRotation,
  NoiseHandshake,
  noisePublicKey,
  type NoiseRole,
  type NoiseTransport,
  type PeerMessage,
} from "../../protocol/mod.ts";

const encoder = new TextEncoder();
const same = (bytes: Uint8Array): Uint8Array => bytes;

/**
 * One end of a connection that says and hears plain bytes: a server or a peer that does what no MIM
 * program would.
 *
 * @example
 * ```ts ignore
 * await using mallory = await Wire.dial(network, "192.0.2.7", port);
 * await mallory.say("mallory\n", [0xff]);
 * await mallory.hung();
 * ```
 */
export class Wire implements Disposable, AsyncDisposable {
  /** The connection under it. */
  readonly connection: Connection;
  #heard = new Uint8Array(0);
  #ended = false;

  /** Connects. */
  static async dial(network: Network, hostname: string, port: number): Promise<Wire> {
    return new Wire(await network.connect({ hostname, port }));
  }

  /** Calls a classic client on this machine, and sends a name. */
  static async call({ hostname, port }: SocketAddress, name: string): Promise<Wire> {
    const wire = await Wire.dial(systemNetwork, hostname, port);
    await wire.say(`${name}\n`);
    return wire;
  }

  constructor(connection: Connection) {
    this.connection = connection;
  }

  /** All bytes that came and were not taken by a wait. */
  get unread(): Uint8Array {
    return this.#heard;
  }

  /** Sends texts as UTF-8 and bytes as they are; resolves once all is written. */
  async say(...parts: readonly (string | Iterable<number>)[]): Promise<void> {
    for (const part of parts) {
      const bytes = typeof part === "string" ? encoder.encode(part) : Uint8Array.from(part);
      await writeAll(this.connection, bytes);
    }
  }

  /** Sends lines, all of them at once. */
  async sayLines(...lines: readonly string[]): Promise<void> {
    await this.say(lines.map((line) => `${line}\n`).join(""));
  }

  /** Reads on until so many bytes are there, and takes them. */
  async bytes(length: number): Promise<Uint8Array> {
    await this.#until(() => this.#heard.length >= length, `${length} bytes`);
    return this.#take(length);
  }

  /** Reads on to the end of a line and takes it. */
  async line(): Promise<string> {
    await this.#until(() => this.#heard.includes(0x0a), "a line");
    return new TextDecoder().decode(this.#take(this.#heard.indexOf(0x0a) + 1).slice(0, -1));
  }

  /** Reads on until the other end has closed, in good order or not. */
  async hung(): Promise<void> {
    await this.#until(() => this.#ended, "the end");
  }

  /** Says that nothing more will be said. */
  async end(): Promise<void> {
    await this.connection.closeWrite();
  }

  /** Breaks it, as a machine that crashes does; in memory only. */
  reset(): void {
    if (!(this.connection instanceof FakeConnection)) {
      throw new TypeError("expected a fake connection");
    }
    this.connection.reset();
  }

  /** Closes it. */
  close(): void {
    this[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    closeQuietly(this.connection);
  }

  // deno-lint-ignore require-await -- so that `await using` can hold it among others
  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  async #until(condition: () => boolean, what: string): Promise<void> {
    const buffer = new Uint8Array(16_384);
    while (!condition()) {
      const heard = () => JSON.stringify(new TextDecoder().decode(this.#heard.slice(0, 300)));
      if (this.#ended) {
        throw new Deno.errors.UnexpectedEof(`expected ${what}, got ${heard()} and the end`);
      }
      const length = await beforeDeadline(this.connection.read(buffer).catch(() => null));
      if (length === "late") throw new Error(`expected ${what}, got ${heard()}`);
      if (length === null) this.#ended = true;
      else this.#heard = concat([this.#heard, buffer.subarray(0, length)]);
    }
  }

  #take(length: number): Uint8Array {
    const taken = this.#heard.slice(0, length);
    this.#heard = this.#heard.slice(length);
    return taken;
  }
}

/** Who a bare peer says it is, and what it does to its own messages. */
export interface Mim2PeerOptions {
  readonly name: string;
  /** The identity's private key. */
  readonly key: Uint8Array;
  /** The private static key of Noise; a fresh one where it is left out. */
  readonly staticKey?: Uint8Array;
  /** Changes what it sends in the handshake: the opening (0), then Noise's messages in their blocks. */
  readonly change?: (bytes: Uint8Array, at: number) => Uint8Array;
  /** The introduction; a true one where it is left out. */
  readonly introduction?: Uint8Array;
  /** What it shows as a server's word for its name, if it calls; nothing if it is left out. */
  readonly credential?: Credential;
  /** How earlier keys led to its own, which it shows if it is called. */
  readonly rotations?: readonly KeyRotation[];
  /** The capabilities that it announces, as bits; none if it is left out. */
  readonly capabilities?: number;
}

/**
 * A MIM/2 peer that is nothing but its bytes: shakes hands as it likes, and says what it likes.
 */
export class Mim2Peer {
  readonly wire: Wire;
  readonly #noise: NoiseTransport;

  /** Calls by this connection. */
  static async call(wire: Wire, options: Mim2PeerOptions): Promise<Mim2Peer> {
    const { change = same } = options;
    const noise = handshake("initiator", options);
    await wire.say(change(encodePreamble("chat"), 0), change(encodeFrame(noise.write()), 1));
    noise.read(await block(wire));
    await wire.say(change(encodeFrame(noise.write(introductionOf("initiator", options))), 2));
    return new Mim2Peer(wire, noise.transport());
  }

  /** Answers a call on this connection. */
  static async answer(wire: Wire, options: Mim2PeerOptions): Promise<Mim2Peer> {
    const { change = same } = options;
    await wire.bytes(6);
    const noise = handshake("responder", options);
    noise.read(await block(wire));
    await wire.say(change(encodeFrame(noise.write(introductionOf("responder", options))), 1));
    noise.read(await block(wire));
    return new Mim2Peer(wire, noise.transport());
  }

  private constructor(wire: Wire, noise: NoiseTransport) {
    this.wire = wire;
    this.#noise = noise;
  }

  /** What it would send for this, in its block; the next thing sent must be that. */
  seal(message: PeerMessage | Uint8Array): Uint8Array {
    const bytes = message instanceof Uint8Array ? message : encodePeerMessage(message);
    return encodeFrame(this.#noise.encrypt(bytes));
  }

  /** Says things, in one piece. */
  async say(...messages: readonly (PeerMessage | Uint8Array)[]): Promise<void> {
    await this.wire.say(messages.flatMap((message) => [...this.seal(message)]));
  }

  /** Says a text with an id of eight times this byte. */
  async text(text: string, id: number): Promise<void> {
    await this.say({ type: "text", id: new Uint8Array(8).fill(id), sentAt: 1, text });
  }

  /** The next thing that the other side says. */
  async hear(): Promise<PeerMessage | undefined> {
    for (;;) {
      const message = decodePeerMessage(this.#noise.decrypt(await block(this.wire)));
      // A call that waits for the user says so every few seconds.
      if (message?.type !== "typing" || message.typing) return message;
    }
  }

  /** The next text that the other side says; it is not acknowledged. */
  async hearText(): Promise<Extract<PeerMessage, { type: "text" }>> {
    for (;;) {
      const message = await this.hear();
      if (message?.type === "text") return message;
    }
  }
}

/** The introduction of a bare peer, in that role. */
export function introductionOf(
  role: NoiseRole,
  options: Mim2PeerOptions,
): Uint8Array {
  const { name, key, introduction, staticKey = key, credential, rotations = [] } = options;
  const statement = {
    ...{ type: "noise", role, preamble: "chat" } as const,
    staticKey: noisePublicKey(staticKey),
  };
  return introduction ??
    encodePeerIntroduction(role, {
      identity: identityOf(key),
      signature: createSignature(statement, key),
      ...{ name, capabilities: options.capabilities ?? 0, credential, rotations },
    });
}

/** The next block's body. */
export async function block(wire: Wire): Promise<Uint8Array> {
  const [high = 0, low = 0] = await wire.bytes(2);
  return await wire.bytes(high << 8 | low);
}

function handshake(role: NoiseRole, { key, staticKey = key }: Mim2PeerOptions): NoiseHandshake {
  const ephemeralKey = crypto.getRandomValues(new Uint8Array(32));
  return new NoiseHandshake(role, { prologue: encodePreamble("chat"), staticKey, ephemeralKey });
}
