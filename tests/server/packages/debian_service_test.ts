/** What the Debian package of the server has of its own: the unit, the command and the manual page. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import config from "../../../deno.json" with { type: "json" };
import { debianUnit, serverCommand } from "../../../server/packages/debian_service.ts";
import { DENO_VERSION } from "../../../server/packages/programs.ts";
import { SERVER_HELP } from "../../../server/cli/options.ts";

const ROOT = new URL("../../../", import.meta.url);

function read(path: string): Promise<string> {
  return Deno.readTextFile(new URL(path, ROOT));
}

/** The lines of a unit that set something. */
function settings(unit: string): string[] {
  return unit.split("\n").filter((line) => /^\w+=/.test(line));
}

Deno.test("debian: the unit protects what the other unit protects", async () => {
  const source = settings(await read("server/cli/mim-server.service"));
  const own = settings(await debianUnit());
  const names = (lines: readonly string[]) => lines.map((line) => line.split("=", 1)[0] ?? "");
  const changed = source.filter((line) => !own.includes(line));
  assertEquals(names(changed), [
    ...["Documentation", "TimeoutStartSec", "Environment", "WorkingDirectory", "ExecStart"],
    ...["DynamicUser", "StateDirectory", "CacheDirectory"],
  ]);
  const added = own.filter((line) => !source.includes(line));
  assertEquals(names(added), [
    ...["Documentation", "Environment", "WorkingDirectory", "ExecStart"],
    ...["User", "Group", "RemoveIPC", "StateDirectory", "CacheDirectory", "CacheDirectoryMode"],
  ]);
});

Deno.test("debian: the unit's command has the permissions of the other unit, for its own folders", async () => {
  const allowed = (unit: string) => {
    const [, command = ""] = /^ExecStart=(.*)$/m.exec(unit) ?? [];
    return command.match(/--allow-\S+/g) ?? [];
  };
  const source = allowed(await read("server/cli/mim-server.service"));
  const unit = await debianUnit();
  const own = allowed(unit).map((flag) =>
    flag.replaceAll("/var/lib/mim-server", "/var/lib/mim").replace(
      ",/usr/lib/mim-server/mim-server.js,/etc/mim",
      "",
    )
  );
  assertEquals(own, source);
  assertMatch(
    unit,
    /^ExecStart=\/bin\/sh -c 'trap "" HUP; exec \/usr\/lib\/mim-server\/deno run /m,
  );
  assertMatch(unit, / --config \/etc\/mim\/server\.json --data \/var\/lib\/mim-server'$/m);
});

Deno.test("debian: the command has the permissions of the task", async () => {
  const script = await serverCommand();
  const task = config.tasks["server:run"];
  for (const flag of task.match(/--(allow-(?!write)|v8-flags)\S+/g) ?? []) {
    assert(script.includes(` ${flag} `), flag);
  }
  assertEquals(script.match(/--allow-(?!write)[a-z]+/g), task.match(/--allow-(?!write)[a-z]+/g));
});

Deno.test("debian: the manual page has every option and command of --help, and no other", async () => {
  const page = (await read("server/packages/debian/mim-server.8")).replaceAll("\\-", "-");
  const words = (text: string) => [...new Set(text.match(/--[a-z][a-z-]+/g))].toSorted();
  assertEquals(words(page.replace("--unit", "")), words(SERVER_HELP));
  const commands = SERVER_HELP.matchAll(/^ {7}mim-server ([a-z]+)/gm);
  for (const [, command = ""] of commands) {
    assertMatch(page, new RegExp(`^\\.B.? "?${command}\\b`, "m"));
  }
});

Deno.test("packages: one version of Deno is named everywhere", async () => {
  for (
    const path of [
      "README.md",
      ".ci/run",
      "server/docs/operating.md",
      "server/packages/release.yml",
    ]
  ) {
    const versions = new Set((await read(path)).match(/(?<=deno@)[\d.]+\d/g));
    assertEquals([...versions], [DENO_VERSION], path);
  }
});
