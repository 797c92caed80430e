import { assertEquals } from "@std/assert";
import { closeDataDir } from "../../../../client/storage/data_dir.ts";
import { exposedParent } from "../../../../server/platform/storage/private_file.ts";
import { TempFolder } from "../../../helpers/disk.ts";

const isWindows = Deno.build.os === "windows";

/** The folders `open/inner/mim`, of which the first one has that mode. */
function folders(temp: TempFolder, mode: number): { readonly open: string; readonly data: string } {
  const path = Deno.realPathSync(temp.path);
  const [open, data] = [`${path}/open`, `${path}/open/inner/mim`];
  Deno.mkdirSync(data, { recursive: true, mode: 0o700 });
  Deno.chmodSync(open, mode);
  return { open, data };
}

Deno.test("private folder: one above it in which others may write is found, however far up", {
  ignore: isWindows,
}, () => {
  for (const mode of [0o777, 0o757]) {
    using temp = new TempFolder();
    const { open, data } = folders(temp, mode);
    assertEquals(exposedParent(data), open);
    const alarms: string[] = [];
    closeDataDir(data, true, (text) => alarms.push(text));
    assertEquals(alarms, [
      `Other users can put another folder in the place of ${data}, and so replace your key, since ` +
      `${open} is open to them`,
    ]);
    Deno.symlinkSync(data, `${temp.path}/link`);
    assertEquals(exposedParent(`${temp.path}/link`), open, "behind a link");
  }
});

Deno.test("private folder: sticky folders, and those of the owner's own group, are no danger", {
  ignore: isWindows,
}, () => {
  for (const mode of [0o700, 0o755, 0o1777]) {
    using temp = new TempFolder();
    assertEquals(exposedParent(folders(temp, mode).data), undefined);
  }
  using temp = new TempFolder();
  const { open, data } = folders(temp, 0o775);
  const { uid, gid } = Deno.statSync(open);
  assertEquals(exposedParent(data), uid === gid ? undefined : open);
});

Deno.test("private folder: one above it that belongs to another user is found", {
  ignore: isWindows || Deno.uid() !== 0,
}, () => {
  using temp = new TempFolder();
  const { open, data } = folders(temp, 0o755);
  Deno.chownSync(open, 65_534, 65_534);
  assertEquals(exposedParent(data), open);
});
