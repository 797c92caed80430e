import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { IdentityFile } from "../../../../client/storage/identity/identity_file.ts";
import { TestProcess } from "../../../helpers/process.ts";
import { UsageError } from "../../../../server/platform/cli/flags.ts";

/** A data folder that is not there yet, and its identity file. */
class TempIdentity implements AsyncDisposable {
  readonly #parent = Deno.makeTempDirSync();
  readonly folder = `${this.#parent}/mim`;
  readonly file = new IdentityFile(this.folder);

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.#parent, { recursive: true });
  }
}

Deno.test("identity: made on the first start, the same ever after", async () => {
  await using temp = new TempIdentity();
  assertEquals(await temp.file.read(), undefined, "reading makes nothing");
  const key = await temp.file.readOrMake();
  assertEquals(key.length, 32);
  assertEquals(await new IdentityFile(temp.folder).readOrMake(), key);
  assertEquals(await temp.file.read(), key);
});

Deno.test("identity: file and folder are for the owner alone", async () => {
  await using temp = new TempIdentity();
  await temp.file.readOrMake();
  const mode = (path: string) => (Deno.statSync(path).mode ?? 0) & 0o777;
  assertEquals(mode(temp.folder), 0o700);
  assertEquals(mode(temp.file.path), 0o600);
  await Deno.chmod(temp.file.path, 0o644);
  await temp.file.read();
  assertEquals(mode(temp.file.path), 0o600, "as it was copied by hand");
});

Deno.test("identity: six clients that start at once agree on one", async () => {
  await using temp = new TempIdentity();
  await using clients = new AsyncDisposableStack();
  const program = "tests/client/storage/identity/identity_maker.ts";
  const makers = Array.from(
    { length: 6 },
    (_, at) => clients.use(TestProcess.deno(program, [temp.folder], { name: `client ${at}` })),
  );
  for (const maker of makers) await maker.waitFor("ready");
  await Promise.all(makers.map((maker) => maker.send("go")));
  const keys = await Promise.all(makers.map((maker) => maker.waitFor(/^[0-9a-f]{64}$/)));
  assertEquals(new Set(keys).size, 1);
});

Deno.test("identity: a damaged file is told of and left as it is, whatever bit it is", async () => {
  await using temp = new TempIdentity();
  await temp.file.readOrMake();
  const whole = await Deno.readTextFile(temp.file.path);
  const at = whole.indexOf('"private"') + 15;
  const flipped = whole.slice(0, at) + (whole[at] === "0" ? "1" : "0") + whole.slice(at + 1);
  for (const text of ["", "{", "{}", whole.slice(0, -20), flipped, whole.replace("1", "2")]) {
    await Deno.writeTextFile(temp.file.path, text);
    const error = await assertRejects(() => temp.file.readOrMake(), UsageError, "is damaged");
    assertMatch(error.message, /restore a backup, or move the file away/);
    assert(!error.message.includes(whole.slice(at, at + 16)), "the key stands in no message");
    assertEquals(await Deno.readTextFile(temp.file.path), text);
  }
});

Deno.test("identity: another one takes its place, and the one before is set aside", async () => {
  await using temp = new TempIdentity();
  const first = await temp.file.readOrMake();
  const before = await Deno.readTextFile(temp.file.path);
  assertEquals(await temp.file.replace(first), undefined, "the same");
  const [second, third] = [2, 3].map((byte) => new Uint8Array(32).fill(byte));
  assert(second !== undefined && third !== undefined);
  const aside = await temp.file.replace(second) ?? "";
  assertMatch(aside, /\/identity\.\d{4}-\d\d-\d\d\.key$/);
  assertEquals(await Deno.readTextFile(aside), before);
  assertMatch(await temp.file.replace(third) ?? "", /-2\.key$/);
  assertEquals(await temp.file.read(), third);
});

Deno.test("identity: a damaged one is replaced too, and set aside", async () => {
  await using temp = new TempIdentity();
  await Deno.mkdir(temp.folder);
  await Deno.writeTextFile(temp.file.path, "damaged");
  const aside = await temp.file.replace(new Uint8Array(32).fill(2)) ?? "";
  assertEquals(await Deno.readTextFile(aside), "damaged");
});
