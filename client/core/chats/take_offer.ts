import type { FileMessage } from "../../../protocol/mod.ts";
import type { Chat, Message } from "../chat.ts";
import { offerLabel } from "../files/mod.ts";
import { incomingMessage, plausibleTime } from "../message.ts";
import type { SecureConnection } from "../peer/mod.ts";
import type { PublicKey } from "../public_key.ts";
import type { SecureComponents } from "./chat_components.ts";
import type { ReceiveQueue } from "./receive_queue.ts";

/**
 * Takes an offer of files: it is stored, comes as a message, and is acknowledged.
 *
 * @param chatSince when the chat began, in milliseconds since 1970
 */
export async function takeOffer(
  { files, store, events }: Pick<SecureComponents, "files" | "store" | "events">,
  chat: Chat & { readonly identity: PublicKey },
  message: Extract<FileMessage, { readonly type: "file-offer" }>,
  connection: SecureConnection,
  stored: ReceiveQueue,
  chatSince: number,
  onNew: (message: Message) => void,
): Promise<void> {
  const { name, address, port, identity } = chat;
  const id = message.id.toHex();
  const time = plausibleTime(message.sentAt, chatSince);
  const receive = async () => {
    const transfer = await files.offered({ name, identity }, message, time);
    if (transfer === undefined) return undefined;
    const incoming = { id, identity, name, address, port, text: offerLabel(transfer), time };
    await store.receive(incoming);
    return { incoming, transfer };
  };
  await stored.add(receive, (taken) => {
    if (taken !== undefined) {
      const { incoming, transfer } = taken;
      onNew(incomingMessage(chat, { ...incoming, transfer }));
      events.emit({ type: "file-offered", transfer });
    }
    connection.say({ type: "received", id: message.id }).catch(() => {});
  });
}
