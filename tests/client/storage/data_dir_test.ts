import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { createDataDir, dataDir } from "../../../client/storage/data_dir.ts";

function folderOf(os: typeof Deno.build.os, variables: Record<string, string>, option?: string) {
  return dataDir(option, { os, env: (variable) => variables[variable] });
}

Deno.test("data folder: where each system keeps such things", () => {
  const HOME = "/home/ada";
  assertEquals(folderOf("linux", { HOME }), "/home/ada/.local/share/mim");
  assertEquals(folderOf("freebsd", { HOME }), "/home/ada/.local/share/mim");
  assertEquals(folderOf("linux", { HOME, XDG_DATA_HOME: "/data" }), "/data/mim");
  assertEquals(folderOf("linux", { XDG_DATA_HOME: "/data" }), "/data/mim");
  assertEquals(
    folderOf("darwin", { HOME: "/Users/ada" }),
    "/Users/ada/Library/Application Support/mim",
  );
  const APPDATA = "C:\\Users\\ada\\AppData\\Roaming";
  assertEquals(folderOf("windows", { APPDATA, HOME }), `${APPDATA}\\mim`);
});

Deno.test("data folder: a relative XDG_DATA_HOME is ignored, --data is taken as it is", () => {
  const HOME = "/home/ada";
  assertEquals(folderOf("linux", { HOME, XDG_DATA_HOME: "data" }), "/home/ada/.local/share/mim");
  assertEquals(folderOf("linux", { HOME, XDG_DATA_HOME: "" }), "/home/ada/.local/share/mim");
  assertEquals(folderOf("linux", { HOME }, "elsewhere"), "elsewhere");
});

Deno.test("data folder: none where the system names no place", () => {
  for (const os of ["linux", "darwin", "windows"] as const) {
    assertEquals(folderOf(os, {}), undefined);
    assertEquals(folderOf(os, { HOME: "", APPDATA: "" }), undefined);
  }
});

Deno.test("data folder: none where the environment may not be read, and no question is asked", {
  permissions: "none",
}, () => {
  assertEquals(dataDir(undefined), undefined);
});

Deno.test("data folder: made with all above it, for its owner alone", {
  ignore: Deno.build.os === "windows",
}, async () => {
  const temp = await Deno.makeTempDir();
  const path = `${temp}/.local/share/mim`;
  await createDataDir(path);
  await createDataDir(path);
  assertEquals(((await Deno.stat(path)).mode ?? 0) & 0o777, 0o700);
  await Deno.remove(temp, { recursive: true });
});

Deno.test("data folder: where it can't be made, the error says what to do", async () => {
  const file = await Deno.makeTempFile();
  const error = await assertRejects(() => createDataDir(`${file}/mim`), Error);
  assertStringIncludes(error.message, "; choose another");
  await Deno.remove(file);
});

Deno.test("data folder: where it may not be made, the error says how to allow it", {
  permissions: "none",
}, async () => {
  const error = await assertRejects(() => createDataDir("/nowhere/mim"), Error);
  assertStringIncludes(error.message, '; allow it with --allow-read="/nowhere/mim"');
});
