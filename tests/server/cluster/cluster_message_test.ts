import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import fc from "fast-check";
import { ClusterSealer, createSignature, ProtocolError } from "../../../protocol/mod.ts";
import { banKeyOf, decodeBanRecord, encodeBanRecord } from "../../../server/cluster/ban_record.ts";
import {
  claimKeyOf,
  decodeClaimRecord,
  encodeClaimRecord,
} from "../../../server/cluster/claim_record.ts";
import {
  type ClusterMessage,
  decodeClusterMessage,
  encodeClusterMessage,
} from "../../../server/cluster/cluster_message.ts";

const SESSION = "0102030405060708";
const ROW = new Uint8Array([0x41, 1]);

/** Each kind of message, and its bytes behind the version. */
const MESSAGES: readonly [ClusterMessage, string][] = [
  [
    {
      type: "log",
      number: 7,
      changes: [
        { type: "end", session: SESSION, identity: "09".repeat(32) },
        { type: "put", session: SESSION, row: ROW },
        { type: "delete", session: SESSION },
      ],
    },
    "01" + "0000000000000007" + "00000003" +
    `45${"00000008"}${SESSION}00000020${"09".repeat(32)}` +
    `41${"00000008"}${SESSION}${"00000002"}4101` + `44${"00000008"}${SESSION}`,
  ],
  [{ type: "beat", number: 7, users: 3 }, "02" + "0000000000000007" + "00000003"],
  [{ type: "bye" }, "03"],
  [{ type: "ask", request: 5 }, "04" + "00000005"],
  [
    {
      type: "rows",
      request: 5,
      number: 7,
      part: 0,
      parts: 1,
      rows: [
        { type: "end", session: SESSION, identity: "09".repeat(32) },
        { type: "put", session: SESSION, row: ROW },
      ],
    },
    "05" + "00000005" + "0000000000000007" + "00000000" + "00000001" + "00000002" +
    `45${"00000008"}${SESSION}00000020${"09".repeat(32)}` +
    `41${"00000008"}${SESSION}000000024101`,
  ],
  [
    { type: "to", number: 7, request: { type: "call-me", from: SESSION, to: SESSION } },
    "06" + "0000000000000007" + "01" + `00000008${SESSION}`.repeat(2),
  ],
  [
    { type: "to", number: 7, request: { type: "unreachable", by: SESSION, whom: SESSION } },
    "06" + "0000000000000007" + "02" + `00000008${SESSION}`.repeat(2),
  ],
  [
    { type: "name", request: 5, key: "17.Ym9i" },
    "07" + "00000005" + "0000000e" + "00310037002e0059006d00390069",
  ],
  [{ type: "known", request: 5, isKnown: true }, "08" + "00000005" + "01"],
  [{ type: "known", request: 6, isKnown: undefined }, "08" + "00000006" + "02"],
  [
    { type: "bans", bans: [{ key: "b", value: new Uint8Array([1, 2]) }] },
    "09" + "00000001" + "000000020062" + "000000020102",
  ],
  [
    {
      type: "to",
      number: 7,
      request: { type: "kick", session: SESSION, reason: "b" },
    },
    "06" + "0000000000000007" + "04" + `00000008${SESSION}` + "000000020062",
  ],
];

Deno.test("cluster message: each has its bytes, and is read from them", () => {
  for (const [message, hex] of MESSAGES) {
    const bytes = encodeClusterMessage(message);
    assertEquals(bytes.toHex(), `01${hex}`, message.type);
    assertEquals(decodeClusterMessage(bytes), message);
  }
});

Deno.test("protocol/docs/cluster.md: its examples are those of the code", async () => {
  const path = new URL("../../../protocol/docs/cluster.md", import.meta.url);
  const text = (await Deno.readTextFile(path)).replaceAll(/^#.*|^message /gm, "");
  const hex = text.replaceAll(/\s/g, "");
  for (const [message] of MESSAGES) {
    assertStringIncludes(hex, encodeClusterMessage(message).toHex(), message.type);
  }
  const [key, node] = [new Uint8Array(32).fill(9), new Uint8Array(32).fill(2)];
  const sealed = new ClusterSealer(key, node, "lab")
    .seal(`mim.lab.bye.${node.toHex()}`, encodeClusterMessage({ type: "bye" }));
  assertStringIncludes(hex, sealed.toHex());
  const claim = { name: "bob", identity: new Uint8Array(32).fill(11), claimed: 1, used: 2 };
  const signature = createSignature({ type: "claim", ...claim }, key);
  const record = encodeClaimRecord({ claim, signature });
  assertStringIncludes(hex, claimKeyOf("bob") + record.toHex());
  assertEquals(decodeClaimRecord(record), { claim, signature });
  const ban = { kind: "names", who: "eve", isBanned: true, number: 1 } as const;
  const signed = { ban, signature: createSignature({ type: "ban", ...ban }, key) };
  assertStringIncludes(hex, banKeyOf(ban) + encodeBanRecord(signed).toHex());
  assertEquals(decodeBanRecord(encodeBanRecord(signed)), signed);
});

Deno.test("cluster message: other versions and types are skipped", () => {
  for (const hex of ["0202", "010a", "0106" + "0000000000000007" + "05"]) {
    assertEquals(decodeClusterMessage(Uint8Array.fromHex(hex)), undefined, hex);
  }
});

Deno.test("cluster message: what is cut off or too long is an error of the protocol", () => {
  for (const [message] of MESSAGES) {
    const bytes = encodeClusterMessage(message);
    for (let length = 0; length < bytes.length; length++) {
      assertThrows(() => decodeClusterMessage(bytes.subarray(0, length)), ProtocolError);
    }
  }
  fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
    try {
      decodeClusterMessage(new Uint8Array([1, ...bytes]));
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
    }
  }));
});
