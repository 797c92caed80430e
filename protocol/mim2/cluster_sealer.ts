/** The sealed messages between the servers of one cluster: without the server's key nobody can write or read them. */

import { concat } from "@std/bytes/concat";
import { QDataStreamReader, QDataStreamWriter } from "../codec/mod.ts";
import { assertLength, decrypt, encrypt, hkdf, KEY_LENGTH, TAG_LENGTH } from "../crypto/mod.ts";

/** Bytes of a node's id. */
const NODE_LENGTH = 32;
const HEADER_LENGTH = NODE_LENGTH + 8;
/** Of so many nodes the counts are kept; for one more, those of the one that was heard longest ago go. */
const MAX_NODES = 1_024;
/** Before the first message. */
const NONE = -1;

const encoder = new TextEncoder();

/** A message that a holder of the server's key has sealed. */
export interface OpenedMessage {
  /** The node that sealed it, in hex digits. */
  readonly node: string;
  /** The content of the message. */
  readonly body: Uint8Array<ArrayBuffer>;
}

/**
 * The sending side of one node: a server, from one start to its end.
 * See protocol/docs/cluster.md, "Sealing".
 *
 * @example
 * ```ts
 * import { ClusterOpener, ClusterSealer } from "@mim/mim/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * const key = crypto.getRandomValues(new Uint8Array(32));
 * const node = crypto.getRandomValues(new Uint8Array(32));
 * const sealed = new ClusterSealer(key, node, "lab").seal("mim.lab.bye", new Uint8Array([7]));
 * const opener = new ClusterOpener(key, "lab");
 * assertEquals(opener.open("mim.lab.bye", sealed)?.body, new Uint8Array([7]));
 * assertEquals(opener.open("mim.lab.bye", sealed), undefined); // each counts once
 * ```
 */
export class ClusterSealer {
  readonly #node: Uint8Array;
  readonly #key: Uint8Array;
  #count = 0;

  /**
   * Derives the node's key.
   *
   * @param privateKey the server's, 32 bytes
   * @param node 32 random bytes that no other node and no other start has
   * @param cluster the cluster's name
   */
  constructor(privateKey: Uint8Array, node: Uint8Array, cluster: string) {
    assertLength("a node", node, NODE_LENGTH);
    this.#node = node;
    this.#key = keyOf(privateKey, node, cluster);
  }

  /** Seals what is published on a subject. */
  seal(subject: string, body: Uint8Array): Uint8Array<ArrayBuffer> {
    const count = new QDataStreamWriter().quint64(this.#count++).bytes();
    const sealed = encrypt(this.#key, nonceOf(count), encoder.encode(subject), body);
    return concat([this.#node, count, sealed]);
  }
}

/** The receiving side of one node. See protocol/docs/cluster.md, "Sealing". */
export class ClusterOpener {
  readonly #privateKey: Uint8Array;
  readonly #cluster: string;
  /** The keys of nodes that have sealed something, and their last count on each subject. */
  readonly #nodes = new Map<string, { readonly key: Uint8Array; counts: Map<string, number> }>();

  /**
   * Opens what any node of a cluster seals.
   *
   * @param privateKey the server's, 32 bytes
   * @param cluster the cluster's name
   */
  constructor(privateKey: Uint8Array, cluster: string) {
    assertLength("a private key", privateKey, KEY_LENGTH);
    this.#privateKey = privateKey;
    this.#cluster = cluster;
  }

  /** Whether a message says that it is from a node that has sealed something before. */
  isFromKnown(message: Uint8Array): boolean {
    return this.#nodes.has(message.subarray(0, NODE_LENGTH).toHex());
  }

  /**
   * Whether a known node has sealed a message for a subject, even if it was opened before: messages may come
   * twice or late once a network is whole again.
   */
  isSealed(subject: string, message: Uint8Array): boolean {
    const node = this.#nodes.get(message.subarray(0, NODE_LENGTH).toHex());
    if (node === undefined || message.length < HEADER_LENGTH + TAG_LENGTH) return false;
    const nonce = nonceOf(message.subarray(NODE_LENGTH, HEADER_LENGTH));
    const sealed = message.subarray(HEADER_LENGTH);
    return decrypt(node.key, nonce, encoder.encode(subject), sealed) !== undefined;
  }

  /**
   * Opens what came on a subject.
   *
   * @returns undefined if no holder of the server's key has sealed it for that subject, or it is not later
   *   than the last one of its node there
   */
  open(subject: string, message: Uint8Array): OpenedMessage | undefined {
    if (message.length < HEADER_LENGTH + TAG_LENGTH) return undefined;
    const id = message.subarray(0, NODE_LENGTH);
    const node = id.toHex();
    const known = this.#nodes.get(node) ??
      { key: keyOf(this.#privateKey, id, this.#cluster), counts: new Map<string, number>() };
    const countBytes = message.subarray(NODE_LENGTH, HEADER_LENGTH);
    const count = countIn(countBytes);
    if (count === undefined || count <= (known.counts.get(subject) ?? NONE)) return undefined;
    const sealed = message.subarray(HEADER_LENGTH);
    const body = decrypt(known.key, nonceOf(countBytes), encoder.encode(subject), sealed);
    if (body === undefined) return undefined;
    known.counts.set(subject, count);
    this.#nodes.delete(node); // the last heard stands last
    this.#nodes.set(node, known);
    const [oldest] = this.#nodes.keys();
    if (this.#nodes.size > MAX_NODES && oldest !== undefined) this.#nodes.delete(oldest);
    return { node, body };
  }
}

function keyOf(privateKey: Uint8Array, node: Uint8Array, cluster: string): Uint8Array {
  return hkdf(privateKey, encoder.encode(`mim2-cluster\0${cluster}`), node);
}

function nonceOf(count: Uint8Array): Uint8Array {
  return concat([new Uint8Array(4), count]);
}

/** Undefined for a number that no sealer reaches. */
function countIn(bytes: Uint8Array): number | undefined {
  const reader = new QDataStreamReader(bytes);
  const [high, low] = [reader.quint32(), reader.quint32()];
  const count = high * 2 ** 32 + low;
  return Number.isSafeInteger(count) ? count : undefined;
}
