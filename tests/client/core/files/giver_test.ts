import { assertEquals } from "@std/assert";
import { Giver } from "../../../../client/core/files/giver.ts";
import { hashOf } from "../../../../client/core/files/piece_hashes.ts";
import {
  decodeFileGiverMessage,
  encodeFileTakerMessage,
  type FileTakerMessage,
  rootOf,
} from "../../../../protocol/mod.ts";
import { MIB, randomBytes } from "./file_pair.ts";

Deno.test("giver: of a file that has changed behind its hashes, no byte goes out", async () => {
  const before = randomBytes(2 * MIB);
  const hashes = [hashOf(before.subarray(0, MIB)), hashOf(before.subarray(MIB))];
  const root = rootOf(new Uint8Array(hashes.flatMap((hash) => [...hash])));
  let content = before;
  const asks: FileTakerMessage[] = [
    { type: "hashes", first: 0, count: 2 },
    { type: "pieces", first: 0, count: 2 },
  ];
  const sent: (string | undefined)[] = [];
  const giver = new Giver(
    {
      send: (messages) => {
        // Of data only its head is read here.
        const kinds = messages.map(([head = new Uint8Array(), data]) =>
          data === undefined ? decodeFileGiverMessage(head)?.type : "data"
        );
        sent.push(...kinds);
        return Promise.resolve();
      },
      next: () => {
        const ask = asks.shift();
        if (ask?.type === "pieces") content = randomBytes(2 * MIB);
        return Promise.resolve(ask && encodeFileTakerMessage(ask));
      },
    },
    () => ({
      row: { path: "x", size: 2 * MIB, root },
      open: () =>
        Promise.resolve({
          read: (at, length) => Promise.resolve(content.subarray(at, at + length)),
          close: () => {},
        }),
    }),
    0,
    2 * MIB,
  );
  await giver.serve();
  assertEquals(sent, ["hashes", "end"]);
  assertEquals([...giver.changed], [0]);
});
