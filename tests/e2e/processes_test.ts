/** What a process inherits, and what comes in through its pipes. */

import { assertEquals } from "@std/assert";
import { newHome, runArgs, startClient, startServer } from "../helpers/programs.ts";
import { dataFolderIn } from "../helpers/programs.ts";
import { TestProcess } from "../helpers/process.ts";

Deno.test("stdin: one bad byte is one bad character, and the rest of the line is UTF-8", async () => {
  const server = await startServer();
  await using _ = server.process;
  const at = ["--server", server.address];
  await using bob = startClient("bob", "--name", "bob", ...at);
  await bob.waitFor("logged-in\tbob");
  const child = new Deno.Command(Deno.execPath(), {
    args: [...runArgs("client", newHome()), "--name", "ada", ...at, "send", "bob"],
    cwd: new URL("../../", import.meta.url),
    stdin: "piped",
    stdout: "null",
    stderr: "null",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode("Zoë isst "));
  await writer.write(new Uint8Array([0xff]));
  await writer.write(new TextEncoder().encode(" Käse\n"));
  await writer.close();
  await bob.waitFor(/^message\tada\tZoë isst \ufffd Käse\t/);
  assertEquals((await child.status).code, 0);
});

Deno.test("nohup: a SIGHUP that was ignored at the start stays ignored", {
  ignore: Deno.build.os !== "linux",
}, async () => {
  const server = await startServer();
  await using _ = server.process;
  const home = newHome();
  const all = ["run", "--quiet", "-A", "client/main.ts", "--data", dataFolderIn(home)];
  const [, ...task] = runArgs("client", home);
  const who = ["--name", "ada", "--server", server.address];
  const start = (shell: string, args: readonly string[] = all) =>
    new TestProcess({
      name: "ada",
      command: "sh",
      args: ["-c", `${shell}exec "$0" "$@"`, Deno.execPath(), ...args, ...who],
    });
  for (const args of [all, ["run", "--allow-run=cat", ...task]]) {
    await using ada = start("trap '' HUP; ", args);
    await ada.waitFor("logged-in\tada");
    ada.kill("SIGHUP");
    await ada.send("/who");
    await ada.waitFor(/^users\t/);
    ada.kill("SIGTERM");
    assertEquals(await ada.exitCode(), 143);
  }
  await using other = start("");
  await other.waitFor("logged-in\tada");
  other.kill("SIGHUP");
  assertEquals(await other.exitCode(), 143);
});
