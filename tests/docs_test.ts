import { assert, assertEquals, assertGreaterOrEqual } from "@std/assert";

const ROOT = new URL("../", import.meta.url);
const FOLDERS = ["", "client/", "server/", "protocol/", "tests/"];

/** How many lines a document may have. */
const MAX_LINES: Readonly<Record<string, number>> = {
  "README.md": 130,
  "client/README.md": 50,
  "client/window/README.md": 25,
  "server/README.md": 50,
  "protocol/README.md": 40,
};

/** The documents, by their paths from the root. */
async function documents(): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const folder of FOLDERS) await collect(folder, folder !== "", found);
  assertGreaterOrEqual(found.size, 20);
  return found;
}

async function collect(folder: string, deep: boolean, found: Map<string, string>): Promise<void> {
  for await (const { name, isDirectory } of Deno.readDir(new URL(folder, ROOT))) {
    if (isDirectory && deep) await collect(`${folder}${name}/`, deep, found);
    if (!name.endsWith(".md")) continue;
    found.set(`${folder}${name}`, await Deno.readTextFile(new URL(`${folder}${name}`, ROOT)));
  }
}

/** The anchors of a document's headings, as GitHub makes them. */
function anchorsOf(text: string): string[] {
  const headings = [...withoutCode(text).matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) =>
    heading
  );
  return headings.map((heading) =>
    heading.toLowerCase().replace(/[^\p{L}\p{N} -]/gu, "").replaceAll(" ", "-")
  );
}

function withoutCode(text: string): string {
  return text.replace(/^```.*?^```/gms, "");
}

Deno.test("documents: every link leads to a file and, if it names one, to a heading", async () => {
  const found = await documents();
  let links = 0;
  for (const [path, text] of found) {
    for (const [, target = ""] of withoutCode(text).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^https?:/.test(target)) continue;
      links++;
      const [file = "", anchor] = target.split("#");
      const url = file === "" ? new URL(path, ROOT) : new URL(file, new URL(path, ROOT));
      const isThere = await Deno.stat(url).then(() => true, () => false);
      assert(isThere, `${path} links to ${target}, which is not there`);
      if (anchor === undefined) continue;
      const anchors = anchorsOf(await Deno.readTextFile(url));
      assert(anchors.includes(anchor), `${path} links to ${target}, a heading that is not there`);
    }
  }
  assertGreaterOrEqual(links, 60);
});

/** The files of code below a folder, by their paths from the root. */
async function* sourcesBelow(
  folder: string,
  isSource = /\.ts$/,
): AsyncGenerator<[path: string, text: string]> {
  for await (const { name, isDirectory } of Deno.readDir(new URL(folder, ROOT))) {
    const path = folder + name;
    if (isDirectory) yield* sourcesBelow(`${path}/`, isSource);
    else if (isSource.test(path)) yield [path, await Deno.readTextFile(new URL(path, ROOT))];
  }
}

Deno.test("documents: each one that the code names is there, with the heading that it names", async () => {
  const found = await documents();
  let named = 0;
  for (const folder of ["client/", "server/", "protocol/"]) {
    for await (const [path, text] of sourcesBelow(folder)) {
      const names = text.matchAll(
        /\b((?:client|server|protocol)\/docs\/[\w-]+\.md)(?:,\s+(?:\* )?"([^"]+)")?/g,
      );
      for (const [, file = "", heading] of names) {
        named++;
        const document = found.get(file);
        assert(document !== undefined, `${path} names ${file}, which is not there`);
        if (heading === undefined) continue;
        const isThere = document.split("\n").some((line) => line.replace(/^#+ /, "") === heading);
        assert(isThere, `${path} names "${heading}" of ${file}, a heading that is not there`);
      }
    }
  }
  assertGreaterOrEqual(named, 40);
});

Deno.test("documents: each source file that one names is there", async () => {
  const paths: string[] = [];
  for (const folder of ["client/", "server/", "protocol/", "tests/"]) {
    for await (const [path] of sourcesBelow(folder, /\.[jt]s$/)) paths.push(`/${path}`);
  }
  const isMade = (path: string, name: string) =>
    // by the reader, or by a task
    path === "client/docs/library.md" || name === "nats_bus.js" || name === "mod.ts";
  for (const [path, text] of await documents()) {
    for (const [, name = ""] of withoutCode(text).matchAll(/`([\w./-]+\.[jt]s)`/g)) {
      const isThere = isMade(path, name) || paths.some((each) => each.endsWith(`/${name}`));
      assert(isThere, `${path} names ${name}, which is not there`);
    }
  }
});

Deno.test("documents: each tag of a comment begins a line, so that deno doc sees it", async () => {
  for (const folder of ["protocol/", "client/core/", "client/testing/"]) {
    for await (const [path, text] of sourcesBelow(folder)) {
      const hidden = text.match(/^ *\/?\*.* .*\S @(?:throws|returns|param|example)\b.*$/m)?.[0];
      assertEquals(hidden, undefined, `${path} has a tag in the middle of a line`);
    }
  }
});

Deno.test("documents: each is linked from the README, directly or through others", async () => {
  const found = await documents();
  const reached = new Set(["README.md"]);
  for (const path of reached) {
    const text = found.get(path);
    if (text === undefined) continue;
    for (const [, target = ""] of withoutCode(text).matchAll(/\]\(([^)\s#]+\.md)/g)) {
      const url = new URL(target, new URL(path, ROOT));
      if (url.href.startsWith(ROOT.href)) reached.add(url.href.slice(ROOT.href.length));
    }
  }
  assertEquals([...found.keys()].filter((path) => !reached.has(path)), []);
});

Deno.test("documents: the README and those of the rooms are short", async () => {
  for (const [path, most] of Object.entries(MAX_LINES)) {
    const lines = (await Deno.readTextFile(new URL(path, ROOT))).trimEnd().split("\n");
    assert(lines.length <= most, `${path} has ${lines.length} lines, and may have ${most}`);
  }
});
