/** What the unit for systemd starts, without systemd: the command, and what SIGHUP does to it. */

import { assertEquals } from "@std/assert";
import { environmentOf } from "../helpers/programs.ts";
import { TestProcess } from "../helpers/process.ts";

const UNIT = new URL("../../server/mim-server.service", import.meta.url);
/** "deno" as npm may leave it: a process of its own in front of the real one. */
const WRAPPER = '#!/bin/sh\n"$REAL_DENO" "$@"\n';

/** The shell's words in the unit, with another folder and any free port. */
async function commandIn(folder: string): Promise<string> {
  const unit = await Deno.readTextFile(UNIT);
  const [, command = ""] = /^ExecStart=\/bin\/sh -c '(.*)'$/m.exec(unit) ?? [];
  const words = command.replaceAll("$$", "$").replaceAll("/var/lib/mim", folder);
  return `echo pid $$; ${words} --hostname 127.0.0.1 --port 0`;
}

Deno.test({
  name: "the unit: SIGHUP reads anew and never kills, early or late, with npm's wrapper too",
  ignore: Deno.build.os === "windows",
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
      const hangUps = setInterval(() => Deno.kill(pid, "SIGHUP"), 5);
      try {
        await server.waitFor(/^listening on /);
      } finally {
        clearInterval(hangUps);
      }
      await server.waitForError(/read the welcome and the limits anew$/);
      server.kill("SIGTERM");
      assertEquals(await server.exitCode(), 0);
    }
    await Deno.remove(folder, { recursive: true });
  },
});
