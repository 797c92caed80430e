import { assert, assertEquals, assertLess, assertRejects } from "@std/assert";
import { ClientError } from "../../../../client/core/mod.ts";
import { openFiles } from "../../../../client/storage/mod.ts";
import { FileEndError, MismatchError, Taker } from "../../../../client/core/files/taker.ts";
import { TakenFile } from "../../../../client/core/files/taken_file.ts";
import { type FileWire, Giver } from "../../../../client/core/files/giver.ts";
import { hashOf } from "../../../../client/core/files/piece_hashes.ts";
import { Rendezvous } from "../../../../client/core/files/rendezvous.ts";
import type { FileLink } from "../../../../client/core/peer/mod.ts";
import {
  decodeFileGiverMessage,
  decodeFileTakerMessage,
  encodeFileGiverMessage,
  encodeFileOffer,
  encodeFileTakerMessage,
  type FileGiverMessage,
  type FileTakerMessage,
  PIECE_BYTES,
  pieceCount,
  rootOf,
} from "../../../../protocol/mod.ts";
import { FilePair, MIB, offered, randomBytes } from "./file_pair.ts";
import { poll } from "../../../helpers/wait.ts";

const CONTENT = randomBytes(3 * MIB);
const HASHES = new Uint8Array(96);
for (let piece = 0; piece < 3; piece++) {
  HASHES.set(hashOf(CONTENT.subarray(piece * MIB, (piece + 1) * MIB)), piece * 32);
}
const ROW = { path: "x", size: CONTENT.length, root: rootOf(HASHES) };

/** A link that records a taker's requests, and answers them. */
class GiverWire implements FileWire {
  readonly asked: FileTakerMessage[] = [];
  readonly #answers: FileGiverMessage[] = [];
  readonly #answer: (asked: FileTakerMessage) => FileGiverMessage[];
  #wake = () => {};

  constructor(answer: (asked: FileTakerMessage) => FileGiverMessage[]) {
    this.#answer = answer;
  }

  send(messages: readonly (readonly Uint8Array[])[]): Promise<void> {
    for (const [bytes = new Uint8Array()] of messages) {
      const asked = decodeFileTakerMessage(bytes);
      if (asked === undefined) continue;
      this.asked.push(asked);
      this.#answers.push(...this.#answer(asked));
    }
    this.#wake();
    return Promise.resolve();
  }

