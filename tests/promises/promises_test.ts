/**
 * Breaks each promise of SECURITY.md by a small change in a copy of the sources, and expects the test
 * that the page names for it to fail: a test that passes all the same would protect nobody.
 */
import { assertEquals } from "@std/assert";
import { pooledMap } from "@std/async/pool";
import { copyOfSources } from "../helpers/source_copy.ts";
import { type Break, BREAKS } from "./breaks.ts";

/** Most of a broken test's time is waiting for what never comes. */
const AT_ONCE = 6;

Deno.test("broken on purpose, each promise of SECURITY.md fails the test that is named for it", async () => {
  const faults: string[] = [];
  for await (const fault of pooledMap(AT_ONCE, BREAKS, faultOf)) {
    if (fault !== undefined) faults.push(fault);
  }
  assertEquals(faults, []);
});

/** Why a break does not show that the promise is tested; undefined if it does. */
async function faultOf(broken: Break): Promise<string | undefined> {
  await using copy = await copyOfSources();
  const path = `${copy.path}/${broken.file}`;
  const source = await Deno.readTextFile(path);
  if (source.split(broken.from).length !== 2) {
    return `${broken.file} must have once, to be broken: ${broken.from}`;
  }
  await Deno.writeTextFile(path, source.replace(broken.from, () => broken.to));
  const { output, code } = await runTest(copy.path, broken);
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
