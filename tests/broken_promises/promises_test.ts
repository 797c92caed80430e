/**
 * Breaks each promise of SECURITY.md by a small change in a copy of the sources, and expects the test
 * that the page names for it to fail: a test that passes all the same would protect nobody. A copy is
 * mended and used again, so that Deno finds the rest of it in its cache.
 *
 * It takes the longest of all tests, and Deno starts them in the order of their paths: the folder's name is near
 * the beginning of the alphabet so that nothing waits for it in the end.
 */
import { assertEquals } from "@std/assert";
import { pooledMap } from "@std/async/pool";
import { copyOfSources } from "../helpers/source_copy.ts";
import { type Break, BREAKS } from "./breaks.ts";

/** Most of a broken test's time is waiting for what never comes. */
const AT_ONCE = 4;

Deno.test("broken on purpose, each promise of SECURITY.md fails the test that is named for it", async () => {
  await using copies = new AsyncDisposableStack();
  const free = await Promise.all(
    Array.from({ length: AT_ONCE }, async () => copies.use(await copyOfSources()).path),
  );
  const faults: string[] = [];
  const found = pooledMap(AT_ONCE, BREAKS, async (broken) => {
    const path = free.pop();
    if (path === undefined) throw new Error("expected a copy that is free");
    const fault = await faultOf(path, broken);
    free.push(path);
    return fault;
  });
  for await (const fault of found) if (fault !== undefined) faults.push(fault);
  assertEquals(faults, []);
});

/** Why a break of a copy does not show that the promise is tested; undefined if it does. */
async function faultOf(copy: string, broken: Break): Promise<string | undefined> {
  const path = `${copy}/${broken.file}`;
  const source = await Deno.readTextFile(path);
  if (source.split(broken.from).length !== 2) {
    return `${broken.file} must have once, to be broken: ${broken.from}`;
  }
  await Deno.writeTextFile(path, source.replace(broken.from, () => broken.to));
  const { output, code } = await runTest(copy, broken);
  await Deno.writeTextFile(path, source);
  if (code !== 0 && /\b1 failed\b/.test(output)) return undefined;
  return `${broken.test} passes or does not run: "${broken.title}", without: ${broken.promise}\n${output}`;
}

async function runTest(
  cwd: string,
  { test, title }: Break,
): Promise<{ readonly output: string; readonly code: number }> {
  const exact = `/^${title.replace(/[/\\^$*+?.()|[\]{}]/g, "\\$&")}$/`;
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "test",
      "--config=tests/deno.json",
      "--allow-all",
      "--no-check",
      "--quiet",
      "--filter",
      exact,
      test,
    ],
    cwd,
    env: { NO_COLOR: "1" },
  }).output();
  const decoder = new TextDecoder();
  return { output: decoder.decode(stdout) + decoder.decode(stderr), code };
}
