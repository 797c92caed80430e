import { assertEquals } from "@std/assert";
import { concat } from "@std/bytes/concat";
import { Giver } from "../../../../client/core/files/giver.ts";
import { hashOf } from "../../../../client/core/files/piece_hashes.ts";
import {
  decodeFileGiverMessage,
  encodeFileTakerMessage,
  type FileTakerMessage,
  rootOf,
} from "../../../../protocol/mod.ts";
import { poll } from "../../../helpers/wait.ts";
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

Deno.test("giver: one piece is made ready while another one is sent, and no more", async () => {
  const content = randomBytes(4 * MIB);
  const hashes = concat(
    [0, 1, 2, 3].map((at) => hashOf(content.subarray(at * MIB, (at + 1) * MIB))),
  );
  const root = rootOf(hashes);
  const asks: FileTakerMessage[] = [0, 1, 2, 3].map((first) => ({
    type: "pieces",
    first,
    count: 1,
  }));
  const written = [0, 1, 2, 3].map(() => Promise.withResolvers<void>());
  const sent: number[] = [];
  const reads: number[] = [];
  const progress: number[] = [];
  const giver = new Giver(
    {
      send: () => {
        sent.push(sent.length);
        return written[sent.length - 1]?.promise ?? Promise.resolve();
      },
      next: () => {
        const ask = asks.shift();
        return Promise.resolve(ask && encodeFileTakerMessage(ask));
      },
    },
    () => ({
      row: { path: "x", size: 4 * MIB, root },
      open: () =>
        Promise.resolve({
          read: (at, length) => {
            reads.push(at / MIB);
            return Promise.resolve(content.subarray(at, at + length));
          },
          close: () => {},
        }),
    }),
    0,
    4 * MIB,
    new Map([[0, hashes]]),
    (count) => progress.push(count),
  );
  const serving = giver.serve();
  await poll(() => sent.length === 2, "two pieces to be sent");
  assertEquals([reads, progress], [[0, 1, 2], []]);
  for (const { resolve } of written) resolve();
  await serving;
  assertEquals([sent, reads, progress], [[0, 1, 2, 3], [0, 1, 2, 3], [MIB, MIB, MIB, MIB]]);
});
