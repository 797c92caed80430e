/** Whether MIM on a terminal logs in when it starts. */

import {
  dataFolderIn,
  newHome,
  runArgs,
  startClient,
  startClientIn,
  startServer,
} from "../helpers/programs.ts";
import { TestTerminal } from "../helpers/terminal.ts";

/** A new home with a config file of that text. */
async function homeWith(config: string): Promise<string> {
  const home = newHome();
  await Deno.mkdir(dataFolderIn(home), { recursive: true, mode: 0o700 });
  await Deno.writeTextFile(`${dataFolderIn(home)}/config.json`, config);
  return home;
}

Deno.test({
  name: "autologin: a terminal starts offline if it is off, and /login logs in",
  ignore: Deno.build.os === "windows",
  async fn() {
    const { process, address } = await startServer();
    await using _ = process;
    const config = { server: address, name: "ada", autologin: false };
    const home = await homeWith(JSON.stringify(config));
    {
      await using ada = new TestTerminal(runArgs("client", home));
      await ada.shows(/^Not logged in, as \/set autologin off says; \/login logs in$/);
      ada.type("/login\r");
      await ada.shows(/^You are online as ada$/);
      ada.type("/set autologin on\r");
      await ada.shows(/^autologin will be on from the next start$/);
      ada.type("/quit\r");
      await ada.exitCode;
    }
    await using again = new TestTerminal(runArgs("client", home));
    await again.shows(/^You are online as ada$/);
  },
});

Deno.test({
  name: "autologin: wrong values in the config file are named, and MIM logs in without them",
  ignore: Deno.build.os === "windows",
  async fn() {
    const { process, address } = await startServer();
    await using _ = process;
    const home = await homeWith(
      `{ "server": "${address}", "name": "ada",\n"listen": "nonsense.invalid",\n"bell": "loud" }`,
    );
    const problem = /config\.json:3:9: Expected bell to be true or false, got "loud"\. MIM goes on/;
    const listen = /annot listen for peers on nonsense\.invalid.*"listen" in config\.json/;
    {
      await using ada = new TestTerminal(runArgs("client", home), 300);
      await ada.shows(problem);
      await ada.shows(listen);
      await ada.shows(/^You are online as ada$/);
      ada.type("/quit\r");
      await ada.exitCode;
    }
    await using watcher = startClient("bob", "--server", address, "--name", "bob");
    await watcher.waitFor("logged-in\tbob");
    await using ada = startClientIn(home, "window", "window", "--no-open");
    await ada.waitForError(problem);
    await watcher.waitFor(/^online\tada\t/);
  },
});
