/** The rows of `contacts.db`. */

import { decodeTarget, encodeTarget } from "../../../protocol/mod.ts";
import type { MessageRef, Outgoing, Pin } from "../../core/mod.ts";
import { bytesOf } from "../../../server/platform/storage/statements.ts";

const decoder = new TextDecoder();

export function pinOf(row: Record<string, unknown>): Pin {
  const { server, name, identity, verified, since, address, claimant, claimed } = row;
  return {
    server: String(server),
    name: String(name),
    identity: bytesOf(identity),
    verified: verified === 1,
    since: Number(since),
    ...typeof address === "string" && { address },
    ...typeof claimed === "number" &&
      { claim: { identity: bytesOf(claimant), claimed } },
  };
}

export function outgoingOf(row: Record<string, unknown>): Outgoing {
  const { id, name, server, identity, text, at, rotation, expires, action, target } = row;
  const about = target instanceof Uint8Array ? refOf(target) : undefined;
  const type = (["edit", "delete", "react", "unreact"] as const).find((each) => each === action);
  return {
    id: String(id),
    name: String(name),
    server: String(server),
    identity: bytesOf(identity),
    text: decoder.decode(bytesOf(text)),
    time: Number(at),
    ...rotation instanceof Uint8Array && { rotation },
    ...typeof expires === "number" && { expires },
    ...about !== undefined &&
      (type === undefined ? { reply: about } : { action: { type, target: about } }),
  };
}

export function targetBytes({ id, direction }: MessageRef): Uint8Array {
  const whose = direction === "outgoing" ? "sender" : "reader";
  return encodeTarget({ whose, id: Uint8Array.fromHex(id) });
}

function refOf(target: Uint8Array): MessageRef {
  const { whose, id } = decodeTarget(target);
  return { id: id.toHex(), direction: whose === "sender" ? "outgoing" : "incoming" };
}
