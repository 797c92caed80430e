/** A link that leads nowhere, as to storage that is not mounted, is a file that can't be read: never none. */

import { assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { IgnoreFile } from "../../../../client/storage/ignore_file.ts";
import { readConfig } from "../../../../client/storage/config/config_file.ts";
import { IdentityFile } from "../../../../client/storage/identity/identity_file.ts";
import { readAccess } from "../../../../server/cli/access_file.ts";
import { parseServerOptions } from "../../../../server/cli/options.ts";
import { readAccessRules, readSettings } from "../../../../server/cli/reloadable_settings.ts";
import { readServerOptions } from "../../../../server/cli/server_file.ts";
import { ImportMarker } from "../../../../server/cluster/import_marker.ts";
import { readRotations } from "../../../../server/identity/rotations.ts";
import { ServerIdentity } from "../../../../server/identity/server_identity.ts";
import { UsageError } from "../../../../server/platform/cli/flags.ts";
import { readText } from "../../../../server/platform/storage/atomic_file.ts";
import { lockFileSync } from "../../../../server/platform/storage/file_lock.ts";
import { readOrCreateKey } from "../../../../server/platform/storage/key_file.ts";
import { isDanglingLink, statOf } from "../../../../server/platform/storage/regular_file.ts";
import { openSqliteSync } from "../../../../server/platform/storage/sqlite.ts";
import { TempFolder } from "../../../helpers/disk.ts";

const ignore = Deno.build.os === "windows";
const NOWHERE = "is a link that leads nowhere";

/** Does something with a link that leads nowhere: it stays one, and nothing comes to be where it leads. */
async function withLink(
  name: string,
  test: (path: string, folder: string) => unknown,
): Promise<void> {
  using folder = new TempFolder();
  const [data, volume] = [`${folder.path}/data`, `${folder.path}/volume`];
  Deno.mkdirSync(data);
  Deno.mkdirSync(volume);
  const path = `${data}/${name}`;
  for (const target of [`${volume}/file`, `${volume}/gone/file`]) {
    Deno.symlinkSync(target, path);
    await test(path, data);
    assertEquals(Deno.readLinkSync(path), target);
    assertEquals([...Deno.readDirSync(volume)], []);
    Deno.removeSync(path);
  }
}

Deno.test("a link that leads nowhere is told from a file, a folder, a good link and nothing", {
  ignore,
}, () => {
  using folder = new TempFolder();
  const [file, link, nothing] = [`${folder.path}/file`, `${folder.path}/link`, `${folder.path}/no`];
  Deno.writeTextFileSync(file, "");
  Deno.symlinkSync(file, link);
  for (const path of [file, link, folder.path, nothing, `${nothing}/in`, `${file}/in`]) {
    assertEquals(isDanglingLink(path), false, path);
  }
  assertEquals(statOf(nothing), undefined);
  Deno.removeSync(file);
  assertEquals(isDanglingLink(link), true);
  assertThrows(() => statOf(link), Error, NOWHERE);
});

const options = (folder: string) => parseServerOptions(["--data", folder]);

const ASYNC: Record<string, readonly [string, (path: string, folder: string) => Promise<unknown>]> =
  {
    "any text": ["some.txt", (path) => readText(path)],
    "a server's access.json": ["access.json", (_, folder) => readAccessRules(options(folder))],
    "an access.json to be changed": ["access.json", (path) => readAccess(path)],
    "a server's limits.json": ["limits.json", (_, folder) => readSettings(options(folder))],
    "a server's welcome.txt": ["welcome.txt", (_, folder) => readSettings(options(folder))],
    "a server's server.json": ["server.json", (_, folder) => readServerOptions(["--data", folder])],
    "a user's identity.key": ["identity.key", (_, folder) => new IdentityFile(folder).readOrMake()],
  };

for (const [what, [name, read]] of Object.entries(ASYNC)) {
  Deno.test(
    `a link that leads nowhere in the place of ${what} is an error`,
    { ignore },
    () =>
      withLink(name, async (path, folder) => {
        const error = await assertRejects(() => read(path, folder), UsageError, NOWHERE);
        assertStringIncludes(error.message, path);
      }),
  );
}

const SYNC: Record<string, readonly [string, (path: string, folder: string) => unknown]> = {
  "a server's key": ["server.key", (path) => readOrCreateKey(path)],
  "a server's earlier keys": [
    "server.key.was",
    (_, folder) => readRotations(folder, new Uint8Array(32)),
  ],
  "a data folder's key": ["server.key", (_, folder) => new ServerIdentity(folder, 0)],
  "a name registry": ["names.db", (_, folder) => new ServerIdentity(folder, 0)],
  "the clusters that were joined": ["clusters.txt", (_, folder) => new ImportMarker(folder, "a")],
  "a database": ["some.db", (path) => openSqliteSync(path, () => {}, () => {})],
  "a lock": ["some.lock", (path) => lockFileSync(path)],
};

for (const [what, [name, read]] of Object.entries(SYNC)) {
  Deno.test(
    `a link that leads nowhere in the place of ${what} is an error`,
    { ignore },
    () =>
      withLink(name, (path, folder) => {
        const error = assertThrows(() => read(path, folder), Error, NOWHERE);
        assertStringIncludes(error.message, path);
      }),
  );
}

Deno.test("a link that leads nowhere in the place of a config file is a problem that is named", {
  ignore,
}, () =>
  withLink("config.json", async (path) => {
    const { config, problems } = await readConfig(path);
    assertEquals([config, problems.length], [{}, 1]);
    assertStringIncludes(problems[0] ?? "", `${path} ${NOWHERE}`);
  }));

Deno.test("a link that leads nowhere in the place of an ignore list is named, and stays", {
  ignore,
}, () =>
  withLink("ignored.json", async (path, folder) => {
    const notes: string[] = [];
    const file = new IgnoreFile(folder, (text) => notes.push(text));
    assertEquals(await file.read(), []);
    await file.write([{ name: "eve", since: 1, refused: 0 }]);
    assertEquals(notes.length, 2, "neither read nor written");
    for (const note of notes) assertStringIncludes(note, `${path} ${NOWHERE}`);
  }));
