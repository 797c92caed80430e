/** Files between two programs as users run them: cut, killed, and on a disk that fills. */

import { assert, assertEquals } from "@std/assert";
import { TestProcess } from "../helpers/process.ts";
import { newHome, runArgs, startServer } from "../helpers/programs.ts";
import { hashOf, writeRandom } from "../helpers/random_file.ts";
import { requiringTest } from "../helpers/required.ts";
import { poll } from "../helpers/wait.ts";

const SIZE = 64 * 1_048_576;
const CUTS = 8;

/** A client for scripts, in its home. */
function start(name: string, home: string, server: string): TestProcess {
  const args = ["--name", name, "--server", server, "--downloads", `${home}/Downloads/MIM`];
  return new TestProcess({
    name,
    command: Deno.execPath(),
    args: [...runArgs("client", home), ...args],
  });
}

/** The row of the only file in somebody's list. */
async function listed(process: TestProcess): Promise<string> {
  await process.send("/files");
  return await process.waitFor(/^note\t1 {2}/);
}

Deno.test("files: 64 MB arrive whole though either program is killed again and again", async () => {
  const server = await startServer();
  await using _ = server.process;
  const [homeOfAda, homeOfBob] = [newHome(), newHome()];
  const path = `${homeOfAda}/large file.bin`;
  const hash = await writeRandom(path, SIZE);
  let ada = start("ada", homeOfAda, server.address);
  let bob = start("bob", homeOfBob, server.address);
  try {
    await bob.waitFor("logged-in\tbob");
    await ada.waitFor("logged-in\tada");
    await ada.waitFor(/^online\tbob/);
    await ada.send("/talk bob");
    await ada.waitFor(/^chat-opened\tbob/);
    await ada.send(`/sendfile "${path}"`);
    await bob.waitFor(/^file-offered\tada\t1\tlarge file\.bin\t67108864/);
    await bob.send("/getfile 1");
    for (let cut = 0; cut < CUTS; cut++) {
      let line = "";
      await poll(async () => {
        line = await listed(bob);
        return /\), (?:\d+ %|done)/.test(line);
      }, "the file to come");
      if (line.includes("), done")) break; // this machine was faster than the cuts
      const isAda = cut % 2 === 0;
      const killed = isAda ? ada : bob;
      killed.kill("SIGKILL");
      await killed.exitCode();
      await killed[Symbol.asyncDispose]();
      if (isAda) ada = start("ada", homeOfAda, server.address);
      else bob = start("bob", homeOfBob, server.address);
      await (isAda ? ada : bob).waitFor(`logged-in\t${isAda ? "ada" : "bob"}`);
    }
    // Whoever was killed after the end has said it before.
    for (const end of [bob, ada]) {
      await poll(async () => (await listed(end)).includes("), done"), "the end");
    }
    const folder = `${homeOfBob}/Downloads/MIM`;
    assertEquals(Array.from(Deno.readDirSync(folder), ({ name }) => name), ["large file.bin"]);
    assertEquals(await hashOf(`${folder}/large file.bin`), hash);
  } finally {
    await ada[Symbol.asyncDispose]();
    await bob[Symbol.asyncDispose]();
  }
});

Deno.test("files: send --file ends with 0 once it is there, and with 6 if it is declined", async () => {
  const server = await startServer();
  await using _ = server.process;
  const [homeOfAda, homeOfBob] = [newHome(), newHome()];
  await Deno.mkdir(`${homeOfAda}/two`);
  await writeRandom(`${homeOfAda}/two/a`, 65_536);
  await writeRandom(`${homeOfAda}/two/b`, 65_536);
  const send = (...paths: string[]) =>
    new TestProcess({
      name: "ada",
      command: Deno.execPath(),
      args: [
        ...runArgs("client", homeOfAda),
        ...["--name", "ada", "--server", server.address, "send", "bob", "--wait", "60", "--file"],
        ...paths,
      ],
    });
  await using receiver = new TestProcess({
    name: "bob",
    command: Deno.execPath(),
    args: [
      ...runArgs("client", homeOfBob),
      ...["--name", "bob", "--server", server.address, "receive", "--from", "ada", "--once"],
      ...["--into", `${homeOfBob}/Downloads/MIM`],
    ],
  });
  await using sender = send(`${homeOfAda}/two`);
  assertEquals([await sender.exitCode(), await receiver.exitCode()], [0, 0]);
  for (const name of ["a", "b"]) {
    assertEquals(
      await hashOf(`${homeOfBob}/Downloads/MIM/two/${name}`),
      await hashOf(`${homeOfAda}/two/${name}`),
    );
  }
  await using bob = start("bob", homeOfBob, server.address);
  await bob.waitFor("logged-in\tbob");
  await using other = send(`${homeOfAda}/two/a`);
  await bob.waitFor(/^file-offered\tada/);
  await bob.send("/cancelfile 2");
  assertEquals(await other.exitCode(), 6);
  // A signal withdraws the offer.
  await using stopped = send(`${homeOfAda}/two/b`);
  await bob.waitFor(/^file-offered\tada\t3\t/);
  stopped.kill("SIGINT");
  await stopped.waitForError(
    "mim: bob does not have all of it: it was stopped; the offer was withdrawn",
  );
  assertEquals(await stopped.exitCode(), 130);
  await bob.waitFor("file-failed\t3\tada has withdrawn the offer\twithdrawn\tb\tada");
});

