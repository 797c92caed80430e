import { encodeLine } from "../../../protocol/mod.ts";
import type { ClassicConnection } from "../peer/classic_connection.ts";
import { ClientError } from "../errors.ts";
import type { Security } from "../security.ts";
import type { Chat } from "../chat.ts";
import { clientLimits } from "../limits.ts";

/** So much of what a peer says is taken before everything else has its turn. */
export const MESSAGES_PER_TURN = 32;

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
      const waitingBytes = this.link.unsent;
      if (waitingBytes > 0 && waitingBytes + size > clientLimits.bufferedBytes) {
        const reason = "peer-not-reading";
        throw new ClientError("send-failed", { reason, name: this.name, waitingBytes });
      }
      return encoded;
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      const details = { reason: "invalid-text", text: error.message } as const;
      throw new ClientError("send-failed", details, { cause: error });
    }
  }
}

/** Someone called, and there is no room for another chat. */
export function tooManyChats(caller: Pick<Chat, "name" | "address">): ClientError {
  const reason = { reason: "too-many-chats", limit: clientLimits.chats } as const;
  const { name, address } = caller;
  return new ClientError("call-failed", { name, address, reason, others: 0 });
}

/** Nothing can be sent into this chat. */
export function chatClosedError({ name }: Chat): ClientError {
  return new ClientError("chat-closed", { reason: "closed", name });
}
