/** The sealed messages of a cluster's nodes. */

import { assertEquals } from "@std/assert";
import { ClusterOpener, ClusterSealer } from "../../../protocol/mod.ts";
import { testKey } from "../../fixtures/keys.ts";

const KEY = testKey(1);
const NODE = new Uint8Array(32).fill(2);
const BODY = new Uint8Array([1, 2, 3]);
const SUBJECT = "mim.lab.bye.02";

Deno.test("cluster sealer: what one node seals another one opens, once", () => {
  const sealer = new ClusterSealer(KEY, NODE, "lab");
  const opener = new ClusterOpener(KEY, "lab");
  const [first, second] = [sealer.seal(SUBJECT, BODY), sealer.seal(SUBJECT, BODY)];
  assertEquals(opener.open(SUBJECT, first), { node: NODE.toHex(), body: BODY });
  assertEquals(opener.open(SUBJECT, first), undefined);
  assertEquals(opener.open(SUBJECT, second)?.body, BODY);
  assertEquals(opener.open(SUBJECT, first), undefined);
  // Once more, or late, is not the same as from somebody else.
  assertEquals(opener.isSealed(SUBJECT, first), true);
  assertEquals(opener.isSealed("other", first), false);
  const tampered = first.with(-1, (first.at(-1) ?? 0) ^ 1);
  assertEquals(opener.isSealed(SUBJECT, tampered), false);
  assertEquals(new ClusterOpener(KEY, "lab").isSealed(SUBJECT, first), false);
  assertEquals(opener.isSealed(SUBJECT, first.subarray(0, 20)), false);
  // The counts go by subject: what is on its way on another one still counts.
  const [other, later] = [sealer.seal("other", BODY), sealer.seal(SUBJECT, BODY)];
  assertEquals(opener.open(SUBJECT, later)?.body, BODY);
  assertEquals(opener.open("other", other)?.body, BODY);
});

Deno.test("cluster sealer: without the key, for another subject or cluster, nothing opens", () => {
  const sealed = new ClusterSealer(KEY, NODE, "lab").seal(SUBJECT, BODY);
  assertEquals(new ClusterOpener(testKey(2), "lab").open(SUBJECT, sealed), undefined);
  assertEquals(new ClusterOpener(KEY, "lap").open(SUBJECT, sealed), undefined);
  const opener = new ClusterOpener(KEY, "lab");
  assertEquals(opener.open("mim.lab.bye.03", sealed), undefined);
  for (let at = 0; at < sealed.length; at++) {
    const changed = sealed.slice();
    changed[at] = (changed[at] ?? 0) ^ 1;
    assertEquals(opener.open(SUBJECT, changed), undefined, `byte ${at}`);
    assertEquals(opener.open(SUBJECT, sealed.subarray(0, at)), undefined, `${at} bytes`);
  }
  assertEquals(opener.open(SUBJECT, sealed)?.body, BODY);
});

Deno.test("cluster sealer: who has no key can make others forget nothing", () => {
  const opener = new ClusterOpener(KEY, "lab");
  const sealed = new ClusterSealer(KEY, NODE, "lab").seal(SUBJECT, BODY);
  assertEquals(opener.open(SUBJECT, sealed)?.body, BODY);
  for (let index = 0; index < 3_000; index++) {
    const node = new Uint8Array(32);
    new DataView(node.buffer).setUint32(0, index);
    opener.open(SUBJECT, new ClusterSealer(testKey(2), node, "lab").seal(SUBJECT, BODY));
  }
  assertEquals(opener.open(SUBJECT, sealed), undefined);
});
