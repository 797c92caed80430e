/** What fast-check makes up for messages of MIM/2. */

import fc from "fast-check";
import type { Mim2Entry, Mim2Notice, Mim2Update, PeerMessage } from "../../protocol/mod.ts";
import { anyText } from "./decoding.ts";

/** Any bytes of this length. */
export function anyBytes(length: number): fc.Arbitrary<Uint8Array> {
  return fc.uint8Array({ minLength: length, maxLength: length });
}

/** Any availability and status text. */
export const anyStatus = {
  availability: fc.constantFrom("online", "away", "busy"),
  status: anyText(128),
} as const;

/** Any list of addresses. */
export const anyAddresses: fc.Arbitrary<string[]> = fc.array(fc.oneof(fc.ipV4(), fc.ipV6()), {
  maxLength: 16,
});

/** Any row of the table. */
export const anyMim2Entry: fc.Arbitrary<Mim2Entry> = fc.record({
  name: anyText(32),
  address: fc.oneof(fc.ipV4(), fc.ipV6()),
  port: fc.nat(0xffff),
  session: anyBytes(8),
  capabilities: fc.nat(0xffff_ffff),
  identity: fc.oneof(anyBytes(32), anyBytes(0)),
  issued: fc.maxSafeNat(),
  certificate: fc.oneof(anyBytes(64), anyBytes(0)),
  ...anyStatus,
  reachability: fc.constantFrom("unknown", "reachable", "unreachable"),
  addresses: anyAddresses,
});

/** Any change of the table. */
export const anyMim2Update: fc.Arbitrary<Mim2Update> = fc.record({
  type: fc.constantFrom("add", "delete", "change"),
  entry: anyMim2Entry,
});

/** Any of a server's other messages. */
export const anyNotice: fc.Arbitrary<Mim2Notice> = fc.oneof(
  fc.record({
    type: fc.constant("accepted" as const),
    session: anyBytes(8),
    signature: anyBytes(64),
    address: fc.ipV6(),
    pingSeconds: fc.nat(0xffff),
  }),
  fc.record({ type: fc.constant("complete" as const), count: fc.nat(0xffff_ffff) }),
  fc.record({
    type: fc.constantFrom("ping" as const, "pong" as const),
    token: fc.nat(0xffff_ffff),
  }),
  fc.record({ type: fc.constant("call-me" as const), session: anyBytes(8) }),
  fc.record({
    type: fc.constant("refusal" as const),
    code: fc.nat(0xffff),
    text: anyText(100),
  }),
);

/** Anything a peer says inside Noise. */
export const anyChatMessage: fc.Arbitrary<PeerMessage> = fc.oneof(
  fc.record({
    type: fc.constant("text" as const),
    id: anyBytes(8),
    sentAt: fc.maxSafeNat(),
    text: anyText(200),
  }),
  fc.record({ type: fc.constant("received" as const), id: anyBytes(8) }),
  fc.record({ type: fc.constant("typing" as const), typing: fc.boolean() }),
  fc.record({ type: fc.constant("bye" as const), reason: fc.constantFrom(0, 1, 2, 3) }),
);
