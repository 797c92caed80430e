/** The disk is full while people chat: what can't be kept is said, and the program goes on. */

import { assertEquals, assertMatch } from "@std/assert";
import { dataFolderIn, newHome, runArgs, startClientIn, startServer } from "../helpers/programs.ts";
import { TestProcess } from "../helpers/process.ts";
import { fillDiskOf, freeDiskOf } from "../helpers/disk.ts";

/** Starts a program once on a small disk, then again when the disk is full. */
const ON_A_FULL_DISK = `home="$1" data="$2"; shift 2
  mount -t tmpfs -o size=1m none "$home" && "$@" 2> /dev/null
  test -s "$data/contacts.db" && rm -f "$data"/contacts.db-*
  dd if=/dev/zero of="$home/fill" bs=1k 2> /dev/null
  exec "$@"`;

/** Whether this user may mount a disk for one program alone. */
function canMount(): boolean {
  if (Deno.build.os !== "linux") return false;
  try {
    const mount = ["--mount", "mount", "-t", "tmpfs", "none", "/tmp"];
    return new Deno.Command("unshare", { args: mount, stderr: "null" }).outputSync().success;
  } catch {
    return false; // there is no such program
  }
}

const FULL = /can't be stored in \S+contacts\.db: database or disk is full/;

Deno.test("full disk: a message is said not to be sent, and the next one goes out once there is room", async () => {
  const server = await startServer();
  await using _ = server.process;
  const home = newHome();
  const at = ["--server", server.address];
  await using bob = startClientIn(newHome(), "bob", "--name", "bob", ...at);
  await bob.waitFor("logged-in\tbob");
  await using ada = startClientIn(home, "ada", "--name", "ada", ...at);
  await ada.waitFor("logged-in\tada");
  await ada.send("/talk bob");
  await ada.send("one");
  await bob.waitFor(/^message\t.*\tone\t/);
  await ada.waitFor(/^delivered\t/);
  const contacts = `${dataFolderIn(home)}/contacts.db`;
  fillDiskOf(contacts);
  await ada.send("two");
  await ada.waitFor(new RegExp(`^error\\tNothing was sent: .*${FULL.source}`));
  await ada.send("/verify bob");
  await ada.send("/verify bob yes");
  await ada.waitFor(FULL);
  freeDiskOf(contacts);
  await ada.send("three");
  await bob.waitFor(/^message\t.*\tthree\t/);
  await ada.send("/quit");
  assertEquals(await ada.exitCode(), 0);
});

Deno.test("full disk: what comes in is held, and shown in order once there is room, without being sent anew", async () => {
  const server = await startServer();
  await using _ = server.process;
  const home = newHome();
  const at = ["--server", server.address];
  await using bob = startClientIn(home, "bob", "--name", "bob", ...at);
  await bob.waitFor("logged-in\tbob");
  await using ada = startClientIn(newHome(), "ada", "--name", "ada", ...at);
  await ada.waitFor("logged-in\tada");
  await ada.send("/talk bob");
  await ada.send("one");
  await bob.waitFor(/^message\tada\tone/);
  const contacts = `${dataFolderIn(home)}/contacts.db`;
  fillDiskOf(contacts);
  await ada.send("two");
  await bob.waitFor(/^error\t.*will come again.*full/);
  await ada.send("three");
  freeDiskOf(contacts);
  await bob.waitFor(/^message\tada\tthree/);
  const shown = [...bob.unread].filter((line) => line.startsWith("message\t"));
  assertEquals(shown.length, 1, shown.join());
  assertMatch(shown[0] ?? "", /^message\tada\ttwo/);
});

Deno.test("full disk: a client that can't start for it says that the disk is full", {
  ignore: !canMount(),
}, async () => {
  const home = newHome();
  const start = ["--server", "127.0.0.1:9", "--no-discover", "who"];
  const program = [Deno.execPath(), ...runArgs("client", home), ...start];
  await using client = new TestProcess({
    name: "client",
    command: "unshare",
    args: ["--mount", "sh", "-c", ON_A_FULL_DISK, "sh", home, dataFolderIn(home), ...program],
  });
  const line = await client.waitForError(/^mim: Your contacts/);
  assertMatch(
    line,
    /cannot open \S+contacts\.db: the disk is full; make room on the disk, or copy/,
  );
  assertEquals(await client.exitCode(), 2);
});
