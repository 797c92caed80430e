/** The released files: the bundles, the executables, and the packages, installed and run. */

import {
  assert,
  assertEquals,
  assertMatch,
  assertNotMatch,
  assertStringIncludes,
} from "@std/assert";
import { ALL_BUNDLES, buildBundles } from "../../server/packages/bundles.ts";
import { buildContainerContext } from "../../server/packages/container_context.ts";
import { buildDebianPackage } from "../../server/packages/debian_package.ts";
import { buildNpmPackage } from "../../server/packages/npm_package.ts";
import { runTool } from "../../server/packages/run_tool.ts";
import { removeFolder, TempFolder } from "../helpers/disk.ts";
import { newHome } from "../helpers/programs.ts";
import { requiringTest } from "../helpers/required.ts";
import { TestProcess } from "../helpers/process.ts";
import { IN_NAMESPACES, runContainer } from "../packages/container.ts";
import { TestTerminal } from "../helpers/terminal.ts";

import config from "../../deno.json" with { type: "json" };

const PROGRAMS = [["client", "mim"], ["server", "mim-server"]] as const;
const DATE = 1_700_000_000;

/** The folder with both bundles, which all tests of this file share. */
function bundles(): Promise<string> {
  return building ??= build();
}
let building: Promise<string> | undefined;

async function build(): Promise<string> {
  const made = await Deno.makeTempDir();
  addEventListener("unload", () => removeFolder(made));
  await buildBundles(made);
  return made;
}

/** Runs Deno in the project's folder; what it prints, once it has ended well. */
async function deno(args: readonly string[], env: Record<string, string> = {}): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd: new URL("../../", import.meta.url),
    env: { NO_COLOR: "1", ...env },
    stdin: "null",
  }).output();
  const said = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("");
  assertEquals(code, 0, said);
  return said;
}

/**
 * The runtime that executables are made of comes from the network; this Deno itself stands in its
 * place. So what is checked is the one file that goes into an executable, which is run, and that the
 * executable takes it and nothing else.
 */
