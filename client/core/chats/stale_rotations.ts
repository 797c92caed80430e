import { decodeRotation, type KeyRotation, rotationsTo } from "../../../protocol/mod.ts";
import type { Outgoing } from "../store.ts";

/** Rotations that do not lead to the own key: another one was imported, or a change was cut short. */
export function staleRotations(
  ownKey: Uint8Array | undefined,
  parts: readonly Outgoing[],
): Set<Outgoing> {
  const all = new Set(parts.filter(({ rotation }) => rotation !== undefined));
  if (ownKey === undefined) return all;
  for (const recipient of new Set(Array.from(all, ({ identity }) => identity.toHex()))) {
    const own = [...all].filter(({ identity }) => identity.toHex() === recipient);
    const decoded = new Map(own.map((part) => [rotationIn(part), part]));
    const rotations = [...decoded.keys()].filter((rotation) => rotation !== undefined);
    for (const rotation of rotationsTo(ownKey, rotations)) {
      const part = decoded.get(rotation);
      if (part !== undefined) all.delete(part);
    }
  }
  return all;
}

function rotationIn({ rotation }: Outgoing): KeyRotation | undefined {
  try {
    return rotation && decodeRotation(rotation);
  } catch {
    return undefined; // it is damaged
  }
}
