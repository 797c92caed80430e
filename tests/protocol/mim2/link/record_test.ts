import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { createDecipheriv, createHash, hkdfSync } from "node:crypto";
import {
  encodeLinkUpdate,
  hashTable,
  identityOf,
  type LinkNoticeOf,
  type LinkUpdate,
  RecordOpener,
  RecordSealer,
} from "../../../../protocol/mod.ts";
import { assertCode, join, test, utf8 } from "../../../fixtures/decoding.ts";
import { anyLinkUpdate } from "../../../fixtures/link_messages.ts";

const SERVER = new Uint8Array(32).fill(1);
const SECRET = new Uint8Array(32).fill(2);
const SERVER_KEY = identityOf(SERVER);

/** The delete of a session of eight such bytes. */
function gone(byte: number): LinkUpdate {
  return { type: "delete", session: new Uint8Array(8).fill(byte) };
}

function seal(sealer: RecordSealer, ...updates: readonly LinkUpdate[]): Uint8Array {
  const [block, ...more] = sealer.sealLog(updates.map(encodeLinkUpdate));
  assert(block !== undefined && more.length === 0);
  return block;
}

/** What is to be opened of a block. */
function record(block: Uint8Array): Uint8Array {
  return block.subarray(2);
}

function completeOf(
  sealer: RecordSealer,
  blocks: readonly Uint8Array[] = [],
): LinkNoticeOf<"complete"> {
  const { epoch, nextNumber: number, chain } = sealer;
  return { type: "complete", rows: 0, epoch, number, tableHash: hashTable(blocks), chain };
}

function epochNotice(before: RecordSealer, next: RecordSealer): LinkNoticeOf<"epoch"> {
  const { epoch, secret } = next;
  return { type: "epoch", epoch, secret, lastNumber: before.nextNumber - 1 };
}

/** An owner whose epoch has one log record already, and a client behind the table. */
function begun(): { sealer: RecordSealer; opener: RecordOpener } {
  const sealer = new RecordSealer(5, SECRET);
  seal(sealer, gone(0));
  const opener = new RecordOpener(sealer, SERVER_KEY);
  opener.complete(completeOf(sealer));
  return { sealer, opener };
}

test("records: what is sealed can be opened with nothing but the platform's HKDF and cipher", () => {
  const sealer = new RecordSealer(5, SECRET);
  seal(sealer, gone(7));
  const block = seal(sealer, gone(8));
  const body = record(block);
  assertEquals(block.subarray(0, 2), Uint8Array.of(0, body.length));
  assertEquals(body.subarray(0, 13).toHex(), "02" + "00000005" + "0000000000000001");
  const key = new Uint8Array(hkdfSync("sha256", SECRET, "", "mim2-log", 32));
  const nonce = join(new Uint8Array(4), body.subarray(5, 13));
  const cipher = createDecipheriv("chacha20-poly1305", key, nonce, { authTagLength: 16 });
  cipher.setAuthTag(body.subarray(-16));
  cipher.setAAD(body.subarray(0, 13), { plaintextLength: body.length - 29 });
  const content = new Uint8Array(cipher.update(body.subarray(13, -16)));
  cipher.final();
  const update = encodeLinkUpdate(gone(8));
  const padding = join(0, 15, new Uint8Array(15));
  assertEquals(content, join(0, update.length, update, padding));
});

test("records: the table has another key and other numbers than the log", () => {
  const sealer = new RecordSealer(5, SECRET);
  const [table] = [...sealer.sealTable([encodeLinkUpdate(gone(7))])];
  assert(table);
  assertEquals(record(table).subarray(0, 13).toHex(), "03" + "00000005" + "0000000000000000");
  assertEquals(sealer.nextNumber, 0);
  const asLog = record(table).with(0, 2);
  const opener = new RecordOpener(sealer, SERVER_KEY);
  opener.complete(completeOf(sealer));
  assertCode("not-authentic", () => opener.open(asLog));
});

test("records: the content is padded to a multiple of 32", () => {
  const sealer = new RecordSealer(1, SECRET);
  const opener = new RecordOpener(sealer, SERVER_KEY);
  opener.complete(completeOf(sealer));
  for (let length = 0; length < 80; length++) {
    const status = "x".repeat(length);
    const update = { type: "change", session: SECRET.slice(0, 8), details: { status } } as const;
    const [block] = sealer.sealLog([encodeLinkUpdate(update), encodeLinkUpdate(gone(1))]);
    assert(block);
    assertEquals((record(block).length - 13 - 16) % 32, 0);
    assertEquals(opener.open(record(block)), [update, gone(1)]);
  }
  for (let length = 1; length < 100; length++) {
    const [block] = sealer.sealLog([new Uint8Array(length).fill(0x7f)]);
    assert(block);
    assertEquals((record(block).length - 13 - 16) % 32, 0);
    assertEquals(opener.open(record(block)), [], "an unknown type is skipped");
  }
});

