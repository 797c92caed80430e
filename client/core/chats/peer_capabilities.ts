import { type Capability, hasCapability } from "../../../protocol/mod.ts";
import type { EventBus } from "../event_bus.ts";
import type { Outgoing } from "../store.ts";
import { keyInTable } from "../trust/mod.ts";

/** The capabilities of other users' programs: as they said last, else as the server says. */
export class PeerCapabilities {
  /** By key in hex. */
  readonly #bits = new Map<string, number>();

  constructor(events: EventBus) {
    events.on("user-reachable", ({ user }) => {
      const identity = keyInTable(user);
      if (identity === undefined || user.details === undefined) return;
      this.#bits.set(identity.toHex(), user.details.capabilities);
    });
  }

  /** A peer has introduced itself. */
  introduced(identity: Uint8Array, capabilities: number): void {
    this.#bits.set(identity.toHex(), capabilities);
  }

  /** Undefined if nothing is known of that key's program. */
  can(identity: Uint8Array, capability: Capability): boolean | undefined {
    const bits = this.#bits.get(identity.toHex());
    return bits === undefined ? undefined : hasCapability(bits, capability);
  }
}

/** The capability that a peer needs to be sent this; undefined if every version can take it. */
export function capabilityFor(
  { action, offer }: Pick<Outgoing, "action" | "offer">,
): Capability | undefined {
  if (offer !== undefined) return "files";
  return action === undefined ? undefined : "actions";
}
