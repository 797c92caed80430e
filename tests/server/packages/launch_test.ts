/** The launcher of the package for npm: the flags that it gives Deno. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import config from "../../../deno.json" with { type: "json" };
import { denoArgs } from "../../../server/packages/npm/launch.js";
import { npmPrograms } from "../../../server/packages/programs.ts";

const { mim, "mim-server": server } = npmPrograms();
const HOME = { HOME: "/home/ada" };

function writable(args: readonly string[]): readonly string[] {
  const flag = args.find((word) => word.startsWith("--allow-write="));
  return flag?.slice("--allow-write=".length).split(",") ?? [];
}

/** The flags of a task that allow something. */
function allowed(task: string): readonly string[] {
  return task.match(/--allow-\w+(=[\w,-]+)?(?=\s)/g) ?? [];
}

Deno.test("launcher: each program has the permissions of its task, and Deno's other flags", () => {
  const started = [
    [denoArgs(mim, "mim.js", [], HOME), config.tasks["client:run"]],
    [denoArgs(mim, "mim.js", ["window", "--no-open"], HOME), config.tasks["window:run"]],
    [denoArgs(server, "mim-server.js", [], HOME), config.tasks["server:run"]],
  ] as const;
  for (const [args, task] of started) {
    const given = args.slice(0, args.findIndex((word) => word.endsWith(".js")));
    assertEquals(given.filter((word) => /^--allow-(?!write)/.test(word)), allowed(task));
    for (const flag of task.match(/--(v8-flags=\S+|no-prompt|quiet)/g) ?? []) {
      assert(given.includes(flag), flag);
    }
    for (const flag of ["--no-config", "--no-lock", "--cached-only", "--unstable-net"]) {
      assert(given.includes(flag), flag);
    }
    assertEquals(given.filter((word) => word.includes("$") || word === "-A"), []);
  }
});

Deno.test("launcher: the folders of the task may be written to, but none of a variable without a value", () => {
  assertEquals(writable(denoArgs(mim, "mim.js", [], { ...HOME, XDG_DATA_HOME: "" })), [
    "/home/ada/.local/share/mim",
    "/home/ada/Library/Application Support/mim",
    "/home/ada/Downloads/MIM",
  ]);
  assertEquals(writable(denoArgs(server, "mim-server.js", [], { XDG_STATE_HOME: "/state" })), [
    "/state/mim",
  ]);
  const [nowhere = "", ...more] = writable(denoArgs(server, "mim-server.js", [], {}));
  assert(nowhere.endsWith("/nowhere") && more.length === 0, nowhere);
});

Deno.test("launcher: a folder or file that the user names may be written to", () => {
  const named = (program: typeof mim, ...args: string[]) =>
    writable(denoArgs(program, "x.js", args, { HOME: "" }));
  assertEquals(named(mim, "--data", "/a/../b", "--downloads=/c", "--into", "/d"), [
    "/b",
    "/c",
    "/d",
  ]);
  assertEquals(named(mim, "key", "export", "/e.key"), ["/e.key"]);
  assertEquals(named(server, "backup", "/f.db", "--data=/g"), ["/g", "/f.db"]);
  assertThrows(() => named(server, "--data", "/a,b"), Error, "write to /a,b, because of the comma");
});

Deno.test("launcher: services may be written by install and uninstall alone", () => {
  const folder = "/home/ada/.config/systemd";
  for (const command of ["install", "uninstall"]) {
    assert(writable(denoArgs(mim, "mim.js", [command, "--yes"], HOME)).includes(folder));
  }
  for (const args of [[], ["send", "bob", "install"], ["window"]]) {
    assert(!writable(denoArgs(mim, "mim.js", args, HOME)).includes(folder), args.join(" "));
  }
});

Deno.test("launcher: what follows -- or is not a name is no folder", () => {
  const args = ["send", "bob", "--", "--data", "/a"];
  assertEquals(writable(denoArgs(mim, "mim.js", args, HOME)).includes("/a"), false);
  for (const args of [["key", "export", "-"], ["--data="], ["--data"], ["key", "export"]]) {
    assertEquals(writable(denoArgs(mim, "mim.js", args, { HOME: "/h" })).length, 3, args.join(" "));
  }
});

Deno.test("launcher: the arguments of the user come last, and stay as they are", () => {
  const args = ["--name", "$HOME", "send", "bob", "a, b"];
  assertEquals(denoArgs(mim, "mim.js", args, HOME).slice(-6), ["mim.js", ...args]);
});