test("records: updates that don't fit one record go into several", () => {
  const sealer = new RecordSealer(1, SECRET);
  const updates = Array.from({ length: 10_000 }, (_, at) => gone(at & 0xff));
  const bodies = updates.map(encodeLinkUpdate);
  const blocks = sealer.sealLog(bodies);
  assertEquals(blocks.length, 3);
  const opener = new RecordOpener(sealer, SERVER_KEY);
  opener.complete({ ...completeOf(new RecordSealer(1, SECRET)) });
  assertEquals(blocks.flatMap((block) => opener.open(record(block))), updates);
  assertEquals([...sealer.sealTable(bodies)].length, 3);
  assertEquals(sealer.sealLog([]), []);
  const longest = new Uint8Array(65_499).fill(0x7f);
  assertEquals(sealer.sealLog([longest])[0]?.length, 2 + 13 + 65_504 + 16);
  assertThrows(() => sealer.sealLog([new Uint8Array(65_503)]), RangeError);
});

test("records: any updates arrive as they were sealed, table and log", () => {
  const any = fc.array(anyLinkUpdate, { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(any, any, fc.array(fc.boolean()), (rows, updates, cuts) => {
      const sealer = new RecordSealer(1, SECRET);
      const opener = new RecordOpener(sealer, SERVER_KEY);
      const table = rows.flatMap((row) => [...sealer.sealTable([encodeLinkUpdate(row)])]);
      assertEquals(table.flatMap((block) => opener.open(record(block))), rows);
      opener.complete(completeOf(sealer, table));
      for (const [at, update] of updates.entries()) {
        assertEquals(opener.open(record(seal(sealer, update))), [update]);
        if (cuts[at]) opener.open(record(sealer.sealChainSignature(SERVER)));
      }
    }),
    { numRuns: 50 },
  );
});

test("records: any changed bit, cut or added byte is refused, and the right record still taken", () => {
  const { sealer, opener } = begun();
  const body = record(seal(sealer, gone(1)));
  for (let at = 0; at < body.length; at++) {
    const changed = body.with(at, (body[at] ?? 0) ^ (1 << at % 8));
    assertCode("not-authentic", () => opener.open(changed));
    assertCode("not-authentic", () => opener.open(body.subarray(0, at)));
  }
  assertCode("not-authentic", () => opener.open(join(body, 0)));
  assertEquals(opener.open(body), [gone(1)]);
});

test("records: log records come behind the table only, each once and in order", () => {
  const sealer = new RecordSealer(5, SECRET);
  const [zero, one, two] = [gone(0), gone(1), gone(2)].map((update) =>
    record(seal(sealer, update))
  );
  assert(zero && one && two);
  const opener = new RecordOpener(sealer, SERVER_KEY);
  assertCode("not-authentic", () => opener.open(one));
  opener.complete({ ...completeOf(sealer), number: 1 });
  for (const early of [zero, two]) assertCode("not-authentic", () => opener.open(early));
  assertEquals(opener.open(one), [gone(1)]);
  for (const late of [zero, one]) assertCode("not-authentic", () => opener.open(late));
  assertEquals(opener.open(two), [gone(2)]);
});

test("records: table records come before the log only, each once, in any order", () => {
  const sealer = new RecordSealer(5, SECRET);
  const rows = [gone(0), gone(1)].map(encodeLinkUpdate);
  const [zero, one] = rows.flatMap((row) => [...sealer.sealTable([row])]);
  assert(zero && one);
  const opener = new RecordOpener(sealer, SERVER_KEY);
  assertEquals(opener.open(record(one)), [gone(1)]);
  assertCode("not-authentic", () => opener.open(record(one)));
  assertEquals(opener.open(record(zero)), [gone(0)]);
  opener.complete(completeOf(sealer, [one, zero]));
  const [two] = [...sealer.sealTable(rows)];
  assert(two);
  assertCode("not-authentic", () => opener.open(record(two)));
  assertCode("not-authentic", () => opener.complete(completeOf(sealer, [one, zero])));
});

test("records: a table that lacks a record, or has others, is refused", () => {
  const sealer = new RecordSealer(5, SECRET);
  const rows = [gone(0), gone(1)].map(encodeLinkUpdate);
  const [zero, one] = rows.flatMap((row) => [...sealer.sealTable([row])]);
  assert(zero && one);
  for (const hashed of [[], [zero], [one], [one, zero], [record(zero), record(one)]]) {
    const opener = new RecordOpener(sealer, SERVER_KEY);
    opener.open(record(zero));
    opener.open(record(one));
    assertCode("not-authentic", () => opener.complete(completeOf(sealer, hashed)));
  }
  const opener = new RecordOpener(sealer, SERVER_KEY);
  assertCode("not-authentic", () => opener.complete({ ...completeOf(sealer), epoch: 6 }));
});

test("records: those of another epoch, and of another secret, are refused", () => {
  const { opener } = begun();
  const others = [new RecordSealer(6, SECRET), new RecordSealer(5, new Uint8Array(32))];
  for (const other of others) {
    seal(other, gone(0));
    const body = record(seal(other, gone(1)));
    assertCode("not-authentic", () => opener.open(body));
  }
});

test("epochs: the next one begins behind the last record of the one before", () => {
  const { sealer, opener } = begun();
  const next = new RecordSealer(6, new Uint8Array(32).fill(3));
  assertEquals(opener.open(record(seal(sealer, gone(1)))), [gone(1)]);
  const notice = epochNotice(sealer, next);
  for (const lastNumber of [notice.lastNumber - 1, notice.lastNumber + 1]) {
    assertCode("not-authentic", () => opener.beginEpoch({ ...notice, lastNumber }));
  }
  for (const epoch of [4, 5]) {
    assertCode("not-authentic", () => opener.beginEpoch({ ...notice, epoch }));
  }
  opener.beginEpoch(notice);
  assertCode("not-authentic", () => opener.beginEpoch({ ...notice, epoch: 7 }));
  opener.checkPing({ epoch: 5, number: sealer.nextNumber });
  opener.checkPing({ epoch: 6, number: 0 });
  const late = record(seal(sealer, gone(2)));
  assertCode("not-authentic", () => opener.open(late));
  const first = record(seal(next, gone(3)));
  const second = record(seal(next, gone(4)));
  assertCode("not-authentic", () => opener.open(second));
  assertEquals(opener.open(first), [gone(3)]);
  assertCode("not-authentic", () => opener.open(late));
  assertEquals(opener.open(second), [gone(4)]);
  opener.open(record(next.sealChainSignature(SERVER)));
  assertEquals(opener.unsignedRecords, 0);
});

test("epochs: none begins before the table is complete", () => {
  const sealer = new RecordSealer(5, SECRET);
  const opener = new RecordOpener(sealer, SERVER_KEY);
  const next = new RecordSealer(6, new Uint8Array(32));
  assertCode("not-authentic", () => opener.beginEpoch(epochNotice(sealer, next)));
});

test("chain: the server's signature covers every log record, and says so", () => {
  const { sealer, opener } = begun();
  for (const byte of [1, 2, 3]) opener.open(record(seal(sealer, gone(byte))));
  assertEquals(opener.unsignedRecords, 3);
  assertEquals(opener.open(record(sealer.sealChainSignature(SERVER))), []);
  assertEquals(opener.unsignedRecords, 0);
  opener.open(record(seal(sealer, gone(4))));
  opener.open(record(sealer.sealChainSignature(SERVER)));
  assertEquals(opener.unsignedRecords, 0);
});

test("chain: it begins as the hash of the secret and takes in each record", () => {
  const hash = (...parts: Uint8Array[]) => {
    const sum = createHash("sha256");
    for (const part of parts) sum.update(part);
    return new Uint8Array(sum.digest());
  };
  const sealer = new RecordSealer(5, SECRET);
  assertEquals(sealer.chain, hash(SECRET));
  const body = record(seal(sealer, gone(1)));
  assertEquals(sealer.chain, hash(hash(SECRET), body));
});

test("chain: a record that another client has forged with the secret is found out", () => {
  const { sealer, opener } = begun();
  const forger = new RecordSealer(5, SECRET);
  seal(forger, gone(0));
  opener.open(record(seal(forger, gone(9))));
  seal(sealer, gone(1));
  const signature = record(sealer.sealChainSignature(SERVER));
  assertCode("not-authentic", () => opener.open(signature));
  const own = begun();
  const byForger = record(own.sealer.sealChainSignature(new Uint8Array(32).fill(9)));
  assertCode("not-authentic", () => own.opener.open(byForger));
});

test("chain: a client that comes later starts from the chain that it is told", () => {
  const { sealer } = begun();
  seal(sealer, gone(1));
  sealer.sealChainSignature(SERVER);
  const opener = new RecordOpener(sealer, SERVER_KEY);
  const complete = completeOf(sealer);
  opener.complete(complete);
  opener.open(record(seal(sealer, gone(2))));
  opener.open(record(sealer.sealChainSignature(SERVER)));
  assertEquals(opener.unsignedRecords, 0);
});

test("pings: they name the next log record", () => {
  const { sealer, opener } = begun();
  new RecordOpener(sealer, SERVER_KEY).checkPing({ epoch: 0, number: 77 }); // before the log
  opener.checkPing({ epoch: 5, number: 1 });
  opener.open(record(seal(sealer, gone(1))));
  opener.checkPing({ epoch: 5, number: 2 });
  for (const [epoch, number] of [[5, 1], [5, 3], [6, 0], [4, 2]] as const) {
    assertCode("not-authentic", () => opener.checkPing({ epoch, number }));
  }
});

test("records: what even the server must not seal is a protocol error", () => {
  const { sealer, opener } = begun();
  const [block] = sealer.sealLog([Uint8Array.of(0x41, 1, 2)]);
  assert(block);
  assertCode("overrun", () => opener.open(record(block)));
  assertThrows(() => new RecordSealer(1, utf8("short")), RangeError);
});
