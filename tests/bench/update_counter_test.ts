import { assertEquals, assertThrows } from "@std/assert";
import { concat } from "@std/bytes/concat";
import { deleteOfAdd, encodeAdd, encodeFrame, encodeWelcome } from "../../protocol/mod.ts";
import { type Count, UpdateCounter } from "./update_counter.ts";

const ADD = encodeAdd({ name: "ada", address: "192.0.2.7", port: 4242 });
const BYTES = concat([encodeWelcome("Hello\n\nthere"), ADD, ADD, deleteOfAdd(ADD), ADD]);

function counted(bytes: Uint8Array, chunk: number): Count {
  const count = { adds: 0, deletes: 0 };
  const counter = new UpdateCounter(count);
  for (let at = 0; at < bytes.length; at += chunk) {
    const piece = bytes.slice(at, at + chunk);
    counter.push(piece, piece.length);
  }
  return count;
}

Deno.test("updates are counted, however the bytes are cut", () => {
  for (let chunk = 1; chunk <= BYTES.length; chunk++) {
    assertEquals(counted(BYTES, chunk), { adds: 3, deletes: 1 }, `chunks of ${chunk} bytes`);
  }
});

Deno.test("a welcome without its closing empty line ends where blocks start", () => {
  const bytes = concat([new TextEncoder().encode("Hello\r\n"), ADD]);
  assertEquals(counted(bytes, bytes.length), { adds: 1, deletes: 0 });
});

Deno.test("only the first bytes of a buffer count", () => {
  const count = { adds: 0, deletes: 0 };
  new UpdateCounter(count).push(BYTES, BYTES.length - ADD.length);
  assertEquals(count, { adds: 2, deletes: 1 });
});

Deno.test("a block that is no update is an error", () => {
  const bytes = concat([encodeWelcome("Hello"), encodeFrame(new Uint8Array([0x42]))]);
  assertThrows(() => counted(bytes, 1), SyntaxError, "got 66");
});