Deno.test("files: send --queue --file leaves an offer for somebody who is offline", async () => {
  const server = await startServer();
  await using _ = server.process;
  const [homeOfAda, homeOfBob] = [newHome(), newHome()];
  const hash = await writeRandom(`${homeOfAda}/x`, 65_536);
  const send = async (...args: string[]) => {
    await using sending = new TestProcess({
      name: "ada",
      command: Deno.execPath(),
      args: [
        ...runArgs("client", homeOfAda),
        ...["--name", "ada", "--server", server.address, "send", "bob", ...args],
      ],
    });
    return await sending.exitCode();
  };
  assertEquals(await send("--queue", "--file", `${homeOfAda}/x`), 5); // nobody knows that name
  {
    await using bob = start("bob", homeOfBob, server.address);
    await bob.waitFor("logged-in\tbob");
    assertEquals(await send("hi"), 0);
  }
  assertEquals(await send("--queue", "--file", `${homeOfAda}/x`), 0);
  await using ada = start("ada", homeOfAda, server.address);
  await ada.waitFor("logged-in\tada");
  await using bob = start("bob", homeOfBob, server.address);
  await bob.waitFor(/^file-offered\tada\t1\tx\t65536/);
  await bob.send("/getfile 1");
  await bob.waitFor(/^file-received\t1\t/);
  assertEquals(await hashOf(`${homeOfBob}/Downloads/MIM/x`), hash);
});

/** Whether this machine lets a program have a disk of its own. */
function whyNoDisk(): string | undefined {
  if (Deno.build.os !== "linux") return "a disk of its own needs Linux";
  const { success } = new Deno.Command("unshare", {
    args: ["-m", "sh", "-c", "mount -t tmpfs -o size=1m tmpfs /mnt"],
    stdout: "null",
    stderr: "null",
  }).outputSync();
  return success ? undefined : "unshare -m and mount need root";
}

let missing: string | undefined = "there is no unshare";
try {
  missing = whyNoDisk();
} catch {
  // Nor is there a program to ask.
}

requiringTest(
  "netns",
  missing,
  "files: on a disk that is full a transfer pauses, and goes on once there is room",
  async () => {
    const server = await startServer();
    await using _ = server.process;
    const [homeOfAda, homeOfBob] = [newHome(), newHome()];
    const folder = `${homeOfBob}/Downloads/MIM`;
    await Deno.mkdir(folder, { recursive: true });
    const path = `${homeOfAda}/x.bin`;
    const hash = await writeRandom(path, 6 * 1_048_576);
    await using ada = start("ada", homeOfAda, server.address);
    await ada.waitFor("logged-in\tada");
    const options = ["--name", "bob", "--server", server.address, "--downloads", folder];
    const mount = `mount -t tmpfs -o size=10m tmpfs "${folder}" && ` +
      `head -c 7000000 /dev/zero > "${folder}/other" && exec "$@"`;
    await using bob = new TestProcess({
      name: "bob",
      command: "unshare",
      args: [
        "-m",
        "sh",
        "-c",
        mount,
        "sh",
        Deno.execPath(),
        ...runArgs("client", homeOfBob),
        ...options,
      ],
    });
    await bob.waitFor("logged-in\tbob");
    await ada.waitFor(/^online\tbob/);
    await ada.send("/talk bob");
    await ada.waitFor(/^chat-opened\tbob/);
    await ada.send(`/sendfile ${path}`);
    await bob.waitFor(/^file-offered/);
    await bob.send("/getfile 1");
    await bob.waitFor("file-state\t1\tpaused\tdisk-full");
    // The disk is seen by that process alone.
    const seen = `/proc/${bob.pid}/root${folder}`;
    assert(!Array.from(Deno.readDirSync(seen), ({ name }) => name).includes("x.bin"));
    await Deno.remove(`${seen}/other`);
    await bob.waitFor(/^file-received\t1\t/);
    assertEquals(await hashOf(`${seen}/x.bin`), hash);
    await ada.waitFor(/^file-sent\t1\t/);
  },
);