for (const [program, name] of PROGRAMS) {
  Deno.test(`${name}: becomes one file that runs, and an executable of just that file`, async () => {
    const file = `${await bundles()}/${name}.js`;
    assertMatch(await deno(["run", "--no-prompt", file, "--version"]), /^mim/);
    assert((await Deno.stat(file)).size < 3_000_000, "no test package, no types");
    const modules = await Deno.readTextFile(file);
    assertNotMatch(modules, /\/(fast-check|playwright-core|axe-core|@xterm)\//);

    using out = new TempFolder();
    const [, compile = ""] = config.tasks[`compile:${program}`].split(" && ");
    const words = compile.replaceAll(`dist/${name}.js`, file)
      .replaceAll("dist/", `${out.path}/`).split(" ").slice(1);
    const listing = await deno(words, { DENORT_BIN: Deno.execPath() });
    assertStringIncludes(listing, `${name}.js`);
    assertNotMatch(listing, /node_modules|_test\.ts/);
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

Deno.test("the bundles name no folder of the machine that made them", async () => {
  const home = Deno.env.get("HOME");
  for (const name of ALL_BUNDLES) {
    const text = await Deno.readTextFile(`${await bundles()}/${name}`);
    for (
      const place of [
        new URL("../../", import.meta.url).pathname,
        home,
        "/.cache/",
        "/npm/registry",
      ]
    ) {
      if (place === undefined || place === "" || place === "/") continue;
      const at = text.indexOf(place);
      assertEquals(at, -1, text.slice(at - 80, at + 80));
    }
  }
});

Deno.test("mim: the one file reads its config and keeps a history", async () => {
  using data = new TempFolder();
  await Deno.writeTextFile(`${data.path}/config.json`, '{ "server": "127.0.0.1:1", } // nobody');
  const { code } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--allow-all", `${await bundles()}/mim.js`, "--data", data.path],
    stdin: "null",
  }).output();
  assertEquals(code, 3);
  assert((await Deno.stat(`${data.path}/history.db`)).isFile);
});

Deno.test("mim: the one file has the window's page in it", async () => {
  using data = new TempFolder();
  await using mim = new TestProcess({
    name: "mim",
    command: Deno.execPath(),
    args: [
      ...["run", "--no-prompt", "--allow-all", `${await bundles()}/mim.js`],
      ...["--data", data.path, "--plain", "window", "--no-open"],
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
});

Deno.test("mim: as an executable it may use any file, for the builder's home is not the user's", () => {
  const words = config.tasks["compile:client"].split(" ");
  assert(words.includes("--allow-read") && words.includes("--allow-write"));
  assertNotMatch(config.tasks["compile:client"], /\$/);
});

Deno.test("npm: the package is installed, and both programs chat, stop and tell their version", async () => {
  using work = new TempFolder();
  const tarball = await buildNpmPackage(await bundles(), work.path);
  const options = ["--prefix", work.path, "--prefer-offline", "--no-audit", "--no-fund"];
  await runTool(["npm", "install", "--ignore-scripts", "--silent", ...options, tarball]);
  const bin = `${work.path}/node_modules/.bin`;
  const start = (name: string, program: string, ...args: string[]) => {
    const env = { HOME: newHome(), XDG_DATA_HOME: "", XDG_STATE_HOME: "" };
    return new TestProcess({ name, command: `${bin}/${program}`, args, env });
  };
  await using version = start("version", "mim", "--version");
  await version.waitFor(`mim ${config.version}`);
  assertEquals(await version.exitCode(), 0);

  await using server = start("server", "mim-server", "--hostname", "127.0.0.1", "--port", "0");
  const address = (await server.waitFor(/^listening on /)).slice("listening on ".length);
  await server.waitFor(/^others join with: mim --server mim:/);
  const client = ["--server", address, "--no-discover", "--plain"];
  await using bob = start("bob", "mim", ...client, "--listen", "127.0.0.1", "--name", "bob");
  await using ada = start("ada", "mim", ...client, "--name", "ada", "send", "bob", "--wait", "60");
  await ada.send("hello");
  await ada.closeInput();
  await bob.waitFor(/^message\tada\thello/);
  assertEquals(await ada.exitCode(), 0);
  await using wait = start("eve", "mim", ...client, "--name", "eve", "wait", "bob");
  assertEquals(await wait.exitCode(), 0);

  bob.kill("SIGINT");
  assertEquals(await bob.exitCode(), 130);
  server.kill("SIGHUP");
  await server.waitForError(/reloaded the welcome and the limits$/);
  server.kill("SIGTERM");
  assertEquals(await server.exitCode(), 0);

  // On a terminal, Ctrl-C reaches both the launcher and the program, and counts once.
  const env = { HOME: newHome(), XDG_STATE_HOME: "" };
  const args = ["--hostname", "127.0.0.1", "--port", "0"];
  await using terminal = new TestTerminal(args, 80, 24, `${bin}/mim-server`, env);
  await terminal.until((lines) => lines.some((line) => line.startsWith("listening on")), "a start");
  terminal.type("\x03");
  assertEquals(await terminal.exitCode, 0);
  assertStringIncludes(terminal.output, "stopping on SIGINT");

  // As npm leaves it without optional dependencies.
  await Deno.remove(`${work.path}/node_modules/@deno`, { recursive: true });
  await using without = start("without", "mim");
  await without.waitForError(/^mim: Deno is missing beside this package/);
  assertEquals(await without.exitCode(), 1);
});

/** Installs a package in a copy of this system; without one, sees whether that is possible. */
async function installDebian(path = ""): Promise<string> {
  using work = new TempFolder();
  const script = new URL("../packages/install_debian.sh", import.meta.url).pathname;
  return await runTool([...IN_NAMESPACES, "sh", script, path, work.path]);
}

const whyNoDebian = Deno.build.os === "linux"
  ? await installDebian().then(() => undefined, (error: Error) => error.message)
  : "this system is not Linux";

requiringTest(
  "debian",
  whyNoDebian,
  "debian: the package is installed, serves as its user, and is removed without a trace",
  async () => {
    using work = new TempFolder();
    const path = await buildDebianPackage({
      bundles: await bundles(),
      runtime: Deno.execPath(),
      date: DATE,
      compression: ["-Znone"],
    }, work.path);
    const said = await installDebian(path);
    assertEquals(said.trimEnd().split("\n"), [
      "mim-server",
      "-rwxr-xr-x root root /usr/sbin/mim-server",
      "-rwxr-xr-x root root /usr/lib/mim-server/deno",
      "-rw-r--r-- root root /etc/mim/server.json",
      "enabled",
      `mim-server ${config.version}`,
      "listening on 127.0.0.1:PORT",
      "users: done",
      "banned the name mallory, disconnected 0, at this server; at the others once NATS is there again, and the log says when",
      "names: done",
      "wrote the key, the names and the settings of /var/lib/mim-server to /var/lib/mim-server/copy.mim",
      "whoever reads that file can impersonate this server: keep it safe",
      "drwx------ mim-server mim-server /var/lib/mim-server",
      "-rw------- mim-server mim-server /var/lib/mim-server/server.key",
      "-rw------- mim-server mim-server /var/lib/mim-server/bans.json",
      "stopped: 0",
      "gone: usr/lib/mim-server",
      "gone: usr/sbin/mim-server",
      "there: etc/mim/server.json",
      "there: var/lib/mim-server/server.key",
      "1",
      "gone: usr/lib/mim-server",
      "gone: etc/mim/server.json",
      "gone: etc/systemd/system/multi-user.target.wants/mim-server.service",
      "gone: var/lib/mim-server",
      "gone: var/cache/mim-server",
      "gone: usr/share/doc/mim-server",
      "gone: var/lib/systemd/deb-systemd-helper-enabled/mim-server.service.dsh-also",
    ]);
  },
);

requiringTest(
  "debian",
  whyNoDebian,
  "container: the image serves as its user, and knows whether it is well",
  async () => {
    using work = new TempFolder();
    const path = await buildContainerContext(await bundles(), DATE, work.path);
    assertEquals(await runContainer(path), [
      "before: unhealthy",
      "listening on 127.0.0.1:4242",
      "meanwhile: healthy",
      "users: done",
      "stopped: 0",
      "afterwards: unhealthy",
      "drwx------ mim-server /var/lib/mim-server",
      "-rw------- mim-server /var/lib/mim-server/server.key",
    ]);
  },
);
