/** access.json: read at the start and on SIGHUP; what a client says that may not log in. */

import { assertEquals, assertMatch } from "@std/assert";
import { TempFolder } from "../helpers/disk.ts";
import { newHome, runToEnd, startServerIn } from "../helpers/programs.ts";

const ignore = Deno.build.os === "windows"; // it has no SIGHUP

Deno.test({ name: "who: a banned user is told why, and the code is 4", ignore }, async () => {
  const home = newHome();
  const data = `${home}/.local/state/mim/server`;
  await Deno.mkdir(data, { recursive: true });
  const access = `${data}/access.json`;
  await Deno.writeTextFile(access, '{ "ban": { "names": ["mallory"] } }');
  const server = await startServerIn(home);
  await using process = server.process;
  const who = async (name: string, ...more: string[]) => {
    const args = ["--server", server.address, "--listen", "127.0.0.1", "--name", name];
    return await runToEnd("client", ...args, ...more, "who");
  };
  const banned = await who("Mallory");
  assertEquals(banned.code, 4, banned.stderr);
  assertMatch(banned.stdout, /^error\t[^\n]*your name is banned here; ask the operator[^\n]*\n$/);
  assertEquals((await who("mallory", "--classic")).code, 4);
  assertEquals((await who("ada")).code, 0);

  await Deno.writeTextFile(access, '{ "ban": {\n"name": ["ada"] } }');
  process.kill("SIGHUP");
  const reason = await process.waitForError(/kept the old rules of access/);
  assertMatch(reason, /Line 2 of \S+access\.json: unknown list name; the lists are keys/);
  assertEquals((await who("mallory")).code, 4);

  await Deno.rename(access, `${data}/volume`);
  await Deno.symlink(`${data}/gone`, access);
  process.kill("SIGHUP");
  await process.waitForError(
    /kept the old rules of access: .*access\.json is a link that leads nowhere/,
  );
  assertEquals((await who("mallory")).code, 4);
  await Deno.remove(access);

  await Deno.writeTextFile(access, '{ "allow": { "names": ["mallory"] } }');
  process.kill("SIGHUP");
  await process.waitForError(/reloaded who may log in/);
  assertEquals((await who("mallory")).code, 0);
  const other = await who("ada");
  assertEquals(other.code, 4);
  assertMatch(other.stdout, /only people on this server's list may log in here; ask the operator/);
});

Deno.test("a server whose access.json has a mistake does not start", async () => {
  using folder = new TempFolder();
  await Deno.writeTextFile(`${folder.path}/access.json`, '{ "bann": {} }');
  const { code, stderr } = await runToEnd("server", "--port", "0", "--data", folder.path);
  assertEquals(code, 2);
  assertMatch(
    stderr,
    /^mim-server: Line 1 of \S+access\.json: unknown key bann; the keys are allow/,
  );
});
