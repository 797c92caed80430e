/** What the unit for systemd starts, without systemd: the command, and what SIGHUP does to it. */

import { assert, assertEquals } from "@std/assert";
import { poll } from "../helpers/wait.ts";
import { environmentOf } from "../helpers/programs.ts";
import { TestProcess } from "../helpers/process.ts";

const UNIT = new URL("../../server/cli/mim-server.service", import.meta.url);
/** "deno" as npm may leave it: a process of its own in front of the real one. */
const WRAPPER = '#!/bin/sh\n"$REAL_DENO" "$@"\n';

/** The shell's words in the unit, with another folder and any free port; once it is safe it says its pid. */
async function commandIn(folder: string): Promise<string> {
  const unit = await Deno.readTextFile(UNIT);
  const [, command = ""] = /^ExecStart=\/bin\/sh -c '(.*)'$/m.exec(unit) ?? [];
  const words = command.replaceAll("$$", "$").replaceAll("/var/lib/mim", folder);
  const said = words.replace("; exec ", () => "; echo pid $$; exec ");
  return `${said} --hostname 127.0.0.1 --port 0`;
}

/**
 * Sends SIGHUP again and again for as long as a process ignores it. Each time the process stands still,
 * so that it can't change that meanwhile: in the moment in which Deno takes signals over, which is too
 * short to matter, no listener is there yet.
 *
 * @returns how often
 */
async function hangUpWhileIgnored(pid: number): Promise<number> {
  const status = () => Deno.readTextFileSync(`/proc/${pid}/status`);
  for (let sent = 0;; sent++) {
    Deno.kill(pid, "SIGSTOP");
    await poll(() => /^State:\tT/m.test(status()), "it to stand still");
    const ignores = /^SigIgn:\t[0-9a-f]*[13579bdf]$/m.test(status());
    if (ignores) Deno.kill(pid, "SIGHUP");
    Deno.kill(pid, "SIGCONT");
    if (!ignores) return sent;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

Deno.test({
  name: "the unit: SIGHUP reads anew and never kills, early or late, with npm's wrapper too",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const folder = await Deno.makeTempDir();
    await Deno.writeTextFile(`${folder}/deno`, WRAPPER, { mode: 0o755 });
    const env = {
      ...environmentOf(folder),
      PATH: `${folder}:/usr/bin:/bin`,
      REAL_DENO: Deno.execPath(),
    };
    {
      await using server = new TestProcess({
        name: "server",
        command: "/bin/sh",
        args: ["-c", await commandIn(folder)],
        env,
      });
      const pid = Number((await server.waitFor(/^pid /)).split(" ")[1]);
      assert(await hangUpWhileIgnored(pid) > 0);
      await server.waitFor(/^listening on /);
      server.kill("SIGHUP");
      await server.waitForError(/reloaded the welcome and the limits$/);
      server.kill("SIGTERM");
      assertEquals(await server.exitCode(), 0);
    }
    await Deno.remove(folder, { recursive: true });
  },
});

Deno.test({
  name: "the unit: systemd finds nothing wrong with it",
  ignore: !(await isInstalled("systemd-analyze")),
  async fn() {
    const args = ["verify", UNIT.pathname];
    const { success, stderr } = await new Deno.Command("systemd-analyze", { args }).output();
    assertEquals([success, new TextDecoder().decode(stderr)], [true, ""]);
  },
});

async function isInstalled(program: string): Promise<boolean> {
  try {
    return (await new Deno.Command(program, { args: ["--version"] }).output()).success;
  } catch {
    return false;
  }
}
