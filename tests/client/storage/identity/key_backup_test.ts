import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  openKeyBackup,
  parseKeyBackup,
  sealKeyBackup,
  WrongPassphraseError,
} from "../../../../client/storage/identity/key_backup.ts";

const key = new Uint8Array(32).map((_, at) => at);

/** As version 1 writes it: what was exported once can be imported ever after. */
const VERSION_1 =
  '{"mim":"key copy","version":1,"public":"03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8","kdf":"scrypt","N":65536,"r":8,"p":1,"cipher":"chacha20-poly1305","salt":"976bef6a1591d62450f84b35138abef2","nonce":"41b95b82a05272398e9ffe02","sealed":"668eac26a06f6f192357b0521bb6734b835cf3af485263bd796102402c48bdc536dba91ba427d92763d44b1fa260bf67"}';

Deno.test("key copy: comes back with its passphrase alone, however it is composed", async () => {
  const copy = await sealKeyBackup(key, "caf\u00e9 au lait");
  assertEquals(await openKeyBackup(copy, "cafe\u0301 au lait"), key);
  await assertRejects(() => openKeyBackup(copy, "cafe au lait"), WrongPassphraseError);
  assertEquals(copy.includes(key.toHex()), false);
});

Deno.test("key copy: no two are alike", async () => {
  const [one, other] = [await sealKeyBackup(key, "x"), await sealKeyBackup(key, "x")];
  const [first, second] = [parseKeyBackup(one), parseKeyBackup(other)];
  assertEquals(first.header.salt === second.header.salt, false);
  assertEquals(first.header.nonce === second.header.nonce, false);
});

Deno.test("key copy: one of an earlier version opens", async () => {
  assertEquals(await openKeyBackup(VERSION_1, "correct horse battery staple"), key);
});

Deno.test("key copy: whatever was changed in it is noticed", async () => {
  const whole: Record<string, unknown> = JSON.parse(VERSION_1);
  const flip = (hex: unknown) => String(hex).replace(/^./, (digit) => digit === "0" ? "1" : "0");
  for (const field of ["public", "salt", "nonce", "sealed"]) {
    const changed = JSON.stringify({ ...whole, [field]: flip(whole[field]) });
    await assertRejects(
      () => openKeyBackup(changed, "correct horse battery staple"),
      WrongPassphraseError,
    );
  }
  const cheaper = JSON.stringify({ ...whole, N: 2 ** 15 });
  await assertRejects(
    () => openKeyBackup(cheaper, "correct horse battery staple"),
    WrongPassphraseError,
  );
});

Deno.test("key copy: what is none is refused before any work is done", () => {
  const whole: Record<string, unknown> = JSON.parse(VERSION_1);
  const wrong = [
    { N: 2 ** 30 },
    { N: 3 },
    { N: 2 },
    { N: 2 ** 13 },
    { r: 1024 },
    { p: 1e9 },
    { version: 2 },
    { mim: "identity" },
    { salt: "" },
    { sealed: "zz" },
    { nonce: 7 },
    { public: undefined },
  ];
  for (const change of wrong) {
    assertThrows(
      () => parseKeyBackup(JSON.stringify({ ...whole, ...change })),
      SyntaxError,
      "expected",
    );
  }
  for (const text of ["", "null", "[]", "7", "{}"]) {
    assertThrows(() => parseKeyBackup(text), SyntaxError, "expected");
  }
});
