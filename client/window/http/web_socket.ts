import { createHash } from "node:crypto";
import type { Duplex } from "node:stream";
import { concat } from "@std/bytes/concat";

/** What RFC 6455 appends to a client's key. */
const KEY_SUFFIX = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
/** How long a client may take to answer a close. */
const CLOSE_TIMEOUT_MS = 2_000;
/** The longest head of a frame. */
const MAX_HEAD_BYTES = 14;
/** Pings are not answered while so much waits to be written. */
const MAX_PONG_BACKLOG_BYTES = 65_536;
const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;
const STATUS = { protocol: 1002, lost: 1006, text: 1007, tooBig: 1009 } as const;

interface Frame {
  readonly isLast: boolean;
  readonly opcode: number;
  readonly payload: Uint8Array;
}

/** A fault of the other side, and the code of the close that answers it. */
class FrameError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** The answer to a WebSocket handshake with that `Sec-WebSocket-Key`. */
export function acceptWebSocket(key: string): string {
  const accept = createHash("sha1").update(key + KEY_SUFFIX).digest("base64");
  return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
    `Sec-WebSocket-Accept: ${accept}\r\n\r\n`;
}

/**
 * The server's end of a WebSocket (RFC 6455), after the handshake. It never gives up a silent client:
 * on one machine a connection lasts as long as its two programs.
 */
export class ServerWebSocket {
  /** Called with each message: text, or bytes. */
  onMessage: (data: string | Uint8Array) => void = () => {};
  /** Called once when it is over; 1006 if the connection was lost without a close. */
  onClose: (status: number) => void = () => {};
  readonly #stream: Duplex;
  readonly #maxMessageBytes: number;
  readonly #frames: FrameReader;
  /** The message that has not ended. */
  #partial: { readonly opcode: number; readonly parts: Uint8Array[]; length: number } | undefined;
  #isClosing = false;
  /** Whether what comes in means nothing any more. */
  #isBroken = false;
  #isClosed = false;

