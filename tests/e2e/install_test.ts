/** `mim install` and `mim uninstall`: a service of the user's own, shown first, and what it starts. */

import { dirname } from "node:path";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { npmPrograms } from "../../server/packages/programs.ts";
import { environmentOf, newHome, startServer } from "../helpers/programs.ts";
import { TestProcess } from "../helpers/process.ts";
import { eventually } from "../helpers/wait.ts";

const { denoArgs } = await import("../../server/packages/npm/launch.js");
/** The options that a bundle needs, and that the sources can't be run with. */
const BUNDLE_FLAGS = ["--no-config", "--no-lock", "--cached-only"];
const ROOT = new URL("../../", import.meta.url);

/** Runs MIM with the permissions that the package for npm gives it. */
async function mim(home: string, ...args: string[]) {
  const session = { XDG_CONFIG_HOME: "", XDG_RUNTIME_DIR: `${home}/run` };
  const env = { ...environmentOf(home), ...session, NO_COLOR: "1" };
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: denoArgs(npmPrograms().mim, "client/main.ts", args, env)
      .filter((word: string) => !BUNDLE_FLAGS.includes(word)),
    env,
    cwd: ROOT,
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return { code, out: decoder.decode(stdout), err: decoder.decode(stderr) };
}

async function killGroup(pid: number): Promise<void> {
  await new Deno.Command("kill", { args: ["-KILL", "--", `-${pid}`] }).output();
}

Deno.test({
  name: "install: the unit is shown, written, starts the window, and is removed again",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const home = newHome();
    const path = `${home}/.config/systemd/user/mim.service`;
    const trigger = `${home}/.config/systemd/user/default.target.d/mim.conf`;
    const { process, address } = await startServer();
    await using _ = process;
    const options = ["--server", address, "--name", "ada", "--listen", "127.0.0.1"];
    const asked = await mim(home, "install", ...options);
    assertEquals(asked.code, 2);
    assertMatch(asked.out, /^to be written: \S+mim\.service\n {2}# Written by "mim install"/);
    assertMatch(asked.err, /Add --yes to the command; nothing was done/);
    assertEquals(await Deno.stat(path).catch(() => undefined), undefined);

    const without = await mim(home, "install", "--yes", ...options);
    assertEquals(without.code, 0, without.err);
    assertMatch(without.out, /^systemd runs no services of yours in this session.* log in anew/m);
    const undone = await mim(home, "uninstall", "--yes");
    assertMatch(undone.out, /^removed \S+mim\.service$/m);
    assertEquals(await Deno.lstat(dirname(trigger)).catch(() => undefined), undefined);
    await Deno.mkdir(`${home}/run/systemd`, { recursive: true }); // as in a session of systemd's

    const installed = await mim(home, "install", "--yes", ...options);
    assertEquals(installed.code, 0, installed.err);
    assertMatch(installed.out, /start it now with: systemctl --user daemon-reload/);
    assertMatch(await Deno.readTextFile(trigger), /^Wants=mim\.service$/m);
    const unit = await Deno.readTextFile(path);
    const [, command = ""] = /^ExecStart=(.*)$/m.exec(unit) ?? [];
    // Its words are quoted as a shell does, too, as long as there is no $ in them.
    assert(!command.includes("$"));
    {
      const env = environmentOf(home);
      const args = ["/bin/sh", "-c", `exec ${command}`];
      await using service = new TestProcess({ name: "service", command: "setsid", args, env });
      // As systemd does, with all that it has started; tasks leave what they run behind.
      await using _all = { [Symbol.asyncDispose]: () => killGroup(service.pid) };
      await service.waitFor(/^window\t/);
      await eventually(async () => {
        assertMatch(
          (await mim(home, "who", ...options.slice(0, 2), "--name", "bob")).out,
          /\tada\t/,
        );
      });
    }
    // It is written anew, but nobody else's file is replaced or removed.
    assertEquals((await mim(home, "install", "--yes")).code, 0);
    const removed = await mim(home, "uninstall", "--yes");
    assertMatch(removed.out, /removed \S+; stop MIM now with: systemctl --user stop mim/);
    for (const gone of [path, trigger]) {
      assertEquals(await Deno.lstat(gone).catch(() => undefined), undefined);
    }
    assertMatch((await mim(home, "uninstall")).out, /^nothing is installed/);
    // An installation that can't be made whole is not made at all.
    await Deno.symlink("nowhere", dirname(trigger));
    const failed = await mim(home, "install", "--yes");
    assertEquals(failed.code, 2);
    assertMatch(failed.err, /Cannot write \S+mim\.conf: .*; nothing was installed/);
    assertEquals(await Deno.lstat(path).catch(() => undefined), undefined);
    await Deno.remove(dirname(trigger));
    await Deno.writeTextFile(path, "[Service]\nExecStart=/bin/true\n");
    for (const command of ["install", "uninstall"]) {
      const refused = await mim(home, command, "--yes");
      assertEquals(refused.code, 2);
      assertMatch(refused.err, /is not of mim install, so it stays/);
    }
    assertEquals((await mim(home, "who", "--yes")).code, 2);
    assertEquals((await mim(home, "install", "--yes", "--data", home)).code, 2);
  },
});
