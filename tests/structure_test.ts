/**
 * The import rules of the house, read off the import graph. An import of a type counts as any other.
 * A room is a folder. Its files and folders may not import each other in a circle.
 */
import { assertEquals } from "@std/assert";

const ROOT = new URL("../", import.meta.url);

/** The floors of each house, the lowest first: what stands lower imports nothing that stands higher. */
const FLOORS: Readonly<Record<string, readonly (readonly string[])[]>> = {
  protocol: [["text"], ["codec", "crypto"], ["classic"], ["mim2"]],
  server: [
    ["platform"],
    ["presence", "identity", "admission", "metrics", "discovery"],
    ["session"],
    ["admins"],
    ["classic", "mim2", "connections"],
    ["workers", "cluster"],
    ["logins"],
    ["server.ts"],
    ["cli"],
    ["main.ts"],
  ],
  client: [
    ["core"],
    ["storage", "testing"],
    ["app"],
    ["commands"],
    ["terminal", "window"],
    ["cli"],
    ["main.ts"],
  ],
};

/** All that may stand directly in these folders. */
const LOOSE_FILES: Readonly<Record<string, readonly string[]>> = {
  client: ["mod.ts", "main.ts"],
  server: ["mod.ts", "main.ts", "server.ts", "options.ts", "stats.ts", "limits.ts", "join_hint.ts"],
};

interface Source {
  /** From the project's folder on. */
  readonly path: string;
  readonly text: string;
  readonly imports: readonly string[];
}

async function* codeBelow(folder: string): AsyncGenerator<string> {
  for await (const entry of Deno.readDir(new URL(folder, ROOT))) {
    const path = folder + entry.name;
    if (entry.isDirectory) yield* codeBelow(`${path}/`);
    else if (/(?<!\.d)\.[jt]s$/.test(path)) yield path;
  }
}

/** What a file imports of the project, dynamically and in comments with types, too; no texts. */
function importsOf(path: string, text: string): string[] {
  const code = text.replaceAll(/^ \*.*$/gm, (line) => line.includes("@import") ? line : "");
  const specifier = /(?:\bfrom|\bimport)\s*\(?\s*"(\.[^"]+)"(?!\s*with \{ type: "text" \})/g;
  const base = new URL(path, ROOT);
  const found = Array.from(code.matchAll(specifier), ([, to = ""]) => new URL(to, base).href);
  return [...new Set(found)].map((url) => url.slice(ROOT.href.length));
}

async function readSources(): Promise<Map<string, Source>> {
  const sources = new Map<string, Source>();
  for (const house of ["client/", "server/", "protocol/"]) {
    for await (const path of codeBelow(house)) {
      const text = await Deno.readTextFile(new URL(path, ROOT));
      sources.set(path, { path, text, imports: importsOf(path, text) });
    }
  }
  return sources;
}

/** The groups of nodes that reach each other, by Tarjan's algorithm; only those of two and more. */
function circlesOf(graph: ReadonlyMap<string, ReadonlySet<string>>): string[][] {
  const order = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const circles: string[][] = [];
  const visit = (node: string) => {
    order.set(node, order.size);
    low.set(node, order.size - 1);
    stack.push(node);
    for (const next of graph.get(node) ?? []) {
      if (!order.has(next)) visit(next);
      else if (!stack.includes(next)) continue;
      low.set(node, Math.min(low.get(node) ?? 0, low.get(next) ?? 0));
    }
    if (low.get(node) !== order.get(node)) return;
    const circle = stack.splice(stack.indexOf(node));
    if (circle.length > 1) circles.push(circle.sort());
  };
  for (const node of graph.keys()) if (!order.has(node)) visit(node);
  return circles;
}

/** For each folder, what stands in it, files and folders, and which of these imports which. */
function graphsOf(sources: ReadonlyMap<string, Source>): Map<string, Map<string, Set<string>>> {
  const graphs = new Map<string, Map<string, Set<string>>>();
  for (const { path, imports } of sources.values()) {
    for (const to of imports) {
      const one = path.split("/");
      const other = to.split("/");
      const at = one.findIndex((part, index) => part !== other[index]);
      const [from, target] = [one[at], other[at]];
      if (from === undefined || target === undefined) continue;
      const folder = one.slice(0, at).join("/");
      const graph = graphs.getOrInsertComputed(folder, () => new Map<string, Set<string>>());
      graph.getOrInsertComputed(from, () => new Set()).add(target);
    }
  }
  return graphs;
}

/** 1. No circle, of files or of rooms. */
function circles(sources: ReadonlyMap<string, Source>): string[] {
  return [...graphsOf(sources)].flatMap(([folder, graph]) =>
    circlesOf(graph).map((circle) => `circle in ${folder || "/"}: ${circle.join(", ")}`)
  );
}

/** 2. Between the houses: client/ enters server/ to host, and uses its platform; that is all. */
function betweenHouses(sources: ReadonlyMap<string, Source>): string[] {
  const allowed = (path: string, to: string) =>
    path.startsWith("client/")
      ? !to.startsWith("server/") || /^server\/(mod\.ts$|platform\/)/.test(to)
      : path.startsWith("server/")
      ? !to.startsWith("client/")
      : to.startsWith("protocol/");
  return importFaults(sources, (path, to) => allowed(path, to) ? undefined : "between houses");
}

