/** What a first start fetches, and what is checked before it is published. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import config from "../deno.json" with { type: "json" };

interface Lock {
  readonly specifiers: Readonly<Record<string, string>>;
  readonly npm: Readonly<Record<string, unknown>>;
}

async function lockAt(path: string): Promise<Lock> {
  return JSON.parse(await Deno.readTextFile(new URL(`../${path}`, import.meta.url)));
}

for (const program of ["client", "server"] as const) {
  Deno.test(`packages: the ${program} fetches what deno.lock says, and nothing that only tests use`, async () => {
    const all = await lockAt("deno.lock");
    const own = await lockAt(`${program}/deno.lock`);
    for (const part of ["specifiers", "npm"] as const) {
      for (const [name, value] of Object.entries(own[part])) {
        assertEquals(value, all[part][name], name);
      }
    }
    const names = Object.keys(own.npm).map((name) => name.replace(/@[^@]+$/, ""));
    for (const name of ["playwright-core", "fast-check", "@xterm/headless", "axe-core"]) {
      assert(!names.includes(name), name);
    }
  });
}

Deno.test("packages: the programs run with their own lock, which no start changes", () => {
  for (
    const [task, program] of [["client", "client"], ["window", "client"], ["server", "server"]]
  ) {
    const command = Object.entries(config.tasks).find(([name]) => name === `${task}:run`)?.[1];
    assertStringIncludes(String(command), ` --lock=${program}/deno.lock --frozen `);
  }
});

Deno.test("packages: the documentation of each entry point is checked", () => {
  const checked = config.tasks["check:docs"].split(" ").filter((word) => word.endsWith(".ts"));
  const entries = Object.values(config.exports).map((path) => path.replace("./", ""));
  assertEquals(checked.toSorted(), entries.toSorted());
});

Deno.test("packages: the first entry point has no more names than one can read", async () => {
  const names = [];
  for (const path of ["client/mod.ts", "mod.ts"]) {
    const text = await Deno.readTextFile(new URL(`../${path}`, import.meta.url));
    for (const [, list = ""] of text.matchAll(/^export \{(.*?)\}/gms)) {
      names.push(...list.split(",").map((name) => name.trim()).filter((name) => name !== ""));
    }
  }
  assert(names.length >= 40 && names.length <= 75, `${names.length}`);
});
