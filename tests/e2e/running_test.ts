/** One program for a data folder: nobody is in the table twice by mistake. */

import { assertEquals, assertMatch } from "@std/assert";
import {
  dataFolderIn,
  newHome,
  runToEndIn,
  startClientIn,
  startServer,
} from "../helpers/programs.ts";

const unix = { ignore: Deno.build.os === "windows" };

Deno.test("running: a second program of one name and server says why it ends", unix, async () => {
  const { process, port } = await startServer();
  await using _ = process;
  const at = ["--server", `127.0.0.1:${port}`, "--name"];
  const home = newHome();
  await using ada = startClientIn(home, "ada", ...at, "ada", "--plain");
  await ada.waitFor("logged-in\tada");
  const reason =
    `runs already with this data folder, in a terminal, as ada at 127.0.0.1:${port}; ` +
    "--again starts another one beside it";
  for (const args of [["--plain"], ["window", "--no-open"]]) {
    const { code, stderr } = await runToEndIn(home, "client", ...at, "ADA", ...args);
    assertEquals(code, 2);
    assertMatch(stderr, new RegExp(reason));
  }
  // Commands do one thing and leave; another name is meant; --again says so.
  const { code } = await runToEndIn(home, "client", ...at, "ada", "who");
  assertEquals(code, 0);
  for (const args of [["eve"], ["ada", "--again"]]) {
    await using other = startClientIn(home, "other", ...at, ...args, "--plain");
    await other.waitFor(/^logged-in\t/);
  }
});

Deno.test("running: a program that was killed keeps nobody out", unix, async () => {
  const { process, port } = await startServer();
  await using _ = process;
  const at = ["--server", `127.0.0.1:${port}`, "--name", "ada", "--plain"];
  const home = newHome();
  {
    await using ada = startClientIn(home, "ada", ...at);
    await ada.waitFor("logged-in\tada");
    ada.kill("SIGKILL");
  }
  assertEquals((await Deno.stat(`${dataFolderIn(home)}/running.sock`)).isSocket, true);
  {
    await using next = startClientIn(home, "ada", ...at);
    await next.waitFor("logged-in\tada");
    await next.send("/quit");
    assertEquals(await next.exitCode(), 0);
  }
  const left = [...Deno.readDirSync(dataFolderIn(home))].map(({ name }) => name);
  assertEquals(left.includes("running.sock"), false);
});
