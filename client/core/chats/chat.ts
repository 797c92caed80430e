import { encodeLine, limits } from "../../../protocol/mod.ts";
import type { ClassicConnection } from "../peer/classic_connection.ts";
import { ClientError } from "../errors.ts";
import type { Security } from "../security.ts";

/** So much of what a peer says is taken before everything else has its turn. */
export const MESSAGES_PER_TURN = 32;

/** A chat with one peer. Its properties change as the chat goes on; it is the same object always. */
export interface Chat {
  /** The peer's name, as it was told: not yet safe to print, and not proven. */
  readonly name: string;
  /** The peer's IP address. */
  readonly address: string;
  /** The port at which the peer can be called, or from which it called where that isn't known. */
  readonly port: number;
  /** Who called. */
  readonly by: "me" | "them";
  /**
   * False once either side has closed, or the connection was lost. In classic MIM nothing can be sent
   * any more.
   */
  readonly open: boolean;
  /**
   * Whether what is sent while it is not open waits in the outbox: the peer has a key, for which the
   * user has taken no other, and is not somebody who has closed the chat on purpose and is online still.
   */
  readonly waits: boolean;
  /** How sure it is who the peer is. */
  readonly security: Security;
  /** The peer's public key, 32 bytes, where it speaks MIM/2. */
  readonly identity?: Uint8Array;
  /** Bytes, about, that were sent and still wait to be written: much where the peer does not read. */
  readonly unsent: number;
}

/** A chat in classic MIM, and the connection under it. */
export class ClassicChat implements Chat {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly by: "me" | "them";
  readonly link: ClassicConnection;
  readonly security: Security = "classic";
  readonly waits = false;
  open = true;

  constructor(
    peer: Pick<Chat, "name" | "address" | "port">,
    by: Chat["by"],
    link: ClassicConnection,
  ) {
    this.name = peer.name;
    this.address = peer.address;
    this.port = peer.port;
    this.by = by;
    this.link = link;
  }

  get unsent(): number {
    return this.link.unsent;
  }

  /** Who has dialled. */
  get dialledBy(): "me" | "them" {
    return this.by;
  }

  /**
   * Encodes what is to be sent, a line for each line of the text that isn't empty.
   *
   * @throws {ClientError} `chat-closed`, `send-failed`
   */
  encode(text: string): { readonly text: string; readonly bytes: Uint8Array }[] {
    if (!this.open) throw chatClosedError(this);
    const lines = text.split(/\r\n|\n|\r/).filter((line) => line.trim() !== "");
    try {
      const encoded = lines.map((line) => ({ text: line, bytes: encodeLine(line) }));
      const size = encoded.reduce((sum, { bytes }) => sum + bytes.length, 0);
      if (this.link.unsent > 0 && this.link.unsent + size > limits.unsent) {
        throw new RangeError(`${this.name} reads too slowly, ${this.link.unsent} bytes still wait`);
      }
      return encoded;
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new ClientError("send-failed", `nothing was sent: ${error.message}`, { cause: error });
    }
  }
}

/** Nothing can be sent into this chat. */
export function chatClosedError({ name }: Chat): ClientError {
  return new ClientError("chat-closed", `the chat with ${name} is closed; nothing was sent`);
}
