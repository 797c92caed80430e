/** The parts that only the server's Debian package has: the unit, the command and the manual page. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import config from "../../../deno.json" with { type: "json" };
import { debianUnit, serverCommand } from "../../../server/packages/debian_service.ts";
import { helpParts } from "../../../server/packages/manual_page.ts";
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
      ",/usr/lib/mim-server,/etc/mim",
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

Deno.test("debian: the manual page has every option and command of --help", () => {
  const { COMMANDS, OPTIONS } = helpParts(SERVER_HELP);
  const words = (text: string) => new Set(text.match(/--[a-z][a-z-]+/g));
  const page = `${COMMANDS}\n${OPTIONS}`.replaceAll("\\-", "-");
  assertEquals(words(page), words(SERVER_HELP));
  for (const [, line = ""] of SERVER_HELP.matchAll(/^ {2}(--[a-z-]+)/gm)) {
    assertMatch(OPTIONS.replaceAll("\\-", "-"), new RegExp(`^\\.TP\\n\\.B ${line}\\b`, "m"));
  }
  for (const [, command = ""] of SERVER_HELP.matchAll(/^ {7}mim-server ([a-z]+)/gm)) {
    assertMatch(COMMANDS, new RegExp(`^\\.TP\\n\\.B ${command}\\b`, "m"));
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
