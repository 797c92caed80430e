import { assertEquals, assertRejects } from "@std/assert";
import { DiskTargetFolder } from "../../../../client/storage/files/target_folder.ts";
import { PartBusyError } from "../../../../client/core/mod.ts";

const ROOT = new Uint8Array(32).fill(1);
const row = (path: string, size = 3) => ({ path, size, root: ROOT });
const CONTENT = new TextEncoder().encode("new");

async function inFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "mim-test-" });
  try {
    await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function write(target: DiskTargetFolder, path: string): Promise<string> {
  const part = await target.open(row(path));
  await part.write(0, CONTENT);
  const found = await part.finish();
  part.close();
  return found;
}

Deno.test("target folder: nothing is replaced: files and folders get a number", () =>
  inFolder(async (into) => {
    await Deno.mkdir(`${into}/photos`);
    await Deno.writeTextFile(`${into}/a.txt`, "old");
    const target = await DiskTargetFolder.open(into, [row("a.txt"), row("photos/b")]);
    assertEquals(target.tops.photos, "photos.part");
    assertEquals(await write(target, "a.txt"), `${await Deno.realPath(into)}/a (2).txt`);
    assertEquals(await write(target, "a.txt"), `${await Deno.realPath(into)}/a (3).txt`);
    const only = await write(target, "photos/b");
    const whole = `${await Deno.realPath(into)}/photos (2)`;
    assertEquals(await target.end(only), `${whole}/b`);
    assertEquals(target.tops.photos, "photos (2)");
    // The file is beside the folder.
    assertEquals(await target.end(undefined), await Deno.realPath(into));
    const folder = await DiskTargetFolder.open(into, [row("photos/b"), row("photos/c")]);
    assertEquals(await folder.end(undefined), `${await Deno.realPath(into)}/photos (3)`);
    assertEquals(await Deno.readTextFile(`${into}/a.txt`), "old");
    assertEquals(await Deno.readTextFile(`${into}/photos (2)/b`), "new");
    assertEquals([...Deno.readDirSync(`${into}/photos`)], []);
  }));

Deno.test("target folder: a link in the way is not followed", () =>
  inFolder(async (folder) => {
    const into = `${folder}/in`;
    const outside = `${folder}/outside`;
    await Deno.mkdir(outside);
    const target = await DiskTargetFolder.open(into, [row("photos/deep/b")]);
    await Deno.symlink(outside, `${into}/photos.part/deep`);
    await assertRejects(() => target.open(row("photos/deep/b")), Error);
    await Deno.writeTextFile(`${outside}/b`, "other");
    await target.discard([row("photos/deep/b")]);
    assertEquals(await Deno.readTextFile(`${outside}/b`), "other");
    await Deno.remove(`${outside}/b`);
    const other = await DiskTargetFolder.open(into, [row("x")]);
    // Neither is a part that somebody has put there as a link.
    const part = await other.open(row("x", 2_000_000));
    part.close();
    await Deno.remove(`${into}/.0101010101010101.part`);
    await Deno.symlink(`${outside}/victim`, `${into}/.0101010101010101.part`);
    await assertRejects(() => other.open(row("x", 2_000_000)), Error);
    assertEquals([...Deno.readDirSync(outside)], []);
  }));

Deno.test("target folder: a program that is killed once a file has its name leaves no part behind", () =>
  inFolder(async (into) => {
    const killed = await DiskTargetFolder.open(into, [row("x")]);
    const part = await killed.open(row("x"));
    await part.write(0, CONTENT);
    part.close();
    await part.read(0, 1).catch(() => {});
    const [name = ""] = Array.from(Deno.readDirSync(into), ({ name }) => name);
    await Deno.link(`${into}/${name}`, `${into}/x`);
    const next = await DiskTargetFolder.open(into, [row("x")]);
    (await next.existing(row("x")))?.close();
    assertEquals(Array.from(Deno.readDirSync(into), ({ name }) => name), ["x"]);
    // Its name was taken, so it got another.
    await Deno.link(`${into}/x`, `${into}/x (2)`);
    await Deno.remove(`${into}/x`);
    await Deno.link(`${into}/x (2)`, `${into}/${name}`);
    await Deno.writeTextFile(`${into}/x`, "old");
    const again = await next.open(row("x"));
    assertEquals(await again.finish(), `${await Deno.realPath(into)}/x (2)`);
    const names = Array.from(Deno.readDirSync(into), ({ name }) => name);
    assertEquals(names.sort(), ["x", "x (2)"]);
  }));

Deno.test("target folder: a part is written by one program at a time", () =>
  inFolder(async (into) => {
    const large = row("x", 2_000_000);
    const one = await DiskTargetFolder.open(into, [large]);
    const other = await DiskTargetFolder.open(into, [large]);
    const part = await one.open(large);
    await assertRejects(() => other.open(large), PartBusyError);
    part.close();
    await part.read(0, 1).catch(() => {});
    const again = await other.open(large);
    again.close();
  }));

Deno.test("target folder: what is incomplete has a name that says so, and goes if it fails", () =>
  inFolder(async (into) => {
    const rows = [row("photos/a"), row("photos/deep/b"), row("photos/c", 2_000_000)];
    const names = () => Array.from(Deno.readDirSync(into), ({ name }) => name);
    const target = await DiskTargetFolder.open(into, rows);
    await write(target, "photos/a");
    await write(target, "photos/deep/b");
    (await target.open(row("photos/c", 2_000_000))).close();
    assertEquals(names(), ["photos.part"]);
    // A later run does that, too.
    const later = await DiskTargetFolder.open(into, rows, target.tops);
    await later.discard(rows);
    assertEquals(names(), []);
  }));
