import { assertEquals, assertRejects } from "@std/assert";
import { readServerOptions } from "../../../server/cli/server_file.ts";
import { UsageError } from "../../../server/platform/cli/flags.ts";
import { TempFolder } from "../../helpers/disk.ts";

Deno.test("server.json: options of the data folder count where the command line leaves them open", async () => {
  using folder = new TempFolder();
  await Deno.writeTextFile(
    `${folder.path}/server.json`,
    '\ufeff{\n  // for the lab\n  "title": "Lab of physics", "maxUsers": 500, "strictNames": true,\n  "port": 7000 }',
  );
  const { title, maxUsers, strictNames, port } = await readServerOptions([
    "--data",
    folder.path,
    "--port=0",
  ]);
  assertEquals({ title, maxUsers, strictNames, port }, {
    title: "Lab of physics",
    maxUsers: 500,
    strictNames: true,
    port: 0,
  });
});

const WRONG: readonly (readonly [string, string])[] = [
  ["[]", "expected an object of options"],
  ["{", "JSON"],
  ['{ "titel": "x" }', "Unknown option --titel"],
  ['{ "maxUsers": -1 }', "must be a number from 0"],
  ['{ "failover": 1 }', "Option --failover must be a number from 2 to 60"],
  ['{ "data": "/x" }', "data is an option of the command line alone"],
  ['{ "config": "/x" }', "config is an option of the command line alone"],
  ['{ "title": null }', "expected a text, a number, true or false for title"],
];

for (const [text, reason] of WRONG) {
  Deno.test(`server.json: ${text} is a mistake that is named with the file`, async () => {
    using folder = new TempFolder();
    await Deno.writeTextFile(`${folder.path}/server.json`, text);
    const options = ["--data", folder.path];
    const error = await assertRejects(() => readServerOptions(options), UsageError, reason);
    assertEquals(error.message.startsWith(`In ${folder.path}/server.json: `), true);
  });
}

Deno.test("server.json: without it the command line is all", async () => {
  using folder = new TempFolder();
  assertEquals((await readServerOptions(["--data", folder.path, "--title=x"])).title, "x");
  assertEquals((await readServerOptions(["--data", `${folder.path}/none`])).title, undefined);
});

Deno.test("--config: options of that file count, and those of server.json do not", async () => {
  using folder = new TempFolder();
  await Deno.writeTextFile(`${folder.path}/server.json`, '{ "title": "old", "maxUsers": 5 }');
  await Deno.writeTextFile(`${folder.path}/other.json`, '{ "title": "new" }');
  const named = ["--data", folder.path, "--config", `${folder.path}/other.json`];
  const { title, maxUsers } = await readServerOptions(named);
  assertEquals({ title, maxUsers }, { title: "new", maxUsers: undefined });
});

Deno.test("--config: a file that does not exist is a mistake", async () => {
  using folder = new TempFolder();
  const path = `${folder.path}/none.json`;
  const options = ["--data", folder.path, "--config", path];
  await assertRejects(() => readServerOptions(options), UsageError, `No file ${path}`);
});