  constructor(stream: Duplex, maxMessageBytes: number) {
    this.#stream = stream;
    this.#maxMessageBytes = maxMessageBytes;
    this.#frames = new FrameReader(maxMessageBytes);
    stream.on("data", (bytes: Uint8Array) => this.#read(bytes));
    stream.on("error", () => {}); // "close" follows
    stream.on("close", () => this.#over(STATUS.lost));
    stream.on("end", () => stream.destroy());
  }

  /** How many bytes wait to be written. */
  get bufferedAmount(): number {
    return this.#stream.writableLength;
  }

  /** Sends a text; does nothing once it is closing. */
  send(text: string): void {
    if (!this.#isClosing) this.#write(OPCODE.text, new TextEncoder().encode(text));
  }

  /** Closes it; the connection ends once the client has answered, or after two seconds. */
  close(status: number, reason = ""): void {
    if (this.#isClosing) return;
    const code = Uint8Array.of(status >> 8, status & 0xff);
    this.#write(OPCODE.close, concat([code, new TextEncoder().encode(reason)]));
    this.#isClosing = true;
    const timer = setTimeout(() => this.#stream.destroy(), CLOSE_TIMEOUT_MS);
    this.#stream.on("close", () => clearTimeout(timer));
  }

  #read(bytes: Uint8Array): void {
    if (this.#isBroken) return;
    try {
      for (const frame of this.#frames.push(bytes)) this.#take(frame);
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      this.#isBroken = true;
      this.close(error.status, error.message);
    }
  }

  #take({ opcode, isLast, payload }: Frame): void {
    switch (opcode) {
      case OPCODE.ping:
        if (this.bufferedAmount < MAX_PONG_BACKLOG_BYTES) this.#write(OPCODE.pong, payload);
        return;
      case OPCODE.pong:
        return;
      case OPCODE.close: {
        const [high, low] = payload;
        const status = high === undefined || low === undefined ? 1005 : high << 8 | low;
        this.close(status === 1005 ? 1000 : status);
        this.#over(status);
        return void this.#stream.end();
      }
    }
    if ((opcode !== OPCODE.continuation) !== (this.#partial === undefined)) {
      throw new FrameError(STATUS.protocol, "expected a message in order");
    }
    const message = this.#partial ??= { opcode, parts: [], length: 0 };
    if (payload.length > 0) message.parts.push(payload);
    message.length += payload.length;
    if (message.length > this.#maxMessageBytes) throw tooBig(this.#maxMessageBytes);
    if (!isLast) return;
    this.#partial = undefined;
    if (this.#isClosing) return;
    const bytes = concat(message.parts);
    this.onMessage(message.opcode === OPCODE.binary ? bytes : decodeText(bytes));
  }

  #write(opcode: number, payload: Uint8Array): void {
    if (this.#isClosing || this.#isClosed) return;
    const { length } = payload;
    const size = length < 126 ? 2 : length < 0x10000 ? 4 : 10;
    const frame = new Uint8Array(size + length);
    const view = new DataView(frame.buffer);
    frame[0] = 0x80 | opcode;
    if (size === 2) frame[1] = length;
    else if (size === 4) view.setUint32(0, (0x80 | opcode) << 24 | 126 << 16 | length);
    else {
      frame[1] = 127;
      view.setBigUint64(2, BigInt(length));
    }
    frame.set(payload, size);
    this.#stream.write(frame);
  }

  #over(status: number): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.onClose(status);
  }
}

/** Reads the frames of a client, which masks them. */
class FrameReader {
  readonly #maxPayloadBytes: number;
  #pieces: Uint8Array[] = [];
  #length = 0;

  constructor(maxPayloadBytes: number) {
    this.#maxPayloadBytes = maxPayloadBytes;
  }

  /** @throws {FrameError} */
  *push(bytes: Uint8Array): Generator<Frame, void> {
    this.#pieces.push(bytes);
    this.#length += bytes.length;
    for (let frame = this.#next(); frame !== undefined; frame = this.#next()) yield frame;
  }

  #next(): Frame | undefined {
    const head = this.#peek(MAX_HEAD_BYTES);
    const [first, second] = head;
    if (first === undefined || second === undefined) return undefined;
    const opcode = first & 0x0f;
    const isLast = (first & 0x80) !== 0;
    const isControl = opcode >= OPCODE.close;
    const short = second & 0x7f;
    const isKnown = Object.values<number>(OPCODE).includes(opcode);
    const isPlain = (first & 0x70) === 0 && (second & 0x80) !== 0;
    if (!isKnown || !isPlain || isControl && (!isLast || short > 125)) {
      throw new FrameError(STATUS.protocol, "expected a masked frame of a known kind");
    }
    const size = short < 126 ? 2 : short === 126 ? 4 : 10;
    if (head.length < size + 4) return undefined;
    const view = new DataView(head.buffer, head.byteOffset);
    const length = size === 2
      ? short
      : size === 4
      ? view.getUint16(2)
      : Number(view.getBigUint64(2));
    if (length > this.#maxPayloadBytes) throw tooBig(this.#maxPayloadBytes);
    if (this.#length < size + 4 + length) return undefined;
    const frame = this.#take(size + 4 + length);
    const mask = frame.subarray(size, size + 4);
    const payload = frame.subarray(size + 4);
    for (let at = 0; at < length; at++) payload[at] = (payload[at] ?? 0) ^ (mask[at & 3] ?? 0);
    return { isLast, opcode, payload };
  }

  /** The next bytes, up to that many; they stay. */
  #peek(count: number): Uint8Array {
    const [first] = this.#pieces;
    if (first !== undefined && first.length >= count) return first.subarray(0, count);
    return concat(this.#pieces.slice(0, count)).subarray(0, count);
  }

  /** The next bytes, as many as there must be. */
  #take(count: number): Uint8Array {
    const [first] = this.#pieces;
    const isInFirst = first !== undefined && first.length > count;
    const all = isInFirst ? first : concat(this.#pieces);
    const rest = isInFirst ? this.#pieces.slice(1) : [];
    this.#pieces = all.length > count ? [all.subarray(count), ...rest] : rest;
    this.#length -= count;
    return all.subarray(0, count);
  }
}

function tooBig(limit: number): FrameError {
  return new FrameError(STATUS.tooBig, `expected at most ${limit} bytes`);
}

/** @throws {FrameError} */
function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new FrameError(STATUS.text, "expected UTF-8");
  }
}