  async next(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    while (this.#answers.length === 0) await new Promise<void>((done) => this.#wake = done);
    const answer = this.#answers.shift();
    return answer && encodeFileGiverMessage(answer);
  }
}

/** The messages of a giver to somebody who asks this, until it ends the link. */
async function served(questions: Iterable<FileTakerMessage>): Promise<FileGiverMessage[]> {
  const asks = questions[Symbol.iterator]();
  const sent: FileGiverMessage[] = [];
  const open = () =>
    Promise.resolve({
      read: (at: number, length: number) => Promise.resolve(CONTENT.subarray(at, at + length)),
      close: () => {},
    });
  const giver = new Giver(
    {
      send: (messages) => {
        for (const parts of messages) {
          const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
          let at = 0;
          for (const part of parts) {
            bytes.set(part, at);
            at += part.length;
          }
          const message = decodeFileGiverMessage(bytes);
          if (message !== undefined) sent.push(message);
        }
        return Promise.resolve();
      },
      next: () => {
        const { value, done } = asks.next();
        return Promise.resolve(done ? undefined : encodeFileTakerMessage(value));
      },
    },
    (index) => index === 0 ? { row: ROW, open } : undefined,
    0,
    ROW.size,
  );
  await giver.serve();
  return sent;
}

/** Takes the file from a giver that answers so; returns what was stored. */
async function taken(answer: (asked: FileTakerMessage) => FileGiverMessage[]): Promise<number[]> {
  const stored: number[] = [];
  const file = new TakenFile(0, ROW, {
    open: () =>
      Promise.resolve({
        length: 0,
        read: () => Promise.resolve(new Uint8Array(0)),
        write: (at) => Promise.resolve(void stored.push(at / MIB)),
        finish: () => Promise.resolve(""),
        close: () => {},
      }),
    onFinished: () => {},
  });
  const taker = new Taker(new GiverWire(answer), 0);
  try {
    await taker.take([file]);
  } catch (error) {
    Object.assign(error as Error, { stored });
    throw error;
  }
  return stored;
}

function pieces(first: number, count: number, bytes = CONTENT): FileGiverMessage[] {
  const all: FileGiverMessage[] = [];
  for (let piece = first; piece < first + count; piece++) {
    for (let offset = 0; offset < MIB; offset += 65_000) {
      const at = piece * MIB + offset;
      const end = Math.min(at + 65_000, (piece + 1) * MIB);
      all.push({ type: "data", piece, offset, bytes: bytes.subarray(at, end) });
    }
  }
  return all;
}

function honest(asked: FileTakerMessage): FileGiverMessage[] {
  if (asked.type === "hashes") return [{ type: "hashes", first: 0, hashes: HASHES }];
  return asked.type === "pieces" ? pieces(asked.first, asked.count) : [];
}

Deno.test("bad giver: an honest one is taken from", async () => {
  assertEquals(await taken(honest), [0, 1, 2]);
});

const BAD: readonly (readonly [string, (asked: FileTakerMessage) => FileGiverMessage[]])[] = [
  [
    "hashes without their root",
    (asked) =>
      asked.type === "hashes"
        ? [{ type: "hashes", first: 0, hashes: new Uint8Array(96) }]
        : honest(asked),
  ],
  [
    "too few hashes",
    (asked) =>
      asked.type === "hashes"
        ? [{ type: "hashes", first: 0, hashes: HASHES.subarray(0, 64) }]
        : honest(asked),
  ],
  ["hashes nobody asked for", () => [{ type: "hashes", first: 7, hashes: HASHES }]],
  [
    "a false piece",
    (asked) => asked.type === "pieces" ? pieces(0, 3, new Uint8Array(3 * MIB)) : honest(asked),
  ],
  [
    "a piece out of range",
    (asked) =>
      asked.type === "pieces"
        ? [{ type: "data", piece: 9, offset: 0, bytes: new Uint8Array(5) }]
        : honest(asked),
  ],
  [
    "a piece twice",
    (asked) => asked.type === "pieces" ? [...pieces(0, 1), ...pieces(0, 1)] : honest(asked),
  ],
  ["pieces out of order", (asked) => asked.type === "pieces" ? pieces(1, 1) : honest(asked)],
  [
    "data with a gap",
    (asked) => asked.type === "pieces" ? pieces(0, 1).toSpliced(1, 1) : honest(asked),
  ],
  ["data before hashes", () => pieces(0, 1)],
];

for (const [what, answer] of BAD) {
  Deno.test(`bad giver: ${what} ends it, and nothing false is stored`, async () => {
    const error = await assertRejects(() => taken(answer), MismatchError);
    const stored = (error as unknown as { stored: number[] }).stored;
    assert(stored.every((piece) => piece === 0) && stored.length < 2, `${stored}`);
  });
}

Deno.test("bad giver: an end is the end, whatever its code", async () => {
  for (const code of [0, 1, 3, 4] as const) {
    await assertRejects(() => taken(() => [{ type: "end", code, text: "" }]), FileEndError);
  }
});

Deno.test("bad taker: what is not there ends the link", async () => {
  const ends = [{ type: "end", code: 4, text: "" }] as const;
  assertEquals(await served([{ type: "pieces", first: 3, count: 1 }]), [...ends]);
  assertEquals(await served([{ type: "pieces", first: 0, count: 4 }]), [...ends]);
  assertEquals(await served([{ type: "pieces", first: 0xffff_ffff, count: 1 }]), [...ends]);
  assertEquals(await served([{ type: "hashes", first: 1, count: 3 }]), [...ends]);
  const other = await served([
    { type: "file", file: 1 },
    { type: "pieces", first: 0, count: 1 },
  ]);
  assertEquals(other, [...ends]);
});

Deno.test("bad taker: one that asks for everything a thousand times is stopped", async () => {
  const all = { type: "pieces", first: 0, count: pieceCount(ROW.size) } as const;
  const sent = await served(Array.from({ length: 1_000 }, () => all));
  const bytes = sent.reduce((sum, each) => sum + (each.type === "data" ? each.bytes.length : 0), 0);
  assertEquals(sent.at(-1), { type: "end", code: 4, text: "" });
  assertLess(bytes, 3 * ROW.size + PIECE_BYTES);
});

Deno.test("file links: a token is good once, and for its key alone", async () => {
  const rendezvous = new Rendezvous();
  const [token, key] = [new Uint8Array(16).fill(1), new Uint8Array(32).fill(2)];
  const link = (identity: Uint8Array) => ({ peer: { identity } }) as unknown as FileLink;
  const expected = rendezvous.expect(token, key, 10_000, new AbortController().signal);
  assertEquals(rendezvous.arrive(link(new Uint8Array(32)), token), false);
  assertEquals(rendezvous.arrive(link(key), new Uint8Array(16)), false);
  assertEquals(rendezvous.arrive(link(key), token), true);
  assertEquals(rendezvous.arrive(link(key), token), false);
  await expected;
});

Deno.test("bad peer: an offer is for whom it was made; to everybody else it does not exist", async () => {
  await using pair = new FilePair();
  const { ada, bob, chat } = await pair.call();
  const path = await pair.file("secret", 5);
  const { taken } = await offered(bob, () => chat.sendFile(path));
  const root = rootOf(hashOf(await Deno.readFile(path)));
  // eve has got at the offer, and claims that it was made to her.
  const identity = new Uint8Array(ada.publicKey ?? []);
  const files = await openFiles(`${pair.folder}/eve`, { downloads: pair.downloads });
  const offer = encodeFileOffer({
    rows: [{ path: "secret", size: 5, root }],
    mime: "",
    thumbnail: new Uint8Array(0),
  });
  const record = { id: taken.id, direction: "incoming", identity, name: "ada", time: 1 } as const;
  await files.keepTransfer({ ...record, offer, state: "accepted", into: pair.downloads });
  const eve = await pair.network.login("eve", { files });
  const own = eve.files.all[0];
  await assertRejects(async () => await own?.done, ClientError);
  assertEquals([own?.reason, own?.bytes], ["unknown", 0]);
  await eve.quit();
  files[Symbol.dispose]();
});

Deno.test("bad peer: of a thousand offers the newest two hundred wait", async () => {
  await using pair = new FilePair();
  const { bob, chat } = await pair.call();
  for (let at = 0; at < 210; at++) await chat.sendFile(new Blob([`${at}`]), { name: `${at}` });
  await poll(() => bob.files.all.length === 210, "the offers to come");
  await poll(
    () => bob.files.all.filter(({ state }) => state === "offered").length === 200,
    "the oldest to go",
  );
});
