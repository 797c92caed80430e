import { assert, assertEquals } from "@std/assert";

import { BREAKS } from "./broken_promises/breaks.ts";

const ROOT = new URL("../", import.meta.url);

/** A promise may be worded anew, but is not dropped in silence. */
const PROMISES = 53;

/** A promise without a test is not one: each row names files with tests, and titles that breaking it fails. */
Deno.test("SECURITY.md: each promise names tests that are there, and fail once it is broken", async () => {
  const text = await Deno.readTextFile(new URL("SECURITY.md", ROOT));
  const tables = text.replace(/^## Threat model$.*?(?=^## )/ms, "");
  const rows = tables.split("\n").filter((line) => /^\| [^-]/.test(line))
    .filter((line) => !line.startsWith("| promise "));
  assertEquals(rows.length, PROMISES);
  for (const row of rows) {
    const [promise = "", , heldBy = ""] = row.split(" | ");
    const paths = [...heldBy.matchAll(/`(tests\/[\w/]+_test\.ts)`/g)].map(([, path]) => path ?? "");
    assert(paths.length > 0, promise);
    for (const path of paths) {
      const test = await Deno.readTextFile(new URL(path, ROOT)).catch(() => undefined);
      assert(test !== undefined, `there is no ${path}, named for: ${promise}`);
      assert(/Deno\.test\(|\btest\(|testStore\(|requiringTest\(/.test(test), `${path} has no test`);
    }
    const breaks = BREAKS.filter((broken) => promise.slice(2).startsWith(broken.promise));
    assert(breaks.length > 0, `tests/broken_promises/breaks.ts breaks nothing of: ${promise}`);
    for (const { test, title } of breaks) {
      assert(heldBy.includes(`\`${test}\``) && heldBy.includes(title), `${promise}: "${title}"`);
    }
  }
});

Deno.test("SECURITY.md: how to report comes first", async () => {
  const text = await Deno.readTextFile(new URL("SECURITY.md", ROOT));
  const headings = [...text.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading);
  assertEquals(headings[0], "Reporting a vulnerability");
});

Deno.test("SECURITY.md: the README leads there", async () => {
  const readme = await Deno.readTextFile(new URL("README.md", ROOT));
  assertEquals(readme.includes("](SECURITY.md)"), true);
});
