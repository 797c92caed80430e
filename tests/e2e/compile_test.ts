import {
  assert,
  assertEquals,
  assertMatch,
  assertNotMatch,
  assertStringIncludes,
} from "@std/assert";
import { TestProcess } from "../helpers/process.ts";

import config from "../../deno.json" with { type: "json" };

const decoder = new TextDecoder();

/** Runs Deno in the project's folder; what it prints, once it has ended well. */
async function deno(args: readonly string[], env: Record<string, string> = {}): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd: new URL("../../", import.meta.url),
    env: { NO_COLOR: "1", ...env },
    stdin: "null",
  }).output();
  const said = decoder.decode(stdout) + decoder.decode(stderr);
  assertEquals(code, 0, said);
  return said;
}

/**
 * The runtime that executables are made of comes from the network; this Deno itself stands in its
 * place. So what is checked is the one file that goes into an executable, which is run, and that the
 * executable takes it and nothing else.
 */
for (const [program, name] of [["client", "mim"], ["server", "mim-server"]] as const) {
  Deno.test(`${name}: becomes one file that runs, and an executable of just that file`, async () => {
    const folder = await Deno.makeTempDir();
    const [bundle = "", compile = ""] = config.tasks[`compile:${program}`].split(" && ")
      .map((command) => command.replaceAll("dist/", `${folder}/`));
    await deno(bundle.split(" ").slice(1));
    assertMatch(await deno(["run", "--no-prompt", `${folder}/${name}.js`, "--version"]), /^mim/);
    assert((await Deno.stat(`${folder}/${name}.js`)).size < 2_500_000, "no test package, no types");
    const modules = await Deno.readTextFile(`${folder}/${name}.js`);
    assertNotMatch(modules, /\/(fast-check|playwright-core|axe-core|@xterm)\//);

    const listing = await deno(compile.split(" ").slice(1), { DENORT_BIN: Deno.execPath() });
    assertStringIncludes(listing, `${name}.js`);
    assertNotMatch(listing, /node_modules|_test\.ts/);
    await Deno.remove(folder, { recursive: true });
  });

  Deno.test(`${name}: compiled with the permissions that its task runs with`, () => {
    const allowed = (command: string) => command.match(/--(allow|no-prompt)[^\s="]*(=[\w,]+)?/g);
    // The client's executable is the window's, too.
    const task = program === "client" ? "window" : program;
    assertEquals(
      allowed(config.tasks[`compile:${program}`]),
      allowed(config.tasks[`${task}:run`]),
    );
  });
}

Deno.test("mim: the one file reads its config and keeps a history", async () => {
  const folder = await Deno.makeTempDir();
  const [bundle = ""] = config.tasks["compile:client"].split(" && ");
  await deno(bundle.replaceAll("dist/", `${folder}/`).split(" ").slice(1));
  await Deno.writeTextFile(`${folder}/config.json`, '{ "server": "127.0.0.1:1", } // nobody there');
  const { code } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--allow-all", `${folder}/mim.js`, "--data", folder],
    stdin: "null",
  }).output();
  assertEquals(code, 3);
  assert((await Deno.stat(`${folder}/history.db`)).isFile);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("mim: the one file has the window's page in it", async () => {
  const folder = await Deno.makeTempDir();
  const [bundle = ""] = config.tasks["compile:client"].split(" && ");
  await deno(bundle.replaceAll("dist/", `${folder}/`).split(" ").slice(1));
  await using mim = new TestProcess({
    name: "mim",
    command: Deno.execPath(),
    args: [
      ...["run", "--no-prompt", "--allow-all", `${folder}/mim.js`],
      ...["--data", folder, "--plain", "window", "--no-open"],
    ],
  });
  const address = (await mim.waitFor(/^window\t/)).slice("window\t".length);
  const entered = await fetch(address);
  const cookie = entered.headers.get("set-cookie")?.split(";")[0] ?? "";
  const [, path = ""] = /src="([^"]+)main\.js"/.exec(await entered.text()) ?? [];
  for (
    const [file, what] of [["", "<title>MIM</title>"], ["main.js", "new Connection("]] as const
  ) {
    const answer = await fetch(new URL(path + file, address), { headers: { cookie } });
    assertStringIncludes(await answer.text(), what);
  }
  mim.kill();
  await mim.exitCode();
  await Deno.remove(folder, { recursive: true });
});

Deno.test("mim: as an executable it may use any file, for the builder's home is not the user's", () => {
  const words = config.tasks["compile:client"].split(" ");
  assert(words.includes("--allow-read") && words.includes("--allow-write"));
  assertNotMatch(config.tasks["compile:client"], /\$/);
});