/** 3. Nothing imports what stands above it; faces open no sockets. */
function floors(sources: ReadonlyMap<string, Source>): string[] {
  return importFaults(sources, (path, to) => {
    const [house = "", from = ""] = path.split("/");
    const [other = "", target = ""] = to.split("/");
    const isFace = house === "client" && ["terminal", "window", "commands"].includes(from);
    if (isFace && to.startsWith("server/platform/net/")) return "a face with sockets";
    if (house !== other || from === target) return undefined;
    const floorOf = (name: string) =>
      FLOORS[house]?.findIndex((floor) => floor.includes(name)) ?? -1;
    if (floorOf(from) < 0 || floorOf(target) < 0) return undefined;
    return floorOf(target) < floorOf(from) ? undefined : "upwards or sideways";
  });
}

/** 4. From outside, a room is entered by its mod.ts. The platform's files are entrances, each for itself. */
function entrances(sources: ReadonlyMap<string, Source>): string[] {
  return importFaults(sources, (path, to) => {
    if (to.startsWith("server/platform/")) return undefined;
    const one = path.split("/");
    const other = to.split("/");
    const below = other.slice(one.findIndex((part, index) => part !== other[index]));
    const isEntered = below.length === 1 || (below.length === 2 && below[1] === "mod.ts");
    return isEntered ? undefined : "not by the mod.ts";
  });
}

/** 5. No file stands loose. */
function looseFiles(sources: ReadonlyMap<string, Source>): string[] {
  return [...sources.keys()].filter((path) => {
    const [house = "", name = "", ...more] = path.split("/");
    return more.length === 0 && !(LOOSE_FILES[house]?.includes(name) ?? true);
  }).map((path) => `loose: ${path}`);
}

/** The names that a file exports of its own. */
function exportsOf({ text }: Source): string[] {
  const declared =
    /^export (?:default )?(?:declare |abstract |async )*(?:class|function\*?|const|let|interface|type|enum) ([\w$]+)/gm;
  return [...new Set(Array.from(text.matchAll(declared), ([, name = ""]) => name))];
}

function wordsOf(name: string): string[] {
  return name.replace(/([a-z\d])([A-Z])/g, "$1_$2").toLowerCase().split(/[_.]+/);
}

/** 6. A name is exported once; a file is named after what it exports. */
function names(sources: ReadonlyMap<string, Source>): string[] {
  const homes = new Map<string, string[]>();
  const faults: string[] = [];
  for (const source of sources.values()) {
    const own = exportsOf(source);
    const isPage = source.path.startsWith("client/window/page/"); // another program, in the browser
    for (const name of isPage ? [] : own) {
      homes.getOrInsertComputed(name, () => []).push(source.path);
    }
    const stem = source.path.split("/").at(-1)?.replace(/\.[jt]s$/, "") ?? "";
    const words = new Set(own.flatMap(wordsOf));
    const said = (word: string) =>
      words.has(word) || words.has(`${word}s`) || words.has(word.replace(/s$/, ""));
    if (own.length > 0 && !wordsOf(stem).some(said)) {
      faults.push(`named after nothing: ${source.path} (${own.slice(0, 3).join(", ")})`);
    }
  }
  for (const [name, paths] of homes) {
    if (paths.length > 1) faults.push(`exported twice: ${name}: ${paths.sort().join(", ")}`);
  }
  return faults;
}

function importFaults(
  sources: ReadonlyMap<string, Source>,
  faultOf: (path: string, to: string) => string | undefined,
): string[] {
  return [...sources.values()].flatMap(({ path, imports }) =>
    imports.flatMap((to) => {
      const fault = faultOf(path, to);
      return fault === undefined ? [] : [`${fault}: ${path} -> ${to}`];
    })
  );
}

const RULES = { circles, betweenHouses, floors, entrances, looseFiles, names };

const sources = await readSources();

for (const [name, rule] of Object.entries(RULES)) {
  Deno.test(`structure: nothing breaks the rule "${name}"`, () => assertEquals(rule(sources), []));
}

/** A project of these files: their texts by their paths. */
function projectOf(files: Readonly<Record<string, string>>): Map<string, Source> {
  return new Map(
    Object.entries(files).map((
      [path, text],
    ) => [path, { path, text, imports: importsOf(path, text) }]),
  );
}

Deno.test("structure: each rule finds what breaks it", () => {
  const broken = projectOf({
    "client/loose.ts": "export class Loose {}",
    "client/core/one.ts": 'import type { Two } from "./two.ts"; import "../app/mod.ts";',
    "client/core/two.ts": 'const one = await import("./one.ts");',
    "client/app/mod.ts": 'import "../core/chats/chat.ts"; import "../../server/server.ts";',
    "client/app/time.ts": "export class Loose {}",
    "client/terminal/mod.ts": 'import "../../server/platform/net/connect.ts";',
  });
  const found = Object.values(RULES).flatMap((rule) => rule(broken)).map((fault) =>
    fault.replace(/: .*/, "")
  );
  assertEquals([...new Set(found)].sort(), [
    "a face with sockets",
    "between houses",
    "circle in client",
    "circle in client/core",
    "exported twice",
    "loose",
    "named after nothing",
    "not by the mod.ts",
    "upwards or sideways",
  ]);
});
