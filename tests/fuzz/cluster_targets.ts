/** The messages that the servers of a cluster read from NATS. */

import fc from "fast-check";
import { ClusterOpener, ClusterSealer } from "../../protocol/mod.ts";
import { decodeBanRecord, encodeBanRecord } from "../../server/cluster/ban_record.ts";
import { decodeClaimRecord, encodeClaimRecord } from "../../server/cluster/claim_record.ts";
import {
  type ClusterMessage,
  decodeClusterMessage,
  encodeClusterMessage,
  type NodeRequest,
} from "../../server/cluster/cluster_message.ts";
import { anyText } from "../fixtures/decoding.ts";
import { type Target, whole } from "./target.ts";

const SUBJECT = "mim.lab.log.02";
const KEY = new Uint8Array(32).fill(9);

const anyNumber = fc.nat(0xffff_ffff);
const anySession = fc.uint8Array({ minLength: 8, maxLength: 8 }).map((bytes) => bytes.toHex());
const anyBytes = fc.uint8Array({ maxLength: 40 });
const anyKey = fc.uint8Array({ minLength: 32, maxLength: 32 });

const anyRow = fc.oneof(
  fc.record({ type: fc.constant("put" as const), session: anySession, row: anyBytes }),
  fc.record({
    type: fc.constant("end" as const),
    session: anySession,
    identity: anyKey.map((key) => key.toHex()),
  }),
);

const anyRequest: fc.Arbitrary<NodeRequest> = fc.oneof(
  fc.record({ type: fc.constant("call-me" as const), from: anySession, to: anySession }),
  fc.record({ type: fc.constant("unreachable" as const), by: anySession, whom: anySession }),
  fc.record({ type: fc.constant("kick" as const), session: anySession, reason: anyText(20) }),
);

const anyMessage: fc.Arbitrary<ClusterMessage> = fc.oneof(
  fc.record({
    type: fc.constant("log" as const),
    number: anyNumber,
    changes: fc.array(
      fc.oneof(
        anyRow,
        fc.record({ type: fc.constant("delete" as const), session: anySession }),
      ),
      { maxLength: 4 },
    ),
  }),
  fc.record({ type: fc.constant("beat" as const), number: anyNumber, users: anyNumber }),
  fc.constant({ type: "bye" as const }),
  fc.record({ type: fc.constant("ask" as const), request: anyNumber }),
  fc.record({
    type: fc.constant("rows" as const),
    request: anyNumber,
    number: anyNumber,
    part: anyNumber,
    parts: anyNumber,
    rows: fc.array(anyRow, { maxLength: 4 }),
  }),
  fc.record({ type: fc.constant("to" as const), number: anyNumber, request: anyRequest }),
);

const anyClaim = fc.record({
  claim: fc.record({
    name: anyText(20),
    identity: fc.oneof(anyKey, fc.constant(new Uint8Array(0))),
    claimed: anyNumber,
    used: anyNumber,
  }),
  signature: fc.uint8Array({ minLength: 64, maxLength: 64 }),
});

const anyBan = fc.record({
  ban: fc.record({
    kind: fc.constantFrom("keys" as const, "names" as const, "networks" as const),
    who: anyText(20),
    isBanned: fc.boolean(),
    number: anyNumber,
  }),
  signature: fc.uint8Array({ minLength: 64, maxLength: 64 }),
});

/** All of them. */
export const CLUSTER_TARGETS: readonly Target[] = [
  whole("cluster message", decodeClusterMessage, anyMessage.map(encodeClusterMessage)),
  whole("claim of a cluster", decodeClaimRecord, anyClaim.map(encodeClaimRecord)),
  whole("ban of a cluster", decodeBanRecord, anyBan.map(encodeBanRecord)),
  {
    ...whole(
      "sealed cluster message",
      (bytes) => new ClusterOpener(KEY, "lab").open(SUBJECT, bytes),
      fc.tuple(anyKey, anyBytes).map(([node, body]) =>
        new ClusterSealer(KEY, node, "lab").seal(SUBJECT, body)
      ),
    ),
    weight: 10,
  },
];
