import type { KeyRotation } from "../../../protocol/mod.ts";
import { randomMessageId } from "../message.ts";
import type { SecureConnection } from "../peer/mod.ts";
import type { Outgoing } from "../store.ts";

/**
 * Shows how the user's earlier keys led to the present one, before anything else is said: whoever was dialed
 * may know one of them, and takes nothing else until then. Whoever dials sees it in the handshake.
 *
 * @param waiting what goes out next: if the peer is told by messages that it acknowledges, these are enough
 */
export function showRotations(
  rotations: readonly KeyRotation[],
  connection: SecureConnection,
  waiting: readonly Outgoing[],
): void {
  const isTold = waiting.some(({ rotation }) => rotation !== undefined);
  if (connection.direction === "incoming" || isTold) return;
  for (const rotation of rotations) {
    const id = Uint8Array.fromHex(randomMessageId());
    connection.say({ type: "rotation", id, rotation }).catch(() => {}); // the reader reports the loss
  }
}
