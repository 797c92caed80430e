/** The config of a machine, under that of each user. */

import { assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { systemConfigPath } from "../../../../client/storage/config/mod.ts";
import { Profile } from "../../../../client/storage/profile.ts";
import { assertNotLocked, parseClientOptions, withConfig } from "../../../../client/cli/options.ts";
import { UsageError } from "../../../../server/platform/cli/flags.ts";
import { TempFolder } from "../../../helpers/disk.ts";

async function profileOf(folder: TempFolder, system: string, own?: string): Promise<Profile> {
  const path = `${folder.path}/system.json`;
  await Deno.writeTextFile(path, system);
  await Deno.mkdir(`${folder.path}/data`, { recursive: true });
  if (own !== undefined) await Deno.writeTextFile(`${folder.path}/data/config.json`, own);
  return await Profile.read(`${folder.path}/data`, path);
}

Deno.test("system config: where each system has it", () => {
  const env = (variable: string) => variable === "PROGRAMDATA" ? "C:\\ProgramData" : undefined;
  assertEquals(systemConfigPath({ os: "linux", env }), "/etc/mim/config.json");
  assertEquals(
    systemConfigPath({ os: "darwin", env }),
    "/Library/Application Support/mim/config.json",
  );
  assertEquals(systemConfigPath({ os: "windows", env }), "C:\\ProgramData\\mim\\config.json");
  assertEquals(systemConfigPath({ os: "windows", env: () => undefined }), undefined);
});

Deno.test("system config: under the user's own, but for the keys that it locks", async () => {
  using folder = new TempFolder();
  const system = '{ "server": "lab.example", "bell": false, "strangers": "ask", // fleet\n' +
    '"locked": ["server", "strangers"], }';
  const own = '{ "server": "evil.example", "bell": true, "strangers": "ask", "name": "ada" }';
  const profile = await profileOf(folder, system, own);
  const expected = { server: "lab.example", bell: true, strangers: "ask", name: "ada" } as const;
  assertEquals(profile.config, expected);
  assertEquals(profile.overridden, ["server"]);
  await profile.set({ bell: false });
  assertEquals(profile.config, { ...expected, bell: false });
  const path = `${folder.path}/system.json`;
  const message = `You can't change strangers: ${path} sets strangers for everybody on this ` +
    "machine; ask its administrator";
  const own2 = await Deno.readTextFile(`${folder.path}/data/config.json`);
  await assertRejects(() => profile.set({ bell: true, strangers: "allow" }), SyntaxError, message);
  assertEquals(await Deno.readTextFile(`${folder.path}/data/config.json`), own2);
});

Deno.test("system config: a lock names its file; without the file nothing is locked", async () => {
  using folder = new TempFolder();
  const path = `${folder.path}/system.json`;
  await Deno.writeTextFile(path, '{ "strangers": "refuse", "locked": ["strangers"] }');
  const system = (await Profile.read(folder.path, path)).whyLocked("strangers");
  assertEquals(system, `${path} sets strangers for everybody on this machine`);
  const none = await Profile.read(folder.path, `${folder.path}/none.json`);
  assertEquals([none.config, none.overridden, none.whyLocked("server")], [{}, [], undefined]);
});

Deno.test("system config: each mistake is named with its line, and nothing of it counts", async () => {
  using folder = new TempFolder();
  for (
    const [text, place, reason] of [
      ['{\n"locked": ["server"] }', "2:12", 'Expected a key that this file sets, got "server"'],
      ['{ "bell": true,\n"locked": ["bel"] }', "2:12", "Expected a key that this file sets"],
      ['{ "bell": true,\n"locked": [7] }', "2:12", "Expected a key that this file sets, got 7"],
      ['{ "bell": true,\n"locked": "bell" }', "2:11", "Expected locked to be a list"],
      ['{ "bell": 1 }', "1:11", "Expected bell to be true or false, got 1"],
      ["{", "1:2", 'Expected "}"'],
    ]
  ) {
    const where = `${folder.path}/system.json:${place}: ${reason}`;
    await assertRejects(() => profileOf(folder, text ?? ""), UsageError, where);
  }
  // A user's own file locks nothing.
  const own = '{ "bell": true, "locked": ["bell"] }';
  const profile = await profileOf(folder, "{}", own);
  assertStringIncludes(profile.problems[0] ?? "", ":1:17: Expected one of server");
  assertEquals([profile.config, profile.locked], [{ bell: true }, undefined]);
});

Deno.test("system config: an option for a locked key is refused, others are not", async () => {
  using folder = new TempFolder();
  const profile = await profileOf(
    folder,
    '{ "server": "lab.example", "name": "kiosk", "listen": ":5000", "history": false, ' +
      '"locked": ["server", "name", "listen", "history"] }',
  );
  for (
    const option of ["--server=evil.example", "--name=eve", "--listen=127.0.0.1", "--no-history"]
  ) {
    const given = parseClientOptions([option]);
    const message = `Leave ${option.replace(/=.*/, "")} out: ${folder.path}/system.json sets `;
    assertThrows(() => assertNotLocked(given, profile), UsageError, message);
  }
  const given = parseClientOptions(["--plain", "--data", folder.path]);
  assertNotLocked(given, profile);
  const { server, name, listen, mayHost, serverNamed } = withConfig(given, profile.config);
  assertEquals([server?.hostname, name, listen.port], ["lab.example", "kiosk", 5000]);
  assertEquals([mayHost, serverNamed], [false, true]);
});
