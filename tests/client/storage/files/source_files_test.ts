import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { DiskFiles } from "../../../../client/storage/files/mod.ts";

async function inFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "mim-test-" });
  try {
    await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("sources: links in folders are left out, a named one is followed, and no other file is taken", () =>
  inFolder(async (folder) => {
    const files = new DiskFiles(`${folder}/data`, { alarm: () => {} });
    await Deno.mkdir(`${folder}/all/deep`, { recursive: true });
    await Deno.writeTextFile(`${folder}/all/deep/a`, "abc");
    await Deno.symlink("/etc", `${folder}/all/etc`);
    await Deno.symlink(`${folder}/all/deep/a`, `${folder}/named`);
    const found = await files.find([`${folder}/all`, `${folder}/named`]);
    assertEquals(found.map(({ path, size }) => [path, size]), [["all/deep/a", 3], ["named", 3]]);
    const [source] = found;
    assert(source);
    await Deno.remove(source.location);
    await Deno.symlink("/etc/hostname", source.location);
    await assertRejects(() => files.open(source), Error);
    await assertRejects(() => files.find([`${folder}/missing`]), Error);
    await Deno.mkdir(`${folder}/all/empty/within`, { recursive: true });
    await Deno.writeTextFile(`${folder}/all/x`, "");
    const all = await files.find([`${folder}/all`]);
    assertEquals(all.map(({ path }) => path), ["all/deep/", "all/empty/within/", "all/x"]);
    await Deno.mkdir(`${folder}/empty`);
    await assertRejects(() => files.find([`${folder}/empty`]), Error, "there is no file");
  }));

/** A home with a data folder, and what is told about it. */
async function withData(
  run: (home: string, files: DiskFiles, told: string[]) => Promise<void>,
): Promise<void> {
  await inFolder(async (folder) => {
    const home = await Deno.realPath(folder);
    const data = `${home}/.local/share/mim`;
    await Deno.mkdir(`${data}/server`, { recursive: true });
    for (const name of ["identity.key", "history.db", "server/server.key"]) {
      await Deno.writeTextFile(`${data}/${name}`, "secret");
    }
    await Deno.writeTextFile(`${home}/notes`, "abc");
    const told: string[] = [];
    const options = { alarm: (text: string) => told.push(text), downloads: `${data}/in` };
    await run(home, new DiskFiles(data, options), told);
  });
}

Deno.test("sources: the data folder is left out of a folder, and that is said once", () =>
  withData(async (home, files, told) => {
    await Deno.link(`${home}/.local/share/mim/identity.key`, `${home}/copy`);
    const found = await files.find([home]);
    assertEquals(found.map(({ location }) => location), [`${home}/notes`]);
    assertEquals(told.length, 2);
    assertStringIncludes(told[0] ?? "", `${home}/.local/share/mim is not sent`);
    assertStringIncludes(told[1] ?? "", `${home}/copy is not sent`);
  }));

Deno.test("sources: nothing of the data folder is sent by name, whatever way leads there", () =>
  withData(async (home, files) => {
    const data = `${home}/.local/share/mim`;
    await Deno.symlink(data, `${home}/link`);
    await Deno.link(`${data}/identity.key`, `${home}/hard link`);
    for (
      const path of [
        ...[data, `${data}/`, `${data}/identity.key`, `${data}/server/server.key`, `${home}/link`],
        ...[`${home}/link/history.db`, `${home}/hard link`, `${home}/.local/../link/server`],
      ]
    ) {
      await assertRejects(() => files.find([`${home}/notes`, path]), Error, "is never sent");
    }
    // A key may be on another disk, behind a link.
    await Deno.rename(`${data}/identity.key`, `${home}/elsewhere`);
    await Deno.symlink(`${home}/elsewhere`, `${data}/identity.key`);
    await assertRejects(() => files.find([`${home}/elsewhere`]), Error, "is never sent");
    // Files that came in may go out again.
    await Deno.mkdir(`${data}/in`);
    await Deno.writeTextFile(`${data}/in/photo`, "abc");
    assertEquals((await files.find([`${data}/in/photo`])).length, 1);
  }));

Deno.test("sources: the data folders of other profiles and servers are not sent either", () =>
  withData(async (home, files, told) => {
    for (
      const [folder, names] of [["a", ["identity.key", "contacts.db"]], ["b", [
        "server.key",
        "names.db",
      ]]] as const
    ) {
      await Deno.mkdir(`${home}/all/${folder}/deep`, { recursive: true });
      for (const name of names) await Deno.writeTextFile(`${home}/all/${folder}/${name}`, "");
      await Deno.writeTextFile(`${home}/all/${folder}/deep/x`, "");
      await assertRejects(() => files.find([`${home}/all/${folder}`]), Error, "is never sent");
      await assertRejects(() => files.find([`${home}/all/${folder}/deep/x`]), Error, "is never");
    }
    await Deno.writeTextFile(`${home}/all/c`, "");
    assertEquals((await files.find([`${home}/all`])).map(({ path }) => path), ["all/c"]);
    assertEquals(told.length, 2);
  }));

Deno.test("sources: an error names the path", () =>
  withData(async (home, files) => {
    await assertRejects(
      () => files.find([`${home}/notes`, `${home}/b`]),
      Error,
      `${home}/b: no such file or folder`,
    );
    // The root of a disk has no name; nor are a system's own words shown for what is below it.
    await assertRejects(() => files.find(["/"]), Error, "/ is a whole disk and has no name");
  }));
