/** What a first start fetches, and what is checked before it is published. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import config from "../deno.json" with { type: "json" };
import clusterConfig from "../server/cluster/deno.json" with { type: "json" };
import testConfig from "./deno.json" with { type: "json" };

interface Lock {
  readonly specifiers: Readonly<Record<string, string>>;
  readonly npm: Readonly<Record<string, unknown>>;
}

async function lockAt(path: string): Promise<Lock> {
  return JSON.parse(await Deno.readTextFile(new URL(`../${path}`, import.meta.url)));
}

Deno.test("packages: a first start fetches what deno.lock lists, which is what the programs need", async () => {
  const all = await lockAt("deno.lock");
  const tests = await lockAt("tests/deno.lock");
  const programs = [await lockAt("client/deno.lock"), await lockAt("server/deno.lock")];
  for (const part of ["specifiers", "npm"] as const) {
    assertEquals(all[part], Object.assign({}, ...programs.map((lock) => lock[part])));
    for (const [name, value] of Object.entries(all[part])) {
      assertEquals(tests[part][name], value, name);
    }
  }
  const names = Object.keys(all.npm).map((name) => name.replace(/@[^@]+$/, ""));
  for (const name of ["playwright-core", "fast-check", "@xterm/headless", "axe-core"]) {
    assert(!names.includes(name), name);
  }
});

Deno.test("packages: tests have the imports and rules of the programs, and imports of their own", () => {
  const imports: Readonly<Record<string, string>> = testConfig.imports;
  for (const [name, to] of Object.entries(config.imports)) {
    assertEquals(imports[name], to.replace(/^\.\//, "../"), name);
  }
  const { compilerOptions, lint, fmt, nodeModulesDir, unstable, lock } = config;
  const { imports: _, exclude: __, ...rules } = testConfig;
  assertEquals(rules, { compilerOptions, lint, fmt, nodeModulesDir, unstable, lock });
});

Deno.test("packages: the programs run with their own lock, which no start changes", () => {
  for (
    const [task, program] of [["client", "client"], ["window", "client"], ["server", "server"]]
  ) {
    const command = Object.entries(config.tasks).find(([name]) => name === `${task}:run`)?.[1];
    assertStringIncludes(String(command), ` --lock=${program}/deno.lock --frozen `);
  }
});

Deno.test("packages: NATS is fetched for a cluster alone, which runs as any other server", async () => {
  for (const path of ["deno.lock", "client/deno.lock", "server/deno.lock"]) {
    assertEquals(Object.keys((await lockAt(path)).npm).filter((name) => /nats/.test(name)), []);
  }
  const imports: Readonly<Record<string, string>> = clusterConfig.imports;
  const tests: Readonly<Record<string, string>> = testConfig.imports;
  for (const [name, to] of Object.entries(imports)) {
    assertEquals(to, tests[name]?.replace("../", "../../"), name);
  }
  const { tasks } = config;
  assertEquals(
    tasks["cluster:run"],
    tasks["server:run"].replace(
      "--lock=server/deno.lock --frozen",
      "--config server/cluster/deno.json",
    ),
  );
  assertEquals(clusterConfig.lock, { path: "./deno.lock", frozen: true });
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
  assert(names.length >= 40 && names.length <= 80, `${names.length}`);
});
