/** Somebody holds a lock, or a pipe stands in a file's place: nothing waits for ever, and signals work. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { FILES_SCHEMA } from "../../client/storage/files/schema.ts";
import { ROOMS_SCHEMA } from "../../client/storage/rooms/schema.ts";
import { dataFolderIn, newHome, startClientIn, startServer } from "../helpers/programs.ts";
import { TestTerminal } from "../helpers/terminal.ts";
import { poll } from "../helpers/wait.ts";

const ignore = Deno.build.os === "windows";

/** A client's data folder after one start, in which a test may hold a lock. */
async function usedHome(address: string): Promise<string> {
  const home = newHome();
  await using first = startClientIn(home, "ada", "--name", "ada", "--server", address);
  await first.waitFor("logged-in\tada");
  await first.send("/ignore eve");
  await first.send("/quit");
  await first.exitCode();
  return home;
}

function hold(path: string): Disposable {
  const file = Deno.openSync(path, { write: true, create: true });
  file.lockSync(true);
  return file;
}

Deno.test(
  "locks: another program's lock on the contacts is waited for, and said",
  {
    ignore,
  },
  async () => {
    const server = await startServer();
    await using _ = server.process;
    const home = await usedHome(server.address);
    const path = `${dataFolderIn(home)}/contacts.lock`;
    using _lock = hold(path);
    await using ada = startClientIn(home, "ada", "--name", "ada", "--server", server.address);
    const line = await ada.waitForError(/locked by another program/);
    assert(line.includes(path), line);
    assertEquals(await ada.exitCode(), 2);
  },
);

// Only Linux shows that a program waits for a lock.
Deno.test(
  "locks: one SIGTERM ends a client that waits for another program's lock",
  { ignore: Deno.build.os !== "linux" },
  async () => {
    const home = newHome();
    const folder = dataFolderIn(home);
    await Deno.mkdir(folder, { recursive: true });
    const lock = Deno.realPathSync(folder) + "/contacts.lock";
    using _lock = hold(lock);
    const start = ["--name", "ada", "--server", "127.0.0.1:9", "--no-discover"];
    const uses = {
      chat: [],
      script: ["send", "bob", "hi"],
      window: ["window", "--no-open"],
      list: ["servers"],
    };
    await Promise.all(
      Object.entries(uses).map(async ([name, more]) => {
        await using client = startClientIn(home, name, ...start, ...more);
        await poll(() => hasOpen(client.pid, lock), `${name} to wait for the lock`);
        client.kill("SIGTERM");
        assertEquals(
          await client.exitCode(),
          143,
          `${name} ends by the signal, not after five seconds`,
        );
      }),
    );
  },
);

/** Whether a process has a file open, on Linux. */
function hasOpen(pid: number, path: string): boolean {
  const folder = `/proc/${pid}/fd`;
  return [...Deno.readDirSync(folder)].some(({ name }) => {
    try {
      return Deno.readLinkSync(`${folder}/${name}`) === path;
    } catch {
      return false; // it was closed meanwhile
    }
  });
}

Deno.test("locks: without the history or the ignore list a client goes on, and says why", {
  ignore,
}, async () => {
  const server = await startServer();
  await using _ = server.process;
  const home = await usedHome(server.address);
  const folder = dataFolderIn(home);
  using _one = hold(`${folder}/history.lock`);
  using _other = hold(`${folder}/ignored.lock`);
  await using ada = startClientIn(home, "ada", "--name", "ada", "--server", server.address);
  assertMatch(await ada.waitFor(/^note\tNo history is kept/), /history\.lock has been locked/);
  await ada.waitFor("logged-in\tada");
  await ada.send("/ignore mallory");
  await ada.send("/quit");
  await ada.waitFor(/^note\tCannot save the ignore list: .*ignored\.lock has been locked/);
  assertEquals(await ada.exitCode(), 0);
});

Deno.test(
  "locks: a pipe in the place of any file is named at once, and nothing hangs",
  { ignore },
  async () => {
    const server = await startServer();
    await using _ = server.process;
    for (
      const name of [
        "config.json",
        "identity.key",
        "contacts.db",
        "contacts.lock",
        "history.db",
        "rooms.db",
      ]
    ) {
      const home = newHome();
      const folder = dataFolderIn(home);
      await Deno.mkdir(folder, { recursive: true });
      await new Deno.Command("mkfifo", { args: [`${folder}/${name}`] }).output();
      await using ada = startClientIn(home, "ada", "--name", "ada", "--server", server.address);
      if (name === "history.db") await ada.waitFor(/^note\tNo history is kept: .*it is a pipe/);
      else {
        await ada.waitForError(/it is a pipe/);
        assertEquals(await ada.exitCode(), 2);
      }
    }
  },
);

Deno.test("a newer MIM's rooms or transfers are left alone: the client says so and ends with 2", async () => {
  for (const [file, schema] of [["rooms.db", ROOMS_SCHEMA], ["files.db", FILES_SCHEMA]] as const) {
    const home = newHome();
    const folder = dataFolderIn(home);
    await Deno.mkdir(folder, { recursive: true });
    using db = new DatabaseSync(`${folder}/${file}`);
    db.exec(
      `PRAGMA application_id = ${schema.application}; PRAGMA user_version = 99; CREATE TABLE a (b)`,
    );
    await using ada = startClientIn(home, "ada", "--name", "ada", "--server", "127.0.0.1:9");
    const line = await ada.waitForError(/a newer MIM has written it/);
    assert(line.includes(file) && !line.includes("Unexpected"), line);
    assertEquals(await ada.exitCode(), 2);
  }
});

Deno.test(
  "locks: while another client writes in the contacts, typing goes on",
  { ignore },
  async () => {
    const server = await startServer();
    await using _ = server.process;
    const home = newHome();
    const data = ["--data", dataFolderIn(home)];
    const args = [
      "run",
      "--quiet",
      "-A",
      "client/main.ts",
      "--name",
      "ada",
      "--server",
      server.address,
    ];
    await using bob = startClientIn(newHome(), "bob", "--name", "bob", "--server", server.address);
    await bob.waitFor("logged-in\tbob");
    await using ada = new TestTerminal([...args, ...data]);
    await ada.shows(/^ada>/);
    ada.type("/talk bob\r");
    await ada.shows(/^ada ▸ bob>/);
    using db = new DatabaseSync(`${dataFolderIn(home)}/contacts.db`);
    db.exec("PRAGMA busy_timeout = 10000; BEGIN EXCLUSIVE"); // ada may be writing whom she has met
    using _lock = hold(`${dataFolderIn(home)}/input.history`);
    ada.type("hello\r");
    ada.type("half a line");
    await ada.shows(/half a line/);
    db.exec("ROLLBACK");
    await bob.waitFor(/^message\tada\thello/);
  },
);
